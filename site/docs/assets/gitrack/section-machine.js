// The machine and the variables that a run found.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;

  const card = (title, pairs) =>
    pairs.length
      ? el(
          'section',
          { class: 'gt-sheet gt-pairs', 'aria-label': title },
          el('h3', {}, title, ' ', el('small', {}, String(pairs.length))),
          el('dl', {}, ...pairs.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, ...gitrack.longText(value))))),
        )
      : null;

  gitrack.sections.machine = function (body, { hardware, variables }) {
    body.append(el('div', { class: 'gt-machine' }, card('Hardware', hardware), card('Variables', variables)));
  };
})();
