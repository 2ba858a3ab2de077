// Smoothing a curve: four kinds, one strength. A gap in y stays a gap, and counts in no average.
//
// A strength w makes every kind equally quiet on noise: the moving average of that weight, a mean
// over (1 + w) / (1 − w) points, and the normal curve that weighs as many points.
(function (root) {
  'use strict';

  const gitrack = (root.gitrack = root.gitrack || {});
  const REACH = 4; // standard deviations after which the normal curve counts as nothing

  /** Keep of what came before: w a point, or by how many even spacings a point lies apart. */
  function movingAverage({ x, y }, w, timed) {
    const n = y.length;
    const out = new Float64Array(n);
    const spacing = timed ? evenSpacing(x) : 1;
    let last = 0;
    let mass = 0;
    let before = NaN;
    for (let i = 0; i < n; i += 1) {
      if (Number.isNaN(y[i])) {
        out[i] = NaN;
        continue;
      }
      const apart = timed ? Math.abs(x[i] - before) / spacing : 1;
      const keep = apart === 1 || Number.isNaN(apart) ? w : Math.pow(w, Math.min(apart, 1000));
      last = last * keep + y[i] * (1 - keep);
      mass = mass * keep + (1 - keep);
      out[i] = mass > 0 ? last / mass : y[i];
      if (!Number.isNaN(x[i])) before = x[i];
    }
    return out;
  }

  function evenSpacing(x) {
    let low = Infinity;
    let high = -Infinity;
    for (const value of x) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    return x.length > 1 && high > low ? (high - low) / (x.length - 1) : 1;
  }

  /** Average around each point by weights of how many points away; narrower at both ends. */
  function around(y, weights) {
    const n = y.length;
    const out = new Float64Array(n);
    const reach = weights.length - 1;
    for (let i = 0; i < n; i += 1) {
      if (Number.isNaN(y[i])) {
        out[i] = NaN;
        continue;
      }
      let sum = 0;
      let mass = 0;
      const last = Math.min(n - 1, i + reach);
      for (let j = Math.max(0, i - reach); j <= last; j += 1) {
        const value = y[j];
        if (value !== value) continue; // NaN
        const weight = weights[j < i ? i - j : j - i];
        sum += value * weight;
        mass += weight;
      }
      out[i] = sum / mass;
    }
    return out;
  }

  const reachOf = (w) => Math.round(w / (1 - w));
  const deviationOf = (w) => (1 + w) / ((1 - w) * 2 * Math.sqrt(Math.PI));

  function normalWeights(w) {
    const deviation = deviationOf(w);
    return Float64Array.from({ length: Math.ceil(REACH * deviation) + 1 }, (_, away) => Math.exp(-0.5 * (away / deviation) ** 2));
  }

  const KINDS = {
    // Debiased at its start and weighted by distance in x: over even points it is TensorBoard's,
    // over uneven ones a gap counts as the points that would have stood in it.
    time: (curve, w) => movingAverage(curve, w, true),
    // Each point alike, however far apart they are.
    points: (curve, w) => movingAverage(curve, w, false),
    mean: ({ y }, w) => around(y, new Float64Array(reachOf(w) + 1).fill(1)),
    gauss: ({ y }, w) => around(y, normalWeights(w)),
  };

  /** A curve's y, smoothed by a strength in [0, 1) and a kind; remembered with the curve. */
  function smooth(curve, strength, kind = 'time') {
    if (!strength) return curve.y;
    const basis = `${kind} ${strength}`;
    if (curve.smoothedBy !== basis) {
      curve.smoothedBy = basis;
      curve.smoothed = KINDS[kind](curve, strength);
    }
    return curve.smoothed;
  }

  gitrack.smooth = smooth;
})(typeof window === 'undefined' ? globalThis : window);
