// What lies over a chart and moves with the pointer: crosshair, x label, the line that is pointed
// at over its halo, and the span being chosen. SVG and HTML, so that Bokeh need not paint for it.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el, svg } = gitrack;

  class Overlay {
    constructor(panel) {
      this.panel = panel;
      this.line = svg('line', { class: 'gt-cross' });
      this.halo = svg('path', { class: 'gt-halo' });
      this.focus = svg('path', { class: 'gt-focus' });
      this.point = svg('circle', { class: 'gt-point', r: 3.5 });
      this.span = svg('rect', { class: 'gt-span' });
      this.lines = svg('svg', { class: 'gt-lines' }, this.halo, this.focus);
      this.layer = svg('svg', { class: 'gt-overlay', 'aria-hidden': 'true' }, this.span, this.lines, this.line, this.point);
      this.label = el('span', { class: 'gt-xlabel', 'aria-hidden': 'true' });
      panel.plot.append(this.layer, this.label);
      this.run = null;
      this.clear();
    }

    get frame() {
      return this.panel.figure ? this.panel.figure.frame : null;
    }

    toPixel(x) {
      const { frame } = this;
      const [from, to] = this.panel.x;
      return frame.left + ((x - from) / (to - from)) * frame.width;
    }

    toPixelY(y) {
      const { frame } = this;
      const [low, high] = this.panel.y;
      return frame.top + (1 - (y - low) / (high - low)) * frame.height;
    }

    /** The x value under a pixel of the plot, held within the frame. */
    toValue(pixel) {
      const { frame } = this;
      const [from, to] = this.panel.x;
      const share = Math.min(1, Math.max(0, (pixel - frame.left) / frame.width));
      return from + share * (to - from);
    }

    clear() {
      this.line.style.display = 'none';
      this.point.style.display = 'none';
      this.label.hidden = true;
      this.at = null;
    }

    /** Put the crosshair at `x`, in the axis' own terms. */
    cross(x, text) {
      const { frame } = this;
      const [from, to] = this.panel.x;
      const slack = (to - from) * 0.005; // a rounded step may lie a hair outside
      if (!frame || !(x >= from - slack && x <= to + slack)) {
        this.clear();
        return;
      }
      this.at = x;
      this.text = text;
      const pixel = Math.round(this.toPixel(x)) + 0.5;
      this.line.style.display = '';
      this.line.setAttribute('x1', pixel);
      this.line.setAttribute('x2', pixel);
      this.line.setAttribute('y1', frame.top);
      this.line.setAttribute('y2', frame.top + frame.height);
      this.label.hidden = false;
      this.label.textContent = text;
      this.label.style.top = `${frame.top + frame.height + 2}px`;
      const half = this.label.offsetWidth / 2;
      const right = this.panel.plot.clientWidth - half - 2;
      this.label.style.left = `${Math.max(half + 2, Math.min(right, pixel))}px`;
      this.mark();
    }

    /** Thicken one run's line here; null for none. */
    highlight(run) {
      this.run = run;
      const entry = run === null ? null : this.panel.entries.find((one) => one.run.run === run);
      const { frame } = this;
      if (!entry || !frame) {
        this.halo.removeAttribute('d');
        this.focus.removeAttribute('d');
        this.point.style.display = 'none';
        return;
      }
      for (const [name, value] of [['x', frame.left], ['y', frame.top], ['width', frame.width], ['height', frame.height]]) {
        this.lines.setAttribute(name, value);
      }
      const d = this.path(entry, frame);
      this.halo.setAttribute('d', d);
      this.focus.setAttribute('d', d);
      this.focus.style.stroke = entry.run.colour;
      this.focus.style.strokeDasharray = entry.run.dash.join(' ');
      this.point.style.fill = entry.run.colour;
      this.mark();
    }

    path(entry, frame) {
      const [from, to] = this.panel.x;
      const [low, high] = this.panel.y;
      const scaleX = frame.width / (to - from);
      const scaleY = frame.height / (high - low);
      let d = '';
      let pen = false;
      for (let i = 0; i < entry.xs.length; i += 1) {
        const x = (entry.xs[i] - from) * scaleX;
        const y = (high - entry.ys[i]) * scaleY;
        if (Number.isFinite(x) && Number.isFinite(y)) {
          d += `${pen ? 'L' : 'M'}${x.toFixed(1)} ${Math.max(-1e4, Math.min(1e4, y)).toFixed(1)}`;
          pen = true;
        } else pen = false;
      }
      return d;
    }

    mark() {
      const entry = this.at === null ? null : this.panel.entries.find((one) => one.run.run === this.run);
      const near = entry ? gitrack.nearestPoint({ x: entry.xs, rising: entry.curve.rising }, this.at) : -1;
      const y = near >= 0 ? this.toPixelY(entry.ys[near]) : NaN;
      const { frame } = this;
      const inside = frame && y >= frame.top - 1 && y <= frame.top + frame.height + 1;
      this.point.style.display = inside && withinReach(entry, this.at) ? '' : 'none';
      if (!inside) return;
      this.point.setAttribute('cx', this.toPixel(entry.xs[near]));
      this.point.setAttribute('cy', y);
    }

    /** Shade the span between two pixels; null for none. */
    choose(pixels) {
      const { frame } = this;
      this.span.style.display = pixels && frame ? '' : 'none';
      if (!pixels || !frame) return;
      const ends = pixels.map((pixel) => Math.min(frame.left + frame.width, Math.max(frame.left, pixel)));
      this.span.setAttribute('x', Math.min(...ends));
      this.span.setAttribute('width', Math.abs(ends[1] - ends[0]));
      this.span.setAttribute('y', frame.top);
      this.span.setAttribute('height', frame.height);
    }

    /** After the figure changed below it. */
    refresh() {
      if (this.run !== null) this.highlight(this.run);
      if (this.at !== null) this.cross(this.at, this.text);
    }
  }

  /** Whether a run has something to say at x: not before its first point, not after its last. */
  function withinReach(entry, x) {
    const { xs } = entry;
    if (!entry.curve.rising || xs.length < 2) return xs.length > 0;
    const spacing = (xs[xs.length - 1] - xs[0]) / (xs.length - 1);
    return x >= xs[0] - spacing && x <= xs[xs.length - 1] + spacing;
  }

  gitrack.Overlay = Overlay;
  gitrack.withinReach = withinReach;
})();
