// The nearest known word to a mistyped one, by the measure of Python's difflib (Ratcliff and
// Obershelp: twice the matched characters over the sum of lengths).
(function (root) {
  'use strict';

  const gitrack = (root.gitrack = root.gitrack || {});

  function longestMatch(a, b, aLow, aHigh, bLow, bHigh) {
    let best = [aLow, bLow, 0];
    let lengths = new Map();
    for (let i = aLow; i < aHigh; i += 1) {
      const next = new Map();
      for (let j = bLow; j < bHigh; j += 1) {
        if (a[i] !== b[j]) continue;
        const length = (lengths.get(j - 1) || 0) + 1;
        next.set(j, length);
        if (length > best[2]) best = [i - length + 1, j - length + 1, length];
      }
      lengths = next;
    }
    return best;
  }

  function matched(a, b, aLow, aHigh, bLow, bHigh) {
    const [i, j, length] = longestMatch(a, b, aLow, aHigh, bLow, bHigh);
    if (!length) return 0;
    return length + matched(a, b, aLow, i, bLow, j) + matched(a, b, i + length, aHigh, j + length, bHigh);
  }

  function ratio(a, b) {
    const all = a.length + b.length;
    return all ? (2 * matched(a, b, 0, a.length, 0, b.length)) / all : 1;
  }

  /** The word of `known` that is most like `word`; of equals the last in order, as difflib has it. */
  gitrack.nearest = function (word, known) {
    let best = null;
    let score = -1;
    for (const candidate of known) {
      const like = ratio(candidate, word);
      if (like > score || (like === score && candidate > best)) {
        best = candidate;
        score = like;
      }
    }
    return best;
  };
})(typeof window === 'undefined' ? globalThis : window);
