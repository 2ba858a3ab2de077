// The charts of a page, and what all of them share: runs, settings, crosshair, zoom, figures.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const MARGIN = '240px'; // drawn before it scrolls into sight
  const REST = 150; // ms without a change before what is out of sight follows
  const SETTINGS = ['x', 'smooth', 'smoothing', 'logx', 'logy', 'zoom', 'range', 'outliers', 'aggregate', 'band', 'spread', 'tooltip', 'legend', 'chart'];
  const ARRANGED = ['charts', 'fold', 'unfold', 'order', 'sections', 'hide'];

  class Charts {
    /**
     * `showWhoLogged(metric)` is called from a chart that none of the shown runs logged; `grouped`
     * tells that groups of runs may be drawn; `linesOf(metric)` gives a chart lines of its own in
     * place of the runs.
     */
    constructor({ root, project, history, state, showWhoLogged, linesOf, scroller, grouped = false }) {
      Object.assign(this, { root, project, history, state, showWhoLogged, linesOf, grouped });
      this.runs = [];
      this.panels = [];
      this.guests = [];
      this.frame = 0;
      this.highlighted = null;
      this.highlightListeners = [];
      this.x = gitrack.axis(state.x, project);
      this.figures = new gitrack.Figures();
      this.arrangement = new gitrack.Arrangement(project, state);
      this.grid = new gitrack.ChartGrid(this);
      this.crosshair = new gitrack.Crosshair(this);
      this.zoom = new gitrack.Zoom(this, root);
      this.screen = new gitrack.Screen(this);
      this.seen = new IntersectionObserver((entries) => this.sight(entries), {
        root: scroller || null,
        rootMargin: MARGIN,
      });
      state.watch((changed) => this.follow(changed));
      new MutationObserver(() => this.recolour()).observe(document.body, {
        attributeFilter: ['data-md-color-scheme'],
      });
      document.addEventListener('keydown', (event) => event.key === 'Escape' && this.crosshair.freeze(false));
      this.build();
    }

    follow(changed) {
      const has = (names) => names.some((name) => changed.has(name));
      if (changed.has('x')) {
        this.x = gitrack.axis(this.state.x, this.project);
        this.zoom.before = [];
      }
      if (has(ARRANGED)) this.build();
      if (has(SETTINGS) || has(['patterns', 'per', 'height'])) this.schedule();
    }

    /** Draw these runs: [{run, id, name, state, colour, dash, width}], colours as CSS writes them. */
    setRuns(runs) {
      this.runs = runs;
      this.crosshair.freeze(false);
      this.resolveColours();
      // The table that chose them is painted first.
      requestAnimationFrame(() => setTimeout(() => this.schedule()));
    }

    resolveColours() {
      for (const run of this.runs) run.hex = gitrack.resolveColour(run.colour);
    }

    recolour() {
      this.resolveColours();
      this.schedule();
    }

    /** Bring the charts up to date, once a frame: those in sight now, the others after a rest. */
    schedule() {
      if (this.frame) return;
      this.frame = requestAnimationFrame(() => {
        this.frame = 0;
        const { near, far } = this.byDistance();
        for (const panel of near) panel.update();
        clearTimeout(this.later);
        this.later = setTimeout(() => far.forEach((panel) => panel.update()), REST);
      });
    }

    /** These charts as one of them sees them. */
    seenBy(metric) {
      return this.linesOf ? Object.create(this, { runs: { get: () => this.linesOf(metric) } }) : this;
    }

    /** The panels in sight, and those that only wait near by to be scrolled to. */
    byDistance() {
      if (this.screen.panel) return { near: [this.screen.panel], far: this.panels.filter((panel) => !panel.large) };
      const near = [];
      const far = [];
      for (const panel of this.panels) {
        const box = panel.visible ? panel.element.getBoundingClientRect() : null;
        (box && box.bottom > 0 && box.top < innerHeight ? near : far).push(panel);
      }
      return { near, far };
    }

    build() {
      this.screen.show(null);
      this.seen.disconnect();
      for (const panel of this.panels) panel.visible = false;
      this.panels = [...this.guests, ...this.grid.build()];
      for (const panel of this.panels) this.seen.observe(panel.element);
    }

    /** Let a panel that stands elsewhere on the page take part, or no longer. */
    adopt(panel, stays = true) {
      this.guests = this.guests.filter((one) => one !== panel);
      this.panels = this.panels.filter((one) => one !== panel);
      if (stays) {
        this.guests.push(panel);
        this.panels.push(panel);
        this.seen.observe(panel.element);
      } else this.seen.unobserve(panel.element);
    }

    sight(entries) {
      for (const entry of entries) {
        const { panel } = entry.target;
        panel.visible = entry.isIntersecting;
        if (panel.visible && panel.stale) panel.update();
      }
    }

    /** Let one run stand out on all charts and tell whoever listens; null for none. */
    highlight(run) {
      if (run === this.highlighted) return;
      this.highlighted = run;
      for (const panel of this.panels) if (panel.inSight || run === null) panel.overlay.highlight(run);
      for (const listener of this.highlightListeners) listener(run);
    }

    /** The panel that the keyboard means: the one in full screen, the focused, hovered or first one. */
    current() {
      const focused = document.activeElement && document.activeElement.closest('.gt-panel');
      const hovered = this.root.querySelector('.gt-panel:hover');
      const element = focused || hovered;
      if (this.screen.panel) return this.screen.panel;
      return element ? element.panel : this.panels.find((panel) => panel.visible) || null;
    }
  }

  gitrack.Charts = Charts;
})();
