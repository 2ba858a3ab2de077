// Lines: the workspace's own chart of a metric, with the settings that a panel describes in place
// of the toolbar's. It takes part in the crosshair and the zoom where its x axis is the toolbar's.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;

  /** The page's state as one panel sees it; what it changes changes the page's. */
  function stateOf(state, spec, metric) {
    const log = spec.log || '';
    const own = Object.create(state);
    const set = (name, value) => Object.defineProperty(own, name, { value, writable: true, configurable: true });
    set('set', (changes) => state.set(changes));
    if (spec.smooth !== undefined) set('smooth', spec.smooth);
    if (spec.x !== undefined) set('x', spec.x);
    if (spec.log !== undefined) {
      set('logx', log.includes('x'));
      set('logy', new Set(log.includes('y') ? [metric] : []));
    }
    if (spec.x !== undefined && spec.x !== (state.x || '_step')) set('zoom', null);
    return own;
  }

  class LineView {
    constructor(tile) {
      this.tile = tile;
      this.context = tile.context;
      this.element = el('div', { class: 'gt-tile__chart' });
    }

    async update(spec) {
      const { charts } = this.context;
      if (!charts) throw new gitrack.PanelError('This page draws no curves.');
      const metric = this.context.metric(spec.y);
      const runs = this.runs(spec);
      for (const run of runs) run.hex = gitrack.resolveColour(run.colour);
      if (!runs.length) throw new gitrack.PanelError(spec.runs ? 'None of the shown runs matches its own search line. Show some of them in the table.' : 'No run is shown.');
      const state = stateOf(charts.state, spec, metric);
      const x = gitrack.axis(state.x, charts.project);
      if (!this.panel) {
        this.own = Object.create(charts);
        this.panel = new gitrack.Panel(metric, this.own);
        this.element.append(this.panel.element);
        charts.adopt(this.panel);
      }
      Object.assign(this.own, { state, x, runs });
      this.panel.visible = this.tile.visible;
      await this.panel.update();
      if (spec.range) this.zoomTo(spec, state, metric);
      return { summary: this.panel.summary.textContent };
    }

    /** Groups of its own, else what the charts draw, of the runs that its search line keeps. */
    runs(spec) {
      const { context } = this;
      if (spec.group) return this.groups(spec);
      const keeps = context.keeps(spec.runs);
      return context.charts.runs
        .map((run) => (run.members ? { ...run, members: run.members.filter(keeps) } : run))
        .filter((run) => (run.members ? run.members.length : keeps(run.run)));
    }

    groups(spec) {
      const { groups, over } = this.context.groups(spec, this.context.runs(spec));
      return groups.map((group) => ({ run: group.path, name: group.name, state: 'finished', colour: group.colour, dash: [], members: group.runs, spread: '', about: `mean ± std over ${over}` }));
    }

    /** The y axis between the ends that the description names. */
    zoomTo(spec, state, metric) {
      const { panel } = this;
      const log = state.isLogY(metric);
      if (!panel.figure || (log && !(spec.range[0] > 0))) return;
      panel.y = log ? spec.range.map(Math.log10) : spec.range.slice();
      panel.cut = false;
      panel.basis = null;
      return panel.draw();
    }

    release() {
      if (this.panel) this.context.charts.adopt(this.panel, false);
    }
  }

  gitrack.panelViews.set('line', LineView);
})();
