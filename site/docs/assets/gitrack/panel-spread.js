// How a result is spread within groups: Tukey's boxes, or densities as violins.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const HALF = 0.32; // of the room between two groups
  const FEW = 5; // values below which there is no shape to draw
  const POINTS = 400; // single runs that are drawn

  /** A place beside a group's middle, the same for the same run. */
  const aside = (run) => ((Math.imul(run + 1, 2654435761) >>> 8) % 1000) / 1000 - 0.5;

  class SpreadView extends gitrack.PlotView {
    async update(spec) {
      const { context } = this;
      const column = context.numeric(spec.y);
      const listed = context.runs(spec);
      const log = Boolean(spec.log && spec.log.includes('y'));
      const place = log ? gitrack.panelAxis.logarithm : (value) => value;
      const { groups, left, over } = context.groups(spec, listed);
      const found = groups
        .map((group) => ({ ...group, members: group.runs.map((run) => ({ run, value: place(column.values[run]) })).filter(({ run, value }) => typeof column.values[run] === 'number' && Number.isFinite(value)) }))
        .filter((group) => group.members.length);
      if (!found.length) throw new gitrack.PanelError(`None of the ${gitrack.format.plural(listed.length, 'listed run')} has ${column.label}.`);
      const x = gitrack.panelAxis.names(found.map((group) => group.name), over);
      const values = found.flatMap((group) => group.members.map((member) => member.value));
      const reach = found.flatMap((group) => this.reach(group));
      const y = gitrack.panelAxis.numbers(...gitrack.panelAxis.ends([...values, ...reach], { log, range: spec.range || null, room: reach.length ? 0.02 : 0.08 }), { log, write: column.write, label: column.label });
      const marks = new gitrack.Marks();
      const hits = [];
      const plain = (value) => column.write(log ? 10 ** value : value);
      this.boxes = found.map((group, i) => {
        const box = gitrack.marks.boxOf(group.members.map((member) => member.value));
        const colour = group.colour || 'var(--gt-accent)';
        if (group.members.length >= FEW) this.shape(marks, i, box, group, colour);
        else marks.line([i - HALF, i + HALF], [box.median, box.median], { color: 'var(--gt-fg)', width: 1.5 });
        hits.push(this.hit(i, group, box, [y.low, y.high], plain));
        return { name: group.name, ...box };
      });
      if (values.length <= POINTS) found.forEach((group, i) => this.points(marks, hits, i, group, column));
      else this.outliers(marks, found);
      await this.show({ x, y, marks, hits });
      const head = ['n', 'lowest', 'q1', 'median', 'q3', 'highest'];
      return {
        note: [over ? `by ${over}` : '', left ? `${left} more groups` : '', values.length > POINTS ? 'outliers alone as points' : ''].filter(Boolean).join(' · '),
        summary: `${column.label}: ${this.boxes.map((box) => `${box.name} median ${plain(box.median)}`).join('; ')}.`,
        table: { head: [over || 'Runs', ...head], rows: hits.filter((hit) => hit.cells).map((hit) => [hit.head, ...hit.cells]) },
      };
    }

    /** Where a group's shape ends beyond its values. */
    reach() {
      return [];
    }

    hit(i, group, box, [low, high], plain) {
      const sorted = group.members.map((member) => member.value).sort((a, b) => a - b);
      const cells = [String(sorted.length), ...[sorted[0], box.q1, box.median, box.q3, sorted[sorted.length - 1]].map(plain)];
      const names = ['runs', 'lowest', 'lower quartile', 'median', 'upper quartile', 'highest'];
      return { x: i, y: box.median, x0: i - 0.5, x1: i + 0.5, y0: low, y1: high, colour: group.colour, head: group.name, rows: names.map((name, at) => [name, cells[at]]), cells };
    }

    points(marks, hits, i, group, column) {
      const { context } = this;
      for (const { run, value } of group.members) {
        const colour = context.colour(run);
        const at = i + aside(run) * HALF;
        marks.point(at, value, { color: colour || 'var(--gt-ctl)', size: colour ? 6 : 4, alpha: colour ? 1 : 0.7 });
        hits.push({ x: at, y: value, run, colour, head: context.project.nameOf(run), rows: [[column.label, context.columns.text(column, run)]] });
      }
    }

    outliers(marks, groups) {
      groups.forEach((group, i) => {
        for (const value of this.boxes[i].beyond) marks.point(i, value, { color: group.colour || 'var(--gt-accent)', size: 4 });
      });
    }
  }

  class BoxView extends SpreadView {
    shape(marks, i, { low, q1, median, q3, high }, group, color) {
      marks.area([i - HALF, i + HALF, i + HALF, i - HALF], [q1, q1, q3, q3], { color });
      marks.line([i - HALF, i + HALF], [median, median], { color: 'var(--gt-fg)', width: 2 });
      for (const [from, to] of [[low, q1], [q3, high]]) marks.line([i, i], [from, to], { color });
      for (const end of [low, high]) marks.line([i - HALF / 3, i + HALF / 3], [end, end], { color });
    }
  }

  class ViolinView extends SpreadView {
    reach({ members }) {
      if (members.length < FEW) return [];
      const { at } = gitrack.statistics.density(members.map((member) => member.value), 2);
      return at;
    }

    shape(marks, i, { q1, median, q3 }, group, color) {
      const { at, density } = gitrack.statistics.density(group.members.map((member) => member.value));
      const most = Math.max(...density);
      const half = density.map((value) => (value / most) * HALF * 1.3);
      marks.area([...half.map((wide) => i - wide), ...half.map((wide) => i + wide).reverse()], [...at, ...at.slice().reverse()], { color });
      marks.line([i, i], [q1, q3], { color, width: 4, alpha: 0.7 });
      marks.line([i - HALF / 3, i + HALF / 3], [median, median], { color: 'var(--gt-fg)', width: 2 });
    }
  }

  gitrack.panelViews.set('box', BoxView);
  gitrack.panelViews.set('violin', ViolinView);
})();
