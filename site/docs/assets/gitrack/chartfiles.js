// A chart as a file: a picture with title, axes and legend, or the numbers of its lines. The
// picture is drawn anew as SVG, so that it is sharp at any size and holds every point.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { svg } = gitrack;
  const FONT = '"Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
  const SCALE = 2; // of a PNG
  const SMALLEST = [480, 200]; // px of a picture's plot
  const MARGIN = { left: 56, right: 16, top: 36, bottom: 42 };
  const ROW = 18; // px of a legend's line
  const ILL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

  /** A text that XML can hold. */
  const legal = (text) => String(text).replace(ILL, '\ufffd');
  const shorten = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

  function colours() {
    const token = (name) => gitrack.resolveColour(`var(--gt-${name})`);
    return { paper: token('surface'), ink: token('fg'), faint: token('fg3'), grid: token('grid'), line: token('line2') };
  }

  const text = (words, x, y, fill, more) => svg('text', { x, y, fill, 'font-size': 11, ...more }, words);

  /** An SVG path through the points that are numbers, with a gap at each of the others. */
  function path(xs, ys, toX, toY) {
    let d = '';
    let pen = false;
    for (let i = 0; i < xs.length; i += 1) {
      const [x, y] = [toX(xs[i]), toY(ys[i])];
      if (Number.isFinite(x) && Number.isFinite(y)) {
        d += `${pen ? 'L' : 'M'}${x.toFixed(2)} ${Math.max(-1e5, Math.min(1e5, y)).toFixed(2)}`;
        pen = true;
      } else pen = false;
    }
    return d;
  }

  /** Names of lines in rows below the plot, each [x, row, entry]. */
  function legend(entries, width) {
    const placed = [];
    let [x, row] = [0, 0];
    for (const entry of entries) {
      const room = 24 + 6.2 * Math.min(40, entry.run.name.length);
      if (x && x + room > width) [x, row] = [0, row + 1];
      placed.push([x, row, entry]);
      x += room;
    }
    return placed;
  }

  /** The chart as an <svg> element of its own, in the colours of the page. */
  function picture(panel) {
    const { entries, axis, metric, settings, logX, logY, plot } = panel;
    const [[fromX, toX], [low, high]] = [panel.x, panel.y];
    const ink = colours();
    const width = Math.max(SMALLEST[0], plot.clientWidth);
    const height = Math.max(SMALLEST[1], plot.clientHeight);
    const frame = { width: width - MARGIN.left - MARGIN.right, height: height - 30 };
    const names = legend(entries, frame.width);
    const rows = names.length ? names[names.length - 1][1] + 1 : 0;
    const whole = MARGIN.top + frame.height + MARGIN.bottom + rows * ROW + 8;
    const x = (value) => MARGIN.left + ((value - fromX) / (toX - fromX)) * frame.width;
    const y = (value) => MARGIN.top + (1 - (value - low) / (high - low)) * frame.height;
    const bottom = MARGIN.top + frame.height;
    const stroke = (entry, d, alpha) =>
      svg('path', { d, fill: 'none', stroke: entry.run.hex, 'stroke-width': entry.run.width || 1.5, 'stroke-opacity': alpha, 'stroke-dasharray': entry.run.dash.join(' ') || null, 'stroke-linejoin': 'round' });
    const area = svg('g', { 'clip-path': 'url(#frame)' });
    const { bands, marks } = panel.lines.columns(panel.x, panel.y, width);
    bands.xs.forEach((xs, i) => area.append(svg('path', { d: `${path(xs, bands.ys[i], x, y)}Z`, fill: bands.color[i], 'fill-opacity': bands.alpha[i] })));
    if (settings.smooth > 0) for (const one of entries) area.append(stroke(one, path(one.xs, one.raw, x, y), entries.length === 1 ? 0.34 : 0.15));
    for (const one of entries) area.append(stroke(one, path(one.xs, one.ys, x, y), 1));
    marks.x.forEach((at, i) => Number.isFinite(y(marks.y[i])) && area.append(markOf(marks.marker[i], x(at), y(marks.y[i]), marks.color[i], marks.fill[i])));
    const ticksX = gitrack.scale.ticks(fromX, toX, { kind: axis.kind, log: logX, count: Math.round(width / 90) });
    const ticksY = gitrack.scale.ticks(low, high, { log: logY, count: Math.round(height / 50) });
    return svg(
      'svg',
      { xmlns: 'http://www.w3.org/2000/svg', width, height: whole, viewBox: `0 0 ${width} ${whole}`, 'font-family': FONT },
      svg('title', {}, metric),
      svg('clipPath', { id: 'frame' }, svg('rect', { x: MARGIN.left, y: MARGIN.top, width: frame.width, height: frame.height })),
      svg('rect', { width, height: whole, fill: ink.paper }),
      text(shorten(metric, 80), MARGIN.left, 22, ink.ink, { 'font-size': 14, 'font-weight': 600 }),
      ...ticksY.flatMap((tick) => [
        svg('path', { d: `M${MARGIN.left} ${y(tick.at).toFixed(2)}h${frame.width}`, stroke: ink.grid }),
        text(tick.label, MARGIN.left - 8, y(tick.at) + 4, ink.faint, { 'text-anchor': 'end' }),
      ]),
      svg('path', { d: `M${MARGIN.left} ${bottom}h${frame.width}`, stroke: ink.line }),
      ...ticksX.map((tick) => text(tick.label, x(tick.at), bottom + 16, ink.faint, { 'text-anchor': 'middle' })),
      text(shorten(axis.label, 60), MARGIN.left + frame.width, bottom + 32, ink.faint, { 'text-anchor': 'end' }),
      area,
      ...names.flatMap(([left, row, { run }]) => {
        const at = [MARGIN.left + left, bottom + MARGIN.bottom + row * ROW + 8];
        return [svg('path', { d: `M${at[0]} ${at[1]}h14`, stroke: run.hex, 'stroke-width': 3, 'stroke-dasharray': run.dash.join(' ') || null }), text(shorten(run.name, 40), at[0] + 19, at[1] + 4, ink.ink)];
      }),
    );
  }

  function markOf(kind, x, y, colour, fill) {
    if (kind === 'circle') return svg('circle', { cx: x, cy: y, r: 2.5, fill });
    const d = kind === 'x' ? `M${x - 3.5} ${y - 3.5}l7 7m0 -7l-7 7` : `M${x - 3.5} ${y - 3}h7l-3.5 6Z`;
    return svg('path', { d, fill: 'none', stroke: colour, 'stroke-width': 1.5 });
  }

  /** Every point of every line within the x range, as rows: what is drawn, in full precision. */
  function rows(panel) {
    const { entries, axis, metric, settings, logX } = panel;
    const [from, to] = panel.x;
    const smoothed = settings.smooth > 0;
    const banded = entries.some((entry) => entry.band);
    const head = ['run', 'id', axis.key, metric];
    if (smoothed) head.push(`${metric} (not smoothed)`);
    if (banded) head.push('low', 'high', 'runs');
    const all = [head];
    for (const { run, curve, smooth, xs, band } of entries) {
      for (let i = 0; i < xs.length; i += 1) {
        if (!(xs[i] >= from && xs[i] <= to)) continue;
        const lost = Number.isNaN(smooth[i]);
        const row = [run.name, run.id || '', logX ? curve.x[i] : xs[i], lost ? curve.raw[i] : smooth[i]];
        if (smoothed) row.push(curve.raw[i]);
        if (banded) row.push(...(band && band.values ? band.values.map((edge) => edge[i]) : [null, null]), band ? band.n[i] : null);
        all.push(row);
      }
    }
    return all;
  }

  function nameOf(project, words, ending) {
    const name = `${project.name} ${words}`.replace(/[^\w.-]+/g, '_').replace(/^[._]+/, '');
    return `${name.slice(0, 100) || 'chart'}.${ending}`;
  }

  const written = (drawn) => legal(new XMLSerializer().serializeToString(drawn));

  async function image(drawn) {
    const source = new Image();
    source.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(written(drawn))}`;
    await source.decode();
    const canvas = gitrack.el('canvas', { width: drawn.getAttribute('width') * SCALE, height: drawn.getAttribute('height') * SCALE });
    canvas.getContext('2d').drawImage(source, 0, 0, canvas.width, canvas.height);
    return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
  }

  /** Hand an <svg> element, or rows, to the reader as a file. */
  const save = {
    svg: (name, drawn) => gitrack.csv.download(name, written(drawn), 'image/svg+xml'),
    png: async (name, drawn) => gitrack.csv.download(name, await image(drawn), 'image/png'),
    csv: (name, table) => gitrack.csv.download(name, gitrack.csv.table(table)),
  };
  const named = (panel, ending) => nameOf(panel.charts.project, panel.metric, ending);

  gitrack.files = {
    FONT,
    nameOf,
    rows,
    save,
    svg: (panel) => save.svg(named(panel, 'svg'), picture(panel)),
    png: (panel) => save.png(named(panel, 'png'), picture(panel)),
    csv: (panel) => save.csv(named(panel, 'csv'), rows(panel)),
  };
})();
