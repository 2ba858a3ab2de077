// A table of any size: sorted, filtered, searched and copied where it is seen; only the rows in
// sight exist.
//
//   const view = new gitrack.TableView({label, file, columns, rows, of, sampled, command});
//   place.append(view.element);
//   view.setData({columns, rows, of, sampled, command});  // keeps sorting and filters by name
//
// columns: [{name, kind, values, marks}], see datarows.js; values are lists or what gitrack.unpack
// takes; marks, where there are any, tell by row which cells are to be marked.
// rows: how many there are here; of: how many there are in the record; command: what brings all.
// label: what the table is called; file: the name of its CSV.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const SPARE = 8; // rows kept above and below what is in sight
  const WIDE = 60; // columns that are shown at first
  const SAMPLE = 200; // cells that a column's width is found from
  const PICTURES = ['image', 'audio'];

  class TableView {
    constructor({ label, file, ...data }) {
      Object.assign(this, { label, file: file || label, most: WIDE, active: [0, 0] });
      this.search = el('input', { type: 'search', placeholder: 'Filter rows', 'aria-label': `Filter rows of ${label}`, oninput: () => this.change((rows) => (rows.search = this.search.value)) });
      this.count = el('span', { class: 'gt-dim', 'aria-live': 'polite' });
      this.clear = gitrack.button('All rows', 'close', () => this.reset(), { hidden: true });
      this.more = gitrack.iconButton(`More for ${label}`, 'dots', () => this.openMenu());
      this.note = el('p', { class: 'gt-data__note', hidden: true });
      this.group = el('colgroup', {});
      this.head = el('tr', { 'aria-rowindex': '1' });
      this.body = el('tbody', {});
      this.table = el('table', { class: 'gt-data__table', role: 'grid', 'aria-label': label }, this.group, el('thead', {}, this.head), this.body);
      this.scroll = el('div', { class: 'gt-data__scroll' }, this.table);
      this.element = el('section', { class: 'gt-data', 'aria-label': label }, el('header', { class: 'gt-data__bar' }, this.search, this.count, this.clear, el('span', { class: 'gt-spring' }), this.more), this.scroll, this.note);
      this.scroll.addEventListener('scroll', () => this.paint(), { passive: true });
      new ResizeObserver(() => this.paint()).observe(this.scroll);
      this.body.addEventListener('click', (event) => this.click(event));
      this.body.addEventListener('dblclick', (event) => this.open(event.target.closest('td')));
      this.body.addEventListener('keydown', (event) => this.press(event));
      this.setData(data);
    }

    setData({ columns, rows, of = rows, sampled = false, command = null }) {
      const before = this.data;
      this.data = new gitrack.DataRows(columns, rows);
      this.facts = { of, sampled, command };
      if (before) this.carry(before);
      this.build();
    }

    /** Sort and filter as before, as far as the columns are there again. */
    carry(before) {
      const place = (at) => this.data.columns.findIndex((one) => one.name === before.columns[at].name && one.kind === before.columns[at].kind);
      this.data.search = before.search;
      this.data.order = before.order.map((one) => ({ ...one, at: place(one.at) })).filter((one) => one.at >= 0);
      for (const [at, condition] of before.filters) if (place(at) >= 0) this.data.filters.set(place(at), condition);
    }

    build() {
      const { columns } = this.data;
      this.shown = columns.slice(0, this.most);
      this.writers = this.shown.map((column) => (column.kind === 'number' ? gitrack.format.columnFormat(column.values) : String));
      this.cells = this.shown.map((_, at) => new gitrack.DataHeadCell(this, at));
      this.head.replaceChildren(el('th', { scope: 'col', class: 'gt-num gt-data__number', 'aria-colindex': '1' }, '#'), ...this.cells.map((cell) => cell.element), filler('th'));
      this.tall = this.shown.some((column) => column.kind === 'media' && column.values.some((cell) => cell && PICTURES.includes(cell.type) && !cell.why));
      this.element.classList.toggle('gt-data--tall', this.tall);
      const widths = [52, ...this.shown.map((column, at) => widthOf(column, this.writers[at]))];
      this.group.replaceChildren(...widths.map((width) => el('col', { style: { width: `${width}px` } })), el('col', {}));
      this.table.style.width = `max(100%, ${widths.reduce((sum, width) => sum + width, 0)}px)`;
      this.table.setAttribute('aria-colcount', String(columns.length + 1));
      this.tell();
      this.update();
    }

    /** Say what is not here, and how to get it. */
    tell() {
      const { of, sampled, command } = this.facts;
      const { count, columns } = this.data;
      const parts = [];
      if (count < of) {
        parts.push(`${sampled ? 'Evenly chosen' : 'The first'} ${count.toLocaleString('en-US')} of ${of.toLocaleString('en-US')} rows.`);
        if (command) parts.push(' ', el('code', {}, command), gitrack.copyButton(command), ' brings all.');
      }
      const hidden = columns.length - this.shown.length;
      if (hidden > 0) {
        const all = () => {
          this.most = Infinity;
          this.build();
        };
        parts.push(gitrack.button(`Show ${gitrack.format.plural(hidden, 'more column')}`, null, all, { class: 'gt-button gt-button--link' }));
      }
      this.note.hidden = !parts.length;
      this.note.replaceChildren(...parts);
    }

    /** Change sorting or filters, and show what follows. */
    change(how) {
      how(this.data);
      this.scroll.scrollTop = 0;
      this.update();
    }

    reset() {
      this.search.value = '';
      this.change((data) => {
        data.search = '';
        data.filters.clear();
      });
    }

    update() {
      this.rows = this.data.rows();
      for (const cell of this.cells) cell.update(this.rows);
      const all = gitrack.format.plural(this.data.count, 'row');
      this.count.textContent = this.data.isFiltered ? `${this.rows.length.toLocaleString('en-US')} of ${all}` : all;
      this.clear.hidden = !this.data.isFiltered;
      this.table.setAttribute('aria-rowcount', String(this.rows.length + 1));
      this.active = [Math.max(0, Math.min(this.active[0], this.rows.length - 1)), Math.min(this.active[1], this.shown.length - 1)];
      this.window = null;
      this.paint();
    }

    get rowHeight() {
      return parseFloat(getComputedStyle(this.element).getPropertyValue('--gt-data-row')) || 30;
    }

    /** Put the rows in sight into the body, with room above and below for the rest. */
    paint() {
      const height = this.rowHeight;
      const { scrollTop, clientHeight } = this.scroll;
      const first = Math.max(0, Math.min(this.rows.length - 1, Math.floor(scrollTop / height) - SPARE));
      const last = Math.min(this.rows.length, Math.ceil((scrollTop + (clientHeight || 500)) / height) + SPARE);
      const key = `${first}-${last}-${height}`;
      if (this.window === key) return;
      this.window = key;
      const hadFocus = this.body.contains(document.activeElement);
      const room = (rows) => (rows > 0 ? [el('tr', { class: 'gt-room', style: { height: `${rows * height}px` }, 'aria-hidden': 'true' })] : []);
      const shown = this.rows.slice(first, last).map((row, i) => this.rowOf(row, first + i));
      if (!this.rows.length) shown.push(el('tr', {}, el('td', { class: 'gt-data__empty', colspan: String(this.shown.length + 2) }, this.data.count ? 'No row passes the filters.' : 'This table has no rows.')));
      this.body.replaceChildren(...room(first), ...shown, ...room(this.rows.length - last));
      if (hadFocus) this.focusActive();
    }

    rowOf(row, at) {
      const cells = this.shown.map((column, i) =>
        el(
          'td',
          { class: [gitrack.DataRows.isRange(column) && 'gt-num', column.marks && column.marks[row] && 'gt-data__marked'].filter(Boolean).join(' ') || null, tabindex: at === this.active[0] && i === this.active[1] ? '0' : '-1', 'aria-colindex': String(i + 2), 'data-column': String(i) },
          el('div', { class: 'gt-data__cell' }, gitrack.dataCell(column, column.values[row], this.writers[i])),
        ),
      );
      const element = el('tr', { 'aria-rowindex': String(at + 2) }, el('th', { scope: 'row', class: 'gt-num gt-data__number', 'aria-colindex': '1' }, (row + 1).toLocaleString('en-US')), ...cells, filler('td'));
      element.at = at;
      return element;
    }

    cellAt(at, column) {
      const row = [...this.body.children].find((one) => one.at === at);
      return row ? row.querySelector(`[data-column="${column}"]`) : null;
    }

    focusActive() {
      const cell = this.cellAt(...this.active);
      if (cell) cell.focus({ preventScroll: true });
    }

    /** Make a cell the one that the keyboard is on. */
    activate(at, column, { focus = true } = {}) {
      const before = this.cellAt(...this.active);
      if (before) before.setAttribute('tabindex', '-1');
      this.active = [Math.max(0, Math.min(this.rows.length - 1, at)), Math.max(0, Math.min(this.shown.length - 1, column))];
      this.reveal();
      const cell = this.cellAt(...this.active);
      if (!cell) return;
      cell.setAttribute('tabindex', '0');
      if (!focus) return;
      cell.focus({ preventScroll: true });
      cell.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    }

    reveal() {
      const height = this.rowHeight;
      const top = this.active[0] * height;
      const room = this.scroll.clientHeight - this.head.offsetHeight - height;
      if (top < this.scroll.scrollTop) this.scroll.scrollTop = top;
      else if (top > this.scroll.scrollTop + room) this.scroll.scrollTop = top - room;
      this.paint();
    }

    click(event) {
      const cell = event.target.closest('td[data-column]');
      if (!cell) return;
      this.activate(cell.parentNode.at, Number(cell.dataset.column), { focus: !event.target.closest('button, audio') });
      if (event.target.closest('[data-open]')) this.open(cell);
    }

    open(cell) {
      if (!cell || !cell.dataset.column || this.rows.length === 0) return;
      gitrack.openCell(this.shown[Number(cell.dataset.column)], this.rows, cell.parentNode.at);
    }

    press(event) {
      const cell = event.target.closest('td[data-column]');
      if (!cell || event.target !== cell) return;
      const [row, column] = this.active;
      const page = Math.max(1, Math.floor(this.scroll.clientHeight / this.rowHeight) - 2);
      const far = event.ctrlKey || event.metaKey;
      const moves = {
        ArrowUp: [row - 1, column],
        ArrowDown: [row + 1, column],
        ArrowLeft: [row, column - 1],
        ArrowRight: [row, column + 1],
        PageUp: [row - page, column],
        PageDown: [row + page, column],
        Home: [far ? 0 : row, 0],
        End: [far ? this.rows.length - 1 : row, this.shown.length - 1],
      };
      if (moves[event.key]) this.activate(...moves[event.key]);
      else if (event.key === 'Enter') this.open(cell);
      else if (event.key === 'c' && far && !String(getSelection())) {
        const shown = this.shown[column];
        gitrack.copy(gitrack.DataRows.cellText(shown, shown.values[this.rows[row]]));
      } else return;
      event.preventDefault();
      event.stopPropagation();
    }

    openMenu() {
      const { item } = gitrack.menu;
      const many = gitrack.format.plural(this.rows.length, 'row');
      gitrack.menu.show(
        this.more,
        `More for ${this.label}`,
        item(`Copy the ${many} as a table`, () => gitrack.copy(this.data.sheet(this.rows, '\t'), this.more)),
        item(`Download the ${many} as CSV`, () => this.download('csv', ',')),
        item(`Download the ${many} as TSV`, () => this.download('tsv', '\t')),
      );
    }

    download(ending, separator) {
      gitrack.csv.download(`${this.file.replace(/[^\w.-]+/g, '_').slice(-80)}.${ending}`, this.data.sheet(this.rows, separator));
    }
  }

  /** What takes the room that narrow columns leave. */
  const filler = (name) => el(name, { class: 'gt-data__filler', 'aria-hidden': 'true' });

  /** Pixels that a column's cells and its name take. */
  function widthOf(column, write) {
    const name = column.name.length * 6.6 + 44;
    if (column.kind === 'media') return Math.max(name > 160 ? 160 : name, column.values.some((cell) => cell && cell.type === 'audio') ? 232 : 96);
    const cells = column.values.slice(0, SAMPLE).map((value) => (gitrack.DataRows.isMissing(value) ? 1 : column.kind === 'time' ? 19 : column.kind === 'number' ? write(value).length : String(value).length));
    const longest = cells.reduce((most, length) => Math.max(most, length), 0) * 6.9 + 22;
    return Math.round(Math.min(320, Math.max(88, longest, Math.min(name, 200))));
  }

  gitrack.TableView = TableView;
})();
