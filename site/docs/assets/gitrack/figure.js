// One Bokeh figure from the template that Python drew, filled with what a panel composed.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const RIGHT = 12; // px beside the frame, as in charts.py
  const MOST = 32; // figures that charts out of sight hold on to
  // Where figures are made. It stays: what comes and goes in the body has all of its style found anew.
  const nursery = el('div', { class: 'gt-nursery', 'aria-hidden': 'true' });
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

  /** Embed the template of a kind, once `fill` gave its model what it shows; returns its view. */
  async function embed(kind, target, fill) {
    const { doc } = await template(kind);
    await gitrack.bokeh; // it comes after all of ours: tables need not wait for it
    const made = Bokeh.Document.from_json(doc);
    if (made.config) made.config.notifications = null; // a view for what is never said
    const [model] = made.roots();
    spare(model);
    fill(model);
    const views = await Bokeh.embed.add_document_standalone(made, target);
    return views.roots[0];
  }

  /**
   * Spare a figure what costs most of a painting and nobody sees: the measuring of all labels, though
   * new ones ask for a layout by themselves, and a box of HTML around each part with a style of its own.
   */
  function spare(model) {
    model.default_view = class extends model.default_view {
      _invalidate_layout_if_needed() {
        if (this._needs_layout) super._invalidate_layout_if_needed();
      }
    };
    const { renderers, below, left, center, title } = model;
    for (const one of [...renderers, ...below, ...left, ...center, ...(title ? [title] : [])])
      one.default_view = class extends one.default_view {
        update_position() {}
      };
  }

  /** Give an axis its ticks: [{at, label}]; new labels cost a layout. */
  function setTicks(axis, ticks) {
    const written = JSON.stringify(ticks);
    if (axis.gitrackTicks === written) return;
    axis.gitrackTicks = written;
    axis.major_label_overrides = new Map(ticks.map((tick) => [tick.at, tick.label]));
    axis.ticker.ticks = ticks.map((tick) => tick.at);
  }

  /** Give a model both its ranges, [from, to], and their ticks. */
  function setAxes(model, { x, y, xTicks, yTicks }) {
    model.x_range.setv({ start: x[0], end: x[1] });
    model.y_range.setv({ start: y[0], end: y[1] });
    setTicks(model.below[0], xTicks);
    setTicks(model.left[0], yTicks);
  }

  class Figure {
    constructor(model, host) {
      this.model = model;
      this.host = host;
      this.view = null;
      const named = (name) => model.document.get_model_by_name(name);
      this.sources = { bands: named('bands'), raw: named('raw'), lines: named('lines'), marks: named('marks') };
      this.given = new Map();
      // Bokeh clips what lies in its upper layer only where it is told to.
      const lines = model.renderers.find((one) => one.data_source === this.sources.lines);
      lines.default_view = class extends lines.default_view {
        get needs_clip() {
          return true;
        }
      };
    }

    /**
     * Make a figure of a plot's size, beside the page: the plot may go while Bokeh is at work.
     * What `compose` returns is drawn at once, since Bokeh takes as long for a figure that is empty.
     */
    static async make({ clientWidth, clientHeight }, compose) {
      // What Bokeh draws is a picture here: the overlay listens, the summary speaks.
      const host = el('div', { class: 'gt-plot__canvas', 'aria-hidden': 'true', inert: true });
      const cot = el('div', { style: { width: `${clientWidth || 400}px`, height: `${clientHeight || 172}px` } }, host);
      if (!nursery.isConnected) document.body.append(nursery);
      nursery.append(cot);
      let figure;
      const fill = (model) => {
        figure = new Figure(model, host);
        figure.draw(compose());
      };
      try {
        const view = await embed('line', host, fill);
        return Object.assign(figure, { view });
      } finally {
        cot.remove();
      }
    }

    /** Room beside the frame, px; null for the usual. */
    set right(room) {
      if (this.model.min_border_right !== (room || RIGHT)) this.model.min_border_right = room || RIGHT;
    }

    /** Fill the figure: columns of the sources, both ranges, both axes' ticks. */
    draw({ x, y, xTicks, yTicks, ...columns }) {
      setAxes(this.model, { x, y, xTicks, yTicks });
      for (const [name, data] of Object.entries(columns)) {
        if (this.given.get(name) === data) continue; // comparing it value by value would cost as much
        this.given.set(name, data);
        this.sources[name].data = data;
      }
      // Equal data paints nothing, and the scheme may have changed.
      const scheme = document.body.dataset.mdColorScheme;
      if (this.view && scheme !== this.scheme) this.view.request_paint();
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

    /**
     * Draw what `compose` returns in the panel's figure: its own, one that a panel out of sight
     * gives up, or a new one.
     */
    async lend(panel, compose) {
      let drawn = false;
      this.holders = this.holders.filter((one) => one !== panel);
      if (!panel.figure && !panel.making) {
        const giver = this.made < MOST ? null : this.holders.find((one) => !one.inSight);
        if (giver) {
          this.holders = this.holders.filter((one) => one !== giver);
          panel.figure = giver.giveUp();
        } else {
          panel.making = this.make(panel, compose);
          drawn = true;
        }
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
      if (!drawn) panel.figure.draw(compose());
    }

    /** Figures are made one after the other, so that the page answers in between. */
    make(panel, compose) {
      this.made += 1;
      const made = this.queue.then(() => Figure.make(panel.plot, compose));
      this.queue = made.catch(() => {
        this.made -= 1;
      });
      return made;
    }
  }

  Object.assign(Figure, { embed, setAxes, setTicks });
  gitrack.Figure = Figure;
  gitrack.Figures = Figures;
})();
