// The tables and logged charts of compared runs: tables joined by the columns that a person
// chooses, what differs first; charts side by side.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const JOINABLE = ['text', 'number', 'bool', 'time'];
  const TELLING = /(^|[_\W])(id|key|index|name|file|path|sample)$/i;

  /** What two cells are compared by. */
  const plain = (value) => (gitrack.isThere(value) ? (typeof value === 'object' ? JSON.stringify(value) : value) : null);
  const alike = (a, b) => Object.is(plain(a), plain(b));

  /** The rows of tables by their key; of rows that share one, the first meets the first. */
  function placesOf(table, keys) {
    const places = new Map();
    const met = new Map();
    for (let row = 0; row < table.count; row += 1) {
      const key = keys.length ? JSON.stringify(keys.map((at) => String(table.columns[at].values[row]))) : '';
      const turn = met.get(key) || 0;
      met.set(key, turn + 1);
      places.set(`${turn} ${key}`, row);
    }
    return { places, shared: [...met.values()].filter((many) => many > 1).length };
  }

  /**
   * Join tables by columns, each row of each in the result.
   *
   * `tables` are DataRows, null where a run has none; `names` are the runs'; `by` the names of the
   * key columns, none for row by row. Gives {columns, rows, shared, differing} for a TableView.
   */
  gitrack.joinTables = function (tables, names, by) {
    const place = (table, name) => table.columns.findIndex((column) => column.name === name);
    const known = tables.map((table) => table && placesOf(table, by.map((name) => place(table, name))));
    const keys = [...new Set(known.flatMap((one) => (one ? [...one.places.keys()] : [])))];
    const rows = keys.map((key) => known.map((one) => (one && one.places.has(key) ? one.places.get(key) : -1)));
    const others = [...new Set(tables.flatMap((table) => (table ? table.columns.map((column) => column.name) : [])))].filter((name) => !by.includes(name));
    const columnsOf = new Map([...by, ...others].map((name) => [name, tables.map((table) => (table && table.columns[place(table, name)]) || null)]));
    const cell = (at, name, row) => {
      const found = row >= 0 ? columnsOf.get(name)[at] : null;
      return found ? found.values[row] ?? null : null;
    };
    const status = rows.map((row) => {
      const there = row.flatMap((at, i) => (at >= 0 ? [i] : []));
      if (there.length < tables.length) return there.length === 1 ? `only in ${names[there[0]]}` : `in ${there.length} of ${tables.length}`;
      return others.some((name) => row.some((at, i) => !alike(cell(i, name, at), cell(0, name, row[0])))) ? 'differs' : 'same';
    });
    const order = rows.map((_, i) => i).sort((a, b) => (status[a] === 'same') - (status[b] === 'same') || a - b);
    const pick = (take) => order.map((i) => take(rows[i], i));
    const kindOf = (name) => columnsOf.get(name).find(Boolean).kind;
    const columns = [
      ...by.map((name) => ({ name, kind: kindOf(name), values: pick((row) => row.map((at, i) => cell(i, name, at)).find(gitrack.isThere) ?? null) })),
      { name: 'difference', kind: 'text', values: order.map((i) => status[i]) },
      ...others.flatMap((name) => names.map((run, i) => column(name, run, i))),
    ];
    function column(name, run, i) {
      const values = pick((row) => cell(i, name, row[i]));
      const marks = i ? pick((row) => row[i] >= 0 && row[0] >= 0 && !alike(cell(i, name, row[i]), cell(0, name, row[0]))) : null;
      const own = columnsOf.get(name)[i];
      return { name: `${name} · ${run}`, kind: own ? own.kind : kindOf(name), values, marks };
    }
    const shared = known.reduce((sum, one) => sum + (one ? one.shared : 0), 0);
    return { columns, rows: order.length, shared, differing: status.filter((word) => word !== 'same').length };
  };

  /** Columns that all tables have and whose values can be keys, the likeliest key first. */
  function candidates(tables) {
    const there = tables.filter(Boolean);
    const found = there[0].columns.filter(({ name, kind }) => JOINABLE.includes(kind) && there.every((table) => table.columns.some((column) => column.name === name && JOINABLE.includes(column.kind))));
    const isKey = ({ name }) => there.every((table) => new Set(table.columns.find((column) => column.name === name).values).size === table.count);
    const rank = (column) => (isKey(column) ? 0 : 2) + (TELLING.test(column.name) ? 0 : 1);
    return found.map((column) => ({ name: column.name, rank: rank(column) })).sort((a, b) => a.rank - b.rank);
  }

  class JoinedTable {
    constructor(part, key, lists) {
      Object.assign(this, { part, key, lists, turn: 0 });
      const steps = [...new Set(lists.flat().map((item) => item.step))].sort((a, b) => a - b);
      this.steps = new gitrack.StepSlider({ steps, label: key, changed: () => this.draw() });
      this.note = el('span', { class: 'gt-dim', 'aria-live': 'polite' });
      this.by = gitrack.button('Joined by', 'columns', () => this.openKeys());
      this.place = el('div', { class: 'gt-logged__place' });
      this.element = el('section', { class: 'gt-logged', 'aria-label': `Table ${key}` }, el('header', { class: 'gt-logged__head' }, el('h3', { title: key }, ...gitrack.metricName(key)), this.by, this.note, this.steps.element), this.place);
    }

    async draw() {
      const turn = (this.turn += 1);
      const step = this.steps.steps[this.steps.at];
      const items = this.lists.map((list) => list.filter((item) => item.step <= step).pop() || null);
      try {
        const data = await Promise.all(items.map((item) => (item && item.script ? gitrack.load(item.script) : null)));
        if (turn !== this.turn) return;
        this.tables = data.map((one) => one && new gitrack.DataRows(one.columns, one.rows));
        this.cut = data.some((one) => one && one.rows < one.of);
        this.missing = items.filter((item) => item && item.why).length;
        this.join();
      } catch (error) {
        if (!(error instanceof gitrack.LoadError)) throw error;
        this.view = null;
        this.place.replaceChildren(el('p', { class: 'gt-failed' }, `${error.message} `, gitrack.button('Retry', null, () => this.draw())));
      }
    }

    get chosen() {
      const { state } = this.part.comparison;
      const own = state.join.map(read).find(([table]) => table === this.key);
      const names = this.columns.map(({ name }) => name);
      if (own) return own.slice(1).filter((name) => names.includes(name));
      return this.columns.length && this.columns[0].rank < 2 ? [this.columns[0].name] : [];
    }

    join() {
      const { runs, project } = this.part.comparison;
      if (!this.tables.some(Boolean)) {
        this.place.replaceChildren(el('p', { class: 'gt-dim' }, 'None of these tables can be shown on this site.'));
        return;
      }
      this.columns = candidates(this.tables);
      const by = this.chosen;
      const joined = gitrack.joinTables(this.tables, runs.map((run) => project.nameOf(run)), by);
      this.by.lastChild.textContent = by.length ? `Joined by ${by.join(', ')}` : 'Row by row';
      const notes = [`${gitrack.format.plural(joined.differing, 'row')} ${joined.differing === 1 ? 'differs' : 'differ'}`];
      if (joined.shared) notes.push(`${gitrack.format.plural(joined.shared, 'key')} shared by several rows, met in order`);
      if (this.cut) notes.push('of the rows that this site holds');
      if (this.missing) notes.push(`${gitrack.format.plural(this.missing, 'table')} cannot be shown here`);
      this.note.textContent = notes.join(' · ');
      if (this.view) this.view.setData(joined);
      else {
        this.view = new gitrack.TableView({ label: this.key, file: `joined-${this.key}`, ...joined });
        this.place.replaceChildren(this.view.element);
      }
    }

    openKeys() {
      if (!this.columns) return;
      const { state } = this.part.comparison;
      const chosen = this.chosen;
      const choose = (names) => {
        const others = state.join.filter((one) => read(one)[0] !== this.key);
        state.set({ join: [...others, JSON.stringify([this.key, ...names])] });
        this.join();
      };
      const { item } = gitrack.menu;
      gitrack.menu.show(
        this.by,
        `Join ${this.key} by`,
        item('Row by row', () => choose([]), { pressed: !chosen.length }),
        ...this.columns.map(({ name }) => item(name, () => choose(chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name]), { pressed: chosen.includes(name) })),
      );
    }
  }

  function read(text) {
    try {
      const names = JSON.parse(text);
      return Array.isArray(names) ? names.map(String) : [];
    } catch {
      return [];
    }
  }

  /** What runs logged by key: Map of key to each run's entry, null where it has none. */
  function byKey(data, listOf) {
    const keys = new Map();
    data.forEach(([section], i) => {
      for (const entry of section ? listOf(section) : []) {
        if (!keys.has(entry.key)) keys.set(entry.key, data.map(() => null));
        keys.get(entry.key)[i] = entry;
      }
    });
    return [...keys];
  }

  class Tables extends gitrack.ComparePart {
    constructor(comparison) {
      super(comparison, { name: 'tables', title: 'Tables', sections: ['tables'] });
    }

    draw(data) {
      this.tables = byKey(data, (section) => section.tables).map(([key, entries]) => new JoinedTable(this, key, entries.map((entry) => (entry ? entry.items : []))));
      this.body.replaceChildren(...this.tables.map((table) => table.element));
      gitrack.whenSeen(this.tables);
    }
  }

  class Plots extends gitrack.ComparePart {
    constructor(comparison) {
      super(comparison, { name: 'plots', title: 'Logged charts', sections: ['plots'] });
    }

    draw(data) {
      const { runs, project } = this.comparison;
      const rows = byKey(data, (section) => section.plots).map(([key, entries]) => {
        const cells = entries.map((entry) => el('div', {}, entry ? null : el('p', { class: 'gt-dim' }, 'not logged')));
        const draw = () => entries.forEach((entry, i) => entry && gitrack.sections.plots(cells[i], { run: project.runs.id[runs[i]], plots: [entry] }));
        return { element: this.rowOf(el('h3', { title: key }, ...gitrack.metricName(key)), cells), draw };
      });
      this.body.replaceChildren(el('div', { class: 'gt-sheet gt-side__scroll', tabindex: '0', role: 'region', 'aria-label': 'Logged charts side by side' }, this.headRow(), ...rows.map((row) => row.element)));
      gitrack.whenSeen(rows);
    }
  }

  gitrack.CompareTables = Tables;
  gitrack.ComparePlots = Plots;
})();
