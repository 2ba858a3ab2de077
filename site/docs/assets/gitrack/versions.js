// Versions of packages as Python orders them: 1.10 after 1.9, 2.0rc1 before 2.0, post releases after.
(function (root) {
  'use strict';

  const gitrack = (root.gitrack = root.gitrack || {});
  const VERSION = /^v?(?:(\d+)!)?(\d+(?:\.\d+)*)[-_.]?(?:(a|alpha|b|beta|c|rc|pre|preview)[-_.]?(\d*))?(?:[-_.]?(?:post|rev|r)[-_.]?(\d*)|-(\d+))?(?:[-_.]?(dev)[-_.]?(\d*))?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/;
  const PHASES = { a: 0, alpha: 0, b: 1, beta: 1, c: 2, rc: 2, pre: 2, preview: 2 };
  const [EARLIEST, LATEST] = [-1, 3];

  /** A version as lists that compare one after the other; null for what is none. */
  function parse(text) {
    const found = VERSION.exec(text.trim().toLowerCase());
    if (!found) return null;
    const [, epoch, release, phase, phaseNumber, post, plainPost, dev, devNumber, local] = found;
    const isPost = post !== undefined || plainPost !== undefined;
    const numbers = release.split('.').map(Number);
    while (numbers.length > 1 && numbers[numbers.length - 1] === 0) numbers.pop();
    // A development release comes before all else of its release; what has no phase is final.
    const stage = phase ? PHASES[phase] : dev && !isPost ? EARLIEST : LATEST;
    const rest = [stage, Number(phaseNumber || 0), isPost ? Number(post || plainPost || 0) : -1, dev ? Number(devNumber || 0) : Infinity];
    return { numbers: [Number(epoch || 0), ...numbers], rest, local: local ? local.split(/[-_.]/) : [] };
  }

  function compareLists(a, b, missing) {
    for (let i = 0; i < Math.max(a.length, b.length); i += 1) {
      const x = i < a.length ? a[i] : missing;
      const y = i < b.length ? b[i] : missing;
      if (x !== y) return x < y ? -1 : 1;
    }
    return 0;
  }

  function compareLocal(a, b) {
    for (let i = 0; i < Math.min(a.length, b.length); i += 1) {
      const [x, y] = [a[i], b[i]];
      const numbers = [/^\d+$/.test(x), /^\d+$/.test(y)];
      if (numbers[0] !== numbers[1]) return numbers[0] ? 1 : -1; // a number is later than a word
      const order = numbers[0] ? Number(x) - Number(y) : x < y ? -1 : x > y ? 1 : 0;
      if (order) return Math.sign(order);
    }
    return Math.sign(a.length - b.length);
  }

  /** Order two versions: -1, 0 or 1; null where one of them is none. */
  gitrack.compareVersions = function (a, b) {
    const [x, y] = [parse(a), parse(b)];
    if (!x || !y) return null;
    return compareLists(x.numbers, y.numbers, 0) || compareLists(x.rest, y.rest, 0) || compareLocal(x.local, y.local);
  };

  /** The packages of a requirements.txt: a Map of name to version, or to where it came from. */
  gitrack.packagesOf = function (lines) {
    const found = new Map();
    for (const line of lines) {
      const plain = /^(#\s*)?([A-Za-z0-9][\w.-]*)\s*==\s*(\S+)(.*)$/.exec(line.trim());
      const from = /^([A-Za-z0-9][\w.-]*)\s*@\s*(.+)$/.exec(line.trim());
      if (plain) found.set(plain[2], plain[3] + (plain[1] ? ' (local)' : ''));
      else if (from) found.set(from[1], from[2]);
    }
    return found;
  };
})(typeof window === 'undefined' ? globalThis : window);
