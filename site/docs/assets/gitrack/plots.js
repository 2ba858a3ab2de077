// The kinds of charts of tables. Each is drawn by
//
//   const plot = gitrack.plots.<kind>(host, input);  // fills the host; plot.update(input) later
//
// line, scatter   {series: [{name, colour, dash, x, y}], xName, yName, kind}  kind "moment": times
// roc, pr         {series: [… , area, base]}          area under the curve; share of positives
// bar             {labels, series: [{name, colour, values}], xName, yName}
// histogram, box  {series: [{name, colour, values}], xName}
// matrix          {rows, columns, cells, rowName, columnName, mode}  mode "count", "row", "column"
//
// A series is a line of one run, or a run of many: colours are CSS, by default dealt in order.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { marks, scale } = gitrack;
  const CROWD = 2000; // points from which each is small and faint
  const FLAT = 8; // bars that stand; more of them lie
  const WRITTEN = 24; // pixels of a cell in which its number is written

  const resolve = (css) => gitrack.resolveColour(css);
  const number = (value) => gitrack.format.number(value, 4);
  const share = (value) => (value === undefined || value === null ? '' : value.toFixed(3));

  /** Series with names and looks of their own; which of them are shown. */
  function looked(series, hidden) {
    const all = series.map((one, at) => ({ ...marks.dealt(at), ...one, name: String(one.name ?? '') }));
    return { all, shown: all.filter((one) => !hidden.has(one.name)) };
  }

  const keys = (all, value = () => '') => (all.length > 1 || (all[0] && value(all[0])) ? all.map((one) => ({ name: one.name, colour: one.colour, dash: one.dash, value: value(one) })) : []);

  function range(arrays, given, room = 0.04) {
    if (given) return given;
    const [low, high] = scale.extent(arrays);
    return low <= high ? scale.widened(low, high, room) : [0, 1];
  }

  const ticksX = (x, { width }, kind) => scale.ticks(...x, { kind, count: Math.max(2, Math.round(width / 90)) });
  const ticksY = (y, { height }) => scale.ticks(...y, { count: Math.max(3, Math.round(height / 50)) });

  const lineMark = (one, xs, ys, extra) => ({ xs, ys, color: resolve(one.colour), width: 1.5, alpha: 1, dash: (one.dash || []).join(' ') || 'solid', ...extra });

  /** Points without a neighbour, whether a line has no other or gaps beside them: as lines they are not seen. */
  function lonely({ x, y, colour }) {
    const isThere = (i) => Number.isFinite(x[i]) && Number.isFinite(y[i]);
    const found = [...x.keys()].filter((i) => isThere(i) && !isThere(i - 1) && !isThere(i + 1));
    return found.map((i) => ({ x: x[i], y: y[i], color: resolve(colour), alpha: 1, size: 6, marker: 'circle' }));
  }

  function line({ series, xName, yName, kind = 'number', names, x: givenX, y: givenY, references = [], value, note }, box) {
    const { all, shown } = looked(series, box.hidden);
    const x = range(shown.map((one) => one.x), givenX, 0);
    const y = range(shown.map((one) => one.y), givenY, 0.06);
    const quiet = references.map(({ x: xs, y: ys, colour = 'var(--gt-fg3)' }) => lineMark({ colour, dash: [4, 4] }, xs, ys, { width: 1, alpha: 0.8 }));
    const writeX = names ? (at) => names[at] ?? '' : kind === 'moment' ? gitrack.format.moment : number;
    return {
      lines: [...quiet, ...shown.map((one) => lineMark(one, one.x, one.y))],
      points: shown.flatMap(lonely),
      x,
      y,
      xTicks: names ? marks.nameTicks(names, box.width, 90) : ticksX(x, box, kind),
      yTicks: ticksY(y, box),
      legend: keys(all, value),
      axes: [xName, yName],
      note,
      summary: `Lines of ${yName} against ${xName}: ${all.map((one) => one.name).join(', ')}.`,
      tell: (at) => marks.tellLines(shown, at, number, (found) => `${xName} ${writeX(found)}`),
    };
  }

  function roc(input, box) {
    const diagonal = { x: [0, 1], y: [0, 1] };
    return line({ xName: 'false positive rate', yName: 'true positive rate', references: [diagonal], value: (one) => `AUC ${share(one.area)}`, ...input, x: [0, 1], y: [0, 1.02] }, box);
  }

  function pr(input, box) {
    // Of many classes the baselines would hide the curves.
    const bases = input.series.length > 3 ? [] : looked(input.series, box.hidden).shown.filter((one) => Number.isFinite(one.base));
    const references = bases.map((one) => ({ x: [0, 1], y: [one.base, one.base], colour: one.colour }));
    return line({ xName: 'recall', yName: 'precision', references, value: (one) => `AP ${share(one.area)}`, ...input, x: [0, 1], y: [0, 1.02] }, box);
  }

  function scatter({ series, xName, yName, kind = 'number', names, note }, box) {
    const { all, shown } = looked(series, box.hidden);
    const points = shown.flatMap((one) => one.x.map((x, at) => ({ x, y: one.y[at], colour: one.colour, name: one.name, label: one.labels && one.labels[at] })).filter((point) => Number.isFinite(point.x) && Number.isFinite(point.y)));
    const crowd = points.length > CROWD;
    const x = range([points.map((point) => point.x)]);
    const y = range([points.map((point) => point.y)]);
    const lost = shown.reduce((sum, one) => sum + one.x.length, 0) - points.length;
    return {
      points: points.map((point) => ({ x: point.x, y: point.y, color: resolve(point.colour), alpha: crowd ? 0.35 : 0.7, size: crowd ? 3.5 : 6, marker: 'circle' })),
      x,
      y,
      xTicks: names ? marks.nameTicks(names, box.width, 90) : ticksX(x, box, kind),
      yTicks: ticksY(y, box),
      legend: keys(all),
      axes: [xName, yName],
      note: [note, lost ? `${lost} without a place` : ''].filter(Boolean).join(' · '),
      summary: `${points.length} points of ${yName} against ${xName}.`,
      tell: (px, py, per) => {
        const found = marks.nearestPoint(points, px, py, per);
        if (!found) return null;
        const written = kind === 'moment' ? gitrack.format.moment(found.x) : names ? names[found.x] : number(found.x);
        return { title: found.label || found.name, rows: [{ name: xName, value: written }, { name: yName, value: number(found.y) }] };
      },
    };
  }

  function bar({ labels, series, xName = '', yName = '', note }, box) {
    const { all, shown } = looked(series, box.hidden);
    const lies = labels.length > FLAT || labels.some((label) => label.length > 12);
    const [low, high] = scale.extent(shown.map((one) => one.values));
    const reach = scale.widened(Math.min(0, low), Math.max(0, high, low === high && high === 0 ? 1 : 0), 0.05);
    const values = low > high ? [0, 1] : [low < 0 ? reach[0] : 0, high > 0 ? reach[1] : 0];
    const thick = 0.8 / Math.max(1, shown.length);
    const place = (at) => (lies ? labels.length - 1 - at : at);
    const quads = shown.flatMap((one, row) =>
      one.values.flatMap((value, at) => {
        if (!Number.isFinite(value)) return [];
        const from = place(at) - 0.4 + (lies ? shown.length - 1 - row : row) * thick;
        const [start, end] = [Math.min(0, value), Math.max(0, value)];
        const sides = lies ? { bottom: from, top: from + thick, left: start, right: end } : { left: from, right: from + thick, bottom: start, top: end };
        return [{ ...sides, color: resolve(one.colour), alpha: 0.85 }];
      }),
    );
    const across = [-0.6, labels.length - 0.4];
    const height = lies ? Math.min(900, Math.max(200, labels.length * 20 + 40)) : 240;
    const named = lies ? marks.nameTicks(labels, height - 40, 14, place) : marks.nameTicks(labels, box.width, 80);
    return {
      quads,
      x: lies ? values : across,
      y: lies ? across : values,
      xTicks: lies ? ticksX(values, box) : named,
      yTicks: lies ? named : ticksY(values, box),
      height: labels.length > FLAT ? height : 240,
      legend: keys(all),
      axes: lies ? [yName, xName] : [xName, yName],
      note,
      summary: `${labels.length} bars of ${yName || xName}.`,
      tell: (x, y) => {
        const at = place(Math.round(lies ? y : x));
        if (!(at >= 0 && at < labels.length)) return null;
        return { title: labels[at], rows: shown.map((one) => ({ colour: one.colour, name: one.name || yName, value: number(one.values[at]) })) };
      },
    };
  }

  function histogram({ series, xName = '', note }, box) {
    const { all, shown } = looked(series, box.hidden);
    const bins = marks.binsFor(all.flatMap((one) => one.values)) || [0, 1, 1];
    const [low, high, count] = bins;
    const step = (high - low) / count;
    const counts = shown.map((one) => marks.counted(one.values, bins));
    const most = Math.max(1, ...counts.flat());
    const lost = shown.reduce((sum, one) => sum + one.values.length - marks.finite(one.values).length, 0);
    const gap = step * 0.04;
    const x = scale.widened(low, high, 0.02);
    const y = [0, most * 1.06];
    return {
      quads: counts.flatMap((row, at) =>
        row.flatMap((many, bin) =>
          many ? [{ left: low + bin * step + gap, right: low + (bin + 1) * step - gap, bottom: 0, top: many, color: resolve(shown[at].colour), alpha: shown.length > 1 ? 0.5 : 0.85 }] : [],
        ),
      ),
      x,
      y,
      xTicks: ticksX(x, box),
      yTicks: ticksY(y, box),
      legend: keys(all),
      axes: [xName, 'rows'],
      note: [note, lost ? `${lost.toLocaleString('en-US')} without a number` : ''].filter(Boolean).join(' · '),
      summary: `Histogram of ${xName} in ${count} bins from ${number(low)} to ${number(high)}.`,
      tell: (at) => {
        const bin = Math.floor((at - low) / step);
        if (!(bin >= 0 && bin < count)) return null;
        return { title: `${number(low + bin * step)} to ${number(low + (bin + 1) * step)}`, rows: shown.map((one, i) => ({ colour: one.colour, name: one.name || 'rows', value: counts[i][bin].toLocaleString('en-US') })) };
      },
    };
  }

  function box({ series, yName = '', note }, frame) {
    const { all, shown } = looked(series, frame.hidden);
    const boxes = shown.map((one) => marks.boxOf(one.values));
    const y = range([boxes.flatMap((one) => (one ? [one.low, one.high, ...one.beyond] : []))], null, 0.06);
    const made = { quads: [], lines: [], points: [] };
    boxes.forEach((one, at) => {
      if (!one) return;
      const { colour } = shown[at];
      made.quads.push({ left: at - 0.3, right: at + 0.3, bottom: one.q1, top: one.q3, color: resolve(colour), alpha: 0.35 });
      for (const [xs, ys] of [[[at - 0.3, at + 0.3], [one.median, one.median]], [[at, at], [one.q3, one.high]], [[at, at], [one.low, one.q1]]]) made.lines.push(lineMark(shown[at], xs, ys, { width: 2 }));
      for (const value of one.beyond.slice(0, 200)) made.points.push({ x: at, y: value, color: resolve(colour), alpha: 0.6, size: 4, marker: 'circle' });
    });
    return {
      ...made,
      x: [-0.6, shown.length - 0.4],
      y,
      xTicks: marks.nameTicks(shown.map((one) => one.name), frame.width, 80),
      yTicks: ticksY(y, frame),
      legend: keys(all),
      axes: ['', yName],
      note,
      summary: shown.map((one, at) => `${one.name}: median ${boxes[at] ? number(boxes[at].median) : 'none'}`).join('; '),
      tell: (at) => {
        const one = boxes[Math.round(at)];
        if (!one) return null;
        const rows = [['highest within reach', one.high], ['upper quartile', one.q3], ['median', one.median], ['lower quartile', one.q1], ['lowest within reach', one.low], ['values', one.count]];
        return { title: shown[Math.round(at)].name, rows: rows.map(([name, value]) => ({ name, value: number(value) })) };
      },
    };
  }

  function shares(cells, mode) {
    const sum = (values) => values.reduce((total, value) => total + (Number.isFinite(value) ? value : 0), 0);
    if (mode === 'row') return cells.map((row) => row.map((value) => value / sum(row)));
    if (mode !== 'column') return cells;
    const totals = (cells[0] || []).map((_, at) => sum(cells.map((row) => row[at])));
    return cells.map((row) => row.map((value, at) => value / totals[at]));
  }

  function matrix({ rows, columns, cells, rowName = '', columnName = '', mode = 'count', note }, frame) {
    const values = shares(cells, mode);
    const height = Math.min(720, Math.max(240, rows.length * 26 + 40));
    const [low, high] = scale.extent(values);
    const least = low >= 0 ? 0 : low;
    const tokens = ['--gt-surface', '--gt-seq-1', '--gt-seq-2', '--gt-seq-3', '--gt-seq-4'];
    const colour = marks.colourScale(tokens.map((token) => resolve(`var(${token})`)));
    const write = mode === 'count' ? number : (value) => (Number.isFinite(value) ? value.toFixed(2) : '–');
    const fits = (frame.width - 80) / columns.length >= WRITTEN + (mode === 'count' ? 0 : 6) && height / rows.length >= 16;
    const quads = [];
    const texts = [];
    values.forEach((row, r) => {
      row.forEach((value, c) => {
        const y = rows.length - 1 - r;
        const fill = colour(Number.isFinite(value) && high > least ? (value - least) / (high - least) : 0);
        quads.push({ left: c - 0.49, right: c + 0.49, bottom: y - 0.48, top: y + 0.48, color: fill, alpha: 1 });
        if (fits) texts.push({ x: c, y, text: write(value), color: marks.inkOn(fill) });
      });
    });
    return {
      quads,
      texts,
      height,
      x: [-0.5, columns.length - 0.5],
      y: [-0.5, rows.length - 0.5],
      xTicks: marks.nameTicks(columns, frame.width - 80, 64),
      yTicks: marks.nameTicks(rows, height, 14, (at) => rows.length - 1 - at),
      axes: [columnName, rowName],
      note,
      summary: `Matrix of ${rows.length} by ${columns.length}, ${rowName} down, ${columnName} across.`,
      tell: (x, y) => {
        const [c, r] = [Math.round(x), rows.length - 1 - Math.round(y)];
        if (!values[r] || values[r][c] === undefined) return null;
        const told = [{ name: rowName || 'row', value: rows[r] }, { name: columnName || 'column', value: columns[c] }, { name: 'value', value: number(cells[r][c]) }];
        if (mode !== 'count') told.push({ name: `share of the ${mode}`, value: write(values[r][c]) });
        return { title: '', rows: told };
      },
    };
  }

  const composers = { line, roc, pr, scatter, bar, histogram, box, matrix };
  gitrack.plots = Object.fromEntries(Object.entries(composers).map(([kind, compose]) => [kind, (host, input) => new gitrack.Plot(host, compose, input)]));
  gitrack.plots.composers = composers;
})();
