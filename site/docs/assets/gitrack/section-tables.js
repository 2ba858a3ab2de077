// The tables of a run: a key each, its steps behind a slider, its rows in a script of their own.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;

  const quoted = (path) => (/^[\w./@+-]+$/.test(path) ? path : `'${path.replace(/'/g, `'\\''`)}'`);

  /** What brings a file of a run. */
  gitrack.getCommand = (run, path) => `gitrack get ${run}:${quoted(path)}`;

  /** Why something is not shown, and what brings it where it has a file. */
  gitrack.notHere = function (word, run, { why, path }) {
    const command = path ? gitrack.getCommand(run, path) : null;
    return el(
      'div',
      { class: 'gt-media__why' },
      el('span', {}, `This ${word} cannot be shown: ${why}. `),
      command ? [el('code', { class: 'gt-mono' }, command), gitrack.copyButton(command)] : null,
    );
  };

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

  /** Draw each of `parts`, which have an element and draw(), when it comes near. */
  gitrack.whenSeen = function (parts) {
    const seen = new IntersectionObserver(
      (entries) => {
        for (const { isIntersecting, target } of entries) {
          if (!isIntersecting) continue;
          seen.unobserve(target);
          parts.find((part) => part.element === target).draw();
        }
      },
      { rootMargin: '300px' },
    );
    for (const part of parts) seen.observe(part.element);
  };

  gitrack.sections.tables = function (body, { run, tables }) {
    const all = tables.map((table) => new LoggedTable(run, table));
    body.append(...all.map((one) => one.element));
    gitrack.loggedTables = all;
    gitrack.whenSeen(all);
  };
})();
