// What a panel may ask of the page that it stands on: columns by their names, the runs that it
// draws, their colours and groups, and who is told when somebody points at one.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const MOST = 30; // groups

  /** Why a panel cannot be drawn, in a sentence for its reader. */
  class PanelError extends Error {}

  class PanelContext {
    /** `charts` draws line panels; without it (on a page that has none) they say so. */
    constructor({ project, columns, list, history, state, charts = null }) {
      Object.assign(this, { project, columns, list, history, state, charts });
      this.queries = new Map();
      this.listeners = [];
      this.pointed = null;
      if (charts) charts.highlightListeners.push((run) => this.light(run));
    }

    /** The column of a name as a search line has it: bare, a setting first and a result second. */
    column(name) {
      const { all } = this.columns;
      for (const key of [name, `config.${name}`, `summary.${name}`]) if (all.has(key)) return all.get(key);
      throw new PanelError(`No run has “${name}”; the nearest is “${gitrack.nearest(name, this.names())}”.`);
    }

    numeric(name) {
      const column = this.column(name);
      if (!column.numeric) throw new PanelError(`“${name}” is text: numbers are needed here.`);
      return column;
    }

    names() {
      const keys = [...this.columns.all.keys()];
      return [...keys, ...keys.filter((key) => /^(config|summary)\./.test(key)).map(gitrack.columnLabel)];
    }

    metric(name) {
      const { project } = this;
      if (project.metricByName.has(name)) return name;
      const known = project.metrics.map((metric) => metric.name);
      throw new PanelError(known.length ? `No run logged “${name}”; the nearest is “${gitrack.nearest(name, known)}”.` : `No run logged “${name}”.`);
    }

    /** Whether a panel's own search line keeps a run. */
    keeps(line) {
      if (!line) return () => true;
      if (!this.queries.has(line)) this.queries.set(line, gitrack.query.compile(line, this.project.index));
      const { match, errors } = this.queries.get(line);
      if (errors.length) throw new PanelError(`Its own search line cannot be read: ${errors[0].message}`);
      return match;
    }

    /** The listed runs that a panel draws, in the table's order. */
    runs(spec) {
      return this.list.rows.filter(this.keeps(spec.runs));
    }

    /** The runs that it would draw if nothing were filtered. */
    everyRun(spec) {
      const keeps = this.keeps(spec.runs);
      return this.project.runs.id.map((_, run) => run).filter((run) => keeps(run));
    }

    /** The shown runs that it draws. */
    shown(spec) {
      return this.list.shown.filter(this.keeps(spec.runs));
    }

    colour(run) {
      return this.list.colour(run);
    }

    /** Names of columns that a panel's runs are grouped by: its own, else those of the table. */
    groupKeys(spec) {
      if (spec.group) return spec.group.map((name) => this.column(name).key);
      return this.state.group.filter((key) => this.columns.all.has(key));
    }

    /**
     * The groups of a panel's runs, each {name, runs (those that count), all, colour}; one of all
     * runs, without a colour, where nothing is grouped. `left` counts groups beyond the first thirty.
     */
    groups(spec, runs) {
      const keys = this.groupKeys(spec);
      if (!keys.length) return { groups: [{ name: 'all runs', runs, all: runs, colour: null }], left: 0, over: '' };
      const by = keys.map((key) => this.columns.all.get(key));
      const { lame } = this.state;
      const order = by.map((column) => ({ column, down: false }));
      const leaves = gitrack.groups.leaves(gitrack.groups.group(runs, by, { order, states: this.project.runs.state, lame })).filter((leaf) => leaf.counted.length);
      const groups = leaves.slice(0, MOST).map((leaf, i) => ({ name: leaf.name, path: leaf.path, runs: leaf.counted, all: leaf.runs, colour: this.groupColour(leaf, i) }));
      return { groups, left: leaves.length - groups.length, over: by.map((column) => column.label).join(', ') };
    }

    /** As in the table where the table is grouped likewise, else dealt in their order. */
    groupColour(leaf, i) {
      const same = this.list.leaves.find((one) => one.path === leaf.path && one.column.key === leaf.column.key);
      return (same && this.list.colourOf(same)) || `var(--gt-run-${(i % gitrack.Palette.COUNT) + 1})`;
    }

    /** Tell everybody which run is pointed at; null for none. */
    point(run) {
      if (this.charts) this.charts.highlight(run);
      else this.light(run);
    }

    light(run) {
      this.pointed = run;
      for (const listener of this.listeners) listener(run);
    }

    /** Add terms to the search line over the run table, in place of older ones of these keys. */
    filter(terms, keys) {
      const kept = gitrack.query.tokens(this.state.q).filter(({ text }) => {
        try {
          const { key, negated, operator } = gitrack.query.term(text);
          return !keys.includes(key) || (negated ? operator !== ':' : !['>=', '<=', '<'].includes(operator));
        } catch {
          return true;
        }
      });
      this.state.set({ q: [...kept.map((token) => token.text), ...terms].join(' ') });
    }

    /** A column's key as a search line takes it; null for one that none can hold. */
    static key(column) {
      if (column.key.includes('"')) return null;
      return /[\s:=<>!]/.test(column.key) ? `"${column.key}"` : column.key;
    }
  }

  /** A number as a term of a search line holds it, rounded outwards so that nothing at its edge is lost. */
  PanelContext.bound = function (value, up) {
    if (value === 0) return '0';
    const power = 10 ** (Math.floor(Math.log10(Math.abs(value))) - 4);
    return String(Number(((up ? Math.ceil(value / power) : Math.floor(value / power)) * power).toPrecision(6)));
  };

  gitrack.PanelContext = PanelContext;
  gitrack.PanelError = PanelError;
})();
