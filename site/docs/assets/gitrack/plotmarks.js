// What charts of tables are put together from: colours, bins, quartiles, ticks, and what a
// pointer is told. Pure functions: plots.js composes, plot.js draws.
(function (root) {
  'use strict';

  const gitrack = (root.gitrack = root.gitrack || {});
  const SLOTS = 10;
  const LONG = 22; // characters of a name on an axis
  const REACH = 22; // pixels from which a point is meant

  const finite = (values) => values.filter((value) => typeof value === 'number' && Number.isFinite(value));

  /** The look of the n-th series: a slot's colour, dashed from the eleventh on. */
  function dealt(at) {
    return { colour: `var(--gt-run-${(at % SLOTS) + 1})`, dash: at < SLOTS ? [] : [6, 3] };
  }

  function channels(hex) {
    return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  }

  /** A scale of colours from stops like #1c2028: takes a share from 0 to 1. */
  function colourScale(stops) {
    const parts = stops.map(channels);
    return (share) => {
      const at = Math.min(1, Math.max(0, share)) * (parts.length - 1);
      const low = Math.min(parts.length - 2, Math.floor(at));
      const mixed = parts[low].map((from, i) => Math.round(from + (parts[low + 1][i] - from) * (at - low)));
      return `#${mixed.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
    };
  }

  function luminance(hex) {
    const [r, g, b] = channels(hex).map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }

  /** White or near black, whichever stands out more on a colour. */
  const inkOn = (hex) => (luminance(hex) > 0.18 ? '#101216' : '#ffffff');

  /** Bins for numbers: [low, high, count], by Freedman and Diaconis within 5 to 60. */
  function binsFor(values) {
    const sorted = Float64Array.from(finite(values)).sort();
    if (!sorted.length) return null;
    const [low, high] = [sorted[0], sorted[sorted.length - 1]];
    if (low === high) return [low - 0.5, high + 0.5, 1];
    const { quantile } = gitrack.statistics;
    const spread = quantile(sorted, 0.75) - quantile(sorted, 0.25);
    const width = (2 * spread) / Math.cbrt(sorted.length) || (high - low) / 10;
    return [low, high, Math.min(60, Math.max(5, Math.round((high - low) / width)))];
  }

  function counted(values, [low, high, count]) {
    const counts = new Array(count).fill(0);
    for (const value of finite(values)) {
      if (value >= low && value <= high) counts[Math.min(count - 1, Math.floor(((value - low) / (high - low)) * count))] += 1;
    }
    return counts;
  }

  /** Median, quartiles, whiskers within 1.5 times their distance, and what lies beyond. */
  function boxOf(values) {
    const sorted = Float64Array.from(finite(values)).sort();
    if (!sorted.length) return null;
    const [q1, median, q3] = [0.25, 0.5, 0.75].map((share) => gitrack.statistics.quantile(sorted, share));
    const reach = 1.5 * (q3 - q1);
    const inside = sorted.filter((value) => value >= q1 - reach && value <= q3 + reach);
    return { q1, median, q3, low: inside[0], high: inside[inside.length - 1], beyond: Array.from(sorted.filter((value) => value < q1 - reach || value > q3 + reach)), count: sorted.length };
  }

  const shortName = (name) => (name.length > LONG ? `${name.slice(0, LONG - 1)}…` : name);

  /** Ticks for names at 0, 1, 2 …: every one that has room. `size` pixels, each name needs `need`. */
  function nameTicks(names, size, need, place = (at) => at) {
    const every = Math.max(1, Math.ceil((names.length * need) / Math.max(1, size)));
    return names.flatMap((name, at) => (at % every ? [] : [{ at: place(at), label: shortName(name) }]));
  }

  /** Positions as numbers; texts count on by one and are named. */
  function positions(values) {
    const plain = values.filter((value) => value !== null);
    if (plain.every((value) => typeof value === 'number')) return { at: values.map((value) => (value === null ? NaN : value)), names: null };
    const names = [...new Set(plain.map(String))];
    const place = new Map(names.map((name, at) => [name, at]));
    return { at: values.map((value) => (value === null ? NaN : place.get(String(value)))), names };
  }

  const numbers = (values) => values.map((value) => (typeof value === 'number' ? value : value === true ? 1 : value === false ? 0 : NaN));

  /** Every line's value where x is nearest to the pointer's. */
  function tellLines(lines, x, write, writeX) {
    let best = Infinity;
    let at = null;
    for (const line of lines) {
      for (const value of line.x) {
        const far = Math.abs(value - x);
        if (far < best) [best, at] = [far, value];
      }
    }
    if (at === null) return null;
    const rows = lines.flatMap((line) => {
      let near = -1;
      for (let i = 0; i < line.x.length; i += 1) if (near < 0 || Math.abs(line.x[i] - at) < Math.abs(line.x[near] - at)) near = i;
      return near < 0 ? [] : [{ colour: line.colour, name: line.name, value: write(line.y[near]) }];
    });
    return { title: writeX(at), rows };
  }

  /** The nearest of some points within reach of the pointer; null where none is. */
  function nearestPoint(points, x, y, [perX, perY]) {
    let best = REACH * REACH;
    let found = null;
    for (const point of points) {
      const far = ((point.x - x) * perX) ** 2 + ((point.y - y) * perY) ** 2;
      if (far < best) [best, found] = [far, point];
    }
    return found;
  }

  gitrack.marks = { binsFor, boxOf, colourScale, counted, dealt, finite, inkOn, nameTicks, nearestPoint, numbers, positions, tellLines };
})(typeof window === 'undefined' ? globalThis : window);
