// Runs that share a setting, a tag or a branch as one row: what they share, how many they are, and
// their means.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const ENDED_BADLY = new Set(['crashed', 'failed']);

  class Group {
    constructor(path, level, column, run, parent) {
      Object.assign(this, { path, level, column, parent });
      this.label = labelOf(column, run);
      this.runs = [];
      this.children = [];
      this.shown = 0; // runs
      this.firstShown = null;
      this.aggregates = new Map();
    }

    /** Say how many runs there are and which of them the means leave out. */
    describe(states) {
      const count = this.runs.length;
      const parts = [];
      const left = new Map();
      for (const run of this.left) left.set(states[run], (left.get(states[run]) || 0) + 1);
      const words = [...left].map(([state, many]) => `${many} ${state}`).join(', ');
      if (left.size === 1 && this.left.length === count) parts.push(count === 1 ? words.slice(2) : `${count === 2 ? 'both' : 'all'} ${words.replace(/^\d+ /, '')}`);
      else if (left.size) parts.push(`${words} left out`);
      if (!this.shown) parts.push('hidden');
      return [gitrack.format.plural(count, 'run'), ...parts].join(', ');
    }

    /** The aggregate of a number column over the counted runs; see `aggregate`. */
    over(column) {
      if (!this.aggregates.has(column.key)) {
        this.aggregates.set(column.key, aggregate(this.counted.map((run) => column.values[run])));
      }
      return this.aggregates.get(column.key);
    }

    /** The labels from the outermost group to this one. */
    get name() {
      return this.parent ? `${this.parent.name} · ${this.label}` : this.label;
    }
  }

  function labelOf(column, run) {
    const value = column.values[run];
    if (gitrack.Columns.blank(value)) return `no ${column.label.toLowerCase() === 'tags' ? 'tag' : column.label}`;
    if (typeof value !== 'number') return column.write(value);
    // Two values that differ must not read alike.
    const written = column.write(value);
    return !Number.isFinite(value) || Number(written.replace('−', '-').replace(/,/g, '')) === value ? written : String(value);
  }

  /** A name of a value that no other value has: texts in quotes, numbers bare; tags in any order are one. */
  function identity(value) {
    if (gitrack.Columns.blank(value)) return 'null';
    if (Array.isArray(value)) return JSON.stringify([...value].sort());
    return typeof value === 'string' ? JSON.stringify(value) : String(value);
  }

  /**
   * Mean and spread of what is a number among `values`: {n, mean, std, stderr, low, high}. The
   * deviation is that of a sample (n − 1), NaN for a single value.
   */
  function aggregate(values) {
    let n = 0;
    let sum = 0;
    let low = Infinity;
    let high = -Infinity;
    for (const value of values) {
      if (typeof value !== 'number' || Number.isNaN(value)) continue;
      n += 1;
      sum += value;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    if (!n) return { n, mean: NaN, std: NaN, stderr: NaN, low: NaN, high: NaN };
    const mean = sum / n;
    let squares = 0;
    for (const value of values) if (typeof value === 'number' && !Number.isNaN(value)) squares += (value - mean) ** 2;
    const std = n > 1 ? Math.sqrt(squares / (n - 1)) : NaN;
    return { n, mean, std, stderr: std / Math.sqrt(n), low, high };
  }

  /**
   * Group sorted runs by columns, the outermost first, and order the groups: by their means where
   * a setting or a result of numbers is sorted by, else by their first run.
   */
  function group(runs, columns, { order, states, lame }) {
    const top = divide(runs, columns, 0, null);
    const counts = (run) => lame || !ENDED_BADLY.has(states[run]);
    const keys = order.map(({ column, down }) => ({ down, rank: rankOf(column) }));
    const finish = (groups) => {
      for (const one of groups) {
        [one.counted, one.left] = [[], []];
        for (const run of one.runs) (counts(run) ? one.counted : one.left).push(run);
      }
      groups.sort((a, b) => {
        for (const { rank, down } of keys) {
          const found = gitrack.Columns.compare(rank(a), rank(b), down);
          if (found) return found;
        }
        return 0;
      });
      for (const one of groups) finish(one.children);
      return groups;
    };
    return finish(top);
  }

  function rankOf(column) {
    if (column.numeric && column.source) return (one) => one.over(column).mean;
    const ranks = gitrack.Columns.ranksOf(column);
    return (one) => ranks[one.runs[0]];
  }

  /** The identity of each run's value of a column, made once. */
  function identitiesOf(column) {
    if (!column.identities) {
      const known = new Map();
      column.identities = column.values.map((value) => {
        if (!known.has(value)) known.set(value, identity(value));
        return known.get(value);
      });
    }
    return column.identities;
  }

  function divide(runs, columns, level, parent) {
    const column = columns[level];
    const identities = identitiesOf(column);
    const groups = new Map();
    for (const run of runs) {
      const name = identities[run];
      let found = groups.get(name);
      if (!found) groups.set(name, (found = new Group(parent ? `${parent.path},${name}` : name, level, column, run, parent)));
      found.runs.push(run);
    }
    if (level + 1 < columns.length) {
      for (const one of groups.values()) one.children = divide(one.runs, columns, level + 1, one);
    }
    return [...groups.values()];
  }

  const leaves = (groups) => groups.flatMap((one) => (one.children.length ? leaves(one.children) : [one]));

  /** The rows of a table: groups, below each open one its groups or runs. */
  function lines(groups, closed) {
    return groups.flatMap((one) => {
      if (closed.has(one.path)) return [one];
      return [one, ...(one.children.length ? lines(one.children, closed) : one.runs)];
    });
  }

  /** The first `count` runs, one of each group before a second of any. */
  function firstOfEach(groups, count) {
    const found = [];
    for (let turn = 0; found.length < count; turn += 1) {
      const before = found.length;
      for (const one of groups) if (turn < one.runs.length && found.length < count) found.push(one.runs[turn]);
      if (found.length === before) break;
    }
    return found;
  }

  /** Write a spread beside its mean: ±.003, or from 0.77 to 0.79; empty where there is none. */
  function spreadText(found, spread, write) {
    if (spread === 'minmax') return found.n > 1 ? `${write(found.low)}–${write(found.high)}` : '';
    const value = spread === 'stderr' ? found.stderr : found.std;
    if (!Number.isFinite(value)) return '';
    // As many decimals as the mean has; what would vanish there keeps its first digit.
    const decimals = /^[^.e]*\.(\d+)$/.exec(write(found.mean));
    const fixed = decimals ? value.toFixed(decimals[1].length) : '';
    const text = Number(fixed) ? fixed : gitrack.format.number(value, Number.isInteger(value) ? 4 : 2);
    return `±${text.replace(/^0\./, '.')}`;
  }

  gitrack.Group = Group;
  gitrack.groups = { aggregate, firstOfEach, group, leaves, lines, spreadText };
})();
