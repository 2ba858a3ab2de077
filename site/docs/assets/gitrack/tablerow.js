// One row of the run table: a run, or a group of runs with their means.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const INDENT = 14; // px a level

  function pinning(table, column) {
    const left = table.left(column);
    return left === null ? null : { left: `${left}px` };
  }

  function runRow(table, run) {
    const { list, columns } = table;
    const { project } = columns;
    const colour = list.colour(run);
    const name = project.nameOf(run);
    const row = el(
      'tr',
      { 'aria-selected': String(list.selected.has(run)) },
      el(
        'td',
        { class: 'gt-runs__dot' },
        el(
          'button',
          {
            type: 'button',
            'aria-pressed': String(Boolean(colour)),
            'aria-label': `Show ${name}`,
            title: 'Click: show or hide. Alt and click: only this one. Right click: colour',
          },
          gitrack.dot(colour),
        ),
      ),
      el(
        'th',
        { scope: 'row' },
        el('a', { href: project.href(run), title: name }, name),
        run === list.base ? el('span', { class: 'gt-tag' }, 'baseline') : null,
      ),
      el('td', { class: 'gt-runs__state' }, gitrack.stateMark(project.runs.state[run])),
      ...columns.shown.map((column) => valueCell(table, column, run)),
    );
    row.classList.toggle('gt-off', !colour);
    row.classList.toggle('gt-selected', list.selected.has(run));
    row.run = run;
    return row;
  }

  function valueCell(table, column, run) {
    const { list, columns } = table;
    const cell = emptyCell(table, column);
    cell.column = column;
    table.write(column, () => {
      const text = columns.text(column, run);
      if (text.length > 12) cell.title = text;
      if (list.isBest(column, run)) {
        cell.classList.add('gt-key');
        cell.append(el('i', { class: 'gt-best', role: 'img', 'aria-label': 'best' }));
      }
      cell.append(text);
    });
    return cell;
  }

  function emptyCell(table, column) {
    const style = pinning(table, column);
    return el('td', { class: [column.numeric ? 'gt-num' : '', style ? 'gt-pinned' : ''].filter(Boolean).join(' ') || null, style });
  }

  /** A group: a square, what its runs share, how many they are, and a mean ± spread a result. */
  function groupRow(table, group) {
    const { list, columns, state } = table;
    const { shown } = columns;
    const firstMean = shown.findIndex(gitrack.hasMean);
    const plain = firstMean < 0 ? shown.length : firstMean;
    const colour = list.colourOf(group);
    const folded = state.closed.has(group.path);
    const row = el(
      'tr',
      { class: 'gt-group' },
      el(
        'td',
        { class: 'gt-runs__dot' },
        el(
          'button',
          { type: 'button', class: 'gt-fold', 'aria-expanded': String(!folded), 'aria-label': `Runs of ${group.name}` },
          gitrack.icon('chevron'),
        ),
      ),
      el(
        'th',
        { scope: 'rowgroup', colspan: String(2 + plain) },
        el(
          'span',
          { class: 'gt-group__name', style: { 'padding-left': `${group.level * INDENT}px` }, title: `${group.column.key}: ${group.label}` },
          el(
            'button',
            {
              type: 'button',
              class: 'gt-square-button',
              'aria-pressed': String(group.shown > 0),
              'aria-label': `Show the runs of ${group.name}`,
              title: 'Click: show or hide the group. Alt and click: only this one',
            },
            gitrack.square(colour),
          ),
          el('b', {}, group.label),
          el('span', { class: 'gt-group__count' }, ` · ${group.describe(columns.project.runs.state)}`),
        ),
      ),
      ...shown.slice(plain).map((column) => meanCell(table, column, group)),
    );
    row.classList.toggle('gt-off', !group.shown);
    row.group = group;
    return row;
  }

  function meanCell(table, column, group) {
    const cell = emptyCell(table, column);
    if (!gitrack.hasMean(column)) return cell;
    table.write(column, () => {
      const found = group.over(column);
      cell.title = found.n ? `Mean of ${gitrack.format.plural(found.n, 'run')}: ${found.mean}${found.n > 1 ? `, std ${found.std}` : ''}` : 'No run to take a mean of';
      cell.append(found.n ? el('b', {}, column.write(found.mean)) : '–');
      const spread = found.n ? gitrack.groups.spreadText(found, table.state.spread, column.write) : '';
      if (spread) cell.append(el('span', { class: 'gt-spread' }, ` ${spread}`));
    });
    return cell;
  }

  /** The sign of a group, as a dot is a run's. */
  gitrack.square = function (colour) {
    const square = gitrack.dot(colour);
    square.classList.add('gt-square');
    return square;
  };
  gitrack.tableRow = { groupRow, runRow };
})();
