// Bars of runs or of groups with their spread, and histograms of a column.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const MOST = 30; // bars
  const POINTS = 400; // single runs that are drawn
  const THICK = 0.34; // half a bar, of the room that it has
  const SPREADS = { std: 'mean ± std', stderr: 'mean ± stderr', minmax: 'mean, min to max' };

  const valuesOf = (column, runs) => runs.map((run) => column.values[run]).filter((value) => typeof value === 'number' && Number.isFinite(value));

  class BarView extends gitrack.PlotView {
    async update(spec) {
      const column = this.context.numeric(spec.y);
      const listed = this.context.runs(spec);
      const { groups, left, over } = this.context.groups(spec, listed);
      const bars = over ? this.ofGroups(column, groups, spec.error || 'std') : this.ranked(column, listed);
      if (!bars.length) throw new gitrack.PanelError(`None of the ${gitrack.format.plural(listed.length, 'listed run')} has ${column.label}.`);
      const drawn = over ? bars.slice(0, MOST) : bars.slice(0, MOST).map((run) => this.ofRun(column, run));
      const y = gitrack.panelAxis.names(drawn.map((bar) => bar.name), over, { reversed: true });
      const ends = drawn.flatMap((bar) => [bar.value, bar.low, bar.high]);
      // A bar's length is what is compared: it begins at nothing unless a range was asked for.
      const [low, high] = gitrack.panelAxis.ends([0, ...ends], { range: spec.range || null });
      const x = gitrack.panelAxis.numbers(spec.range || Math.min(...ends) < 0 ? low : 0, high, { label: column.label });
      const marks = new gitrack.Marks();
      const hits = [];
      const single = drawn.reduce((sum, bar) => sum + bar.points.length, 0) <= POINTS;
      drawn.forEach((bar, i) => {
        const at = y.place(i);
        const colour = bar.colour || 'var(--gt-ctl)';
        const from = Math.max(x.low, Math.min(x.high, 0));
        marks.quad(Math.min(from, bar.value), Math.max(from, bar.value), at - THICK, at + THICK, { color: colour, alpha: over ? 0.55 : 0.85 });
        if (bar.high > bar.low) {
          marks.line([bar.low, bar.high], [at, at], { color: 'var(--gt-fg)' });
          for (const end of [bar.low, bar.high]) marks.line([end, end], [at - 0.14, at + 0.14], { color: 'var(--gt-fg)' });
        }
        for (const { run, value } of single ? bar.points : []) {
          marks.point(value, at, { color: 'var(--gt-fg)', size: 4, alpha: 0.6 });
          hits.push({ x: value, y: at, run, colour: this.context.colour(run), head: this.context.project.nameOf(run), rows: [[column.label, this.context.columns.text(column, run)]] });
        }
        hits.push({ x: bar.value, y: at, x0: x.low, x1: x.high, y0: at - 0.5, y1: at + 0.5, run: bar.run, colour: bar.colour, head: bar.name, rows: bar.rows });
      });
      await this.show({ x, y, marks, hits });
      const out = bars.length - drawn.length + left;
      return {
        note: [over ? `${SPREADS[spec.error || 'std']} over ${over}` : '', out ? `first ${drawn.length} of ${(drawn.length + out).toLocaleString('en-US')}` : ''].filter(Boolean).join(' · '),
        summary: `${column.label}: ${drawn.map((bar) => `${bar.name} ${bar.rows[0][1]}`).join('; ')}.`,
        table: { head: [over || 'Run', ...drawn[0].rows.map(([name]) => name)], rows: drawn.map((bar) => [bar.name, ...bar.rows.map(([, value]) => value)]) },
      };
    }

    ofGroups(column, groups, error) {
      const found = groups
        .map((group) => ({ group, over: gitrack.groups.aggregate(group.runs.map((run) => column.values[run])) }))
        .filter(({ over }) => Number.isFinite(over.mean));
      return found.map(({ group, over }) => {
        const [low, high] = error === 'minmax' ? [over.low, over.high] : [over.mean - (over[error] || 0), over.mean + (over[error] || 0)];
        return {
          name: group.name,
          colour: group.colour,
          value: over.mean,
          low,
          high,
          points: group.runs.map((run) => ({ run, value: column.values[run] })).filter(({ value }) => typeof value === 'number' && Number.isFinite(value)),
          rows: [['mean', column.write(over.mean)], ['std', Number.isNaN(over.std) ? '–' : gitrack.format.number(over.std, 3)], ['min', column.write(over.low)], ['max', column.write(over.high)], ['runs', String(over.n)]],
        };
      });
    }

    /** The runs that have a value, the best first. */
    ranked(column, listed) {
      const there = listed.filter((run) => typeof column.values[run] === 'number' && Number.isFinite(column.values[run]));
      const sign = column.goal === 'min' ? 1 : -1;
      return there.sort((a, b) => sign * (column.values[a] - column.values[b]));
    }

    ofRun(column, run) {
      const value = column.values[run];
      return { name: this.context.project.nameOf(run), run, colour: this.context.colour(run), value, low: value, high: value, points: [], rows: [[column.label, column.write(value)]] };
    }
  }

  class HistogramView extends gitrack.PlotView {
    async update(spec) {
      const column = this.context.numeric(spec.x);
      const listed = this.context.runs(spec);
      const log = Boolean(spec.log && spec.log.includes('x'));
      const { groups, left, over } = this.context.groups(spec, listed);
      const write = log ? gitrack.panelAxis.logarithm : (value) => value;
      const found = groups.map((group) => ({ ...group, values: valuesOf(column, group.runs).map(write).filter(Number.isFinite) })).filter((group) => group.values.length);
      const all = found.flatMap((group) => group.values);
      if (!all.length) throw new gitrack.PanelError(`None of the ${gitrack.format.plural(listed.length, 'listed run')} has ${column.label}.`);
      const [low, high, usual] = gitrack.marks.binsFor(all);
      const bins = [low, high, high - low > 0 && spec.bins ? spec.bins : usual];
      const edges = Array.from({ length: bins[2] + 1 }, (_, i) => low + ((high - low) * i) / bins[2]);
      const counted = found.map((group) => ({ ...group, counts: gitrack.marks.counted(group.values, bins) }));
      const most = Math.max(...counted.flatMap((group) => group.counts));
      const x = gitrack.panelAxis.numbers(...gitrack.scale.widened(edges[0], edges[edges.length - 1], 0.02), { log, write: column.write, label: column.label });
      const y = gitrack.panelAxis.numbers(0, most * 1.08, { write: (value) => String(Math.round(value)) });
      y.ticks = (count) => gitrack.scale.ticks(0, most * 1.08, { count: Math.min(count, most) }).filter((tick) => Number.isInteger(tick.at));
      const marks = new gitrack.Marks();
      for (const { counts, colour } of counted) {
        const color = colour || 'var(--gt-accent)';
        counts.forEach((count, i) => count && marks.quad(edges[i], edges[i + 1], 0, count, { color, alpha: counted.length > 1 ? 0.28 : 0.55 }));
        marks.line(...stairs(edges, counts), { color, width: 1.5 });
      }
      const plain = (value) => (log ? 10 ** value : value);
      const hits = edges.slice(0, -1).map((edge, i) => this.hit(column, counted, i, edge, edges[i + 1], most * 1.08, plain));
      await this.show({ x, y, marks, hits, brush: { x: column, y: null } });
      const without = listed.length - all.length;
      this.counts = counted.map(({ name, counts }) => ({ name, counts }));
      this.edges = edges.map(plain);
      return {
        note: [over ? `by ${over}` : '', left ? `${left} more groups` : '', without > 0 ? `${all.length.toLocaleString('en-US')} of ${listed.length.toLocaleString('en-US')} runs have it` : ''].filter(Boolean).join(' · '),
        summary: `${column.label} of ${gitrack.format.plural(all.length, 'run')} in ${edges.length - 1} bins from ${column.write(this.edges[0])} to ${column.write(this.edges[edges.length - 1])}.`,
        table: { head: ['From', 'To', ...counted.map((group) => group.name)], rows: this.edges.slice(0, -1).map((edge, i) => [column.write(edge), column.write(this.edges[i + 1]), ...counted.map((group) => String(group.counts[i]))]) },
      };
    }

    /** A bin; pressing it keeps its runs alone. */
    hit(column, counted, i, from, to, top, plain) {
      const key = gitrack.PanelContext.key(column);
      const [low, high] = [plain(from), plain(to)];
      const { bound } = gitrack.PanelContext;
      return {
        x: (from + to) / 2,
        y: Math.max(...counted.map((group) => group.counts[i])),
        x0: from,
        x1: to,
        y0: 0,
        y1: top,
        head: `${column.write(low)} to ${column.write(high)}`,
        rows: counted.map((group) => [group.name, gitrack.format.plural(group.counts[i], 'run')]),
        terms: key ? [`${key}>=${bound(low, false)}`, `${key}<=${bound(high, true)}`] : null,
        keys: [column.key],
      };
    }
  }

  /** The outline of counts over edges. */
  function stairs(edges, counts) {
    const [xs, ys] = [[edges[0]], [0]];
    counts.forEach((count, i) => {
      xs.push(edges[i], edges[i + 1]);
      ys.push(count, count);
    });
    return [[...xs, edges[edges.length - 1]], [...ys, 0]];
  }

  gitrack.panelViews.set('bar', BarView);
  gitrack.panelViews.set('histogram', HistogramView);
})();
