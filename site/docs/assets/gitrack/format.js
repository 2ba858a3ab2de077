// Numbers, spans of time and ages as people read them; the minus sign is U+2212 throughout.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const MINUS = '−';
  const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

  const whole = new Intl.NumberFormat('en-US'); // toLocaleString makes one anew a call

  const minus = (text) => text.replace('-', MINUS);

  function special(value) {
    if (Number.isNaN(value)) return 'NaN';
    return value > 0 ? '∞' : `${MINUS}∞`;
  }

  function exponential(value, digits) {
    return minus(value.toExponential(digits).replace(/\.?0+e/, 'e').replace('e+', 'e'));
  }

  /** Up to `digits` significant digits, without a tail of zeros. */
  function number(value, digits = 4) {
    if (!Number.isFinite(value)) return special(value);
    const size = Math.abs(value);
    if (size !== 0 && (size < 1e-3 || size >= 1e7)) return exponential(value, digits - 1);
    if (Number.isInteger(value)) return minus(whole.format(value));
    const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
    return minus(String(Number(value.toFixed(Math.min(decimals, 12)))));
  }

  /**
   * Find the one way to write a column of numbers: as many decimals as tell its values apart.
   * Small integers stay as they are; a column of magnitudes (1e-4 … 1e-2) is written each by itself.
   */
  function columnFormat(values) {
    const finite = values.filter((value) => typeof value === 'number' && Number.isFinite(value));
    if (!finite.length || finite.every(Number.isInteger)) return (value) => number(value, 6);
    let low = Infinity;
    let high = 0;
    for (const value of finite) {
      const size = Math.abs(value);
      high = Math.max(high, size);
      if (size) low = Math.min(low, size);
    }
    const distinct = new Set(finite);
    if (high >= 1e6 || high < 1e-3 || (distinct.size < 30 && high / low > 1e3)) return (value) => number(value);
    const decimals = Math.max(0, 3 - Math.floor(Math.log10(high)));
    return (value) => fixed(value, Math.min(decimals, 4));
  }

  function fixed(value, decimals) {
    if (!Number.isFinite(value)) return special(value);
    if (value !== 0 && Math.abs(value) < 10 ** -decimals / 2) return exponential(value, 1);
    return minus(value.toFixed(decimals));
  }

  /** The shortest true way to write a setting: 3e-4 rather than 0.0003. */
  function short(value) {
    if (!Number.isFinite(value)) return special(value);
    const plain = String(Number(value.toPrecision(6)));
    const power = value.toExponential().replace('e+', 'e');
    return minus(power.length < plain.length ? power : plain);
  }

  /**
   * The label of a tick: 10k rather than 10000, decimals as the step between ticks needs; `most`
   * is the largest size on the axis, so that all its labels have one unit.
   */
  function tick(value, step, most = Math.abs(value)) {
    const size = Math.abs(value);
    if (size < step * 1e-9) return '0';
    for (const [limit, unit, suffix] of [[1e9, 1e9, 'G'], [1e6, 1e6, 'M'], [1e4, 1e3, 'k']]) {
      if (most >= limit) return minus(String(Number((value / unit).toPrecision(6)))) + suffix;
    }
    if (size < 1e-3 || (step && step < 1e-4)) return exponential(value, 2);
    const decimals = step ? Math.max(0, Math.ceil(-Math.log10(step) - 1e-6)) : 0;
    return minus(value.toFixed(Math.min(decimals, 6)));
  }

  function duration(seconds) {
    if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return '–';
    if (seconds < 60) return `${seconds < 10 ? Number(seconds.toFixed(1)) : Math.round(seconds)}s`;
    const minutes = Math.floor(seconds / 60);
    if (minutes < 60) return `${minutes}m ${String(Math.floor(seconds % 60)).padStart(2, '0')}s`;
    const hours = Math.floor(minutes / 60);
    if (hours < 48) return `${hours}h ${String(minutes % 60).padStart(2, '0')}m`;
    return `${Math.floor(hours / 24)}d ${hours % 24}h`;
  }

  function age(epoch) {
    const seconds = Date.now() / 1000 - epoch;
    if (seconds < 90) return 'just now';
    if (seconds < 5400) return `${Math.round(seconds / 60)} min ago`;
    if (seconds < 86400 * 1.5) return `${Math.round(seconds / 3600)} h ago`;
    if (seconds < 86400 * 30) return `${Math.round(seconds / 86400)} days ago`;
    return date(epoch);
  }

  function date(epoch) {
    const moment = new Date(epoch * 1000);
    return `${moment.getDate()} ${MONTHS[moment.getMonth()]} ${moment.getFullYear()}`;
  }

  function moment(epoch) {
    const at = new Date(epoch * 1000);
    const two = (part) => String(part).padStart(2, '0');
    return `${date(epoch)}, ${two(at.getHours())}:${two(at.getMinutes())}`;
  }

  function bytes(size) {
    const units = ['B', 'KB', 'MB', 'GB', 'TB'];
    const power = size < 1000 ? 0 : Math.min(Math.floor(Math.log10(size) / 3), units.length - 1);
    return `${Number((size / 1000 ** power).toPrecision(3))} ${units[power]}`;
  }

  function signed(value, write) {
    const text = (write || number)(Math.abs(value));
    return `${value > 0 ? '+' : value < 0 ? MINUS : '±'}${text}`;
  }

  function plural(count, noun) {
    return `${whole.format(count)} ${noun}${count === 1 ? '' : 's'}`;
  }

  gitrack.format = { age, bytes, columnFormat, date, duration, moment, number, plural, short, signed, tick };
})();
