// Parallel coordinates: a line a run through its values; a stretch chosen on an axis filters the
// run table by the search line, where it can be read, changed and taken away again.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el, svg } = gitrack;
  const MOST = 2000; // lines
  const DECADES = 100; // largest over smallest from which on a setting is drawn by its logarithm
  const NEAR = 14; // pixels beside an axis that belong to it
  const MISSING = -0.08; // where a line passes whose run has no value

  /** One axis: {column, low, high, at: run → 0 … 1 or NaN, label: share → text}. */
  function axisOf(column, runs) {
    const values = column.numeric ? runs.map((run) => column.values[run]).filter((value) => typeof value === 'number' && Number.isFinite(value)) : [];
    const [least, most] = gitrack.scale.extent([values]);
    const log = column.key.startsWith('config.') && least > 0 && most / least >= DECADES;
    const axis = gitrack.panelAxis.ofColumn(column, runs, { log });
    const [low, high] = column.numeric ? gitrack.panelAxis.ends(runs.map(axis.at), { log, room: 0 }) : [0, Math.max(axis.labels.length - 1, 1)];
    const value = (share) => low + share * (high - low);
    return { column, log, low, high, labels: axis.labels, at: (run) => (axis.at(run) - low) / (high - low), text: (share) => (!column.numeric ? gitrack.panelAxis.shorten(axis.write(value(share))) : column.source ? gitrack.format.number(log ? 10 ** value(share) : value(share), 3) : axis.write(value(share))), plain: (share) => (log ? 10 ** value(share) : value(share)) };
  }

  class ParallelView extends gitrack.PlotView {
    constructor(tile) {
      super(tile);
      this.heads = el('div', { class: 'gt-parallel__heads' });
      this.brushes = svg('g', {});
      this.layer.prepend(this.brushes);
      this.element.append(this.heads);
    }

    async update(spec) {
      const { context } = this;
      const columns = spec.columns.map((name) => context.column(name));
      const every = context.everyRun(spec);
      const listed = context.runs(spec);
      if (!every.length) throw new gitrack.PanelError('No run matches its own search line.');
      this.axes = columns.map((column) => axisOf(column, every));
      const kept = gitrack.statistics.sample(listed.length, MOST).map((i) => listed[i]);
      const inside = new Set(listed);
      const others = every.filter((run) => !inside.has(run));
      const paint = spec.color ? this.paint(context.column(spec.color), every) : () => null;
      const marks = new gitrack.Marks();
      this.paths = new Map();
      const draw = (run, look) => {
        const ys = this.axes.map((axis) => (Number.isNaN(axis.at(run)) ? MISSING : axis.at(run)));
        marks.line(this.axes.map((_, i) => i), ys, look);
        this.paths.set(run, ys);
      };
      for (const i of gitrack.statistics.sample(others.length, MOST)) draw(others[i], { color: 'var(--gt-grid)', width: 1 });
      const order = [...kept.filter((run) => !context.colour(run)), ...kept.filter((run) => context.colour(run))];
      for (const run of order) {
        const colour = paint(run) || context.colour(run);
        draw(run, { color: colour || 'var(--gt-ctl)', width: context.colour(run) ? 1.75 : 1, alpha: colour ? 0.95 : 0.45 });
      }
      this.axes.forEach((_, i) => marks.line([i, i], [0, 1], { color: 'var(--gt-line2)', width: 1 }));
      this.listed = order;
      const x = gitrack.panelAxis.numbers(-0.25, columns.length - 0.75);
      const y = gitrack.panelAxis.numbers(-0.14, 1.17); // room for the heads
      x.ticks = () => this.axes.map((axis, i) => ({ at: i, label: axis.text(0) }));
      y.ticks = () => [];
      await this.show({ x, y, marks, hits: [] });
      this.label();
      this.mark();
      const missing = kept.some((run) => this.axes.some((axis) => Number.isNaN(axis.at(run))));
      return {
        note: [kept.length < listed.length ? `${kept.length.toLocaleString('en-US')} of ${listed.length.toLocaleString('en-US')} runs, evenly picked` : gitrack.format.plural(listed.length, 'run'), spec.color ? `coloured by ${context.column(spec.color).label}` : '', missing ? 'below an axis: no value' : ''].filter(Boolean).join(' · '),
        summary: `${gitrack.format.plural(listed.length, 'run')} over ${columns.map((column) => column.label).join(', ')}.`,
        table: { head: ['Run', ...columns.map((column) => column.label)], rows: order.slice(0, 500).map((run) => [context.project.nameOf(run), ...columns.map((column) => context.columns.text(column, run))]) },
      };
    }

    paint(column, runs) {
      const { at } = axisOf(column, runs);
      const shade = gitrack.shades({ points: true });
      return (run) => (Number.isNaN(at(run)) ? null : shade(at(run)));
    }

    /** The columns' names and highest values over their axes. */
    label() {
      requestAnimationFrame(() => {
        if (!this.view) return;
        this.heads.replaceChildren(
          ...this.axes.map((axis, i) => {
            const [x] = this.toPixel(i, 1);
            return el('span', { style: { left: `${x}px` }, title: axis.column.key }, el('b', {}, axis.column.label + (axis.log ? ' (log)' : '')), el('small', {}, axis.text(1)));
          }),
        );
      });
    }

    /** What the search line says of the axes' columns, as stretches on them. */
    chosen() {
      const found = new Map();
      for (const { text } of gitrack.query.tokens(this.context.state.q)) {
        let term;
        try {
          term = gitrack.query.term(text);
        } catch {
          continue;
        }
        const value = gitrack.query.toNumber(term.value);
        const i = this.axes.findIndex((axis) => axis.column.key === term.key);
        if (i < 0 || term.negated || value === null || !['>=', '<='].includes(term.operator)) continue;
        const axis = this.axes[i];
        const share = ((axis.log ? Math.log10(value) : value) - axis.low) / (axis.high - axis.low);
        const stretch = found.get(i) || [0, 1];
        stretch[term.operator === '>=' ? 0 : 1] = Math.max(0, Math.min(1, share));
        found.set(i, stretch);
      }
      return found;
    }

    mark() {
      requestAnimationFrame(() => {
        if (!this.view) return;
        const bars = [...this.chosen()].map(([i, [low, high]]) => {
          const [x, bottom] = this.toPixel(i, low);
          const [, top] = this.toPixel(i, high);
          return svg('rect', { class: 'gt-span gt-parallel__brush', x: x - 7, width: 14, y: top, height: Math.max(2, bottom - top) });
        });
        this.brushes.replaceChildren(...bars);
      });
    }

    axisAt([px]) {
      const i = Math.round(this.toValue(px, 0)[0]);
      return this.axes && this.axes[i] && Math.abs(this.toPixel(i, 0)[0] - px) <= NEAR ? i : -1;
    }

    move(event) {
      if (!this.view || !this.axes) return;
      const at = this.spot(event);
      const axis = this.axisAt(this.from || at);
      this.element.style.cursor = axis >= 0 ? 'ns-resize' : '';
      if (this.from && axis >= 0) {
        const [x] = this.toPixel(axis, 0);
        const sizes = { x: x - 7, width: 14, y: Math.min(this.from[1], at[1]), height: Math.abs(at[1] - this.from[1]) };
        this.span.style.display = '';
        for (const [name, value] of Object.entries(sizes)) this.span.setAttribute(name, value);
        return;
      }
      this.pointAt(at);
    }

    up(event) {
      const { from } = this;
      this.cancel();
      if (!from || !this.axes) return;
      const at = this.spot(event);
      const i = this.axisAt(from);
      if (i >= 0) this.brushAxis(i, [from, at].map((spot) => this.toValue(...spot)[1]).sort((a, b) => a - b));
      else if (this.near !== undefined && this.near !== null) this.press({ run: this.near }, event.altKey);
    }

    /** Filter by a stretch of an axis; a stretch of nothing takes the filter away. */
    brushAxis(i, [low, high]) {
      const axis = this.axes[i];
      const key = gitrack.PanelContext.key(axis.column);
      if (!key) return;
      const { bound } = gitrack.PanelContext;
      if (high - low < 0.01) this.context.filter([], [axis.column.key]);
      else if (axis.column.numeric) {
        const ends = [Math.max(0, low), Math.min(1, high)].map(axis.plain);
        this.context.filter([`${key}>=${bound(ends[0], false)}`, `${key}<=${bound(ends[1], true)}`], [axis.column.key]);
      } else this.keepTexts(axis, key, low, high);
    }

    /** A search line joins by "and": texts are kept by taking the others away. */
    keepTexts(axis, key, low, high) {
      const share = (i) => i / Math.max(axis.labels.length - 1, 1);
      const out = axis.labels.filter((_, i) => share(i) < low || share(i) > high);
      if (!out.length || out.length === axis.labels.length || out.some((text) => text.includes('"'))) return;
      this.context.filter(out.map((text) => `-${key}:"${text}"`), [axis.column.key]);
    }

    /** The run whose line passes nearest to a pixel. */
    pointAt([px, py]) {
      const { frame } = this;
      const [x] = this.toValue(px, py);
      const left = Math.max(0, Math.min(this.axes.length - 2, Math.floor(x)));
      const share = Math.max(0, Math.min(1, x - left));
      const scale = frame.height / (this.y.high - this.y.low);
      const at = this.y.high - (py - frame.top) / scale;
      let best = null;
      let distance = 8 / scale;
      for (const run of this.listed) {
        const ys = this.paths.get(run);
        const apart = Math.abs(ys[left] + share * (ys[left + 1] - ys[left]) - at);
        if (apart < distance) [best, distance] = [run, apart];
      }
      if (best === this.near) return;
      this.near = best;
      this.at = best === null ? -1 : 0;
      this.context.point(best);
      this.trace(best);
      if (best === null) gitrack.tileTip.hide(this.element);
      else gitrack.tileTip.show(this.element, [px, py], { colour: this.context.colour(best), head: this.context.project.nameOf(best), rows: this.axes.map((axis) => [axis.column.label, this.context.columns.text(axis.column, best)]) });
    }

    leave() {
      this.near = null;
      super.leave();
    }

    /** Draw one run's line over the others. */
    trace(run) {
      const ys = run === null || run === undefined || !this.paths ? null : this.paths.get(run);
      if (!ys) {
        this.path.removeAttribute('d');
        return;
      }
      this.path.setAttribute('d', ys.map((y, i) => `${i ? 'L' : 'M'}${this.toPixel(i, y).map((pixel) => pixel.toFixed(1)).join(' ')}`).join(''));
      this.path.style.stroke = this.context.colour(run) || 'var(--gt-fg)';
    }

    highlight(run) {
      if (this.view && this.x && this.at < 0) this.trace(run);
    }

    settle() {
      super.settle();
      if (this.view && this.axes) {
        this.label();
        this.mark();
      }
    }
  }

  gitrack.panelViews.set('parallel', ParallelView);
})();
