// One line and one band for a group of runs.
//
// The rule: where all runs of a group have the same x, the mean and the spread are taken there and
// are exact. Else they are taken at every x that any of them has, and above 1,000 such at 500 even
// places; a run counts between its first and its last point alone, linear between two neighbours,
// and not within a gap. How many counted is told at every place. The line is the mean, or the
// median, the lowest or the highest value; a band of deviations is always around the mean.
(function (root) {
  'use strict';

  const gitrack = (root.gitrack = root.gitrack || {});
  const MOST = 1000;
  const EVEN = 500;
  const SLICE = 25; // ms of work before the page may answer

  const same = (a, b) => a === b || (a.length === b.length && a.every((value, i) => value === b[i]));

  /** A curve with rising x: one against a metric may run forth and back. */
  function rising({ x, y, rising: rises }) {
    if (rises) return { x, y };
    const order = Array.from(x.keys())
      .filter((i) => Number.isFinite(x[i]))
      .sort((a, b) => x[a] - x[b]);
    return { x: Float64Array.from(order, (i) => x[i]), y: Float64Array.from(order, (i) => y[i]) };
  }

  /** The x positions that a group's curves are taken at. */
  function positions(curves) {
    if (!curves.length) return new Float64Array(0);
    if (curves.every((curve) => same(curve.x, curves[0].x))) return curves[0].x;
    const all = new Set();
    for (const { x } of curves) {
      for (const value of x) if (Number.isFinite(value)) all.add(value);
      if (all.size > MOST) break;
    }
    if (all.size <= MOST) return Float64Array.from(all).sort();
    let low = Infinity;
    let high = -Infinity;
    for (const { x } of curves) {
      low = Math.min(low, x[0]);
      high = Math.max(high, x[x.length - 1]);
    }
    return Float64Array.from({ length: EVEN }, (_, i) => low + ((high - low) * i) / (EVEN - 1));
  }

  class Moments {
    /** With `whole` every value is kept, for the median. */
    constructor(x, { whole = false } = {}) {
      this.x = x;
      this.values = whole ? Array.from(x, () => []) : null;
      const zeros = () => new Float64Array(x.length);
      Object.assign(this, { n: zeros(), mean: zeros(), squares: zeros(), low: zeros().fill(Infinity), high: zeros().fill(-Infinity) });
    }

    put(i, value) {
      if (!Number.isFinite(value)) return;
      const n = (this.n[i] += 1);
      const apart = value - this.mean[i];
      this.mean[i] += apart / n;
      this.squares[i] += apart * (value - this.mean[i]);
      if (value < this.low[i]) this.low[i] = value;
      if (value > this.high[i]) this.high[i] = value;
      if (this.values) this.values[i].push(value);
    }

    /** Add one run's curve, linear between its points. */
    add(curve) {
      const { x } = this;
      const { length } = curve.x;
      let right = 0;
      for (let i = 0; i < x.length; i += 1) {
        while (right < length && curve.x[right] < x[i]) right += 1;
        if (right === length) return;
        if (curve.x[right] === x[i]) this.put(i, curve.y[right]);
        else if (right > 0) {
          const share = (x[i] - curve.x[right - 1]) / (curve.x[right] - curve.x[right - 1]);
          this.put(i, curve.y[right - 1] + share * (curve.y[right] - curve.y[right - 1]));
        }
      }
    }

    /** {x, n, mean, low, high}: the band's edges by kind of spread, NaN below two runs. */
    band(spread) {
      const { x, n } = this;
      const mean = this.mean.map((value, i) => (n[i] ? value : NaN));
      const deviation = this.squares.map((value, i) => {
        if (n[i] < 2) return NaN;
        const std = Math.sqrt(value / (n[i] - 1));
        return spread === 'stderr' ? std / Math.sqrt(n[i]) : std;
      });
      const edge = (ends, sign) =>
        mean.map((value, i) => (spread === 'minmax' ? (n[i] > 1 ? ends[i] : NaN) : value + sign * deviation[i]));
      return { x, n, mean, low: edge(this.low, -1), high: edge(this.high, 1) };
    }

    /** The line of a group: its mean, median, min or max; NaN where no run counts. */
    line(aggregate) {
      if (aggregate === 'median') {
        this.median = this.median || Float64Array.from(this.values, medianOf);
        return this.median;
      }
      const values = { min: this.low, max: this.high }[aggregate] || this.mean;
      return values.map((value, i) => (this.n[i] ? value : NaN));
    }
  }

  function medianOf(values) {
    if (!values.length) return NaN;
    const sorted = Float64Array.from(values).sort();
    const middle = sorted.length >> 1;
    return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** The moments of a group's curves; works in slices, so that the page answers in between. */
  async function momentsOf(curves, options) {
    const risen = curves.map(rising).filter((curve) => curve.x.length);
    const moments = new Moments(positions(risen), options);
    let since = performance.now();
    for (const curve of risen) {
      moments.add(curve);
      if (performance.now() - since > SLICE) {
        await new Promise((go) => setTimeout(go));
        since = performance.now();
      }
    }
    return moments;
  }

  /** Bring the moments of each drawn group up to date; `known` keeps them by the group's path. */
  async function prepare(known, groups, metric, { history, axis: x, whole }) {
    for (const group of groups) {
      const series = group.members.map((run) => [history.get(run, metric), x.metric ? history.get(run, x.metric) : null]);
      const there = series.filter(([found, against]) => found && found.n && (!x.metric || against));
      const basis = `${x.key} ${whole} ${there.length} ${group.members.join()}`;
      const before = known.get(group.run);
      if (before && before.basis === basis) continue;
      const moments = there.length ? await momentsOf(there.map(([found, against]) => gitrack.curve(found, x.key, against)), { whole }) : null;
      known.set(group.run, { basis, moments });
    }
  }

  /** What a panel draws of a group: an entry as a run has one, with its band unless none is wanted. */
  function entry(group, moments, { settings, logX, logY }) {
    const { smooth: strength, smoothing, aggregate, band: spread } = settings;
    const { x, n, low, high } = moments.band(spread);
    const write = (values) => (logY ? values.map(logarithm) : values);
    const middle = moments.line(aggregate);
    const smoothed = (y) => gitrack.smooth({ x, y }, strength, smoothing);
    const line = smoothed(middle);
    const made = {
      run: group,
      curve: { x, y: middle, raw: middle, rising: true },
      smooth: line,
      xs: logX ? x.map(Math.log10) : x,
      ys: write(line),
      raw: write(middle),
      band: { n, spread, aggregate },
    };
    if (spread === 'none') return made;
    const edges = [smoothed(low), smoothed(high)];
    Object.assign(made.band, { values: edges, low: write(edges[0]), high: write(edges[1]), edges: [write(low), write(high)] });
    return made;
  }

  const logarithm = (value) => (value > 0 ? Math.log10(value) : NaN);

  /** The columns of the glyph that draws the bands: a polygon for each stretch without a gap. */
  function patches(entries, floor) {
    const drawn = { xs: [], ys: [], color: [], alpha: [] };
    for (const { run, xs, band } of entries) {
      if (!band) continue;
      const flush = (from, to) => {
        if (to - from < 2) return;
        const low = Array.from(band.low.subarray(from, to), (value) => (Number.isFinite(value) ? value : floor));
        const high = Array.from(band.high.subarray(from, to));
        const x = Array.from(xs.subarray(from, to));
        drawn.xs.push([...x, ...x.slice().reverse()]);
        drawn.ys.push([...high, ...low.reverse()]);
        drawn.color.push(run.hex);
        drawn.alpha.push(0.16);
      };
      let from = 0;
      for (let i = 0; i < xs.length; i += 1) {
        if (Number.isFinite(band.high[i]) && Number.isFinite(xs[i])) continue;
        flush(from, i);
        from = i + 1;
      }
      flush(from, xs.length);
    }
    return drawn;
  }

  /** What a tooltip says beside a group's value: the spread and of how many runs it is. */
  function told({ run, band }, at) {
    const count = `n=${band.n[at]}`;
    if (!band.values) return count;
    const [low, high] = band.values.map((values) => values[at]);
    const { groups, format } = gitrack;
    const mean = (low + high) / 2;
    const found = { n: band.n[at], mean, low, high, std: (high - low) / 2, stderr: (high - low) / 2 };
    const write = (value) => format.number(value, 3);
    const text = groups.spreadText(found, band.spread, write);
    return `${text && band.aggregate !== 'mean' && band.spread !== 'minmax' ? `mean ${write(mean)} ` : ''}${text} ${count}`.trim();
  }

  const SPREADS = new Map([['std', ' ± std'], ['stderr', ' ± stderr'], ['minmax', ', min to max'], ['none', '']]);

  /** What the lines and bands of groups are, in a chart's title row. */
  function about({ aggregate, band }, group) {
    const around = aggregate === 'mean' || band === 'minmax' || band === 'none' ? aggregate : `${aggregate}, band mean`;
    return `${around}${SPREADS.get(band)} over ${group.over}`;
  }

  gitrack.bands = { SPREADS, about, entry, momentsOf, patches, prepare, told };
})(typeof window === 'undefined' ? globalThis : window);
