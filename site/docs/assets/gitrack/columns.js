// What the run table can show: a run's own fields, its settings, its results.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const SETTINGS = 3; // shown by default
  const RESULTS = 3;
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
      return chosen.length ? chosen : this.usual;
    }

    get shown() {
      return this.keys.map((key) => this.all.get(key));
    }

    /** How many there are to choose from. */
    get count() {
      return this.all.size - 2;
    }

    text(column, run) {
      const value = column.values[run];
      return blank(value) ? '–' : column.write(value);
    }

    /** Order runs by state.sort; what has no value comes last either way, ties newest first. */
    sort(runs) {
      const keys = (this.state.sort.length ? this.state.sort : ['-created'])
        .map((key) => ({ column: this.all.get(key.replace(/^-/, '')), down: key.startsWith('-') }))
        .filter((key) => key.column);
      return runs.sort((a, b) => {
        for (const { column, down } of keys) {
          const order = compare(column.values[a], column.values[b], down);
          if (order) return order;
        }
        return b - a;
      });
    }

    toggle(key) {
      const keys = this.keys.includes(key) ? this.keys.filter((one) => one !== key) : this.inOrder([...this.keys, key]);
      this.state.set({ columns: keys });
    }

    inOrder(keys) {
      const rank = (key) => (key.startsWith('config.') ? 0 : key.startsWith('summary.') ? 1 : 2);
      return keys.sort((a, b) => rank(a) - rank(b));
    }
  }

  /** How many values a setting takes; text that is new in nearly every run tells nothing. */
  function kindsOf(column) {
    const kinds = new Set(column.values).size;
    return column.kind === 'text' && kinds > column.values.length * 0.8 ? 0 : kinds;
  }

  function compare(a, b, down) {
    const lost = (value) => blank(value) || Number.isNaN(value);
    if (lost(a) || lost(b)) return lost(a) - lost(b);
    const order = typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), 'en', { numeric: true });
    return down ? -order : order;
  }

  gitrack.Columns = Columns;
})();
