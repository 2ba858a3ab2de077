// Which runs there are to see: filtered, sorted, shown, selected, and in which colour.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const SHOWN = 10; // unless somebody chose

  class RunList {
    constructor(project, state, columns) {
      Object.assign(this, { project, state, columns });
      this.palette = new gitrack.Palette();
      this.selected = new Set();
      this.listeners = [];
      this.compute();
      state.watch((changed) => {
        if (['q', 'sort', 'shown', 'colours', 'base', 'patterns'].some((name) => changed.has(name))) this.update();
      });
    }

    watch(listener) {
      this.listeners.push(listener);
    }

    update() {
      this.compute();
      for (const listener of this.listeners) listener();
    }

    compute() {
      const { project, state } = this;
      const query = gitrack.query.compile(state.q, project.index);
      const matching = [];
      for (let run = 0; run < project.size; run += 1) if (query.match(run)) matching.push(run);
      this.errors = query.errors;
      this.rows = this.columns.sort(matching);
      const base = project.byId.get(state.base);
      this.base = base === undefined ? null : base;
      if (state.shown) {
        const named = new Set(state.shown);
        const all = named.has('*');
        this.shown = this.rows.filter((run) => named.has(project.runs.id[run]) !== all);
      } else this.shown = this.rows.slice(0, SHOWN);
      if (this.base !== null && !this.shown.includes(this.base)) this.shown.push(this.base);
      this.isShown = new Set(this.shown);
      this.bests = new Map();
      const chosen = new Map([...state.colours].map(([id, slot]) => [project.byId.get(id), slot]));
      this.palette.deal(this.shown.filter((run) => run !== this.base), chosen);
    }

    colour(run) {
      if (!this.isShown.has(run)) return null;
      return run === this.base ? 'var(--gt-fg2)' : this.palette.colour(run);
    }

    /** What the charts need to know of the shown runs. */
    drawn() {
      const { project, state } = this;
      return this.shown.map((run) => ({
        run,
        id: project.runs.id[run],
        name: project.nameOf(run),
        state: project.runs.state[run],
        colour: this.colour(run),
        dash: run === this.base ? [] : this.palette.dash(run, state.patterns),
      }));
    }

    /** Whether a run has the best value of a column among the listed runs. */
    isBest(column, run) {
      if (!column.source || !column.goal) return false;
      if (!this.bests.has(column.key)) this.bests.set(column.key, this.project.best(column.source, this.rows));
      return this.bests.get(column.key) === run;
    }

    show(runs) {
      this.state.set({ shown: runs.map((run) => this.project.runs.id[run]) });
    }

    /** Show all that the search line keeps, those it will keep later too. */
    showAll() {
      this.state.set({ shown: ['*'] });
    }

    toggle(run) {
      const { shown } = this.state;
      const id = this.project.runs.id[run];
      if (shown && shown.includes('*')) {
        this.state.set({ shown: shown.includes(id) ? shown.filter((one) => one !== id) : [...shown, id] });
      } else this.show(this.isShown.has(run) ? this.shown.filter((one) => one !== run) : [...this.shown, run]);
      if (run === this.base) this.state.set({ base: '' });
    }

    /** Show the first runs that logged a metric. */
    showWhoLogged(metric) {
      const column = this.project.columnByKey.get(`summary.${metric}`);
      const logged = (run) => column && column.values[run] !== null && column.values[run] !== undefined;
      const listed = this.rows.filter(logged);
      const all = this.project.runs.id.map((_, run) => run).filter(logged);
      if (!listed.length && all.length) this.state.set({ q: '' });
      this.show((listed.length ? listed : all).slice(0, SHOWN));
    }

    pin(run) {
      const id = this.project.runs.id[run];
      this.state.set({ base: this.state.base === id ? '' : id });
    }

    paint(run, slot) {
      const colours = new Map(this.state.colours);
      const id = this.project.runs.id[run];
      if (slot === null) colours.delete(id);
      else colours.set(id, slot);
      this.state.set({ colours });
    }

    select(run, { extend = false, add = false } = {}) {
      if (extend && this.anchor !== undefined) {
        const [from, to] = [this.rows.indexOf(this.anchor), this.rows.indexOf(run)].sort((a, b) => a - b);
        if (from >= 0) for (const one of this.rows.slice(from, to + 1)) this.selected.add(one);
      } else if (add || !this.selected.has(run) || this.selected.size > 1) {
        if (!add) this.selected.clear();
        if (!this.selected.delete(run)) this.selected.add(run);
        this.anchor = run;
      } else this.selected.clear();
      for (const listener of this.listeners) listener();
    }

    /** The runs that a comparison would take: the selected ones, else the shown ones. */
    toCompare() {
      return this.selected.size > 1 ? this.rows.filter((run) => this.selected.has(run)) : this.shown.slice(0, 4);
    }
  }

  gitrack.RunList = RunList;
})();
