// Which runs there are to see: filtered, sorted, shown, selected, and in which colour.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const SHOWN = 10; // unless somebody chose
  const MOST = 50; // runs that showing a group shows
  const NAMES = ['q', 'sort', 'shown', 'colours', 'base', 'patterns', 'group', 'closed', 'means', 'spread', 'lame'];

  class RunList {
    constructor(project, state, columns) {
      Object.assign(this, { project, state, columns });
      this.palette = new gitrack.Palette();
      this.selected = new Set();
      this.listeners = [];
      this.compute();
      state.watch((changed) => {
        if (NAMES.some((name) => changed.has(name))) this.update(changed);
      });
    }

    /** Call `listener` with the names of what was chosen anew, or with nothing. */
    watch(listener) {
      this.listeners.push(listener);
    }

    update(changed) {
      this.compute();
      for (const listener of this.listeners) listener(changed);
    }

    compute() {
      const { project, state } = this;
      const query = gitrack.query.compile(state.q, project.index);
      const matching = [];
      const { only } = state; // ids, where somebody else chose which runs there are
      for (let run = 0; run < project.size; run += 1) if (query.match(run) && (!only || only.has(project.runs.id[run]))) matching.push(run);
      this.errors = query.errors;
      this.arrange(this.columns.sort(matching));
      const base = project.byId.get(state.base);
      this.base = base === undefined ? null : base;
      if (state.shown) {
        const named = new Set(state.shown);
        const all = named.has('*');
        this.shown = this.rows.filter((run) => named.has(project.runs.id[run]) !== all);
      } else this.shown = this.first();
      if (this.base !== null && !this.shown.includes(this.base)) this.shown.push(this.base);
      this.isShown = new Set(this.shown);
      this.countShown();
      this.bests = new Map();
      const chosen = new Map([...state.colours].map(([id, slot]) => [project.byId.get(id), slot]));
      this.palette.deal(this.shown.filter((run) => run !== this.base), chosen);
    }

    /** Put sorted runs into their groups; `lines` is what the table shows, groups and runs. */
    arrange(runs) {
      const { state, columns } = this;
      const by = state.group.filter((key) => columns.all.has(key)).map((key) => columns.all.get(key));
      this.groups = by.length
        ? gitrack.groups.group(runs, by, { order: columns.order, states: this.project.runs.state, lame: state.lame })
        : [];
      this.leaves = gitrack.groups.leaves(this.groups);
      this.leafOf = []; // by run
      for (const leaf of this.leaves) for (const run of leaf.runs) this.leafOf[run] = leaf;
      this.rows = by.length ? this.leaves.flatMap((leaf) => leaf.runs) : runs;
      this.lines = by.length ? gitrack.groups.lines(this.groups, state.closed) : runs;
    }

    /** The runs to show unless somebody chose: of several groups some of each. */
    first() {
      if (!this.leaves.length) return this.rows.slice(0, SHOWN);
      const first = new Set(gitrack.groups.firstOfEach(this.leaves, SHOWN));
      return this.rows.filter((run) => first.has(run));
    }

    countShown() {
      for (const run of this.shown) {
        for (let group = this.leafOf[run]; group; group = group.parent) {
          if (!group.shown) group.firstShown = run;
          group.shown += 1;
        }
      }
    }

    /** Whether the charts draw groups. */
    get draws() {
      return this.state.means && this.groups.length > 0;
    }

    /** A group has the colour of its first shown run. */
    colourOf(group) {
      return group.shown ? this.colour(group.firstShown) : null;
    }

    colour(run) {
      if (!this.isShown.has(run)) return null;
      return run === this.base ? 'var(--gt-fg2)' : this.palette.colour(run);
    }

    /** What the charts need to know of the shown runs. */
    drawn() {
      if (this.draws) return this.drawnGroups();
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

    /** The shown groups as what a chart draws: over all of their runs, those that are hidden too. */
    drawnGroups() {
      const { state, columns } = this;
      const over = state.group.filter((key) => columns.all.has(key)).map((key) => columns.all.get(key).label).join(', ');
      return this.leaves
        .filter((group) => group.shown && group.counted.length)
        .map((group) => ({
          run: group.path,
          name: group.name,
          state: 'finished',
          colour: this.colourOf(group),
          dash: group.firstShown === this.base ? [] : this.palette.dash(group.firstShown, state.patterns),
          members: group.counted,
          over,
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

    /** Hide all runs of a group, or show them where none is shown. */
    toggleGroup(group) {
      const of = new Set(group.runs);
      if (group.shown) this.show(this.shown.filter((run) => !of.has(run)));
      else this.show([...this.shown, ...group.runs.slice(0, MOST)]);
    }

    fold(group) {
      const closed = new Set(this.state.closed);
      if (!closed.delete(group.path)) closed.add(group.path);
      this.state.set({ closed });
    }

    foldAll(folded) {
      const all = (groups) => groups.flatMap((one) => [one.path, ...all(one.children)]);
      this.state.set({ closed: new Set(folded ? all(this.groups) : []) });
    }

    /** Group by one more key, or no longer by it. */
    groupBy(key) {
      const { group } = this.state;
      const next = group.includes(key) ? group.filter((one) => one !== key) : [...group, key];
      this.state.set({ group: next, closed: new Set() });
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

    selectAll(runs = this.rows) {
      this.selected = new Set(runs);
      for (const listener of this.listeners) listener();
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
