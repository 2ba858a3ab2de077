// Hands on a chart: hover, drag to zoom, shift and drag to pan, wheel with Control, two fingers,
// arrow keys on a chart that has the focus.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const SLACK = 4; // pixels that a click may slip

  class Zoom {
    constructor(charts, root) {
      this.charts = charts;
      this.before = []; // zooms to go back to
      this.touches = new Map();
      this.drag = null;
      root.addEventListener('pointerdown', (event) => this.down(event));
      root.addEventListener('pointermove', (event) => this.move(event));
      root.addEventListener('pointerup', (event) => this.up(event));
      root.addEventListener('pointercancel', (event) => this.cancel(event));
      root.addEventListener('pointerout', (event) => {
        const panel = panelOf(event);
        const to = event.relatedTarget;
        if (panel && event.pointerType === 'mouse' && !(to instanceof Node && panel.plot.contains(to))) charts.crosshair.leave();
      });
      root.addEventListener('dblclick', (event) => panelOf(event) && this.back(panelOf(event)));
      root.addEventListener('wheel', (event) => this.wheel(event), { passive: false });
      root.addEventListener('keydown', (event) => this.key(event));
    }

    down(event) {
      const panel = panelOf(event);
      if (!panel || !panel.figure || event.button !== 0) return;
      const at = spot(panel, event);
      if (event.pointerType === 'touch') {
        this.touches.set(event.pointerId, at.x);
        if (this.touches.size === 2) this.pinch = { panel, range: panel.x, from: [...this.touches.values()] };
        else this.charts.crosshair.freeze(false);
        this.charts.crosshair.move(panel, at.x, at.y, true);
        return;
      }
      panel.plot.setPointerCapture(event.pointerId);
      this.drag = { panel, from: at, pan: event.shiftKey, range: panel.x, moved: false };
    }

    move(event) {
      const panel = this.drag ? this.drag.panel : panelOf(event);
      if (!panel || !panel.figure) return;
      const at = spot(panel, event);
      if (event.pointerType === 'touch') {
        if (!this.touches.has(event.pointerId)) return;
        this.touches.set(event.pointerId, at.x);
        if (this.pinch) this.spread();
        else this.charts.crosshair.move(panel, at.x, at.y, true);
        return;
      }
      if (!this.drag) {
        this.charts.crosshair.move(panel, at.x, at.y, false);
        return;
      }
      const { drag } = this;
      if (Math.abs(at.x - drag.from.x) > SLACK) drag.moved = true;
      if (!drag.moved) return;
      if (drag.pan) this.pan(drag, at);
      else panel.overlay.choose([drag.from.x, at.x]);
    }

    up(event) {
      this.touches.delete(event.pointerId);
      if (this.touches.size < 2) this.pinch = null;
      const { drag } = this;
      this.drag = null;
      if (!drag) return;
      drag.panel.overlay.choose(null);
      if (!drag.moved) {
        this.charts.crosshair.freeze(!this.charts.crosshair.frozen);
        return;
      }
      if (drag.pan) return;
      const { overlay } = drag.panel;
      this.to(drag.panel, [overlay.toValue(drag.from.x), overlay.toValue(spot(drag.panel, event).x)].sort((a, b) => a - b));
    }

    cancel(event) {
      this.touches.delete(event.pointerId);
      this.pinch = null;
      if (this.drag) this.drag.panel.overlay.choose(null);
      this.drag = null;
    }

    pan(drag, at) {
      const { frame } = drag.panel.overlay;
      const [from, to] = drag.range;
      const shift = ((drag.from.x - at.x) / frame.width) * (to - from);
      this.to(drag.panel, [from + shift, to + shift], false);
    }

    spread() {
      const { panel, range, from } = this.pinch;
      const now = [...this.touches.values()];
      const { frame } = panel.overlay;
      const factor = Math.abs(from[0] - from[1]) / Math.max(20, Math.abs(now[0] - now[1]));
      const share = ((from[0] + from[1]) / 2 - frame.left) / frame.width;
      const centre = range[0] + share * (range[1] - range[0]);
      this.to(panel, [centre - (centre - range[0]) * factor, centre + (range[1] - centre) * factor], false);
    }

    wheel(event) {
      const panel = panelOf(event);
      if (!panel || !panel.figure || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      const centre = panel.overlay.toValue(spot(panel, event).x);
      const factor = Math.exp(Math.max(-60, Math.min(60, event.deltaY)) * 0.006);
      const [from, to] = panel.x;
      this.to(panel, [centre - (centre - from) * factor, centre + (to - centre) * factor], false);
    }

    key(event) {
      const panel = event.target.panel;
      if (!panel || !panel.figure || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === 'Escape') this.charts.crosshair.freeze(false);
      const steps = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!steps || (panel.large && !event.shiftKey)) return; // in full screen they turn to the next chart
      event.preventDefault();
      const { overlay } = panel;
      const { frame } = overlay;
      const at = overlay.at === null ? frame.left + frame.width / 2 : overlay.toPixel(overlay.at);
      this.charts.crosshair.move(panel, at + (steps * frame.width) / 100, frame.top + frame.height / 2, false);
    }

    /** Show [from, to], on a panel's own terms, on all charts; one with its own x axis goes alone. */
    to(panel, [from, to], remember = true) {
      const { state } = this.charts;
      if (!(to > from)) return;
      this.charts.crosshair.freeze(false);
      const range = panel.logX ? [10 ** from, 10 ** to] : [from, to];
      if (panel.alone) {
        state.setOwn(panel.metric, 'xrange', range);
        return;
      }
      if (remember || !this.before.length) this.before.push(state.zoom);
      state.set({ zoom: range });
    }

    back(panel) {
      this.charts.crosshair.freeze(false);
      if (panel.alone) this.charts.state.setOwn(panel.metric, 'xrange', undefined);
      else this.charts.state.set({ zoom: this.before.pop() || null });
    }
  }

  function panelOf(event) {
    const plot = event.target instanceof Element ? event.target.closest('.gt-plot') : null;
    return plot ? plot.parentNode.panel : null;
  }

  function spot(panel, event) {
    const box = panel.plot.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  gitrack.Zoom = Zoom;
})();
