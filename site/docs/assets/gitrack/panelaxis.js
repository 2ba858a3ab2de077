// What stands on an axis of a panel: a column of runs as places, with its range and its ticks.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const KINDS = new Map([['duration', 'span'], ['created', 'moment']]);
  const MOST = 40; // categories
  const LONGEST = 18; // characters of a tick
  const ROOM = 0.05;

  const shorten = (text) => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);

  /** An axis of numbers between two ends, both in its own terms (powers of ten if `log`). */
  function numbers(low, high, { kind = 'number', log = false, write = gitrack.format.number, label = '' } = {}) {
    return {
      kind,
      log,
      label,
      low,
      high,
      write: (at) => write(log ? 10 ** at : at),
      ticks: (count) => gitrack.scale.ticks(low, high, { kind, log, count }),
    };
  }

  /** An axis of names, the first at 0; every so many of them are written where there is no room. */
  function names(labels, label = '', { reversed = false } = {}) {
    const place = (i) => (reversed ? labels.length - 1 - i : i);
    return {
      kind: 'names',
      log: false,
      label,
      low: -0.5,
      high: labels.length - 0.5,
      labels,
      place,
      write: (at) => labels[place(Math.round(at))] || '',
      ticks: (count) => {
        const every = Math.ceil(labels.length / Math.max(count, 1));
        return labels.map((text, i) => ({ at: place(i), label: shorten(text) })).filter((_, i) => i % every === 0);
      },
    };
  }

  /** The ends of finite values, with some room; `range` is what somebody asked for. */
  function ends(values, { log = false, range = null, room = ROOM } = {}) {
    const [least, most] = gitrack.scale.extent([values]);
    const [from, to] = least <= most ? gitrack.scale.widened(least, most, room) : [0, 1];
    const held = (end, other) => (end === null || (log && !(end > 0)) ? other : log ? Math.log10(end) : end);
    const [low, high] = range ? [held(range[0], from), held(range[1], to)] : [from, to];
    return low < high ? [low, high] : [from, to];
  }

  const logarithm = (value) => (value > 0 ? Math.log10(value) : NaN);

  /**
   * A column over some runs as an axis, with `at`: run → place, NaN where it has none. Texts are
   * categories in their usual order; those beyond the first forty have no place, which `left` counts.
   */
  function ofColumn(column, runs, { log = false, range = null } = {}) {
    const { values } = column;
    if (column.numeric) {
      const write = log ? logarithm : (value) => value;
      const at = (run) => (typeof values[run] === 'number' && Number.isFinite(values[run]) ? write(values[run]) : NaN);
      const [low, high] = ends(runs.map(at), { log, range });
      return { ...numbers(low, high, { kind: KINDS.get(column.key), log, write: column.write, label: column.label }), at, column };
    }
    const ranks = gitrack.Columns.ranksOf(column);
    const known = new Map();
    for (const run of runs) if (!Number.isNaN(ranks[run]) && !known.has(ranks[run])) known.set(ranks[run], column.write(values[run]));
    const sorted = [...known].sort(([a], [b]) => a - b);
    const shown = sorted.slice(0, MOST);
    const places = new Map(shown.map(([rank], i) => [rank, i]));
    return {
      ...names(shown.map(([, text]) => text), column.label),
      at: (run) => (places.has(ranks[run]) ? places.get(ranks[run]) : NaN),
      left: sorted.length - shown.length,
      column,
    };
  }

  gitrack.panelAxis = { ends, logarithm, names, numbers, ofColumn, shorten };
})();
