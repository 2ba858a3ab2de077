// One metric of one run: decoding, joining two metrics on their rows, thinning.
(function (root) {
  'use strict';

  const gitrack = (root.gitrack = root.gitrack || {});

  const range = (places, n) =>
    Array.isArray(places) ? Float64Array.from({ length: n }, (_, i) => places[0] + i * places[1]) : places();

  class Series {
    /** `rows` and `steps` are [start, stride] or read float64; `values` reads float32 or float64. */
    constructor({ n, rows, steps, values }) {
      this.n = n;
      this.packed = { rows, steps, values };
      this.curves = new Map(); // x axis → curve
    }

    get rows() {
      if (!this.rowsRead) this.rowsRead = range(this.packed.rows, this.n);
      return this.rowsRead;
    }

    get steps() {
      if (!this.stepsRead) this.stepsRead = range(this.packed.steps, this.n);
      return this.stepsRead;
    }

    get values() {
      if (!this.valuesRead) this.valuesRead = Float64Array.from(this.packed.values());
      return this.valuesRead;
    }

    rest() {
      this.curves.clear();
      this.rowsRead = this.stepsRead = this.valuesRead = null;
    }
  }

  /** The series of a metric's script, one a run; null where a run did not log it. */
  async function unpackSeries({ heads, series, data }) {
    let wide = 0;
    let narrow = 0;
    for (const at of series) {
      if (at === null) continue;
      const { n, rows, steps, t } = heads[at];
      wide += n * ((rows ? 0 : 1) + (steps ? 0 : 1));
      if (t === 'f8') wide += n;
      else narrow += n;
    }
    const bytes = await gitrack.inflate(gitrack.bytes(data));
    const pools = {
      f8: { Kind: Float64Array, start: 0, total: wide, at: 0 },
      f4: { Kind: Float32Array, start: wide * 8, total: narrow, at: 0 },
    };
    // Few of a script's runs are shown: the bytes of a run are put together once it is.
    const take = (pool, n) => {
      const { Kind, start, total, at } = pool;
      pool.at += n;
      return () => new Kind(gitrack.gather(bytes, start, total, Kind.BYTES_PER_ELEMENT, at, n));
    };
    return series.map((at) => {
      if (at === null) return null;
      const { n, rows, steps, t } = heads[at];
      return new Series({
        n,
        rows: rows || take(pools.f8, n),
        steps: steps || take(pools.f8, n),
        values: take(pools[t], n),
      });
    });
  }

  /**
   * Value of `other` at each of the rows, linear between its own rows; NaN outside of them, since
   * nobody knows what it was there.
   */
  function join(rows, other) {
    const at = other.rows;
    const values = other.values;
    const out = new Float64Array(rows.length);
    let right = 0;
    for (let i = 0; i < rows.length; i += 1) {
      while (right < at.length && at[right] < rows[i]) right += 1;
      if (right === at.length) out[i] = NaN;
      else if (at[right] === rows[i]) out[i] = values[right];
      else if (right === 0) out[i] = NaN;
      else {
        const share = (rows[i] - at[right - 1]) / (at[right] - at[right - 1]);
        out[i] = values[right - 1] + share * (values[right] - values[right - 1]);
      }
    }
    return out;
  }

  function rises(x) {
    for (let i = 1; i < x.length; i += 1) if (!(x[i] >= x[i - 1])) return false;
    return true;
  }

  /**
   * A series against an x axis: {x, y, rising, raw}, where y holds NaN for every value
   * that is not finite. `xSeries` is the metric on the x axis, null for steps.
   */
  function curve(series, key, xSeries) {
    const known = series.curves.get(key);
    if (known) return known;
    const x = xSeries ? join(series.rows, xSeries) : series.steps;
    const y = Float64Array.from(series.values, (value) => (Number.isFinite(value) ? value : NaN));
    const made = { x, y, rising: rises(x), raw: series.values };
    series.curves.set(key, made);
    return made;
  }

  /** The index of the point nearest to `x`; -1 if there is none. */
  function nearestPoint(curve, x) {
    const xs = curve.x;
    if (!xs.length) return -1;
    if (curve.rising) {
      let low = 0;
      let high = xs.length - 1;
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if (xs[middle] <= x) low = middle;
        else high = middle;
      }
      return Math.abs(xs[high] - x) < Math.abs(x - xs[low]) ? high : low;
    }
    let best = -1;
    let distance = Infinity;
    for (let i = 0; i < xs.length; i += 1) {
      const apart = Math.abs(xs[i] - x);
      if (apart < distance) {
        best = i;
        distance = apart;
      }
    }
    return best;
  }

  /**
   * Keep what a line of `bins` bins between two x values can show: the lowest and the highest
   * point of each bin in their order, one more point on either side, and the gaps. A browser
   * paints for longer than all else takes, and for each point that nobody can see.
   */
  function thin(xs, ys, from, to, bins) {
    const scale = bins / (to - from);
    const outX = new Float64Array(xs.length);
    const outY = new Float64Array(xs.length);
    let kept = 0;
    let bin = null;
    let low = 0;
    let high = 0;
    const keep = (i) => {
      outX[kept] = xs[i];
      outY[kept] = ys[i];
      kept += 1;
    };
    const flush = () => {
      if (bin === null) return;
      keep(Math.min(low, high));
      if (low !== high) keep(Math.max(low, high));
      bin = null;
    };
    for (let i = 0; i < xs.length; i += 1) {
      if (xs[i] < from && xs[i + 1] < from) continue;
      if (Number.isNaN(ys[i])) {
        flush();
        keep(i);
        continue;
      }
      const at = Math.floor((xs[i] - from) * scale);
      if (at !== bin) {
        flush();
        bin = at;
        low = i;
        high = i;
      } else if (ys[i] < ys[low]) low = i;
      else if (ys[i] > ys[high]) high = i;
      if (xs[i] > to) break;
    }
    flush();
    return { xs: outX.slice(0, kept), ys: outY.slice(0, kept) };
  }

  gitrack.Series = Series;
  gitrack.unpackSeries = unpackSeries;
  gitrack.curve = curve;
  gitrack.nearestPoint = nearestPoint;
  gitrack.thin = thin;
})(typeof window === 'undefined' ? globalThis : window);
