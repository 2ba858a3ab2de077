// What a figure draws of the shown runs: their curves on the axes' terms, and the columns of the
// glyphs that draw them.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  // Pixels of a bin in which a line keeps its lowest and its highest point.
  const FINE = 2;
  const FAINT = 4;
  const CLEAR = 'rgba(0,0,0,0)';
  const NO_BANDS = { xs: [], ys: [], color: [], alpha: [] };
  const NO_LINES = { xs: [], ys: [], color: [], width: [], alpha: [], dash: [] };
  const NO_MARKS = { x: [], y: [], color: [], fill: [], marker: [], size: [] };

  const logarithm = (value) => (value > 0 ? Math.log10(value) : NaN);

  function lastFinite(values) {
    let end = values.length - 1;
    while (end >= 0 && !Number.isFinite(values[end])) end -= 1;
    return end;
  }

  class Lines {
    constructor(panel) {
      this.panel = panel;
      this.entries = [];
    }

    /** Collect the curves of the shown runs, as the settings have them. */
    compose(moments) {
      const { charts, metric, axis, settings, logX, logY } = this.panel;
      const { runs, history } = charts;
      const before = new Map(this.entries.map((entry) => [entry.run.run, entry]));
      this.entries = [];
      for (const run of runs) {
        if (run.members) {
          const { moments: found } = moments.get(run.run);
          if (found) this.entries.push(gitrack.bands.entry(run, found, { settings, logX, logY }));
          continue;
        }
        const series = history.get(run.run, metric);
        const against = axis.metric ? history.get(run.run, axis.metric) : null;
        if (!series || !series.n || (axis.metric && !against)) continue;
        const curve = gitrack.curve(series, axis.key, against);
        // Smoothing leaves x and the raw line as they are, and its slider is what must not wait.
        const old = before.get(run.run);
        const same = old && old.curve === curve && old.logX === logX && old.logY === logY;
        const smooth = gitrack.smooth(curve, settings.smooth, settings.smoothing);
        this.entries.push({
          run,
          curve,
          smooth,
          logX,
          logY,
          xs: same ? old.xs : logX ? curve.x.map(Math.log10) : curve.x,
          raw: same ? old.raw : logY ? curve.y.map(logarithm) : curve.y,
          ys: logY ? smooth.map(logarithm) : smooth,
        });
      }
    }

    /** The columns of all glyphs for the ranges x and y over a width of so many pixels. */
    columns(x, y, pixels) {
      const width = this.entries.length > 5 ? 1 : 1.5; // above a pixel a line takes several times as long to paint
      return {
        bands: this.bands(y),
        raw: this.panel.settings.smooth > 0 ? this.faint(x, width, pixels) : NO_LINES,
        lines: this.lines('ys', x, { width, alpha: 1, bins: Math.ceil(pixels / FINE) }),
        marks: this.marks(y),
      };
    }

    lines(values, x, { width, alpha, bins }) {
      const { entries } = this;
      const thinned = entries.map((entry) =>
        entry.curve.rising && entry.xs.length > bins ? gitrack.thin(entry.xs, entry[values], ...x, bins) : { xs: entry.xs, ys: entry[values] },
      );
      return {
        xs: thinned.map((line) => line.xs),
        ys: thinned.map((line) => line.ys),
        color: entries.map((entry) => entry.run.hex),
        width: entries.map((entry) => entry.run.width || width),
        alpha: entries.map(() => alpha),
        dash: entries.map((entry) => entry.run.dash.join(' ') || 'solid'),
      };
    }

    /** The unsmoothed lines: the same columns while nothing but the smoothing changes. */
    faint(x, width, pixels) {
      const alpha = this.entries.length === 1 ? 0.34 : 0.15;
      const basis = JSON.stringify([x, width, pixels, this.entries.map(({ run }) => [run.hex, run.width, run.dash])]);
      const raws = this.entries.map((entry) => entry.raw);
      const known = this.kept;
      if (!known || known.basis !== basis || raws.some((raw, i) => raw !== known.raws[i])) {
        this.kept = { basis, raws, columns: this.lines('raw', x, { width, alpha, bins: Math.ceil(pixels / FAINT) }) };
      }
      return this.kept.columns;
    }

    bands(y) {
      const drawn = this.entries.filter((entry) => entry.band && entry.band.high);
      return drawn.length ? gitrack.bands.patches(drawn, 2 * y[0] - y[1]) : NO_BANDS;
    }

    /** Ends that mean something, and a hollow triangle where values that are no numbers begin. */
    marks(y) {
      const marks = { x: [], y: [], color: [], fill: [], marker: [], size: [] };
      const put = (x, at, colour, fill, marker, size) => {
        const values = { x, y: at, color: colour, fill, marker, size };
        for (const name of Object.keys(values)) marks[name].push(values[name]);
      };
      for (const { run, curve, xs, ys } of this.entries) {
        const end = lastFinite(ys);
        if (end >= 0 && isLone(ys, end)) put(xs[end], ys[end], run.hex, run.hex, 'circle', 5); // no line leads to it
        if (end >= 0 && run.state === 'running') put(xs[end], ys[end], run.hex, run.hex, 'circle', 5);
        else if (end >= 0 && ENDS.has(run.state)) put(xs[end], ys[end], run.hex, CLEAR, 'x', 7);
        for (const i of lossesOf(curve)) put(xs[i], y[0] + (y[1] - y[0]) * 0.025, run.hex, CLEAR, 'inverted_triangle', 7);
      }
      return marks.x.length ? marks : NO_MARKS;
    }
  }

  const ENDS = new Set(['running', 'crashed', 'failed']);

  /** Whether the last finite value is the only one. */
  const isLone = (values, end) => values.findIndex(Number.isFinite) === end;

  /** Where each stretch of values that are no numbers begins. */
  function lossesOf(curve) {
    if (!curve.losses) {
      curve.losses = [];
      curve.raw.forEach((value, i) => {
        if (!Number.isFinite(value) && (!i || Number.isFinite(curve.raw[i - 1]))) curve.losses.push(i);
      });
    }
    return curve.losses;
  }

  Lines.lastFinite = lastFinite;
  Lines.logarithm = logarithm;
  gitrack.Lines = Lines;
})();
