// One Bokeh figure from the template that Python drew, filled with what a panel composed.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const RIGHT = 12; // px beside the frame, as in charts.py
  const MOST = 32; // figures that charts out of sight hold on to
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
    constructor(view, host) {
      this.view = view;
      this.host = host;
      this.model = view.model;
      const named = (name) => this.model.document.get_model_by_name(name);
      this.sources = { bands: named('bands'), raw: named('raw'), lines: named('lines'), marks: named('marks') };
      this.given = new Map();
      // Bokeh clips what lies in its upper layer only where it is told to.
      const lines = this.model.renderers.find((one) => one.data_source === this.sources.lines);
      Object.defineProperty(view.views.get_one(lines), 'needs_clip', { value: true });
      this.labels = ['', ''];
    }

    /** Make a figure of a plot's size, beside the page: the plot may go while Bokeh is at work. */
    static async make({ clientWidth, clientHeight }) {
      // What Bokeh draws is a picture here: the overlay listens, the summary speaks.
      const host = el('div', { class: 'gt-plot__canvas', 'aria-hidden': 'true', inert: true });
      const nursery = el('div', { class: 'gt-nursery', style: { width: `${clientWidth || 400}px`, height: `${clientHeight || 172}px` } }, host);
      document.body.append(nursery);
      try {
        return new Figure(await embed('line', host), host);
      } finally {
        nursery.remove();
      }
    }

    /** Room beside the frame, px; null for the usual. */
    set right(room) {
      if (this.model.min_border_right !== (room || RIGHT)) this.model.min_border_right = room || RIGHT;
    }

    setTicks(axis, which, ticks) {
      const written = JSON.stringify(ticks);
      if (this.labels[which] === written) return; // new labels cost a layout
      this.labels[which] = written;
      axis.major_label_overrides = new Map(ticks.map((tick) => [tick.at, tick.label]));
      axis.ticker.ticks = ticks.map((tick) => tick.at);
    }

    /** Fill the figure: columns of the sources, both ranges, both axes' ticks. */
    draw({ x, y, xTicks, yTicks, ...columns }) {
      this.model.x_range.setv({ start: x[0], end: x[1] });
      this.model.y_range.setv({ start: y[0], end: y[1] });
      this.setTicks(this.model.below[0], 0, xTicks);
      this.setTicks(this.model.left[0], 1, yTicks);
      for (const [name, data] of Object.entries(columns)) {
        if (this.given.get(name) === data) continue; // comparing it value by value would cost as much
        this.given.set(name, data);
        this.sources[name].data = data;
      }
      // Equal data paints nothing, and the scheme may have changed.
      const scheme = document.body.dataset.mdColorScheme;
      if (scheme !== this.scheme) this.view.request_paint();
      this.scheme = scheme;
    }

    /** The box that the lines are drawn in, in pixels of the figure. */
    get frame() {
      const { left, top, width, height } = this.view.frame.bbox;
      return { left, top, width, height };
    }
  }

  /** The figures of a page, lent to charts in sight: hundreds of charts make do with a few dozen. */
  class Figures {
    constructor() {
      this.holders = []; // panels with a figure, the one that was drawn longest ago first
      this.queue = Promise.resolve();
      this.made = 0;
    }

    /** The panel's figure: its own, one that a panel out of sight gives up, or a new one. */
    async lend(panel) {
      this.holders = this.holders.filter((one) => one !== panel);
      if (!panel.figure && !panel.making) {
        const giver = this.made < MOST ? null : this.holders.find((one) => !one.inSight);
        if (giver) {
          this.holders = this.holders.filter((one) => one !== giver);
          panel.figure = giver.giveUp();
        } else panel.making = this.make(panel);
      }
      if (panel.making) {
        try {
          panel.figure = await panel.making;
        } finally {
          panel.making = null;
        }
      }
      if (panel.figure.host.parentNode !== panel.plot) panel.plot.prepend(panel.figure.host);
      if (!this.holders.includes(panel)) this.holders.push(panel);
      return panel.figure;
    }

    /** Figures are made one after the other, so that the page answers in between. */
    make(panel) {
      this.made += 1;
      const made = this.queue.then(() => Figure.make(panel.plot));
      this.queue = made.catch(() => {
        this.made -= 1;
      });
      return made;
    }
  }

  Figure.embed = embed;
  gitrack.Figure = Figure;
  gitrack.Figures = Figures;
})();
