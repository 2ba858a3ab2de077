// The files of a run: what each is called, how large it is, and how to get it.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const WORDS = { git: 'in git', dvc: 'in DVC' };

  gitrack.sections.files = function (body, { run, files }) {
    const rows = files.map(([name, place, bytes, many]) => {
      const command = gitrack.getCommand(run, name);
      return el(
        'tr',
        {},
        el('th', { scope: 'row', title: name }, name, many > 1 ? el('span', { class: 'gt-dim' }, ` ${gitrack.format.plural(many, 'file')}`) : null),
        el('td', { class: 'gt-dim' }, WORDS[place]),
        el('td', { class: 'gt-num' }, gitrack.format.bytes(bytes)),
        el('td', { class: 'gt-wide' }, el('code', {}, command), gitrack.copyButton(command)),
      );
    });
    const head = ['Name', 'Kept', 'Size', 'Get it'];
    body.append(
      el(
        'div',
        { class: 'gt-sheet gt-scroll' },
        el(
          'table',
          { class: 'gt-table gt-files' },
          el('thead', {}, el('tr', {}, ...head.map((word, i) => el('th', { scope: 'col', class: [i === 2 && 'gt-num', i === 3 && 'gt-wide'].filter(Boolean).join(' ') || null }, word)))),
          el('tbody', {}, ...rows),
        ),
      ),
    );
  };
})();
