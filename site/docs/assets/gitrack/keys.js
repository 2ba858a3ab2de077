// Single keys: off while something is typed, off for good where a person turns them off.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const STORED = 'gitrack.keys';
  const bindings = new Map();
  const NAMES = { ' ': 'space', Enter: 'enter' };

  function remembered() {
    try {
      return localStorage.getItem(STORED) !== 'off';
    } catch {
      return true;
    }
  }

  const keys = {
    on: remembered(),

    /** Bind a key; `action` gets the event and returns false to leave it to the browser. */
    bind(key, words, action) {
      bindings.set(key, { words, action });
    },

    toggle() {
      keys.on = !keys.on;
      try {
        localStorage.setItem(STORED, keys.on ? 'on' : 'off');
      } catch {
        // Without storage the choice lasts as long as the page.
      }
    },

    help() {
      const dialog = el(
        'dialog',
        { class: 'gt-dialog', 'aria-label': 'Shortcuts', onclose: () => dialog.remove() },
        el('h2', {}, 'Shortcuts'),
        el(
          'dl',
          {},
          ...[...bindings].flatMap(([key, { words }]) => [el('dt', {}, el('kbd', {}, NAMES[key] || key)), el('dd', {}, words)]),
        ),
        el('form', { method: 'dialog' }, el('button', { class: 'gt-button' }, 'Close')),
      );
      document.body.append(dialog);
      dialog.showModal();
    },
  };

  const typing = (target) =>
    target instanceof Element && target.closest('input:not([type="range"], [type="checkbox"], [type="radio"]), textarea, select, [contenteditable]');
  const pressing = (target) => target instanceof Element && target.closest('button, a, summary, label, select, dialog');

  /** Whether what has the focus takes this key itself, as a scene takes the arrows. */
  const taken = ({ target, key }) => {
    const taker = target instanceof Element && target.closest('[data-gt-keys]');
    return taker && taker.dataset.gtKeys.split(' ').includes(key);
  };

  // Before Material's own listener, which would turn the page on "p".
  window.addEventListener(
    'keydown',
    (event) => {
      const known = bindings.get(event.key);
      if (!keys.on || !known || event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || taken(event)) return;
      if (document.querySelector('dialog[open], .gt-popover')) return;
      if ((event.key === ' ' || event.key === 'Enter') && pressing(event.target)) return;
      event.stopPropagation();
      if (known.action(event) !== false) event.preventDefault();
    },
    true,
  );

  keys.bind('/', 'Search', () => gitrack.focusSearch());
  keys.bind('t', 'Switch between light and dark', () => gitrack.switchScheme());
  keys.bind('?', 'This list', keys.help);
  gitrack.keys = keys;
})();
