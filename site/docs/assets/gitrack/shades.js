// Numbers as colours: the sequential scale of the tokens, as a canvas takes it.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const STOPS = ['--gt-surface', '--gt-seq-1', '--gt-seq-2', '--gt-seq-3', '--gt-seq-4'];
  const SEEN = 2; // the first stop that a point on the surface is told from it by

  const parts = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

  /**
   * The scale of the scheme that is on: share of [0, 1] → hex. More is further from the
   * background; `points` begins where a small mark can be seen.
   */
  gitrack.shades = function ({ points = false } = {}) {
    const style = getComputedStyle(document.body);
    const stops = STOPS.slice(points ? SEEN : 0).map((name) => parts(style.getPropertyValue(name).trim()));
    return (share) => {
      const at = Math.max(0, Math.min(1, share)) * (stops.length - 1);
      const low = Math.min(stops.length - 2, Math.floor(at));
      const mixed = stops[low].map((value, i) => Math.round(value + (stops[low + 1][i] - value) * (at - low)));
      return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
    };
  };

  /** The scale as CSS, for the legend. */
  gitrack.shades.css = (points) => `linear-gradient(to right, ${STOPS.slice(points ? SEEN : 0).map((name) => `var(${name})`).join(', ')})`;
})();
