// Numbers as colours: the sequential scale of the tokens, as a canvas takes it.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const STOPS = ['--gt-surface', '--gt-seq-1', '--gt-seq-2', '--gt-seq-3', '--gt-seq-4'];
  const SEEN = 2; // the first stop that a point on the surface is told from it by

  /**
   * The scale of the scheme that is on: share of [0, 1] → hex. More is further from the
   * background; `points` begins where a small mark can be seen.
   */
  gitrack.shades = function ({ points = false } = {}) {
    const style = getComputedStyle(document.body);
    return gitrack.marks.colourScale(STOPS.slice(points ? SEEN : 0).map((name) => style.getPropertyValue(name).trim()));
  };

  /** The scale as CSS, for the legend. */
  gitrack.shades.css = (points) => `linear-gradient(to right, ${STOPS.slice(points ? SEEN : 0).map((name) => `var(${name})`).join(', ')})`;
})();
