// The tables of a run: a key each, its steps behind a slider, its rows in a script of their own.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;

  class LoggedTable {
    constructor(run, { key, items }) {
      Object.assign(this, { run, key, items, turn: 0 });
      this.steps = new gitrack.StepSlider({ steps: items.map((item) => item.step), label: key, changed: () => this.draw() });
      this.place = el('div', { class: 'gt-logged__place' });
      this.element = el('section', { class: 'gt-logged', 'aria-label': `Table ${key}` }, el('header', { class: 'gt-logged__head' }, el('h3', { title: key }, ...gitrack.metricName(key)), this.steps.element), this.place);
    }

    async draw() {
      const item = this.items[this.steps.at];
      const turn = (this.turn += 1);
      if (item.why) {
        this.view = null;
        this.place.replaceChildren(gitrack.notHere('table', this.run, item));
        return;
      }
      try {
        const data = await gitrack.load(item.script);
        if (turn !== this.turn) return;
        const shown = { ...data, command: gitrack.getCommand(this.run, item.path) };
        if (this.view) this.view.setData(shown);
        else {
          this.view = new gitrack.TableView({ label: this.key, file: `${this.run}-${this.key}`, ...shown });
          this.place.replaceChildren(this.view.element);
        }
      } catch (error) {
        if (!(error instanceof gitrack.LoadError)) throw error;
        this.view = null;
        this.place.replaceChildren(el('p', { class: 'gt-failed' }, `${error.message} `, gitrack.button('Retry', null, () => this.draw())));
      }
    }
  }

  gitrack.sections.tables = function (body, { run, tables }) {
    const all = tables.map((table) => new LoggedTable(run, table));
    body.append(...all.map((one) => one.element));
    gitrack.loggedTables = all;
    gitrack.whenSeen(all);
  };
})();
