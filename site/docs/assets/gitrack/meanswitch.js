// Whether the charts draw runs or groups of them.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const LINES = new Map([['mean', 'Mean'], ['median', 'Median'], ['min', 'Lowest'], ['max', 'Highest']]);

  /** The switch "Runs | Mean ± std"; `ask` is called where nothing is grouped yet. */
  gitrack.meanSwitch = function (list, state, ask) {
    const choose = (means) => {
      state.set({ means });
      if (means && !list.groups.length) ask();
    };
    const runs = el('button', { type: 'button', onclick: () => choose(false) }, 'Runs');
    const means = el('button', { type: 'button', onclick: () => choose(true), title: 'One line a group, over all of its runs' });
    const write = () => {
      runs.setAttribute('aria-pressed', String(!list.draws));
      means.setAttribute('aria-pressed', String(list.draws));
      const { aggregate, band } = state.common;
      means.textContent = LINES.get(aggregate) + gitrack.bands.SPREADS.get(band);
    };
    state.watch((changed) => ['aggregate', 'band'].some((name) => changed.has(name)) && write());
    list.watch(write);
    write();
    return el('div', { class: 'gt-segments', role: 'group', 'aria-label': 'Lines' }, runs, means);
  };
})();
