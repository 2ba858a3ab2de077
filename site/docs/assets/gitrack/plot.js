// One chart of a table: a Bokeh figure of rectangles, lines, points and texts, its legend, and what
// a pointer is told. What stands in it is composed by plots.js.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const NAMED = 12; // series that a legend names at first
  const TOLD = 24; // rows of a tooltip

  const QUADS = ['left', 'right', 'bottom', 'top', 'color', 'alpha'];
  const LINES = ['xs', 'ys', 'color', 'width', 'alpha', 'dash'];
  const POINTS = ['x', 'y', 'color', 'alpha', 'size', 'marker'];
  const TEXTS = ['x', 'y', 'text', 'color'];

  const columnsOf = (names, rows) => Object.fromEntries(names.map((name) => [name, rows.map((row) => row[name])]));

  let tip = null;

  class Plot {
    /** `compose(input, {width, height, hidden})` says what is drawn: see plots.js. */
    constructor(host, compose, input) {
      Object.assign(this, { compose, input });
      this.hidden = new Set(); // names of series that are switched off
      this.canvas = el('div', { class: 'gt-plot__canvas', 'aria-hidden': 'true', inert: true });
      this.plot = el('div', { class: 'gt-plot' }, this.canvas);
      this.legend = el('ul', { class: 'gt-plot__legend' });
      this.axes = el('p', { class: 'gt-plot__axes' });
      this.summary = el('p', { class: 'gt-hidden' });
      this.element = el('div', { class: 'gt-plotted' }, this.legend, this.plot, this.axes, this.summary);
      host.replaceChildren(this.element);
      this.plot.addEventListener('pointermove', (event) => this.point(event));
      this.plot.addEventListener('pointerleave', () => this.leave());
      new ResizeObserver(() => this.draw()).observe(this.plot);
      new MutationObserver(() => this.draw()).observe(document.body, { attributeFilter: ['data-md-color-scheme'] });
      this.ready = this.draw();
    }

    /** Draw something else in its place. */
    update(input) {
      this.input = input;
      this.ready = this.draw();
      return this.ready;
    }

    async draw() {
      const made = this.compose(this.input, { width: this.plot.clientWidth || 400, height: this.plot.clientHeight || 240, hidden: this.hidden });
      this.made = made;
      if (made.height) this.plot.style.height = `${made.height}px`;
      this.describe(made);
      if (!this.making) {
        this.making = gitrack.Figure.embed('marks', this.canvas, (model) => this.fill(model, this.made));
        this.view = await this.making;
        return;
      }
      this.view = await this.making;
      if (made !== this.made) return; // drawn anew while the figure was made
      this.fill(this.view.model, made);
      this.view.request_paint();
    }

    fill(model, made) {
      gitrack.Figure.setAxes(model, made);
      const fill = (name, columns, rows) => {
        model.document.get_model_by_name(name).data = columnsOf(columns, rows || []);
      };
      fill('quads', QUADS, made.quads);
      fill('lines', LINES, made.lines);
      fill('points', POINTS, made.points);
      fill('texts', TEXTS, made.texts);
    }

    describe({ legend = [], axes = [], summary = '', note = '' }) {
      const named = this.all ? legend : legend.slice(0, NAMED);
      this.legend.replaceChildren(...named.map((entry) => el('li', {}, this.key(entry, legend.length > 1))));
      if (legend.length > named.length) {
        const all = () => {
          this.all = true;
          this.draw();
        };
        this.legend.append(el('li', {}, gitrack.button(`${legend.length - named.length} more`, null, all, { class: 'gt-button gt-button--link' })));
      }
      this.legend.hidden = !legend.length;
      this.axes.textContent = [axes[1] && `↑ ${axes[1]}`, axes[0] && `→ ${axes[0]}`, note].filter(Boolean).join('  ·  ');
      this.summary.textContent = summary;
    }

    key({ name, colour, dash = [], value }, several) {
      const on = !this.hidden.has(name);
      const content = [
        el('i', { class: dash.length ? 'gt-plot__key gt-plot__key--dashed' : 'gt-plot__key', style: { '--gt-c': colour }, 'aria-hidden': 'true' }),
        el('span', {}, name),
        value ? el('b', {}, value) : null,
      ];
      if (!several) return el('span', { class: 'gt-plot__entry' }, ...content);
      const toggle = () => {
        if (!this.hidden.delete(name)) this.hidden.add(name);
        this.draw();
      };
      return el('button', { type: 'button', class: 'gt-plot__entry', 'aria-pressed': String(on), title: on ? `Hide ${name}` : `Show ${name}`, onclick: toggle }, ...content);
    }

    point(event) {
      const told = this.view && this.made.tell ? this.told(event) : null;
      if (!told) {
        this.leave();
        return;
      }
      if (!tip) {
        tip = el('div', { class: 'gt-tooltip', role: 'presentation' });
        document.body.append(tip);
      }
      const rows = told.rows.slice(0, TOLD).map(({ colour, name, value }) =>
        el('li', {}, colour ? gitrack.dot(colour) : null, el('span', { class: 'gt-tooltip__name' }, name), el('span', {}, value)),
      );
      if (told.rows.length > TOLD) rows.push(el('li', { class: 'gt-without' }, `${told.rows.length - TOLD} more`));
      tip.replaceChildren(told.title ? el('header', {}, el('b', {}, told.title)) : '', el('ol', {}, ...rows));
      tip.hidden = false;
      const right = event.clientX + 16;
      const left = event.clientX - tip.offsetWidth - 16;
      tip.style.left = `${right + tip.offsetWidth <= innerWidth - 4 ? right : Math.max(4, left)}px`;
      tip.style.top = `${Math.max(4, Math.min(innerHeight - tip.offsetHeight - 4, event.clientY + 12))}px`;
    }

    told(event) {
      const { left, top, width, height } = this.view.frame.bbox;
      const box = this.plot.getBoundingClientRect();
      const [across, down] = [(event.clientX - box.left - left) / width, (event.clientY - box.top - top) / height];
      if (across < 0 || across > 1 || down < 0 || down > 1) return null;
      const { x, y } = this.made;
      const per = [width / (x[1] - x[0]), height / (y[1] - y[0])];
      return this.made.tell(x[0] + across * (x[1] - x[0]), y[1] - down * (y[1] - y[0]), per);
    }

    leave() {
      if (tip) tip.hidden = true;
    }
  }

  gitrack.Plot = Plot;
})();
