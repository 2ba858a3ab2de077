// What is computed of columns of runs: quantiles, densities, correlations.
(function (root) {
  'use strict';

  const gitrack = (root.gitrack = root.gitrack || {});

  const SLICE = 12; // ms of work before the page answers

  /** The quantile of sorted values, linear between neighbours as numpy has it. */
  function quantile(sorted, share) {
    const at = (sorted.length - 1) * share;
    const low = Math.floor(at);
    const high = Math.ceil(at);
    return low === high ? sorted[low] : sorted[low] + (sorted[high] - sorted[low]) * (at - low);
  }

  const sort = (values) => Float64Array.from(values).sort();

  function deviation(values) {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
  }

  /**
   * The density of values at `count` places, a Gaussian kernel of Silverman's width:
   * {at, density}. One value, or equal ones, have a kernel as wide as a hundredth of their size.
   */
  function density(values, count = 64) {
    const sorted = sort(values);
    const spread = quantile(sorted, 0.75) - quantile(sorted, 0.25);
    const std = values.length > 1 ? deviation(Array.from(values)) : 0;
    const scale = Math.min(std, spread / 1.34) || std || Math.abs(sorted[0]) / 100 || 1;
    const width = 0.9 * scale * values.length ** -0.2;
    const low = sorted[0] - 2 * width;
    const high = sorted[sorted.length - 1] + 2 * width;
    const at = Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1));
    const norm = 1 / (values.length * width * Math.sqrt(2 * Math.PI));
    const kernel = (place) => {
      let sum = 0;
      for (const value of sorted) sum += Math.exp(-0.5 * ((place - value) / width) ** 2);
      return sum * norm;
    };
    return { at, density: at.map(kernel) };
  }

  /** Pearson's correlation over the places where both are numbers: {r, n}; NaN where one is constant. */
  function pearson(a, b) {
    let [n, x, y] = [0, 0, 0];
    for (let i = 0; i < a.length; i += 1) {
      if (!Number.isFinite(a[i]) || !Number.isFinite(b[i])) continue;
      n += 1;
      x += a[i];
      y += b[i];
    }
    x /= n;
    y /= n;
    let [both, left, right] = [0, 0, 0];
    for (let i = 0; i < a.length; i += 1) {
      if (!Number.isFinite(a[i]) || !Number.isFinite(b[i])) continue;
      both += (a[i] - x) * (b[i] - y);
      left += (a[i] - x) ** 2;
      right += (b[i] - y) ** 2;
    }
    const r = both / Math.sqrt(left * right);
    return { r: n > 1 && Number.isFinite(r) ? Math.max(-1, Math.min(1, r)) : NaN, n };
  }

  /** Ranks from 1 on, equal values their mean rank; what is not finite stays NaN. */
  function ranks(values) {
    const sorted = sort(values.filter(Number.isFinite));
    const known = new Map();
    for (let from = 0, to = 0; from < sorted.length; from = to) {
      while (to < sorted.length && sorted[to] === sorted[from]) to += 1;
      known.set(sorted[from], (from + to + 1) / 2);
    }
    return Float64Array.from(values, (value) => (known.has(value) ? known.get(value) : NaN));
  }

  /**
   * Spearman's rank correlation over the places where both are numbers: {r, n}. `known` keeps the
   * ranks of columns without a gap, which are the same beside any other such column, and null for
   * the others.
   */
  function spearman(a, b, known = new Map()) {
    for (const values of [a, b]) if (!known.has(values)) known.set(values, values.every(Number.isFinite) ? ranks(values) : null);
    if (known.get(a) && known.get(b)) return pearson(known.get(a), known.get(b));
    const both = [...a.keys()].filter((i) => Number.isFinite(a[i]) && Number.isFinite(b[i]));
    const take = (values) => ranks(Float64Array.from(both, (i) => values[i]));
    return pearson(take(a), take(b));
  }

  /** The places of `count` of `size` things, evenly spread; all where there are no more. */
  function sample(size, count) {
    if (size <= count) return Array.from({ length: size }, (_, i) => i);
    return Array.from({ length: count }, (_, i) => Math.floor((i * size) / count));
  }

  /** Let the page answer what waits. */
  const breath = () => new Promise((go) => setTimeout(go));

  /** Cut long work into slices: await what this returns between its parts. */
  function slices() {
    let since = Date.now();
    return async () => {
      if (Date.now() - since < SLICE) return;
      await breath();
      since = Date.now();
    };
  }

  gitrack.statistics = { breath, density, pearson, quantile, ranks, sample, slices, spearman };
})(typeof window === 'undefined' ? globalThis : window);
