// Fields of colour: where the curves of many runs lay (heat map), and a result over two settings.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const CURVES = 200; // runs whose curves are loaded
  const ACROSS = 60;
  const UP = 40;
  const OUTLIERS = 0.01; // the share on either side that the y axis leaves out
  const GRID = 44; // of a contour
  const LEVELS = 8;
  const OVER = 1.15;
  const POINTS = 500; // that a surface goes through

  class HeatmapView extends gitrack.PlotView {
    async update(spec) {
      const { context } = this;
      const metric = context.metric(spec.y);
      const turn = (this.turn = (this.turn || 0) + 1);
      const listed = context.runs(spec).filter((run) => context.project.script(metric, context.project.chunkOf(run)) !== null);
      const runs = gitrack.statistics.sample(listed.length, CURVES).map((i) => listed[i]);
      const axis = gitrack.axis(spec.x || '', context.project);
      const failures = await context.history.fetch(runs, axis.metric ? [metric, axis.metric] : [metric]);
      if (turn !== this.turn) return null;
      if (failures.length) throw failures[0];
      const log = spec.log || '';
      const curves = this.curves(runs, metric, axis, log);
      if (!curves.length) throw new gitrack.PanelError(`None of the listed runs logged ${metric}.`);
      const [from, to] = gitrack.scale.extent(curves.map((curve) => curve.x));
      const range = gitrack.scale.valueRange(curves, from, to > from ? to : from + 1, OUTLIERS) || { low: 0, high: 1 };
      const [low, high] = gitrack.panelAxis.ends([range.low, range.high], { range: spec.range || null, log: log.includes('y'), room: 0 });
      const x = gitrack.panelAxis.numbers(from, to > from ? to : from + 1, { kind: axis.kind, log: log.includes('x'), write: axis.write });
      const y = gitrack.panelAxis.numbers(low, high, { log: log.includes('y') });
      const up = spec.bins || UP;
      this.grid = counted(curves, x, y, up);
      const marks = new gitrack.Marks();
      const most = Math.max(...this.grid);
      const shade = gitrack.shades();
      const [wide, tall] = [(x.high - x.low) / ACROSS, (y.high - y.low) / up];
      const hits = [];
      this.grid.forEach((count, i) => {
        if (!count) return;
        const [left, bottom] = [x.low + (i % ACROSS) * wide, y.low + Math.floor(i / ACROSS) * tall];
        marks.quad(left, left + wide, bottom, bottom + tall, { color: shade(0.12 + (0.88 * count) / most) });
        hits.push({
          x: left + wide / 2, y: bottom + tall / 2, x0: left, x1: left + wide, y0: bottom, y1: bottom + tall,
          head: `${axis.short} ${x.write(left + wide / 2)}`,
          rows: [[metric, `${y.write(bottom)} to ${y.write(bottom + tall)}`], ['runs', `${count} of ${curves.length}`]],
        });
      });
      await this.show({ x, y, marks, hits });
      const many = (count) => count.toLocaleString('en-US');
      return {
        note: [runs.length < listed.length ? `${many(runs.length)} of ${many(listed.length)} runs, evenly picked` : gitrack.format.plural(curves.length, 'run'), range.cut && !spec.range ? 'outliers cut' : ''].filter(Boolean).join(' · '),
        summary: `How ${metric} was spread over ${gitrack.format.plural(curves.length, 'run')} against ${axis.label}, ${y.write(y.low)} to ${y.write(y.high)}.`,
      };
    }

    curves(runs, metric, axis, log) {
      const { history } = this.context;
      const curves = [];
      for (const run of runs) {
        const series = history.get(run, metric);
        const against = axis.metric ? history.get(run, axis.metric) : null;
        if (!series || !series.n || (axis.metric && !against)) continue;
        const { x, y } = gitrack.curve(series, axis.key, against);
        curves.push({ x: log.includes('x') ? x.map(gitrack.panelAxis.logarithm) : x, y: log.includes('y') ? y.map(gitrack.panelAxis.logarithm) : y });
      }
      return curves;
    }
  }

  /** How many curves' means lie in each cell, one a curve and column; rows from below. */
  function counted(curves, x, y, up) {
    const grid = new Array(ACROSS * up).fill(0);
    const scale = ACROSS / (x.high - x.low);
    for (const curve of curves) {
      const sums = new Float64Array(ACROSS);
      const counts = new Uint32Array(ACROSS);
      curve.y.forEach((value, i) => {
        const column = Math.min(ACROSS - 1, Math.floor((curve.x[i] - x.low) * scale));
        if (!(column >= 0) || Number.isNaN(value)) return;
        sums[column] += value;
        counts[column] += 1;
      });
      counts.forEach((count, column) => {
        const row = count ? Math.floor(((sums[column] / count - y.low) / (y.high - y.low)) * up) : -1;
        if (row >= 0 && row < up) grid[row * ACROSS + column] += 1;
        else if (row === up) grid[(up - 1) * ACROSS + column] += 1;
      });
    }
    return grid;
  }

  class ContourView extends gitrack.PlotView {
    async update(spec) {
      const { context } = this;
      const [xColumn, yColumn, zColumn] = ['x', 'y', 'z'].map((name) => context.numeric(spec[name]));
      const listed = context.runs(spec);
      const log = spec.log || '';
      const x = gitrack.panelAxis.ofColumn(xColumn, listed, { log: log.includes('x') });
      const y = gitrack.panelAxis.ofColumn(yColumn, listed, { log: log.includes('y') });
      const z = gitrack.panelAxis.ofColumn(zColumn, listed, {});
      const there = listed.filter((run) => [x, y, z].every((axis) => !Number.isNaN(axis.at(run))));
      if (there.length < 4) throw new gitrack.PanelError(`A surface needs four runs with ${xColumn.label}, ${yColumn.label} and ${zColumn.label}; ${there.length} have all.`);
      const kept = gitrack.statistics.sample(there.length, POINTS).map((i) => there[i]);
      const across = (axis, run) => (axis.at(run) - axis.low) / (axis.high - axis.low);
      const points = merged(kept.map((run) => ({ x: across(x, run), y: across(y, run), z: z.at(run) })));
      const heights = gitrack.contours.surface(points, GRID);
      this.heights = heights;
      const [low, high] = gitrack.scale.extent([heights]);
      const marks = new gitrack.Marks();
      const shade = gitrack.shades();
      const span = high - low || 1;
      const place = (axis, share) => axis.low + share * (axis.high - axis.low);
      heights.forEach((height, i) => {
        const [column, row] = [i % GRID, Math.floor(i / GRID)];
        // In steps, so that the colours have edges where the lines are.
        const share = (Math.min(LEVELS - 1, Math.floor(((height - low) / span) * LEVELS)) + 0.5) / LEVELS;
        // A little over its edge: between two quads that only touch, the ground shines through.
        marks.quad(place(x, column / GRID), place(x, (column + OVER) / GRID), place(y, row / GRID), place(y, (row + OVER) / GRID), { color: shade(share) });
      });
      for (let i = 1; i < LEVELS; i += 1) {
        const parts = gitrack.contours.level(heights, GRID, low + (span * i) / LEVELS);
        const xs = parts.flatMap(([x0, , x1]) => [place(x, x0), place(x, x1), NaN]);
        const ys = parts.flatMap(([, y0, , y1]) => [place(y, y0), place(y, y1), NaN]);
        marks.line(xs, ys, { color: 'var(--gt-surface)', width: 1, alpha: 0.6 });
      }
      const hits = kept.map((run) => {
        const colour = context.colour(run);
        marks.point(x.at(run), y.at(run), { color: 'var(--gt-surface)', size: colour ? 10 : 7 });
        marks.point(x.at(run), y.at(run), { color: colour || 'var(--gt-fg)', size: colour ? 7 : 4 });
        return { x: x.at(run), y: y.at(run), run, colour, head: context.project.nameOf(run), rows: [xColumn, yColumn, zColumn].map((column) => [column.label, context.columns.text(column, run)]) };
      });
      await this.show({ x, y, marks, hits, brush: { x: xColumn, y: yColumn } });
      return {
        note: `${zColumn.label} ${zColumn.write(low)} to ${zColumn.write(high)} · interpolated${kept.length < listed.length ? ` · ${kept.length} of ${listed.length.toLocaleString('en-US')} runs` : ''}`,
        summary: `${zColumn.label} over ${xColumn.label} and ${yColumn.label}, interpolated between ${gitrack.format.plural(kept.length, 'run')}.`,
        table: { head: ['Run', xColumn.label, yColumn.label, zColumn.label], rows: hits.map((hit) => [hit.head, ...hit.rows.map(([, value]) => value)]) },
      };
    }
  }

  /** Points at one place as one, of their mean height: a surface has one height there. */
  function merged(points) {
    const known = new Map();
    for (const point of points) {
      const key = `${point.x},${point.y}`;
      if (!known.has(key)) known.set(key, { ...point, z: 0, n: 0 });
      const one = known.get(key);
      one.n += 1;
      one.z += (point.z - one.z) / one.n;
    }
    return [...known.values()];
  }

  gitrack.panelViews.set('heatmap', HeatmapView);
  gitrack.panelViews.set('contour', ContourView);
})();
