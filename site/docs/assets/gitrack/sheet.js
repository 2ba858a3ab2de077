// The listed runs as a sheet for other programs: tab-separated on the clipboard, CSV as a file.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});

  const { download, quoted, valueText } = gitrack.csv;
  const moment = (epoch) => new Date(epoch * 1000).toISOString();

  /** Runs by the shown columns, their id and name and state first. */
  function text(runs, columns, separator) {
    const shown = columns.shown;
    const head = ['id', 'name', 'state', ...shown.map((column) => column.key)];
    const { project } = columns;
    const line = (cells) => cells.map((cell) => quoted(cell, separator)).join(separator);
    const rows = runs.map((run) =>
      line([
        project.runs.id[run],
        project.nameOf(run),
        project.runs.state[run],
        ...shown.map((column) => (column.key === 'created' ? moment(column.values[run]) : valueText(column.values[run]))),
      ]),
    );
    return `${[line(head), ...rows].join('\r\n')}\r\n`;
  }

  /** The button over the table for what is done with the listed or the selected runs. */
  function button(table) {
    const { list, columns } = table;
    const copy = () => gitrack.copy(text(list.rows.filter((run) => list.selected.has(run)), columns, '\t'), anchor);
    const anchor = gitrack.iconButton('More about the runs', 'dots', () => {
      const { item } = gitrack.menu;
      const many = list.rows.length.toLocaleString('en-US');
      gitrack.menu.show(
        anchor,
        'More about the runs',
        item(`Select all ${many} listed`, () => list.selectAll()),
        item('Select none', () => list.selectAll([])),
        item(`Copy the ${gitrack.format.plural(list.selected.size, 'selected run')} as a table`, copy),
        item(`Download the ${many} listed as CSV`, () => download(`${columns.project.index.project}.csv`, text(list.rows, columns, ','))),
      );
    });
    table.element.addEventListener('keydown', (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.target.closest('input')) return;
      if (event.key === 'a') list.selectAll();
      else if (event.key === 'c' && list.selected.size && !String(getSelection())) copy();
      else return;
      event.preventDefault();
    });
    return anchor;
  }

  gitrack.sheet = { button, text };
})();
