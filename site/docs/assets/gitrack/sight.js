// When to draw what is heavy: once it comes into sight, and again when its size or the scheme changes.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const AHEAD = '300px'; // how far outside of the window something is drawn already

  /** Call `draw` when the element comes into sight for the first time, or so far from it. */
  function once(element, draw, ahead = AHEAD) {
    const seen = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        seen.disconnect();
        draw();
      },
      { rootMargin: ahead },
    );
    seen.observe(element);
  }

  /** Make a function that calls `draw` in the next frame, once however often it is called. */
  function framed(draw) {
    let frame = 0;
    return () => {
      if (frame) return;
      frame = requestAnimationFrame(() => {
        frame = 0;
        draw();
      });
    };
  }

  /** Call `draw` after the page's colours have changed. */
  function recoloured(draw) {
    new MutationObserver(framed(draw)).observe(document.body, { attributes: true, attributeFilter: ['data-md-color-scheme'] });
  }

  /** Call `draw` after the element's size has changed. */
  function resized(element, draw) {
    new ResizeObserver(framed(draw)).observe(element);
  }

  gitrack.sight = { once, recoloured, resized };
})();
