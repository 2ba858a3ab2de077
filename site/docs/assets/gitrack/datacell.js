// One cell of a table: as small as a row takes it, and opened as large as the window.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const LONG = 60; // characters from which a text has a button that opens it
  const HINT = 400; // characters of a hint

  function missing() {
    return el('span', { class: 'gt-data__none', title: 'No value' }, '–');
  }

  function opener(label, ...children) {
    return el('button', { type: 'button', class: 'gt-data__open', tabindex: '-1', 'data-open': true, 'aria-label': label }, ...children);
  }

  function mediaCell(item) {
    if (item.type === 'value') return textCell(item.text);
    if (item.why) return el('span', { class: 'gt-dim', title: item.why }, item.type);
    const title = item.caption || item.type;
    switch (item.type) {
      case 'image':
        return opener(`Enlarge ${title}`, gitrack.mediaOf({ ...item, boxes: undefined, masks: undefined }));
      case 'audio':
        return el('audio', { src: gitrack.fileUrl(item.src), controls: true, preload: 'none', 'aria-label': title });
      case 'video':
        return opener(`Play ${title}`, gitrack.icon('right'), 'video');
      case 'html':
        return opener(`Open ${title}`, gitrack.icon('expand'), 'page');
      default:
        return textCell(item.text || '');
    }
  }

  function textCell(text) {
    const line = text.slice(0, HINT);
    const shown = el('span', { class: 'gt-data__text', title: line.length > LONG / 2 ? line : null }, line);
    if (text.length <= LONG && !text.includes('\n')) return shown;
    return [shown, opener('Show the whole text', gitrack.icon('expand'))];
  }

  /** What a cell shows; `write` writes a number of its column. */
  gitrack.dataCell = function (column, value, write) {
    if (gitrack.DataRows.isMissing(value)) return missing();
    switch (column.kind) {
      case 'number':
        return Number.isFinite(value) ? el('span', { title: String(value) }, write(value)) : el('span', { class: 'gt-data__odd' }, write(value));
      case 'time':
        return el('span', { title: gitrack.DataRows.cellText(column, value) }, gitrack.format.moment(value));
      case 'bool':
        return String(value);
      case 'media':
        return mediaCell(value);
      default:
        return textCell(String(value));
    }
  };

  function pretty(text) {
    try {
      const value = JSON.parse(text);
      // Whole numbers that JavaScript would round stay as they were written.
      return JSON.stringify(value) === text ? JSON.stringify(value, null, 2) : text;
    } catch {
      return text;
    }
  }

  function wholeOf(column, value) {
    if (gitrack.DataRows.isMissing(value)) return el('p', { class: 'gt-dim' }, 'No value.');
    if (column.kind === 'media' && value.type !== 'value') return gitrack.mediaOf(value);
    const text = column.kind === 'media' ? value.text : gitrack.DataRows.cellText(column, value);
    const json = column.kind === 'json' || column.kind === 'media';
    return el('pre', { class: 'gt-media__text', tabindex: '0' }, json ? pretty(text) : text);
  }

  /** Open a cell as a window; up and down lead through the rows: `at` counts within `rows`. */
  gitrack.openCell = function (column, rows, at) {
    const place = el('div', { class: column.kind === 'media' ? 'gt-media__large' : 'gt-data__large' });
    const label = el('p', { 'aria-live': 'polite' });
    const dialog = el(
      'dialog',
      { class: 'gt-media__dialog', 'aria-label': column.name },
      place,
      el(
        'footer',
        {},
        label,
        el('span', { class: 'gt-spring' }),
        gitrack.iconButton('Row before', 'up', () => show(at - 1)),
        gitrack.iconButton('Row after', 'down', () => show(at + 1)),
        gitrack.iconButton('Copy', 'copy', (event) => gitrack.copy(gitrack.DataRows.cellText(column, column.values[rows[at]]), event.currentTarget)),
        gitrack.button('Close', 'close', () => dialog.close()),
      ),
    );
    function show(next) {
      at = Math.max(0, Math.min(rows.length - 1, next));
      const value = column.values[rows[at]];
      place.replaceChildren(wholeOf(column, value));
      label.textContent = [column.name, `row ${(rows[at] + 1).toLocaleString('en-US')}`, value && value.caption].filter(Boolean).join(' · ');
    }
    dialog.addEventListener('keydown', (event) => {
      const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!by || event.target.closest('pre, audio, video')) return;
      event.preventDefault();
      show(at + by);
    });
    dialog.addEventListener('close', () => dialog.remove());
    document.body.append(dialog);
    show(at);
    dialog.showModal();
  };
})();
