// A chart as a table: what each line is made of, for eyes and ears that do not read curves.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const HEAD = ['Run', 'Points', 'First', 'Lowest', 'Highest', 'Last'];

  class PanelTable {
    constructor(panel) {
      this.panel = panel;
      this.element = el('div', { class: 'gt-panel__table', tabindex: '0', 'aria-label': `${panel.metric} as a table` });
      panel.plot.hidden = true;
      panel.plot.after(this.element);
      this.fill();
    }

    remove() {
      this.element.remove();
      this.panel.plot.hidden = false;
      this.panel.charts.schedule();
      return null;
    }

    fill() {
      const { entries } = this.panel;
      const write = gitrack.format.columnFormat(entries.flatMap(({ curve }) => [curve.y[0], curve.y[curve.y.length - 1]]));
      const rows = entries.map(({ run, curve }) => {
        const values = curve.y.filter(Number.isFinite);
        const [low, high] = gitrack.scale.extent([values]);
        const cells = values.length ? [values[0], low, high, values[values.length - 1]].map(write) : ['–', '–', '–', '–'];
        return el(
          'tr',
          {},
          el('th', { scope: 'row' }, gitrack.dot(run.colour), ' ', run.name),
          ...[curve.y.length.toLocaleString('en-US'), ...cells].map((cell) => el('td', { class: 'gt-num' }, cell)),
        );
      });
      this.element.replaceChildren(
        el(
          'table',
          { class: 'gt-table' },
          el('thead', {}, el('tr', {}, ...HEAD.map((word, i) => el('th', { scope: 'col', class: i ? 'gt-num' : null }, word)))),
          el('tbody', {}, ...rows),
        ),
      );
    }
  }

  gitrack.PanelTable = PanelTable;
})();
