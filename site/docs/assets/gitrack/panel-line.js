// Lines: the workspace's own chart of a metric, with the settings that a panel describes over those
// of the toolbar. It takes part in the crosshair, and in the zoom where its x axis is the toolbar's.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;

  /** The page's charts as one panel sees them: what it describes, or its menu changed, is its own. */
  function chartsFor(view, charts, metric) {
    const own = () => ({ ...gitrack.settings.checked(view.tile.spec), ...view.changed });
    const state = Object.create(charts.state, {
      settings: { value: () => ({ ...charts.state.common, ...own() }) },
      chart: { get: () => new Map([[metric, own()]]) },
      set: { value: (changes) => charts.state.set(changes) },
      setOwn: { value: (_, word, value) => view.change(word, value) },
    });
    return Object.create(charts, { state: { value: state }, runs: { get: () => view.runs(view.tile.spec) } });
  }

  class LineView {
    constructor(tile) {
      this.tile = tile;
      this.context = tile.context;
      this.changed = {}; // settings that its menu changed, where they are kept nowhere else
      this.element = el('div', { class: 'gt-tile__chart' });
    }

    async update(spec) {
      const { charts } = this.context;
      if (!charts) throw new gitrack.PanelError('This page draws no curves.');
      const metric = this.context.metric(spec.y);
      if (spec.group) this.context.groupKeys(spec); // which says what is wrong
      this.context.keeps(spec.runs);
      if (!this.panel) this.make(charts, metric, spec);
      if (this.tile.preview) {
        this.panel.visible = true;
        await this.panel.update();
      }
      return {};
    }

    make(charts, metric, spec) {
      const facade = chartsFor(this, charts, metric);
      this.panel = new gitrack.Panel(metric, facade);
      this.panel.edits = this.tile.edits;
      if (spec.title) this.panel.head.querySelector('h3').replaceChildren(el('b', {}, spec.title));
      this.element.append(this.panel.element);
      this.zoom = new gitrack.Zoom(facade, this.element);
      if (!this.tile.preview) charts.adopt(this.panel);
    }

    /** Groups of its own, else what the charts draw; of both the runs that its search line keeps. */
    runs(spec) {
      const { context } = this;
      const drawn = context.charts.runs;
      if (this.of !== drawn) {
        this.of = drawn;
        this.drawn = spec.group ? this.groups(spec) : this.kept(spec, drawn);
      }
      // The scheme may have changed.
      for (const run of this.drawn) run.hex = gitrack.resolveColour(run.colour);
      return this.drawn;
    }

    kept(spec, drawn) {
      const keeps = this.context.keeps(spec.runs);
      return drawn
        .map((run) => (run.members ? { ...run, members: run.members.filter(keeps) } : { ...run }))
        .filter((run) => (run.members ? run.members.length : keeps(run.run)));
    }

    groups(spec) {
      const { groups, over } = this.context.groups(spec, this.context.runs(spec));
      return groups.map((group) => ({ run: group.path, name: group.name, state: 'finished', colour: group.colour, dash: [], members: group.runs, over }));
    }

    change(word, value) {
      if (this.tile.change) {
        this.tile.change(word, value);
        return;
      }
      if (value === undefined) delete this.changed[word];
      else this.changed[word] = value;
      this.panel.update();
    }

    release() {
      if (this.panel) this.context.charts.adopt(this.panel, false);
    }
  }

  gitrack.panelViews.set('line', LineView);
})();
