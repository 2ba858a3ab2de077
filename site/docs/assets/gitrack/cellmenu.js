// From a cell to the search line: only the runs with this value, or those without it.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { blank } = gitrack.Columns;

  /** A part of a search token; what a quote cannot hold is a ?, which is any one letter. */
  function quoted(text) {
    const plain = text.replace(/["\u0000-\u001f\u007f\u2028\u2029]/g, '?');
    return /^[\w./+-]+$/.test(plain) && !plain.startsWith('-') ? plain : `"${plain}"`;
  }

  /** How the search line names a column: bare where nothing else has the name; null if it cannot. */
  function nameOf(column, columns) {
    const { key } = column;
    if (/["\u0000-\u001f\u007f\u2028\u2029]/.test(key)) return null;
    const bare = gitrack.columnLabel(key);
    const short =
      key.includes('.') && !gitrack.query.isField(bare) && !columns.all.has(bare) && !(key.startsWith('summary.') && columns.all.has(`config.${bare}`));
    return quoted(short ? bare : key === 'tags' ? 'tag' : key);
  }

  /** The search tokens that keep the runs with one value of a column; [] if there are none. */
  function tokensOf(column, value, columns) {
    const name = nameOf(column, columns);
    if (name === null || column.key === 'rows' || column.key === 'duration') return [];
    if (blank(value)) return column.key.includes('.') ? [`-${name}:*`] : [];
    if (Array.isArray(value)) return value.map((one) => `${name}:${quoted(one)}`);
    if (column.key === 'created') return [`${name}:${new Date(Math.floor(value) * 1000).toISOString().slice(0, 10)}`];
    if (typeof value === 'number') return [`${name}:${Number.isNaN(value) ? 'nan' : String(value).replace('Infinity', 'inf')}`];
    return [`${name}:${quoted(String(value))}`];
  }

  const negated = (token) => (token.startsWith('-') ? token.slice(1) : `-${token}`);

  /** Add tokens to a line; an earlier wish for the same keys gives way where `instead`. */
  function extended(line, tokens, instead) {
    const keys = new Set(instead ? tokens.map((token) => token.split(':')[0]) : []);
    const kept = gitrack.query
      .tokens(line)
      .map((token) => token.text)
      .filter((text) => !tokens.includes(text) && !keys.has(text.split(':')[0]));
    return [...kept, ...tokens].join(' ');
  }

  function entries(table, column, run) {
    const { columns, state } = table;
    const { item } = gitrack.menu;
    const value = column.values[run];
    const tokens = tokensOf(column, value, columns);
    if (!tokens.length) return [];
    const words = columns.text(column, run);
    const shown = words.length > 40 ? `${words.slice(0, 40)}…` : words;
    const add = (more, instead) => () => state.set({ q: extended(state.q, more, instead) });
    const numeric = typeof value === 'number' && Number.isFinite(value) && column.key.includes('.');
    const name = numeric ? nameOf(column, columns) : null;
    return [
      gitrack.el('h3', {}, `${column.label} ${blank(value) ? 'is missing' : shown}`),
      item('Only these', add(tokens, true)),
      tokens.length === 1 ? item('Not these', add(tokens.map(negated), false)) : null,
      numeric ? item(`At least ${shown}`, add([`${name}>=${value}`], false)) : null,
      numeric ? item(`At most ${shown}`, add([`${name}<=${value}`], false)) : null,
    ];
  }

  /** What a cell of a run offers; of the name's cell, or by key, every column's filter in short. */
  gitrack.cellMenu = function (table, cell, run) {
    const { all } = table.columns;
    const place = cell.cellIndex;
    const column = cell.column || all.get(place === 2 ? 'state' : 'name');
    const found = entries(table, column, run);
    const more = gitrack.columnFilters(table, run);
    const { item } = gitrack.menu;
    gitrack.menu.show(
      cell,
      'Filter by a value',
      ...found,
      item('Filter by another value …', () => gitrack.menu.show(cell, 'Filter by a value', ...more)),
      item('Copy the value', () => gitrack.copy(gitrack.csv.valueText(column.values[run]))),
    );
  };

  gitrack.columnFilters = function (table, run) {
    const { columns, state } = table;
    const keys = ['state', 'group', 'tags', ...columns.keys];
    return [...new Set(keys)].flatMap((key) => {
      const tokens = tokensOf(columns.all.get(key), columns.all.get(key).values[run], columns);
      return tokens.length ? [gitrack.menu.item(`Only ${tokens.join(' ').slice(0, 60)}`, () => state.set({ q: extended(state.q, tokens, true) }))] : [];
    });
  };
})();
