// Scatter: a point a run, coloured as in the table or by a third column; the best so far as a line.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const MOST = 10000; // points
  const ROWS = 500; // of the table
  const SMALL = 5;
  const SHOWN = 8;
  const SIZES = [4, 16];
  const FEW = 10; // categories that have a colour each

  class ScatterView extends gitrack.PlotView {
    async update(spec) {
      const { context } = this;
      const [xColumn, yColumn] = [context.column(spec.x), context.column(spec.y)];
      const listed = context.runs(spec);
      const kept = gitrack.statistics.sample(listed.length, MOST).map((i) => listed[i]);
      const log = spec.log || '';
      const x = gitrack.panelAxis.ofColumn(xColumn, kept, { log: log.includes('x') });
      const y = gitrack.panelAxis.ofColumn(yColumn, kept, { log: log.includes('y'), range: spec.range || null });
      const there = kept.filter((run) => !Number.isNaN(x.at(run)) && !Number.isNaN(y.at(run)));
      if (!there.length) throw new gitrack.PanelError(listed.length ? `None of the ${gitrack.format.plural(listed.length, 'listed run')} has both ${xColumn.label} and ${yColumn.label}.` : 'No run is listed.');
      const paint = this.paint(spec, there);
      const size = this.sizes(spec, there);
      const marks = new gitrack.Marks();
      // Shown runs lie on top.
      const order = [...there.filter((run) => !context.colour(run)), ...there.filter((run) => context.colour(run))];
      const hits = order.map((run) => {
        const [px, py] = [x.at(run), y.at(run)];
        const own = context.colour(run);
        const colour = paint.of(run) || own;
        const wide = size(run) || (own ? SHOWN : SMALL);
        // Where colour tells something else, a ring tells that a run is shown.
        if (own && paint.by) marks.point(px, py, { color: 'var(--gt-fg)', size: wide + 3 });
        marks.point(px, py, { color: colour || 'var(--gt-ctl)', size: wide, alpha: colour ? 1 : 0.6 });
        const rows = () => this.rowsOf(spec, run, [xColumn, yColumn]); // asked for by a pointer, for few
        return { x: px, y: py, run, colour, head: context.project.nameOf(run), get rows() { return rows(); } };
      });
      hits.sort((a, b) => a.x - b.x);
      const best = spec.frontier ? frontier(hits, spec.frontier) : [];
      if (best.length) marks.line(...steps(best, x.high), { color: 'var(--gt-accent)', width: 1.5 });
      this.frontier = best.map((hit) => hit.run);
      const brush = { x: xColumn.numeric ? xColumn : null, y: yColumn.numeric ? yColumn : null };
      await this.show({ x, y, marks, hits, brush });
      this.legend(paint);
      return {
        note: noteOf({ listed, kept, there }),
        summary: `${yColumn.label} against ${xColumn.label} for ${gitrack.format.plural(there.length, 'run')}.${best.length ? ` Best: ${best[best.length - 1].head}, ${yColumn.write(yColumn.values[best[best.length - 1].run])}.` : ''}`,
        table: { head: ['Run', xColumn.label, yColumn.label], rows: hits.slice(0, ROWS).map((hit) => [hit.head, ...[xColumn, yColumn].map((column) => context.columns.text(column, hit.run))]) },
      };
    }

    rowsOf(spec, run, shown) {
      const more = [spec.color, spec.size].filter(Boolean).map((name) => this.context.column(name));
      return [...new Set([...shown, ...more])].map((column) => [column.label, this.context.columns.text(column, run)]);
    }

    /** Colours by a column: numbers on the sequential scale, few texts a colour each. */
    paint(spec, runs) {
      if (!spec.color) return { by: null, of: () => null };
      const column = this.context.column(spec.color);
      const axis = gitrack.panelAxis.ofColumn(column, runs, {});
      if (column.numeric) {
        const values = runs.map(axis.at).filter(Number.isFinite);
        const [low, high] = gitrack.scale.extent([values]);
        const shade = gitrack.shades({ points: true });
        const share = (value) => (high > low ? (value - low) / (high - low) : 1);
        return { by: column, low, high, of: (run) => (Number.isFinite(axis.at(run)) ? shade(share(axis.at(run))) : null) };
      }
      const names = axis.labels.slice(0, FEW);
      const colour = (i) => `var(--gt-run-${i + 1})`;
      return { by: column, names: names.map((name, i) => [name, colour(i)]), left: axis.labels.length - names.length + axis.left, of: (run) => (axis.at(run) < FEW ? colour(axis.at(run)) : null) };
    }

    sizes(spec, runs) {
      if (!spec.size) return () => 0;
      const column = this.context.numeric(spec.size);
      const axis = gitrack.panelAxis.ofColumn(column, runs, {});
      const [low, high] = gitrack.scale.extent([runs.map(axis.at)]);
      // The area grows with the value, since that is what an eye compares.
      const area = (share) => Math.sqrt(SIZES[0] ** 2 + share * (SIZES[1] ** 2 - SIZES[0] ** 2));
      return (run) => (Number.isFinite(axis.at(run)) ? area(high > low ? (axis.at(run) - low) / (high - low) : 0.5) : 0);
    }

    legend({ by, names, low, high, left }) {
      if (this.scale) this.scale.remove();
      this.scale = null;
      if (!by) return;
      const parts = names
        ? [...names.map(([name, colour]) => el('span', {}, gitrack.dot(colour), ' ', name)), left ? el('span', { class: 'gt-dim' }, `${left} more`) : null]
        : [el('span', {}, by.write(low)), el('i', { class: 'gt-ramp', style: { '--gt-ramp': gitrack.shades.css(true) }, 'aria-hidden': 'true' }), el('span', {}, by.write(high))];
      this.scale = el('p', { class: 'gt-tile__key' }, el('b', {}, by.label), ...parts);
      this.element.after(this.scale);
    }
  }

  /** The runs that were better than every one before them along x. */
  function frontier(hits, goal) {
    const found = [];
    for (const hit of hits) {
      const last = found[found.length - 1];
      if (!last || (goal === 'min' ? hit.y < last.y : hit.y > last.y)) found.push(hit);
    }
    return found;
  }

  /** Stairs through points, on to the end of the axis. */
  function steps(points, end) {
    const [xs, ys] = [[], []];
    points.forEach((point, i) => {
      if (i) {
        xs.push(point.x);
        ys.push(points[i - 1].y);
      }
      xs.push(point.x);
      ys.push(point.y);
    });
    return [[...xs, end], [...ys, points[points.length - 1].y]];
  }

  /** What a panel leaves out, in few words. */
  function noteOf({ listed, kept, there }) {
    const many = (count) => count.toLocaleString('en-US');
    if (kept.length < listed.length) return `${many(kept.length)} of ${many(listed.length)} runs, evenly picked`;
    return there.length < kept.length ? `${many(there.length)} of ${many(kept.length)} have both` : '';
  }

  gitrack.panelViews.set('scatter', ScatterView);
})();
