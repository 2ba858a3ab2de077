// Ranges and ticks: what part of the values an axis shows, and where it is labelled. An axis may
// be logarithmic; then everything but the labels is in powers of ten.
(function (root) {
  'use strict';

  const gitrack = (root.gitrack = root.gitrack || {});
  const SAMPLE = 20000; // values that a percentile is read from
  const MINUTE = 60;
  const HOUR = 3600;
  const DAY = 86400;
  const SPANS = [1, 2, 5, 10, 15, 30, MINUTE, 120, 300, 600, 900, 1800, HOUR, 7200, 10800, 21600, 43200, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 28 * DAY];

  function niceStep(span, count) {
    const rough = span / count;
    const power = 10 ** Math.floor(Math.log10(rough));
    const share = rough / power;
    return power * (share < 1.5 ? 1 : share < 3.5 ? 2 : share < 7.5 ? 5 : 10);
  }

  function multiples(low, high, step, offset = 0) {
    const ticks = [];
    for (let i = Math.ceil((low - offset) / step - 1e-9); i * step + offset <= high + step * 1e-9; i += 1) {
      ticks.push(Number((i * step + offset).toPrecision(12)));
    }
    return ticks;
  }

  function linearTicks(low, high, count) {
    const step = niceStep(high - low, count);
    const most = Math.max(Math.abs(low), Math.abs(high));
    return multiples(low, high, step).map((at) => ({ at, label: gitrack.format.tick(at, step, most) }));
  }

  function logTicks(low, high, count) {
    const decades = high - low;
    const label = (value) => gitrack.format.tick(value, value < 1 ? value : 1);
    if (decades < 0.4) {
      // Less than half a decade: evenly spaced numbers, put where their logarithm is.
      return linearTicks(10 ** low, 10 ** high, count)
        .filter((tick) => tick.at > 0)
        .map((tick) => ({ at: Math.log10(tick.at), label: tick.label }));
    }
    const parts = decades <= 1.2 ? [1, 2, 5] : decades <= 2.2 ? [1, 3] : [1];
    const every = Math.max(1, Math.ceil(decades / (count + 1)));
    const ticks = [];
    for (let power = Math.floor(low); power <= Math.ceil(high); power += 1) {
      if (parts.length === 1 && power % every) continue;
      for (const part of parts) {
        const at = power + Math.log10(part);
        if (at >= low - 1e-9 && at <= high + 1e-9) ticks.push({ at, label: label(Number((part * 10 ** power).toPrecision(6))) });
      }
    }
    return ticks;
  }

  function spanLabel(seconds, step) {
    if (!seconds) return '0';
    if (step >= DAY) return `${Math.round(seconds / DAY)}d`;
    if (step >= HOUR) return `${Math.round(seconds / HOUR)}h`;
    if (step >= MINUTE) {
      const hours = Math.floor(seconds / HOUR);
      const minutes = Math.round((seconds % HOUR) / MINUTE);
      return hours ? `${hours}h${minutes ? ` ${minutes}m` : ''}` : `${minutes}m`;
    }
    return `${gitrack.format.number(seconds, 4)}s`;
  }

  function stepOf(span, count) {
    return SPANS.find((step) => span / step <= count + 0.5) || niceStep(span / DAY, count) * DAY;
  }

  function spanTicks(low, high, count) {
    if (high - low < 4) return linearTicks(low, high, count).map((tick) => ({ at: tick.at, label: tick.at ? `${tick.label}s` : '0' }));
    const step = stepOf(high - low, count);
    return multiples(low, high, step).map((at) => ({ at, label: spanLabel(at, step) }));
  }

  function momentTicks(low, high, count) {
    const step = Math.max(1, stepOf(high - low, count));
    const zone = -new Date(low * 1000).getTimezoneOffset() * MINUTE; // days begin at local midnight
    const two = (part) => String(part).padStart(2, '0');
    return multiples(low, high, step, -zone).map((at) => {
      const moment = new Date(at * 1000);
      const day = gitrack.format.date(at).replace(/ \d+$/, '');
      const clock = `${two(moment.getHours())}:${two(moment.getMinutes())}`;
      const midnight = !moment.getHours() && !moment.getMinutes();
      return { at, label: step >= DAY || midnight ? day : step < MINUTE ? `${clock}:${two(moment.getSeconds())}` : clock };
    });
  }

  /** Ticks for an axis: kind "number", "span" or "moment"; log only for numbers and spans. */
  function ticks(low, high, { kind = 'number', log = false, count = 4 }) {
    if (!(high > low)) return [];
    if (log) return logTicks(low, high, count);
    if (kind === 'span') return spanTicks(low, high, count);
    return kind === 'moment' ? momentTicks(low, high, count) : linearTicks(low, high, count);
  }

  /** The smallest and the largest finite value; [Infinity, -Infinity] without one. */
  function extent(arrays) {
    let low = Infinity;
    let high = -Infinity;
    for (const values of arrays) {
      for (const value of values) {
        if (value < low && value !== -Infinity) low = value;
        if (value > high && value !== Infinity) high = value;
      }
    }
    return [low, high];
  }

  function widened(low, high, share) {
    if (high > low) return [low - (high - low) * share, high + (high - low) * share];
    const room = Math.abs(low) * 0.1 || 1;
    return [low - room, high + room];
  }

  /**
   * The y range of a chart: without the first 5 % of the x range and without the share `outliers`
   * of the values on either side, unless leaving them out would gain little; the full range with a
   * share of 0. `curves` are {x, y} within the x range [from, to]; returns {low, high, cut}, null
   * without a value.
   */
  function valueRange(curves, from, to, outliers) {
    const start = from + (to - from) * 0.05;
    let low = Infinity;
    let high = -Infinity;
    let total = 0;
    for (const { x, y } of curves) {
      total += y.length;
      for (let i = 0; i < y.length; i += 1) {
        if (!(x[i] >= from && x[i] <= to) || Number.isNaN(y[i])) continue;
        if (y[i] < low) low = y[i];
        if (y[i] > high) high = y[i];
      }
    }
    if (low > high) return null;
    const all = widened(low, high, 0.06);
    if (!outliers) return { low: all[0], high: all[1], cut: false };
    const stride = Math.max(1, Math.floor(total / SAMPLE));
    const kept = [];
    for (const { x, y } of curves) {
      for (let i = 0; i < y.length; i += stride) {
        if (x[i] >= start && x[i] <= to && !Number.isNaN(y[i])) kept.push(y[i]);
      }
    }
    if (kept.length < 20) return { low: all[0], high: all[1], cut: false };
    const sorted = Float64Array.from(kept).sort();
    const inner = [sorted[Math.floor(sorted.length * outliers)], sorted[Math.ceil(sorted.length * (1 - outliers)) - 1]];
    if (high - low <= 1.4 * (inner[1] - inner[0]) || inner[0] === inner[1]) return { low: all[0], high: all[1], cut: false };
    const room = (inner[1] - inner[0]) * 0.08;
    const cutLow = Math.max(inner[0] - room, all[0]);
    const cutHigh = Math.min(inner[1] + room, all[1]);
    return { low: cutLow, high: cutHigh, cut: low < cutLow || high > cutHigh };
  }

  gitrack.scale = { extent, ticks, valueRange, widened };
})(typeof window === 'undefined' ? globalThis : window);
