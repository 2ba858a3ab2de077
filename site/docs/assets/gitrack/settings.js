// How a chart is drawn, in the words of a panel's description: what each word may say, what it says
// where nobody chose, and how it stands in an address.
(function (root) {
  'use strict';

  const gitrack = (root.gitrack = root.gitrack || {});

  const plain = { read: (text) => text || undefined, write: String };
  const among = (...words) => ({ words, read: (text) => (words.includes(text) ? text : undefined), write: String });
  const number = (low, high) => ({
    read(text) {
      const value = text.trim() ? Number(text) : NaN;
      return Number.isFinite(value) ? Math.min(high, Math.max(low, value)) : undefined;
    },
    write: String,
  });
  const end = (text) => (text.trim() ? Number(text) : null);

  /** [low, high], either of them null for an end that the data gives. */
  const ends = {
    read(text) {
      const found = text.split('~').map(end);
      const wrong = found.length !== 2 || found.some((one) => one !== null && !Number.isFinite(one));
      if (wrong || (found[0] === null && found[1] === null)) return undefined;
      return found[0] !== null && found[1] !== null && found[0] >= found[1] ? undefined : found;
    },
    write: (value) => (Array.isArray(value) ? value : [value]).map((one) => (one === null ? '' : Number(Number(one).toPrecision(10)))).join('~'),
  };

  const WORDS = {
    x: plain, // _step, _runtime, _timestamp or a metric
    smooth: number(0, 0.99),
    smoothing: among('time', 'points', 'mean', 'gauss'),
    log: among('none', 'x', 'y', 'xy'),
    xrange: ends,
    range: ends, // of y
    outliers: number(0, 0.25), // the share on either side that the y axis leaves out
    aggregate: among('mean', 'median', 'min', 'max'), // of a group
    band: among('std', 'stderr', 'minmax', 'none'), // around a group's line
    tooltip: among('all', 'nearest', 'none'),
    legend: among('auto', 'names', 'none'), // names at the ends of the lines; auto: of groups
  };

  const DEFAULTS = Object.freeze({
    x: '_step',
    smooth: 0,
    smoothing: 'time',
    log: 'none',
    xrange: null,
    range: null,
    outliers: 0.01,
    aggregate: 'mean',
    band: 'std',
    tooltip: 'all',
    legend: 'auto',
  });

  /** The words of any object that are known and make sense, as an object of their own. */
  function checked(wanted) {
    const found = {};
    for (const [word, kind] of Object.entries(WORDS)) {
      if (!Object.hasOwn(wanted, word) || wanted[word] === null || wanted[word] === undefined) continue;
      const value = kind.read(kind.write(wanted[word]));
      if (value !== undefined) found[word] = value;
    }
    return found;
  }

  const escaped = (text) => text.replace(/[%;]/g, encodeURIComponent);

  /** A chart's own settings in an address: `val/loss;smooth:0.6;log:y`. */
  function write(name, own) {
    return [escaped(name), ...Object.keys(own).map((word) => `${word}:${escaped(WORDS[word].write(own[word]))}`)].join(';');
  }

  /** [name, settings] of what `write` wrote; null of what nobody can read. */
  function read(text) {
    try {
      const [name, ...parts] = text.split(';').map(decodeURIComponent);
      const wanted = Object.fromEntries(parts.map((part) => [part.slice(0, part.indexOf(':')), part.slice(part.indexOf(':') + 1)]));
      const own = {};
      for (const [word, kind] of Object.entries(WORDS)) {
        const value = Object.hasOwn(wanted, word) ? kind.read(wanted[word]) : undefined;
        if (value !== undefined) own[word] = value;
      }
      return name && Object.keys(own).length ? [name, own] : null;
    } catch {
      return null;
    }
  }

  gitrack.settings = { DEFAULTS, WORDS, checked, read, write };
})(typeof window === 'undefined' ? globalThis : window);
