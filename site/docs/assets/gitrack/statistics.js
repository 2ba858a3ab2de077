// What is computed of columns of runs: quantiles, densities, correlations.
(function (root) {
  'use strict';

  const gitrack = (root.gitrack = root.gitrack || {});

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
    const pairs = [];
    for (let i = 0; i < a.length; i += 1) if (Number.isFinite(a[i]) && Number.isFinite(b[i])) pairs.push(i);
    const n = pairs.length;
    const mean = (values) => pairs.reduce((sum, i) => sum + values[i], 0) / n;
    const [x, y] = [mean(a), mean(b)];
    let [both, left, right] = [0, 0, 0];
    for (const i of pairs) {
      both += (a[i] - x) * (b[i] - y);
      left += (a[i] - x) ** 2;
      right += (b[i] - y) ** 2;
    }
    const r = both / Math.sqrt(left * right);
    return { r: n > 1 && Number.isFinite(r) ? Math.max(-1, Math.min(1, r)) : NaN, n };
  }

  /** Ranks from 1 on, equal values their mean rank; NaN stays NaN. */
  function ranks(values) {
    const order = [...values.keys()].filter((i) => Number.isFinite(values[i])).sort((i, j) => values[i] - values[j]);
    const found = new Float64Array(values.length).fill(NaN);
    for (let from = 0; from < order.length; ) {
      let to = from;
      while (to < order.length && values[order[to]] === values[order[from]]) to += 1;
      for (let at = from; at < to; at += 1) found[order[at]] = (from + to + 1) / 2;
      from = to;
    }
    return found;
  }

  /** Spearman's rank correlation over the places where both are numbers: {r, n}. */
  function spearman(a, b) {
    const both = [...a.keys()].filter((i) => Number.isFinite(a[i]) && Number.isFinite(b[i]));
    const take = (values) => ranks(Float64Array.from(both, (i) => values[i]));
    return pearson(take(a), take(b));
  }

  /** The places of `count` of `size` things, evenly spread; all where there are no more. */
  function sample(size, count) {
    if (size <= count) return Array.from({ length: size }, (_, i) => i);
    return Array.from({ length: count }, (_, i) => Math.floor((i * size) / count));
  }

  gitrack.statistics = { density, pearson, quantile, ranks, sample, spearman };
})(typeof window === 'undefined' ? globalThis : window);
