// From what was logged to what plots.js draws: a chart's table and panel, or the common traces of
// a Plotly figure.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { marks } = gitrack;

  /** Columns by name; the first of two that share one. */
  class Columns {
    constructor(columns) {
      this.all = new Map();
      for (const column of columns) if (!this.all.has(column.name)) this.all.set(column.name, column);
    }

    values(name) {
      const column = this.all.get(name);
      return column ? gitrack.unpack(column.values) : null;
    }

    kind(name) {
      return this.all.has(name) && this.all.get(name).kind === 'time' ? 'moment' : 'number';
    }
  }

  /** Rows by the values of a column: [name, places], in the order in which they come. */
  function strokes(values, rows) {
    if (!values) return [['', Array.from({ length: rows }, (_, at) => at)]];
    const found = new Map();
    values.forEach((value, at) => {
      const name = value === null ? '–' : String(value);
      if (!found.has(name)) found.set(name, []);
      found.get(name).push(at);
    });
    return [...found];
  }

  function seriesOf(columns, { x, y, stroke, xname }, facts) {
    const [xs, ys] = [columns.values(x), columns.values(y)];
    if (!xs || !ys) return null;
    const { at, names } = marks.positions(xs);
    const values = marks.numbers(ys);
    const areas = new Map(facts.auc || facts.average_precision || []);
    const bases = new Map(facts.prevalence || []);
    const series = strokes(stroke ? columns.values(stroke) : null, xs.length).map(([name, places]) => ({
      name,
      x: places.map((place) => at[place]),
      y: places.map((place) => values[place]),
      area: areas.get(name),
      base: bases.get(name),
    }));
    return { series, names, kind: columns.kind(x), xName: xname || x, yName: y };
  }

  const READERS = {
    line: seriesOf,
    scatter: seriesOf,
    roc: (columns, panel, facts) => ({ ...seriesOf(columns, panel, facts), xName: 'false positive rate', yName: 'true positive rate' }),
    pr: seriesOf,
    bar(columns, { x, y }) {
      const [labels, values] = [columns.values(x), columns.values(y)];
      return labels && values ? { labels: labels.map((label) => (label === null ? '–' : String(label))), series: [{ name: '', values: marks.numbers(values) }], xName: x, yName: y } : null;
    },
    histogram(columns, { x }) {
      const values = columns.values(x);
      return values ? { series: [{ name: '', values: marks.numbers(values) }], xName: x } : null;
    },
    confusion(columns, { x, y, value }, { classes }) {
      const [predicted, actual, counts] = [x, y, value].map((name) => columns.values(name));
      if (!predicted || !actual || !counts) return null;
      const names = classes || [...new Set([...actual, ...predicted].map(String))];
      const place = new Map(names.map((name, at) => [String(name), at]));
      const cells = names.map(() => names.map(() => 0));
      counts.forEach((count, at) => {
        const [row, column] = [place.get(String(actual[at])), place.get(String(predicted[at]))];
        if (row !== undefined && column !== undefined) cells[row][column] += Number(count);
      });
      return { rows: names.map(String), columns: names.map(String), cells, rowName: y, columnName: x };
    },
  };
  const DRAWN_AS = { confusion: 'matrix' };

  /**
   * Read a logged chart: {kind, input} for gitrack.plots, null where its table has not what its
   * panel names, or the kind is none of ours.
   */
  function fromTable({ kind, panel, facts }, { columns, rows, of, sampled }) {
    const read = READERS[kind];
    const input = read ? read(new Columns(columns), panel, facts) : null;
    if (!input || (input.series && !input.series.length)) return null;
    const fewer = rows < of ? `${sampled ? 'evenly chosen' : 'the first'} ${rows.toLocaleString('en-US')} of ${of.toLocaleString('en-US')} rows` : '';
    const thinned = facts.points_left_out ? `${facts.points_left_out.toLocaleString('en-US')} points between others left out` : '';
    return { kind: DRAWN_AS[kind] || kind, input: { ...input, note: [fewer, thinned].filter(Boolean).join(' · ') } };
  }

  const namedNumbers = (traces, part) => {
    const { at, names } = marks.positions(traces.flatMap((trace) => trace[part]));
    let from = 0;
    const lists = traces.map((trace) => at.slice(from, (from += trace[part].length)));
    return { lists, names };
  };

  /** Several lines and points in one chart. */
  function curves(traces, { x: xName, y: yName }) {
    const { lists, names } = namedNumbers(traces, 'x');
    const series = traces.map((trace, at) => ({ name: trace.name, x: lists[at], y: marks.numbers(trace.y) }));
    return { series, names, xName: xName || 'x', yName: yName || 'y', onlyPoints: traces.every((trace) => trace.type === 'markers') };
  }

  function bars(traces, { x, y }) {
    const labels = [...new Set(traces.flatMap((trace) => trace.labels))];
    const series = traces.map((trace) => {
      const values = new Map(trace.labels.map((label, at) => [label, marks.numbers(trace.values)[at]]));
      return { name: trace.name, values: labels.map((label) => values.get(label) ?? NaN) };
    });
    return { labels, series, xName: x, yName: y };
  }

  /** Charts of the traces that Plotly's are reduced to: [{kind, input}], one a family. */
  function fromTraces(figure) {
    const of = (...types) => figure.traces.filter((trace) => types.includes(trace.type));
    const lists = (traces) => traces.map((trace) => ({ name: trace.name, values: marks.numbers(trace.values) }));
    const made = [];
    // A trace of lines and markers comes twice; its line says both.
    const lines = of('lines');
    const points = of('markers').filter((trace) => !lines.some((line) => line.name === trace.name));
    if (lines.length) made.push({ kind: 'line', input: curves(lines, figure) });
    if (points.length) made.push({ kind: 'scatter', input: curves(points, figure) });
    if (of('bar').length) made.push({ kind: 'bar', input: bars(of('bar'), figure) });
    if (of('histogram').length) made.push({ kind: 'histogram', input: { series: lists(of('histogram')), xName: figure.x } });
    if (of('box').length) made.push({ kind: 'box', input: { series: lists(of('box')), yName: figure.y } });
    for (const { rows, columns, cells } of of('heatmap')) {
      const input = { rows, columns, cells: cells.map((row) => marks.numbers(row)), rowName: figure.y, columnName: figure.x };
      made.push({ kind: 'matrix', input });
    }
    return made;
  }

  gitrack.plots.fromTable = fromTable;
  gitrack.plots.fromTraces = fromTraces;
})();
