// Which settings tell a result: a small random forest, and how much worse it guesses runs that it
// has not seen once the values of one setting are shuffled among them (Breiman's permutation
// importance over out-of-bag runs). The same runs give the same answer: chance has a seed.
(function (root) {
  'use strict';

  const gitrack = (root.gitrack = root.gitrack || {});
  const TREES = 60;
  const MOST = 1000; // runs that trees are grown of
  const LEAST = 3; // runs in a leaf
  const SHUFFLES = 3;

  /** Numbers of [0, 1) from a seed (mulberry32). */
  function chance(seed) {
    let state = seed >>> 0;
    return () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let t = state;
      t = Math.imul(t ^ (t >>> 15), t | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
  }

  /** Each value's place among the values that there are, equal ones as one. */
  function placesOf(values) {
    const known = new Map(Array.from(new Set(Float64Array.from(values).sort()), (value, at) => [value, at]));
    return Float64Array.from(values, (value) => known.get(value));
  }

  /** Rows by a feature's values, ties as they were: whole numbers sort without being compared by us. */
  function sortedBy(places, rows) {
    const n = rows.length;
    const keys = new Float64Array(n);
    for (let i = 0; i < n; i += 1) keys[i] = places[rows[i]] * n + i;
    keys.sort();
    const sorted = new Array(n);
    for (let i = 0; i < n; i += 1) sorted[i] = rows[keys[i] % n];
    return sorted;
  }

  /** The split of `rows` by a feature that leaves the least squared error; null without one. */
  function bestSplit({ values, places }, y, rows) {
    const sorted = sortedBy(places, rows);
    const n = sorted.length;
    let total = 0;
    for (const row of sorted) total += y[row];
    let sum = 0;
    let most = -Infinity;
    let at = 0;
    for (let i = 0; i < n - 1; i += 1) {
      sum += y[sorted[i]];
      const here = values[sorted[i]];
      const next = values[sorted[i + 1]];
      if (here === next || i + 1 < LEAST || n - i - 1 < LEAST) continue;
      // The larger the sum of squared sums, the smaller what is left within both parts.
      const gain = (sum * sum) / (i + 1) + ((total - sum) * (total - sum)) / (n - i - 1);
      if (gain > most) {
        most = gain;
        at = here + (next - here) / 2;
      }
    }
    return most > (total * total) / n + 1e-12 ? { gain: most, at } : null;
  }

  function grow(features, y, rows, random) {
    const mean = rows.reduce((sum, row) => sum + y[row], 0) / rows.length;
    if (rows.length < 2 * LEAST) return { mean };
    // A third of the settings at each fork, as is usual for numbers.
    const order = features.map((_, i) => i);
    for (let i = order.length - 1; i > 0; i -= 1) {
      const j = Math.floor(random() * (i + 1));
      [order[i], order[j]] = [order[j], order[i]];
    }
    const tried = Math.max(1, Math.ceil(order.length / 3));
    let best = null;
    for (let i = 0; i < order.length && (i < tried || !best); i += 1) {
      const split = bestSplit(features[order[i]], y, rows);
      if (split && (!best || split.gain > best.gain)) best = { ...split, feature: order[i] };
    }
    if (!best) return { mean };
    const { values } = features[best.feature];
    const left = rows.filter((row) => values[row] <= best.at);
    const right = rows.filter((row) => values[row] > best.at);
    return { feature: best.feature, at: best.at, left: grow(features, y, left, random), right: grow(features, y, right, random) };
  }

  /** What a tree says of a row; `swapped` gives its value of one feature. */
  function guess(tree, features, row, feature, swapped) {
    let node = tree;
    while (node.left) node = (node.feature === feature ? swapped : features[node.feature].values[row]) <= node.at ? node.left : node.right;
    return node.mean;
  }

  /**
   * The importance of each feature for y, shares that add up to 1, and how much of y's variance
   * the forest told of runs it had not seen: {shares, told, n}; null for too few runs or where y
   * is constant. `columns` are columns of numbers, a category its place among the sorted ones.
   */
  async function importance(columns, y, cancelled = () => false) {
    const usable = [...y.keys()].filter((row) => Number.isFinite(y[row]) && columns.every((values) => Number.isFinite(values[row])));
    const rows = gitrack.statistics.sample(usable.length, MOST).map((at) => usable[at]);
    const n = rows.length;
    const mean = rows.reduce((sum, row) => sum + y[row], 0) / n;
    const variance = rows.reduce((sum, row) => sum + (y[row] - mean) ** 2, 0) / n;
    if (n < 4 * LEAST || !(variance > 0) || !columns.length) return null;
    const pause = gitrack.statistics.slices();
    const features = [];
    for (const values of columns) {
      features.push({ values, places: placesOf(values) });
      await pause();
    }
    const random = chance(n * 2654435761);
    const worse = new Float64Array(features.length);
    const guesses = new Map(rows.map((row) => [row, [0, 0]])); // by the trees that have not seen it
    for (let count = 0; count < TREES; count += 1) {
      const bag = Array.from({ length: n }, () => rows[Math.floor(random() * n)]);
      const inside = new Set(bag);
      const outside = rows.filter((row) => !inside.has(row));
      const tree = grow(features, y, bag, random);
      const right = outside.map((row) => {
        const said = guess(tree, features, row, -1, 0);
        guesses.get(row)[0] += said;
        guesses.get(row)[1] += 1;
        return (said - y[row]) ** 2;
      });
      features.forEach(({ values }, feature) => {
        for (let turn = 0; turn < SHUFFLES; turn += 1) {
          for (let i = 0; i < outside.length; i += 1) {
            const other = outside[Math.floor(random() * outside.length)];
            const wrong = (guess(tree, features, outside[i], feature, values[other]) - y[outside[i]]) ** 2;
            worse[feature] += (wrong - right[i]) / SHUFFLES;
          }
        }
      });
      await pause();
      if (cancelled()) return null;
    }
    const gains = Array.from(worse, (value) => Math.max(0, value));
    const all = gains.reduce((sum, value) => sum + value, 0);
    const unseen = [...guesses].filter(([, [, times]]) => times);
    const error = unseen.reduce((sum, [row, [said, times]]) => sum + (said / times - y[row]) ** 2, 0) / unseen.length;
    return { shares: gains.map((value) => (all ? value / all : 0)), told: 1 - error / variance, n };
  }

  gitrack.forest = { importance };
})(typeof window === 'undefined' ? globalThis : window);
