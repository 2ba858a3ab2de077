// The colours of an embedding's points by one column of its labels: ten categories at most have a
// colour of their own, numbers one between two ends.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const FEW = 20; // distinct whole numbers that are categories rather than amounts
  const STOPS = ['--gt-seq-2', '--gt-seq-3', '--gt-seq-4'];

  const textOf = (value) => (value === null || value === undefined ? 'none' : typeof value === 'number' ? gitrack.format.number(value) : value);

  function isAmount({ kind, values }) {
    if (kind !== 'number') return false;
    const distinct = new Set(values);
    return distinct.size > FEW || values.some((value) => value !== null && !Number.isInteger(value));
  }

  /** By category: the most frequent first, from the eleventh on together. */
  function byCategory({ values }, colours) {
    const counts = new Map();
    for (const value of values) counts.set(value, (counts.get(value) || 0) + 1);
    const many = gitrack.Palette.COUNT;
    const order = [...counts].sort((a, b) => b[1] - a[1]);
    const named = order.slice(0, many).map(([value]) => value);
    // A digit's colour is that of its place among the digits, however many there are of each.
    named.sort((a, b) => (typeof a === 'number' && typeof b === 'number' ? a - b : textOf(a).localeCompare(textOf(b))));
    const place = new Map(named.map((value, i) => [value, i]));
    const group = Int32Array.from(values, (value) => (place.has(value) ? place.get(value) : many));
    const css = [...named.map((_, i) => gitrack.shapes.slot(i)), 'var(--gt-fg3)'];
    const dealt = css.map(gitrack.shapes.bytes);
    group.forEach((one, i) => colours.set(dealt[one], 3 * i));
    const legend = named.map((value, number) => ({ name: textOf(value), colour: css[number], number, count: counts.get(value) }));
    const rest = order.slice(many);
    if (rest.length) {
      const count = rest.reduce((sum, [, n]) => sum + n, 0);
      legend.push({ name: `${gitrack.format.plural(rest.length, 'other value')}`, colour: css[many], number: many, count });
    }
    return { group, legend };
  }

  function byAmount({ values }, colours) {
    const [low, high] = gitrack.scale.extent([values.filter((value) => Number.isFinite(value))]);
    const stops = STOPS.map((name) => gitrack.shapes.bytes(`var(${name})`));
    const none = gitrack.shapes.bytes('var(--gt-line2)');
    values.forEach((value, i) => {
      if (!Number.isFinite(value)) {
        colours.set(none, 3 * i);
        return;
      }
      const share = (high > low ? (value - low) / (high - low) : 0.5) * (stops.length - 1);
      const at = Math.min(Math.floor(share), stops.length - 2);
      colours.set(stops[at].map((part, k) => Math.round(part + (stops[at + 1][k] - part) * (share - at))), 3 * i);
    });
    const write = (value) => gitrack.format.number(value);
    return { bar: el('div', { class: 'gt-embedding__ramp' }, el('span', {}, write(low)), el('i', { 'aria-hidden': 'true' }), el('span', {}, write(high))) };
  }

  /** {colours, group, legend, bar}: legend for categories, bar for amounts, neither for no column. */
  gitrack.embeddingColours = function (column, count) {
    const colours = new Uint8Array(3 * count);
    if (column) return { colours, ...(isAmount(column) ? byAmount(column, colours) : byCategory(column, colours)) };
    const one = gitrack.shapes.bytes('var(--gt-run-1)');
    for (let i = 0; i < count; i += 1) colours.set(one, 3 * i);
    return { colours };
  };

  gitrack.labelText = textOf;
})();
