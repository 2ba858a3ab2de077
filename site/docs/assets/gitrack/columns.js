// What the run table can show: a run's own fields, its settings, its results.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const SETTINGS = 3; // shown by default
  const RESULTS = 3;
  const NONE = '-'; // in the address: no column at all
  const collator = new Intl.Collator('en', { numeric: true });
  const FIELDS = [
    ['created', 'Created', (value) => gitrack.format.age(value), true],
    ['duration', 'Runtime', (value) => gitrack.format.duration(value), true],
    ['rows', 'Rows', (value) => value.toLocaleString('en-US'), true],
    ['group', 'Group', String, false],
    ['job_type', 'Job', String, false],
    ['tags', 'Tags', (value) => value.join(', '), false],
    ['branch', 'Branch', String, false],
    ['commit', 'Commit', (value) => value.slice(0, 7), false],
    ['entity', 'By', String, false],
    ['host', 'Host', String, false],
    ['notes', 'Notes', String, false],
  ];

  const blank = (value) => value === null || value === undefined || value === '' || (Array.isArray(value) && !value.length);

  function field(project, [key, label, write, numeric]) {
    return { key, label, numeric, values: project.runs[key], write, goal: null };
  }

  function ofIndex(column) {
    const numeric = column.kind === 'number';
    const result = column.key.startsWith('summary.');
    const write = !numeric ? String : result ? gitrack.format.columnFormat(column.values) : gitrack.format.short;
    return { key: column.key, label: gitrack.columnLabel(column.key), numeric, values: column.values, write, goal: column.goal || null, source: column };
  }

  class Columns {
    constructor(project, state) {
      this.project = project;
      this.state = state;
      this.all = new Map();
      for (const one of FIELDS) this.all.set(one[0], field(project, one));
      for (const column of project.columns) this.all.set(column.key, ofIndex(column));
      this.all.set('name', { key: 'name', label: 'Name', numeric: false, values: project.runs.id.map((_, run) => project.nameOf(run)), write: String });
      this.all.set('state', { key: 'state', label: 'State', numeric: false, values: project.runs.state, write: String });
      this.usual = this.choose();
    }

    /** The settings that tell the runs apart, the results with a known direction first, the time. */
    choose() {
      const runs = this.project.runs.id.map((_, run) => run);
      const telling = this.project.differing(runs).map((column, at) => ({ column, at, kinds: kindsOf(column) }));
      telling.sort((a, b) => b.kinds - a.kinds || a.at - b.at);
      const settings = telling
        .slice(0, SETTINGS)
        .sort((a, b) => a.at - b.at)
        .map((one) => one.column);
      const results = this.project.columns.filter((column) => column.key.startsWith('summary.') && column.kind === 'number');
      const rank = (column) => (column.goal ? 0 : 2) + (/^summary\.(val|valid|eval|test)/.test(column.key) ? 0 : 1);
      results.sort((a, b) => rank(a) - rank(b));
      const first = results.slice(0, RESULTS);
      // A phone shows two columns beside the name: results then.
      const narrow = typeof matchMedia === 'function' && matchMedia('(max-width: 700px)').matches;
      const chosen = narrow ? [...first, ...settings] : [...settings, ...first];
      return chosen.map((column) => column.key).concat('duration');
    }

    get keys() {
      const chosen = this.state.columns.filter((key) => this.all.has(key) && key !== 'name' && key !== 'state');
      const keys = chosen.length || this.state.columns.includes(NONE) ? [...new Set(chosen)] : this.usual;
      return [...keys.filter((key) => this.isPinned(key)), ...keys.filter((key) => !this.isPinned(key))];
    }

    get shown() {
      return this.keys.map((key) => this.all.get(key));
    }

    /** The keys to choose from: settings, results, then what every run has. */
    get choices() {
      const rank = (key) => (key.startsWith('config.') ? 0 : key.startsWith('summary.') ? 1 : 2);
      return [...this.all.keys()].filter((key) => key !== 'name' && key !== 'state').sort((a, b) => rank(a) - rank(b));
    }

    /** How many there are to choose from. */
    get count() {
      return this.all.size - 2;
    }

    text(column, run) {
      const value = column.values[run];
      return blank(value) ? '–' : column.write(value);
    }

    /** The sort keys in force, as columns with their directions. */
    get order() {
      return (this.state.sort.length ? this.state.sort : ['-created'])
        .map((key) => ({ column: this.all.get(key.replace(/^-/, '')), down: key.startsWith('-') }))
        .filter((key) => key.column);
    }

    /** Order runs by state.sort; what has no value comes last either way, ties newest first. */
    sort(runs) {
      let sorted = Uint32Array.from(runs).sort().reverse();
      for (const { column, down } of this.order.reverse()) sorted = byPlace(sorted, placesOf(column), down);
      return Array.from(sorted);
    }

    /** What runs can be grouped by: settings, texts, tags; not what is measured. */
    get groupable() {
      const fields = ['group', 'job_type', 'tags', 'state', 'branch', 'commit', 'entity', 'host', 'name'];
      const settings = [...this.all.keys()].filter((key) => key.startsWith('config.'));
      return [...fields, ...settings].map((key) => this.all.get(key));
    }

    isPinned(key) {
      return this.state.pins.includes(key);
    }

    pin(key) {
      const { pins } = this.state;
      this.state.set({ pins: this.isPinned(key) ? pins.filter((one) => one !== key) : [...pins, key] });
    }

    set(keys) {
      this.state.set({ columns: keys.length ? keys : [NONE] });
    }

    toggle(key) {
      const { keys } = this;
      this.set(keys.includes(key) ? keys.filter((one) => one !== key) : [...keys, key]);
    }

    /** Put a shown column at a place among the shown ones; beside a pinned one it is pinned too. */
    move(key, to) {
      const { keys } = this;
      const from = keys.indexOf(key);
      const at = Math.max(0, Math.min(keys.length - 1, to));
      if (from < 0 || from === at) return;
      const neighbour = keys[at];
      keys.splice(at, 0, ...keys.splice(from, 1));
      const pins = this.state.pins.filter((one) => one !== key);
      if (this.isPinned(neighbour)) pins.push(key);
      this.state.set({ columns: keys, pins });
    }
  }

  /** How many values a setting takes; text that is new in nearly every run tells nothing. */
  function kindsOf(column) {
    const kinds = new Set(column.values).size;
    return column.kind === 'text' && kinds > column.values.length * 0.8 ? 0 : kinds;
  }

  /**
   * Numbers in a column's order, NaN where a run has no value: made once, since comparing texts
   * anew for every sort would take longer than all else.
   */
  function ranksOf(column) {
    if (column.ranks) return column.ranks;
    const { values } = column;
    if (values.every((value) => typeof value === 'number' || blank(value))) {
      column.ranks = Float64Array.from(values, (value) => (blank(value) ? NaN : value));
    } else {
      const texts = values.map((value) => (blank(value) ? null : String(value)));
      const known = [...new Set(texts)].filter((text) => text !== null).sort(collator.compare);
      const rank = new Map(known.map((text, at) => [text, at]));
      column.ranks = Float64Array.from(texts, (text) => (text === null ? NaN : rank.get(text)));
    }
    return column.ranks;
  }

  /**
   * A column's values counted from the lowest on, equal ones as one, and what is missing after the
   * last: {of: a place a run, missing}. Made once.
   */
  function placesOf(column) {
    if (column.places) return column.places;
    const ranks = ranksOf(column);
    const known = new Map();
    for (const rank of ranks.slice().sort()) if (!Number.isNaN(rank) && !known.has(rank)) known.set(rank, known.size);
    const missing = known.size;
    column.places = { of: Uint32Array.from(ranks, (rank) => (Number.isNaN(rank) ? missing : known.get(rank))), missing };
    return column.places;
  }

  /** Sort runs by their places, counting instead of comparing; what has one place keeps its order. */
  function byPlace(runs, { of, missing }, down) {
    const place = (run) => (down && of[run] !== missing ? missing - 1 - of[run] : of[run]);
    const begins = new Uint32Array(missing + 2); // of each place in the result
    for (const run of runs) begins[place(run) + 1] += 1;
    for (let at = 1; at < begins.length; at += 1) begins[at] += begins[at - 1];
    const sorted = new Uint32Array(runs.length);
    for (const run of runs) sorted[begins[place(run)]++] = run;
    return sorted;
  }

  /** The order of two ranks; NaN comes last either way. */
  function compare(a, b, down) {
    if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) - Number.isNaN(b);
    if (a === b) return 0;
    return a < b === down ? 1 : -1;
  }

  Object.assign(Columns, { blank, compare, ranksOf });
  gitrack.Columns = Columns;
})();
