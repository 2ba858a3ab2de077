// The grid of charts: sections by metric prefix, panels that draw when they are seen, and what all
// of them share (x axis, runs, crosshair, zoom).
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const FIRST = ['val', 'valid', 'validation', 'eval', 'test', 'train'];
  const FOLDED = ['system'];
  const MARGIN = '240px'; // drawn before it scrolls into sight
  const REST = 150; // ms without a change before what is out of sight follows

  class Charts {
    /**
     * `showWhoLogged(metric)` is called from a chart that none of the shown runs logged;
     * `linesOf(metric)` gives a chart lines of its own in place of the runs.
     */
    constructor({ root, project, history, state, showWhoLogged, linesOf, scroller }) {
      Object.assign(this, { root, project, history, state, showWhoLogged, linesOf });
      this.runs = [];
      this.panels = [];
      this.frame = 0;
      this.highlighted = null;
      this.highlightListeners = [];
      this.queue = Promise.resolve();
      this.x = gitrack.axis(state.x, project);
      this.crosshair = new gitrack.Crosshair(this);
      this.zoom = new gitrack.Zoom(this, root);
      this.seen = new IntersectionObserver((entries) => this.sight(entries), {
        root: scroller || null,
        rootMargin: MARGIN,
      });
      state.watch((changed) => this.follow(changed));
      new MutationObserver(() => this.recolour()).observe(document.body, {
        attributeFilter: ['data-md-color-scheme'],
      });
      document.addEventListener('keydown', (event) => {
        if (event.key === 'Escape') {
          this.crosshair.freeze(false);
          this.enlarge(null);
        }
      });
      this.build();
    }

    follow(changed) {
      const has = (...names) => names.some((name) => changed.has(name));
      if (has('x')) {
        this.x = gitrack.axis(this.state.x, this.project);
        this.zoom.before = [];
      }
      if (has('charts', 'fold', 'unfold')) this.build();
      if (has('x', 'smooth', 'logx', 'logy', 'whole', 'zoom', 'patterns')) this.schedule();
    }

    /** Draw these runs: [{run, id, name, state, colour, dash, width}], colours as CSS writes them. */
    setRuns(runs) {
      this.runs = runs;
      this.recolour();
      this.crosshair.freeze(false);
    }

    recolour() {
      for (const run of this.runs) run.hex = gitrack.resolveColour(run.colour);
      this.schedule();
    }

    schedule() {
      if (!this.frame) {
        this.frame = requestAnimationFrame(() => {
          this.frame = 0;
          const { near, far } = this.byDistance();
          for (const panel of near) panel.update();
          clearTimeout(this.later);
          this.later = setTimeout(() => far.forEach((panel) => panel.update()), REST);
        });
      }
    }

    /** These charts as one of them sees them. */
    seenBy(metric) {
      return this.linesOf ? Object.create(this, { runs: { get: () => this.linesOf(metric) } }) : this;
    }

    /** The panels in sight, and those that only wait near by to be scrolled to. */
    byDistance() {
      const near = [];
      const far = [];
      for (const panel of this.panels) {
        const box = panel.visible ? panel.element.getBoundingClientRect() : null;
        (box && box.bottom > 0 && box.top < innerHeight ? near : far).push(panel);
      }
      return { near, far };
    }

    sections() {
      const wanted = this.state.charts.toLowerCase();
      const sections = new Map();
      for (const { name } of this.project.metrics) {
        if (wanted && !name.toLowerCase().includes(wanted)) continue;
        const cut = name.indexOf('/');
        const section = cut > 0 ? name.slice(0, cut) : '';
        if (!sections.has(section)) sections.set(section, []);
        sections.get(section).push(name);
      }
      const rank = (section) => {
        if (FOLDED.includes(section)) return 99;
        const at = FIRST.indexOf(section);
        return at < 0 ? (section ? FIRST.length + 1 : FIRST.length) : at;
      };
      return [...sections].sort(([a], [b]) => rank(a) - rank(b) || a.localeCompare(b));
    }

    isFolded(section) {
      const { state } = this;
      return FOLDED.includes(section) ? !state.unfold.has(section) : state.fold.has(section);
    }

    build() {
      const known = new Map(this.panels.map((panel) => [panel.metric, panel]));
      const sections = this.sections();
      this.panels = [];
      this.seen.disconnect();
      for (const panel of known.values()) panel.visible = false;
      this.root.replaceChildren(
        ...sections.map(([section, metrics]) => this.buildSection(section, metrics, known, sections.length)),
      );
      if (!sections.length) this.root.append(this.emptiness());
      for (const panel of this.panels) this.seen.observe(panel.element);
    }

    emptiness() {
      const wanted = this.state.charts;
      return el(
        'div',
        { class: 'gt-empty' },
        el('p', {}, wanted ? `No chart's name contains “${wanted}”.` : 'No run of this project has logged a metric yet.'),
        wanted ? gitrack.button('Show all charts', null, () => this.state.set({ charts: '' })) : null,
      );
    }

    buildSection(section, metrics, known, count) {
      const folded = this.isFolded(section);
      const title = section || (count > 1 ? 'other' : 'charts');
      const head = el(
        'button',
        { type: 'button', class: 'gt-section__head', 'aria-expanded': String(!folded), onclick: () => this.fold(section) },
        gitrack.icon('chevron'),
        el('b', {}, title),
        el('span', {}, gitrack.format.plural(metrics.length, 'chart')),
      );
      const grid = el('div', { class: 'gt-grid' });
      if (!folded) {
        for (const metric of metrics) {
          const panel = known.get(metric) || new gitrack.Panel(metric, this.seenBy(metric));
          this.panels.push(panel);
          grid.append(panel.element);
        }
      }
      return el('section', { class: 'gt-section', 'aria-label': `${title} charts` }, head, grid);
    }

    fold(section) {
      const name = FOLDED.includes(section) ? 'unfold' : 'fold';
      const next = new Set(this.state[name]);
      if (!next.delete(section)) next.add(section);
      this.state.set({ [name]: next });
    }

    sight(entries) {
      for (const entry of entries) {
        const { panel } = entry.target;
        panel.visible = entry.isIntersecting;
        if (panel.visible && panel.stale) panel.update();
      }
    }

    /** Figures are made one after the other, so that the page answers in between. */
    makeFigure(host) {
      const made = this.queue.then(() => gitrack.Figure.make(host));
      this.queue = made.catch(() => {});
      return made;
    }

    /** Let one run stand out on all charts and tell whoever listens; null for none. */
    highlight(run) {
      if (run === this.highlighted) return;
      this.highlighted = run;
      for (const panel of this.panels) if (panel.visible || run === null) panel.overlay.highlight(run);
      for (const listener of this.highlightListeners) listener(run);
    }

    enlarge(panel) {
      const before = this.root.querySelector('.gt-panel--large');
      if (before) before.classList.remove('gt-panel--large');
      if (panel && panel.element !== before) {
        panel.element.classList.add('gt-panel--large');
        panel.element.focus();
      }
      requestAnimationFrame(() => this.schedule());
    }

    /** The panel that the keyboard means: the focused, the hovered or the first one. */
    current() {
      const focused = document.activeElement && document.activeElement.closest('.gt-panel');
      const hovered = this.root.querySelector('.gt-panel:hover');
      const element = focused || hovered;
      return element ? element.panel : this.panels.find((panel) => panel.visible) || null;
    }
  }

  gitrack.Charts = Charts;
})();
