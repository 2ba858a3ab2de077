// Every shown run at one x: by value, the nearest bold, runs without a value last with the reason.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const ROWS = 24;

  class Tooltip {
    constructor() {
      this.element = el('div', { class: 'gt-tooltip', hidden: true });
      document.body.append(this.element);
    }

    hide() {
      this.element.hidden = true;
      this.element.classList.remove('gt-tooltip--frozen');
      if (this.element.parentNode !== document.body) document.body.append(this.element);
    }

    freeze(frozen) {
      this.element.classList.toggle('gt-tooltip--frozen', frozen);
    }

    /** Fill and place it: beside the panel, or docked below the plot where fingers are. */
    show(panel, at, label, nearest, docked) {
      const all = read(panel, at);
      const readings = panel.settings.tooltip === 'nearest' ? all.filter(({ run }) => run.run === nearest) : all;
      this.element.replaceChildren(
        el('header', {}, el('span', {}, `${panel.axis.short} `, el('b', {}, label)), el('span', {}, panel.metric)),
        el('ol', {}, ...rowsOf(readings, nearest)),
        el('footer', {}, 'Click to keep this open'),
      );
      this.element.hidden = false;
      this.element.classList.toggle('gt-tooltip--docked', docked);
      if (docked) {
        if (this.element.previousSibling !== panel.plot) panel.plot.after(this.element);
        this.element.style.left = '';
        this.element.style.top = '';
        return;
      }
      if (this.element.parentNode !== document.body) document.body.append(this.element);
      if (panel.large) this.placeOn(panel);
      else this.place(panel.element.getBoundingClientRect());
    }

    /** On a chart that fills the window: in the half where the crosshair is not. */
    placeOn({ plot, overlay }) {
      const box = plot.getBoundingClientRect();
      const { left, top, width } = overlay.frame;
      const isLeft = overlay.at !== null && overlay.toPixel(overlay.at) < left + width / 2;
      const x = isLeft ? box.left + left + width - this.element.offsetWidth - 8 : box.left + left + 8;
      this.element.style.left = `${Math.round(x)}px`;
      this.element.style.top = `${Math.round(box.top + top)}px`;
    }

    place(box) {
      const { offsetWidth: width, offsetHeight: height } = this.element;
      const right = box.right + 8;
      const left = box.left - width - 8;
      let x = right + width <= innerWidth - 4 ? right : left;
      let y = Math.max(4, Math.min(box.top, innerHeight - height - 4));
      if (x < 4) {
        // No room on either side: below the panel, or above it.
        x = Math.max(4, Math.min(box.left, innerWidth - width - 4));
        y = box.bottom + height + 8 <= innerHeight ? box.bottom + 6 : Math.max(4, box.top - height - 6);
      }
      this.element.style.left = `${Math.round(x)}px`;
      this.element.style.top = `${Math.round(y)}px`;
    }
  }

  function read(panel, at) {
    const { axis, logX } = panel;
    const written = (value) => axis.write(logX ? 10 ** value : value);
    const entries = new Map(panel.entries.map((entry) => [entry.run.run, entry]));
    const readings = panel.charts.runs.map((run) => {
      const entry = entries.get(run.run);
      if (!entry) return { run, reason: 'not logged' };
      const { xs } = entry;
      if (!gitrack.withinReach(entry, at)) {
        if (at < xs[0]) return { run, reason: `begins at ${written(xs[0])}` };
        const word = { crashed: 'crashed', failed: 'failed' }[run.state] || 'ends';
        return { run, reason: `${word} at ${written(xs[xs.length - 1])}` };
      }
      const near = gitrack.nearestPoint({ x: xs, rising: entry.curve.rising }, at);
      const value = entry.smooth[near];
      if (Number.isNaN(value)) return { run, reason: gitrack.format.number(entry.curve.raw[near]) };
      return { run, value, spread: entry.band ? gitrack.bands.told(entry, near) : null };
    });
    return readings.sort((a, b) => {
      if ((a.value === undefined) !== (b.value === undefined)) return a.value === undefined ? 1 : -1;
      return a.value === undefined ? 0 : b.value - a.value;
    });
  }

  function rowsOf(readings, nearest) {
    const format = gitrack.format.columnFormat(readings.map((reading) => reading.value));
    const rows = readings.slice(0, ROWS).map(({ run, value, reason, spread }) =>
      el(
        'li',
        { class: [run.run === nearest ? 'gt-nearest' : '', reason ? 'gt-without' : ''].join(' ').trim() || null },
        (run.members ? gitrack.square : gitrack.dot)(reason ? null : run.colour),
        el('span', { class: 'gt-tooltip__name' }, run.name),
        el('span', {}, reason || format(value), spread ? el('span', { class: 'gt-spread' }, ` ${spread}`) : null),
      ),
    );
    if (readings.length > ROWS) rows.push(el('li', { class: 'gt-without' }, `${readings.length - ROWS} more`));
    return rows;
  }

  gitrack.Tooltip = Tooltip;
})();
