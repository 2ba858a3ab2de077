// One pointer, all charts: where it stands on one of them, the others show the same x, and the run
// that it is nearest to stands out everywhere.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const REACH = 40; // pixels from a line within which it counts as pointed at

  class Crosshair {
    constructor(charts) {
      this.charts = charts;
      this.tooltip = new gitrack.Tooltip();
      this.frozen = false;
      this.wanted = null;
      this.frame = 0;
    }

    /** Follow the pointer to a pixel of a panel's plot. */
    move(panel, pixel, pixelY, docked) {
      if (this.frozen || !panel.figure || !panel.entries.length) return;
      const at = panel.overlay.toValue(pixel);
      const x = panel.axis.key === '_step' && !panel.logX ? Math.round(at) : at; // there is no half step
      this.wanted = { panel, x, pixelY, docked };
      if (!this.frame) this.frame = requestAnimationFrame(() => this.paint());
    }

    paint() {
      this.frame = 0;
      if (!this.wanted) return;
      const { panel, x, pixelY, docked } = this.wanted;
      const { axis } = panel;
      const value = panel.logX ? 10 ** x : x;
      const short = axis.write(value);
      for (const other of this.charts.panels) {
        if (!other.inSight || !other.figure) continue;
        // A chart with another x axis has no such place.
        if (other.axis.key !== axis.key) other.overlay.clear();
        else other.overlay.cross(other.logX ? Math.log10(value) : value, short);
      }
      const nearest = this.nearest(panel, x, pixelY);
      this.charts.highlight(nearest);
      if (panel.settings.tooltip === 'none') this.tooltip.hide();
      else this.tooltip.show(panel, x, axis.writeLong(value), nearest, docked);
    }

    nearest(panel, x, pixelY) {
      let best = null;
      let distance = REACH;
      for (const entry of panel.entries) {
        if (!gitrack.withinReach(entry, x)) continue;
        const near = gitrack.nearestPoint({ x: entry.xs, rising: entry.curve.rising }, x);
        const apart = Math.abs(panel.overlay.toPixelY(entry.ys[near]) - pixelY);
        if (apart < distance) {
          distance = apart;
          best = entry.run.run;
        }
      }
      return best;
    }

    leave() {
      if (this.frozen) return;
      this.wanted = null;
      for (const panel of this.charts.panels) panel.overlay.clear();
      this.charts.highlight(null);
      this.tooltip.hide();
    }

    /** Hold everything where it is, so that the numbers can be read at leisure and copied. */
    freeze(frozen) {
      if (frozen && !this.wanted) return;
      this.frozen = frozen;
      this.tooltip.freeze(frozen);
      if (!frozen) this.leave();
    }
  }

  gitrack.Crosshair = Crosshair;
})();
