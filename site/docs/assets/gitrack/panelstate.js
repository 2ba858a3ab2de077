// What stands over a chart that has nothing to draw, or not yet: it waits, it is empty, it failed.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;

  class PanelState {
    constructor(panel) {
      this.panel = panel;
      this.element = el('div', { class: 'gt-panel__message', hidden: true });
    }

    clear() {
      if (!this.element.hidden) this.element.hidden = true;
    }

    show(kind, ...children) {
      this.element.hidden = false;
      this.element.className = `gt-panel__message ${kind}`.trim();
      this.element.replaceChildren(...children.filter(Boolean));
    }

    loading(have, all) {
      this.show(
        'gt-panel__message--loading',
        gitrack.svg(
          'svg',
          { viewBox: '0 0 100 40', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
          gitrack.svg('path', { d: 'M0 0H100M0 10H100M0 20H100M0 30H100M0 40H100' }),
          gitrack.svg('path', { class: 'gt-ghost', d: 'M0 4C8 22 18 32 45 34S80 35.500 100 36' }),
        ),
      );
      this.panel.note.dataset.waits = '';
      this.panel.note.textContent = `loading ${have} of ${gitrack.format.plural(all, 'run')}`;
    }

    nothing() {
      const { charts, metric } = this.panel;
      const shown = charts.runs.length;
      const logged = charts.project.metricByName.get(metric);
      const others = logged ? logged.logged : 0;
      const whose = shown === 1 ? 'The shown run did not log ' : `None of the ${shown} shown runs logged `;
      const words = shown ? [whose, el('b', {}, metric), others ? `; ${gitrack.format.plural(others, 'other run')} did.` : '.'] : ['No run is shown.'];
      const ask = others && charts.showWhoLogged;
      this.show('', el('p', {}, ...words), ask && gitrack.button(shown ? 'Show them' : 'Show the runs that logged it', null, () => charts.showWhoLogged(metric)));
    }

    failure(failures) {
      const { charts, entries } = this.panel;
      const path = failures[0].path || String(failures[0]);
      this.show(
        `gt-failed${entries.length ? ' gt-panel__message--below' : ''}`,
        el('p', {}, `${path} could not be loaded${failures.length > 1 ? `, nor ${failures.length - 1} more` : ''}.`),
        gitrack.button('Retry', null, () => charts.schedule()),
      );
    }
  }

  gitrack.PanelState = PanelState;
})();
