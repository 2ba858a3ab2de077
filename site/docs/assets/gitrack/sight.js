// When to draw what is heavy: once it comes into sight, and again when its size or the scheme changes.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const AHEAD = '300px'; // how far outside of the window something is drawn already

  /** Call `draw` when the element comes into sight for the first time. */
  function once(element, draw) {
    const seen = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        seen.disconnect();
        draw();
      },
      { rootMargin: AHEAD },
    );
    seen.observe(element);
  }

  /** Call `draw` in the next frame after the element's size or the page's colours have changed. */
  function redraw(element, draw) {
    let frame = 0;
    const later = () => {
      if (frame) return;
      frame = requestAnimationFrame(() => {
        frame = 0;
        draw();
      });
    };
    new ResizeObserver(later).observe(element);
    new MutationObserver(later).observe(document.body, { attributes: true, attributeFilter: ['data-md-color-scheme'] });
  }

  gitrack.sight = { once, redraw };
})();
