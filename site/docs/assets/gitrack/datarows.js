// The rows of a table as data: which pass its filters, in which order, how its values fall.
// A column is {name, kind, values}, a value a row, null where there is none; kinds: number, time
// (seconds since the epoch), bool, text, json (compact JSON texts), media (as the sections have it).
(function (root) {
  'use strict';

  const gitrack = (root.gitrack = root.gitrack || {});
  const BINS = 20;
  const FEW = 12; // distinct texts up to which a column is drawn as categories
  const NOWHERE = 255; // the bin of what lies in none
  const NAN = -1;
  const MISSING = -2;
  const collator = new Intl.Collator('en', { numeric: true });

  const isMissing = (value) => value === null || value === undefined;
  const isRange = (column) => column.kind === 'number' || column.kind === 'time';

  function numberText(value) {
    return Number.isFinite(value) || Number.isNaN(value) ? String(value) : value > 0 ? 'inf' : '-inf';
  }

  /** A cell as plain text: numbers in full, times as ISO 8601, nothing as nothing. */
  function cellText(column, value) {
    if (isMissing(value)) return '';
    switch (column.kind) {
      case 'number':
        return numberText(value);
      case 'time':
        return Math.abs(value) < 8.64e12 ? new Date(value * 1000).toISOString() : numberText(value);
      case 'media':
        return value.type === 'value' ? value.text : value.caption || value.path || value.src || value.type;
      default:
        return String(value);
    }
  }

  /** What a cell is sorted by: a number, or a text after all numbers. */
  function keyOf(column, value) {
    if (isMissing(value)) return null;
    if (isRange(column)) return value;
    if (column.kind === 'bool') return Number(value);
    if (column.kind !== 'json') return cellText(column, value);
    if (value === 'NaN') return NaN;
    const number = Number(value.replace('Infinity', '1e999'));
    return value === '' || Number.isNaN(number) ? value : number;
  }

  /** Each row's place in the order of a column's values; NaN and missing ones are negative. */
  function ranksOf(column, rows) {
    const keys = Array.from({ length: rows }, (_, row) => keyOf(column, column.values[row]));
    const distinct = [...new Set(keys)].filter((key) => key !== null && !Number.isNaN(key));
    const numbers = distinct.filter((key) => typeof key === 'number').sort((a, b) => a - b);
    const texts = distinct.filter((key) => typeof key === 'string').sort(collator.compare);
    const place = new Map([...numbers, ...texts].map((key, at) => [key, at]));
    return Int32Array.from(keys, (key) => (key === null ? MISSING : Number.isNaN(key) ? NAN : place.get(key)));
  }

  /** Where each row's value falls: equal spans of the finite numbers, or one of few texts. */
  function binsOf(column, rows) {
    const bins = new Uint8Array(rows).fill(NOWHERE);
    if (isRange(column)) {
      const [low, high] = finiteExtent(column.values);
      if (!(low <= high)) return null;
      const scale = high > low ? BINS / (high - low) : 0;
      for (let row = 0; row < rows; row += 1) {
        const value = column.values[row];
        if (!isMissing(value) && Number.isFinite(value)) bins[row] = Math.min(BINS - 1, Math.floor((value - low) * scale));
      }
      return { bins, count: high > low ? BINS : 1, low, high };
    }
    if (column.kind === 'media') return null;
    const found = new Map();
    for (let row = 0; row < rows; row += 1) {
      const value = column.values[row];
      if (isMissing(value)) continue;
      if (!found.has(value)) {
        if (found.size === FEW) return null;
        found.set(value, 0);
      }
      found.set(value, found.get(value) + 1);
    }
    const names = [...found.keys()].sort((a, b) => found.get(b) - found.get(a) || collator.compare(a, b));
    const place = new Map(names.map((name, at) => [name, at]));
    for (let row = 0; row < rows; row += 1) if (place.has(column.values[row])) bins[row] = place.get(column.values[row]);
    return names.length ? { bins, count: names.length, names } : null;
  }

  function finiteExtent(values) {
    let low = Infinity;
    let high = -Infinity;
    for (const value of values) {
      if (isMissing(value) || !Number.isFinite(value)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    return [low, high];
  }

  class DataRows {
    constructor(columns, rows) {
      this.columns = columns.map((column) => ({ ...column, values: gitrack.unpack(column.values) }));
      this.count = rows;
      this.search = '';
      this.order = []; // [{at, down}], the first counts most
      this.filters = new Map(); // a column's place → {low, high} or {contains} or {values}
      this.known = { ranks: new Map(), bins: new Map(), texts: new Map() };
    }

    remember(what, at, make) {
      const known = this.known[what];
      if (!known.has(at)) known.set(at, make(this.columns[at], this.count));
      return known.get(at);
    }

    /** Sort by a column: up, then down, then not; `more` keeps what was sorted by before. */
    sort(at, { more = false, down } = {}) {
      const before = this.order.find((one) => one.at === at);
      const next = down !== undefined ? { at, down } : !before ? { at, down: false } : before.down ? null : { at, down: true };
      const others = more ? this.order : [];
      const kept = others.map((one) => (one.at === at ? next : one)).filter(Boolean);
      this.order = !next || kept.includes(next) ? kept : [...kept, next];
    }

    /** Keep rows by a column: {low, high}, {contains}, {values: Set}; null for all. */
    filter(at, condition) {
      if (condition) this.filters.set(at, condition);
      else this.filters.delete(at);
    }

    get isFiltered() {
      return this.filters.size > 0 || this.search.trim() !== '';
    }

    texts(at) {
      return this.remember('texts', at, (column, rows) =>
        Array.from({ length: rows }, (_, row) => cellText(column, column.values[row]).toLowerCase()),
      );
    }

    passes(at, condition) {
      const { values } = this.columns[at];
      if (condition.values) return (row) => condition.values.has(values[row]);
      if (condition.contains !== undefined) {
        const wanted = condition.contains.toLowerCase();
        const texts = this.texts(at);
        return (row) => texts[row].includes(wanted);
      }
      const { low = -Infinity, high = Infinity } = condition;
      return (row) => !isMissing(values[row]) && values[row] >= low && values[row] <= high;
    }

    /** The rows that pass, in order. */
    rows() {
      let rows = Array.from({ length: this.count }, (_, row) => row);
      for (const [at, condition] of this.filters) rows = rows.filter(this.passes(at, condition));
      const words = this.search.toLowerCase().split(/\s+/).filter(Boolean);
      if (words.length) {
        const texts = this.columns.map((_, at) => this.texts(at));
        rows = rows.filter((row) => words.every((word) => texts.some((text) => text[row].includes(word))));
      }
      const order = this.order.map(({ at, down }) => [this.remember('ranks', at, ranksOf), down ? -1 : 1]);
      if (!order.length) return rows;
      return rows.sort((a, b) => {
        for (const [ranks, sign] of order) {
          const [x, y] = [ranks[a], ranks[b]];
          if (x === y) continue;
          // What is no number and what is missing stand last, whichever way.
          return x < 0 || y < 0 ? y - x : (x - y) * sign;
        }
        return a - b;
      });
    }

    /** How a column's values fall: {counts, low, high} or {counts, names}; null where that says nothing. */
    spread(at, rows) {
      const found = this.remember('bins', at, binsOf);
      if (!found) return null;
      const counts = new Array(found.count).fill(0);
      if (rows) {
        for (const row of rows) if (found.bins[row] !== NOWHERE) counts[found.bins[row]] += 1;
      } else for (const bin of found.bins) if (bin !== NOWHERE) counts[bin] += 1;
      return { ...found, counts };
    }

    /** Rows as lines of text for other programs. */
    sheet(rows, separator) {
      const line = (cells) => cells.map((cell) => gitrack.csv.quoted(cell, separator)).join(separator);
      const lines = rows.map((row) => line(this.columns.map((column) => cellText(column, column.values[row]))));
      return `${[line(this.columns.map((column) => column.name)), ...lines].join('\r\n')}\r\n`;
    }
  }

  DataRows.cellText = cellText;
  DataRows.isMissing = isMissing;
  DataRows.isRange = isRange;
  gitrack.DataRows = DataRows;
})(typeof window === 'undefined' ? globalThis : window);
