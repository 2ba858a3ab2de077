// One Bokeh figure from the template that Python drew, filled with what a panel composed.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  let templates = null;

  function template(kind) {
    if (!templates) {
      templates = gitrack.load('data/charts.js').then((data) => new Map(data.charts));
      templates.catch(() => {
        templates = null;
      });
    }
    return templates.then((all) => all.get(kind));
  }

  /** Embed the template of a kind; returns its view. */
  async function embed(kind, target) {
    const views = await Bokeh.embed.embed_item(await template(kind), target);
    return views.roots[0];
  }

  class Figure {
    constructor(view) {
      this.view = view;
      this.model = view.model;
      const named = (name) => this.model.document.get_model_by_name(name);
      this.sources = { bands: named('bands'), raw: named('raw'), lines: named('lines'), marks: named('marks') };
      this.labels = ['', ''];
    }

    static async make(target) {
      return new Figure(await embed('line', target));
    }

    setTicks(axis, which, ticks) {
      const written = JSON.stringify(ticks);
      if (this.labels[which] === written) return; // new labels cost a layout
      this.labels[which] = written;
      axis.major_label_overrides = new Map(ticks.map((tick) => [tick.at, tick.label]));
      axis.ticker.ticks = ticks.map((tick) => tick.at);
    }

    /** Fill the figure: columns of the sources, both ranges, both axes' ticks. */
    draw({ bands, raw, lines, marks, x, y, xTicks, yTicks }) {
      this.model.x_range.setv({ start: x[0], end: x[1] });
      this.model.y_range.setv({ start: y[0], end: y[1] });
      this.setTicks(this.model.below[0], 0, xTicks);
      this.setTicks(this.model.left[0], 1, yTicks);
      this.sources.bands.data = bands;
      this.sources.raw.data = raw;
      this.sources.lines.data = lines;
      this.sources.marks.data = marks;
      // Equal data paints nothing, but the scheme may have changed.
      this.view.request_paint();
    }

    /** The box that the lines are drawn in, in pixels of the figure. */
    get frame() {
      const { left, top, width, height } = this.view.frame.bbox;
      return { left, top, width, height };
    }
  }

  Figure.embed = embed;
  gitrack.Figure = Figure;
})();
