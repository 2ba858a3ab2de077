// Histograms of one name over steps: their numbers, and the two pictures that are drawn of them.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const RIDGES = 36; // histograms that an offset picture draws one behind the other
  const SHADES = 64;
  const CUT = 1.6; // of the whole range to the usual one, from which on the rest is left out
  const TAIL = 0.005; // share of a step's values at either end
  const WIDE = 4; // of a step's span to the usual one

  /** The sequential colours of the scheme, from the background to the most. */
  function ramp() {
    const stops = ['--gt-surface', '--gt-seq-1', '--gt-seq-2', '--gt-seq-3', '--gt-seq-4'].map((name) => {
      const hex = gitrack.resolveColour(`var(${name})`).replace('#', '');
      return [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16));
    });
    return Array.from({ length: SHADES }, (_, i) => {
      const place = (i / (SHADES - 1)) * (stops.length - 1);
      const at = Math.min(Math.floor(place), stops.length - 2);
      return stops[at].map((low, part) => Math.round(low + (stops[at + 1][part] - low) * (place - at)));
    });
  }

  /** What one name's script holds, as columns of counts between edges. */
  class Histograms {
    static async from(data) {
      const read = gitrack.unpackArray;
      const [first, last, bins, counts, low, high, edges] = await Promise.all(
        [data.first, data.last, data.bins, data.counts, data.low, data.high, data.edges].map(read),
      );
      return new Histograms(data, { first, last, bins, counts, low, high, edges });
    }

    constructor(data, arrays) {
      this.name = data.name;
      this.logged = data.logged;
      this.together = data.together;
      this.skipped = data.skipped;
      this.first = arrays.first;
      this.last = arrays.last;
      let at = 0;
      this.columns = Array.from(arrays.bins, (bins, i) => {
        const counts = Float64Array.from(arrays.counts.subarray(at, at + bins));
        const edges = arrays.edges
          ? arrays.edges.subarray(at + i, at + i + bins + 1)
          : Float64Array.from({ length: bins + 1 }, (_, k) => arrays.low[i] + ((arrays.high[i] - arrays.low[i]) * k) / bins);
        at += bins;
        const below = new Float64Array(bins + 1); // how much lies below each edge
        for (let k = 0; k < bins; k += 1) below[k + 1] = below[k] + counts[k];
        return { counts, edges, below, total: below[bins] };
      });
      this.whole = this.reach(true);
      this.inner = this.reach(false);
      this.isCut = this.inner[1] - this.inner[0] < this.whole[1] - this.whole[0];
    }

    get length() {
      return this.columns.length;
    }

    /**
     * Where the values lie: [low, high]. Without `whole`, the outermost half percent of each step
     * and steps that are far wider than most are left out, if that gains much.
     */
    reach(whole) {
      const filled = this.columns.flatMap(({ total }, i) => (total ? [i] : []));
      if (!filled.length) return [this.columns[0].edges[0], this.columns[0].edges.at(-1)];
      const ends = (places, tail) => [Math.min(...places.map((i) => this.quantile(i, tail))), Math.max(...places.map((i) => this.quantile(i, 1 - tail)))];
      const all = ends(filled, 0);
      if (whole) return all;
      const spans = new Map(filled.map((i) => [i, this.quantile(i, 1 - TAIL) - this.quantile(i, TAIL)]));
      const usual = [...spans.values()].sort((a, b) => a - b)[filled.length >> 1];
      const [low, high] = ends(filled.filter((i) => spans.get(i) <= WIDE * usual), TAIL);
      const room = (high - low) * 0.08;
      return all[1] - all[0] <= CUT * (high - low) ? all : [Math.max(all[0], low - room), Math.min(all[1], high + room)];
    }

    range(whole) {
      return whole ? this.whole : this.inner;
    }

    /** How much of a column lies below a value, spread evenly within each bin. */
    below(column, value) {
      const { edges, below } = column;
      const bins = edges.length - 1;
      if (value <= edges[0]) return 0;
      if (value >= edges[bins]) return below[bins];
      let low = 0;
      let high = bins;
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if (edges[middle] <= value) low = middle;
        else high = middle;
      }
      return below[low] + ((below[high] - below[low]) * (value - edges[low])) / (edges[high] - edges[low]);
    }

    /** The value below which a share of a column lies; NaN where it counted nothing. */
    quantile(i, share) {
      const { edges, below, counts, total } = this.columns[i];
      if (!total) return NaN;
      const wanted = share * total;
      let bin = counts.findIndex((count, k) => count > 0 && below[k + 1] >= wanted);
      if (bin < 0) bin = counts.findLastIndex((count) => count > 0);
      return edges[bin] + ((edges[bin + 1] - edges[bin]) * (wanted - below[bin])) / counts[bin];
    }

    /** The steps of a column, in words. */
    stepText(i) {
      const write = (step) => step.toLocaleString('en-US');
      return this.first[i] === this.last[i] ? `step ${write(this.first[i])}` : `steps ${write(this.first[i])}–${write(this.last[i])}`;
    }

    /** Where the columns of a picture `width` wide begin; each reaches halfway to its neighbours. */
    borders(width) {
      const middles = Array.from(this.first, (step, i) => (step + this.last[i]) / 2);
      const n = middles.length;
      if (n === 1) return [0, width];
      const from = middles[0] - (middles[1] - middles[0]) / 2;
      const to = middles[n - 1] + (middles[n - 1] - middles[n - 2]) / 2;
      const inner = middles.slice(1).map((middle, i) => (middle + middles[i]) / 2);
      return [from, ...inner, to].map((step) => ((step - from) / (to - from)) * width);
    }
  }

  /** Colour is the share of a step's values at a height: `size` in device pixels. */
  function drawHeat(context, histograms, [low, high], { width, height }) {
    const borders = histograms.borders(width);
    const rows = Math.min(height, 160);
    const shares = histograms.columns.map((column) => {
      const found = new Float64Array(rows);
      let under = histograms.below(column, low);
      for (let row = 0; row < rows; row += 1) {
        const upper = histograms.below(column, low + ((high - low) * (row + 1)) / rows);
        found[rows - 1 - row] = column.total ? (upper - under) / column.total : 0;
        under = upper;
      }
      return found;
    });
    // Not the greatest share, which a few steps of equal values alone would set.
    const peaks = shares.map((column) => Math.max(...column)).sort((a, b) => a - b);
    const most = peaks[Math.floor(peaks.length * 0.9)] || 1;
    const shades = ramp();
    const picture = context.createImageData(width, height);
    let column = 0;
    for (let x = 0; x < width; x += 1) {
      while (column < shares.length - 1 && x >= borders[column + 1]) column += 1;
      for (let y = 0; y < height; y += 1) {
        const share = shares[column][Math.floor((y * rows) / height)];
        const shade = shades[Math.min(SHADES - 1, Math.ceil(Math.sqrt(share / most) * (SHADES - 1)))];
        picture.data.set(shade, 4 * (y * width + x));
        picture.data[4 * (y * width + x) + 3] = 255;
      }
    }
    context.putImageData(picture, 0, 0);
  }

  /** The columns that an offset picture shows, with the height of each one's base line. */
  function ridges(histograms, height) {
    const count = Math.min(RIDGES, histograms.length);
    const top = height * 0.34;
    return Array.from({ length: count }, (_, i) => ({
      column: count === 1 ? 0 : Math.round((i * (histograms.length - 1)) / (count - 1)),
      base: count === 1 ? height - 2 : top + ((height - 2 - top) * i) / (count - 1),
    }));
  }

  /** One histogram before the other, the latest in front; x is the value. */
  function drawRidges(context, histograms, [low, high], { width, height }, chosen) {
    const shades = ramp();
    context.clearRect(0, 0, width, height);
    const shown = ridges(histograms, height);
    const densities = shown.map(({ column }) => {
      const { edges, counts, total } = histograms.columns[column];
      return Array.from(counts, (count, k) => (total ? count / total / (edges[k + 1] - edges[k]) : 0));
    });
    const peaks = densities.map((one) => Math.max(...one)).sort((a, b) => a - b);
    const most = peaks[Math.floor(peaks.length * 0.8)] || 1;
    const x = (value) => ((value - low) / (high - low)) * width;
    const surface = gitrack.resolveColour('var(--gt-surface)');
    const accent = gitrack.resolveColour('var(--gt-accent)');
    const scale = height * 0.32;
    shown.forEach(({ column, base }, i) => {
      const { edges } = histograms.columns[column];
      const shade = shades[Math.round((0.35 + (0.5 * i) / shown.length) * (SHADES - 1))];
      context.beginPath();
      context.moveTo(x(edges[0]), base);
      densities[i].forEach((density, k) => {
        const y = base - Math.min(density / most, 1.05) * scale;
        context.lineTo(x((edges[k] + edges[k + 1]) / 2), y);
      });
      context.lineTo(x(edges.at(-1)), base);
      context.closePath();
      context.fillStyle = `rgba(${shade.join(' ')} / 0.85)`;
      context.fill();
      context.strokeStyle = column === chosen ? accent : surface;
      context.lineWidth = column === chosen ? 3 : 1;
      context.stroke();
    });
  }

  /** One step's histogram as bars. */
  function drawBars(context, histograms, i, [low, high], { width, height }) {
    const { counts, edges } = histograms.columns[i];
    const density = Array.from(counts, (count, k) => count / (edges[k + 1] - edges[k]));
    const most = Math.max(...density) || 1;
    context.clearRect(0, 0, width, height);
    context.fillStyle = gitrack.resolveColour('var(--gt-seq-3)');
    density.forEach((one, k) => {
      const from = ((edges[k] - low) / (high - low)) * width;
      const to = ((edges[k + 1] - low) / (high - low)) * width;
      const tall = (one / most) * (height - 2);
      context.fillRect(from, height - tall, Math.max(1, to - from - 0.5), tall);
    });
  }

  gitrack.Histograms = Histograms;
  gitrack.histogramPictures = { drawBars, drawHeat, drawRidges, ridges };
})();
