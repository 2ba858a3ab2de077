// Up to six names at the ends of their lines, beside the frame.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const MOST = 6;
  const WIDEST = 96; // px
  const HEIGHT = 14;

  class LineNames {
    constructor(panel) {
      this.panel = panel;
      this.element = el('div', { class: 'gt-linenames', 'aria-hidden': 'true' });
      panel.plot.append(this.element);
      new ResizeObserver(() => this.later()).observe(panel.plot);
    }

    /** Name these entries' lines; too many of them are told by the table alone. */
    show(entries) {
      this.entries = entries.length <= MOST ? entries : [];
      this.element.replaceChildren(...this.entries.map(({ run }) => el('span', { title: run.name }, run.name)));
      const widest = Math.max(0, ...[...this.element.children].map((name) => Math.min(WIDEST, name.scrollWidth)));
      this.panel.figure.right = widest ? widest + 10 : null;
      this.later();
    }

    /** The frame has its new size after Bokeh has laid it out. */
    later() {
      requestAnimationFrame(() => requestAnimationFrame(() => this.place()));
    }

    place() {
      const { overlay, figure } = this.panel;
      if (!figure || !this.entries || !this.entries.length) return;
      const { left, width, top, height } = figure.frame;
      const names = [...this.element.children].map((name, i) => ({ name, y: this.heightOf(this.entries[i], overlay) }));
      names.sort((a, b) => a.y - b.y);
      let floor = top;
      for (const one of names) {
        one.y = Math.max(floor, Math.min(one.y, top + height) - HEIGHT / 2);
        floor = one.y + HEIGHT;
      }
      // What was pushed below the frame goes up again, and pushes.
      let roof = top + height;
      for (const one of names.reverse()) {
        one.y = Math.min(one.y, roof - HEIGHT);
        roof = one.y;
        one.name.style.left = `${left + width + 6}px`;
        one.name.style.top = `${one.y}px`;
      }
    }

    /** Where a line ends within what is zoomed to, px. */
    heightOf({ xs, ys }, overlay) {
      let end = xs.length - 1;
      while (end > 0 && (xs[end] > this.panel.x[1] || !Number.isFinite(ys[end]))) end -= 1;
      const y = overlay.toPixelY(ys[end]);
      return Number.isFinite(y) ? y : overlay.frame.top;
    }
  }

  gitrack.LineNames = LineNames;
})();
