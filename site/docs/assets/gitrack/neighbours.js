// The nearest vectors to one of many, in the space in which they were logged.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});

  /**
   * The `count` nearest to vector `of`, nearest first: [{place, distance}]. `kind` is "cosine"
   * (1 − cosine) or "euclidean"; vectors that are not finite, or of no length, are nobody's.
   */
  gitrack.nearestVectors = function (values, dimensions, of, count, kind) {
    const total = values.length / dimensions;
    const lengths = (place) => {
      let sum = 0;
      for (let i = 0; i < dimensions; i += 1) sum += values[place * dimensions + i] ** 2;
      return Math.sqrt(sum);
    };
    const own = kind === 'cosine' ? lengths(of) : 0;
    const found = [];
    for (let place = 0; place < total; place += 1) {
      if (place === of) continue;
      let sum = 0;
      for (let i = 0; i < dimensions; i += 1) {
        const a = values[of * dimensions + i];
        const b = values[place * dimensions + i];
        sum += kind === 'cosine' ? a * b : (a - b) ** 2;
      }
      const distance = kind === 'cosine' ? 1 - sum / (own * lengths(place)) : Math.sqrt(sum);
      if (Number.isFinite(distance)) found.push({ place, distance });
    }
    return found.sort((a, b) => a.distance - b.distance || a.place - b.place).slice(0, count);
  };
})();
