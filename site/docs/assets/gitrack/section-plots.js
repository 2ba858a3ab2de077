// The charts that a run logged: ours drawn by plots.js, figures of Bokeh and Plotly in frames, the
// table of each on demand, and a slider where one was logged more than once.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const MODES = [['count', 'Counts'], ['row', 'By row'], ['column', 'By column']];
  const FIGURES = ['bokeh', 'plotly'];
  const OURS = 'Plotly is not installed where this site was built: these are its traces, drawn by gitrack.';

  class LoggedPlot {
    constructor(run, { key, items }) {
      Object.assign(this, { run, key, items, turn: 0, mode: 'count', asTable: false, kept: new Map() });
      this.steps = new gitrack.StepSlider({ steps: items.map((item) => item.step), label: key, changed: () => this.draw() });
      this.title = el('p', { class: 'gt-plotcard__title' });
      this.tools = el('span', { class: 'gt-plotcard__tools' });
      this.place = el('div', { class: 'gt-logged__place' });
      this.element = el(
        'section',
        { class: 'gt-plotcard', 'aria-label': `Chart ${key}` },
        el('header', { class: 'gt-plotcard__head' }, el('h3', { title: key }, ...gitrack.metricName(key)), this.tools),
        this.title,
        this.steps.element,
        this.place,
      );
      this.element.addEventListener('keydown', (event) => event.key === 'Escape' && this.enlarge(false));
    }

    get item() {
      return this.items[this.steps.at];
    }

    async draw() {
      const { item } = this;
      const turn = (this.turn += 1);
      this.title.textContent = item.title || '';
      this.title.hidden = !item.title || item.title === this.key;
      this.element.classList.toggle('gt-plotcard--figure', FIGURES.includes(item.kind) && !item.why);
      this.element.classList.toggle('gt-plotcard--wide', this.asTable);
      if (item.why) {
        this.plot = this.view = null;
        this.tools.replaceChildren();
        this.place.replaceChildren(gitrack.notHere('chart', this.run, item));
        return;
      }
      try {
        const data = await gitrack.load(item.script);
        if (turn !== this.turn) return;
        if (FIGURES.includes(item.kind)) await this.drawFigure(item, data, turn);
        else this.drawChart(item, data);
      } catch (error) {
        if (!(error instanceof gitrack.LoadError)) throw error;
        this.plot = this.view = null;
        this.place.replaceChildren(el('p', { class: 'gt-failed' }, `${error.message} `, gitrack.button('Retry', null, () => this.draw())));
      }
    }

    drawChart(item, data) {
      const read = gitrack.plots.fromTable(item, data);
      const modes = read && read.kind === 'matrix' ? this.modeSwitch() : null;
      const table = read ? gitrack.button('Table', null, () => this.flip(), { 'aria-pressed': String(this.asTable) }) : null;
      this.tools.replaceChildren(...[modes, table, read && this.enlarger()].filter(Boolean));
      if (!read || this.asTable) {
        this.drawTable(item, data, read ? null : item.kind);
        return;
      }
      const input = { ...read.input, mode: this.mode };
      if (this.plot && this.kind === read.kind) {
        this.plot.update(input);
        return;
      }
      this.view = null;
      this.kind = read.kind;
      this.plot = gitrack.plots[read.kind](this.place, input);
    }

    drawTable(item, data, unknown) {
      this.plot = null;
      const shown = { ...data, command: gitrack.getCommand(this.run, item.path) };
      if (this.view) {
        this.view.setData(shown);
        return;
      }
      this.view = new gitrack.TableView({ label: this.key, file: `${this.run}-${this.key}`, ...shown });
      const why = unknown && unknown !== 'table' ? el('p', { class: 'gt-dim' }, 'This site draws no such chart; this is its table.') : null;
      this.place.replaceChildren(...[why, this.view.element].filter(Boolean));
    }

    async drawFigure(item, { json }, turn) {
      const name = `${this.run}-${this.key}`.replace(/[^\w.-]+/g, '_');
      const save = gitrack.button('JSON', null, () => gitrack.csv.download(`${name}.${item.kind}.json`, json), { title: 'Download the figure as JSON' });
      this.tools.replaceChildren(save, this.enlarger());
      if (!item.engine) {
        this.drawTraces(item.traces);
        return;
      }
      const scripts = await Promise.all(item.engine.map((place) => gitrack.load(place)));
      if (turn !== this.turn) return;
      const frame = gitrack.figureFrame({ kind: item.kind, json, code: scripts.map((one) => one.code) }, `Figure ${this.key}`);
      const trouble = el('p', { class: 'gt-failed', hidden: true });
      this.place.replaceChildren(frame, trouble);
      frame.drawn.catch((error) => {
        frame.remove();
        trouble.hidden = false;
        const made = item.version ? ` It was made by Bokeh ${item.version}.` : '';
        trouble.textContent = `The figure could not be drawn (${error.message}).${made} Its JSON is whole.`;
      });
      this.frame = frame;
    }

    /** What of a Plotly figure our own charts can draw, with what they cannot. */
    drawTraces(traces) {
      const charts = gitrack.plots.fromTraces(traces);
      const notes = [charts.length ? OURS : 'Plotly is not installed where this site was built.'];
      if (traces.left_out.length) notes.push(` Not drawn: ${traces.left_out.join(', ')}.`);
      const hosts = charts.map(() => el('div', {}));
      this.place.replaceChildren(...hosts, el('p', { class: 'gt-dim' }, ...notes, ' Its JSON is whole.'));
      this.plots = charts.map(({ kind, input }, at) => gitrack.plots[kind](hosts[at], input));
    }

    modeSwitch() {
      const buttons = MODES.map(([mode, word]) =>
        el(
          'button',
          {
            type: 'button',
            'aria-pressed': String(this.mode === mode),
            onclick: () => {
              this.mode = mode;
              this.draw();
            },
          },
          word,
        ),
      );
      return el('span', { class: 'gt-segments', role: 'group', 'aria-label': 'Numbers of the cells' }, ...buttons);
    }

    flip() {
      this.asTable = !this.asTable;
      this.view = null;
      this.draw();
      const button = this.tools.querySelector('[aria-pressed]');
      if (button) button.focus();
    }

    enlarger() {
      return gitrack.iconButton(`Full screen: ${this.key}`, 'expand', () => this.enlarge(!this.element.classList.contains('gt-plotcard--large')));
    }

    enlarge(on) {
      this.element.classList.toggle('gt-plotcard--large', on);
    }
  }

  gitrack.sections.plots = function (body, { run, plots }) {
    const all = plots.map((plot) => new LoggedPlot(run, plot));
    body.append(el('div', { class: 'gt-plotcards' }, ...all.map((one) => one.element)));
    gitrack.loggedPlots = all;
    gitrack.whenSeen(all);
  };
})();
