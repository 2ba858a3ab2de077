// The run table: a real table of which only the rows in sight exist, so that ten thousand runs
// scroll like ten.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const SPARE = 12; // rows kept above and below what is in sight
  const FIRST = 2; // of them those that do not wait
  const REST = 100; // ms without a change before the others follow
  const DOT = 34;
  const STATE = 34;

  class RunTable {
    constructor(list, columns, state) {
      Object.assign(this, { list, columns, state });
      this.widths = new gitrack.Widths(columns, list);
      this.rows = new Map(); // line (a run, or a group's path) → its element
      this.cursor = -1;
      this.highlighted = null;
      this.group = el('colgroup', {});
      this.head = new gitrack.TableHead(this);
      this.body = el('tbody', {});
      this.table = el('table', { class: 'gt-runs', 'aria-label': 'Runs' }, this.group, this.head.element, this.body);
      this.element = el('div', { class: 'gt-runs__scroll', tabindex: '0', 'aria-label': 'Runs, scrollable' }, this.table);
      this.room = ['above', 'below'].map(() => el('tr', { class: 'gt-room', 'aria-hidden': 'true' }));
      this.element.addEventListener('scroll', () => this.paint(), { passive: true });
      new ResizeObserver(() => this.fit()).observe(this.element);
      this.body.addEventListener('click', (event) => this.click(event));
      this.body.addEventListener('contextmenu', (event) => this.pick(event));
      this.body.addEventListener('pointerover', (event) => this.point(lineOf(event)));
      this.body.addEventListener('pointerleave', () => this.point(null));
      // What a group's means need of room changes with the list, columns and pins without it.
      list.watch((changed) => (changed && (changed.has('group') || changed.has('spread')) ? this.rebuild() : this.update()));
      state.watch((changed) => (changed.has('columns') || changed.has('pins')) && this.rebuild());
      this.rebuild();
    }

    rebuild() {
      this.look();
      this.layOut();
      this.draw();
    }

    /** Set the columns' widths and where the pinned ones stick. */
    layOut() {
      const { columns, widths } = this;
      const name = widths.of(columns.all.get('name'));
      const shown = columns.shown.map((column) => [column, widths.of(column)]);
      this.lefts = new Map();
      this.begins = new Map(); // of each column, px
      let begin = DOT + name + STATE;
      for (const [column, width] of shown) {
        this.begins.set(column, begin);
        begin += width;
      }
      let left = DOT + name;
      // The state column scrolls away; what is pinned sticks to the name.
      for (const [column, width] of shown) {
        if (!columns.isPinned(column.key)) break;
        this.lefts.set(column.key, left);
        left += width;
      }
      const all = [DOT, name, STATE, ...shown.map(([, width]) => width)];
      this.group.replaceChildren(...all.map((width) => el('col', { style: { width: `${width}px` } })));
      this.table.style.width = `max(100%, ${all.reduce((sum, width) => sum + width, 0)}px)`;
      for (const cell of this.table.querySelectorAll('.gt-pinned')) {
        const key = typeof cell.column === 'string' ? cell.column : cell.column && cell.column.key;
        if (this.lefts.has(key)) cell.style.left = `${this.lefts.get(key)}px`;
      }
    }

    /** Where a pinned column sticks, px; null for one that scrolls. */
    left(column) {
      const left = this.lefts.get(column.key);
      return left === undefined ? null : left;
    }

    update() {
      this.look();
      this.draw();
    }

    draw() {
      this.rows.clear();
      this.measure();
      this.head.build();
      this.table.setAttribute('aria-rowcount', String(this.list.lines.length + 1));
      this.unwritten = [];
      this.cursor = Math.min(this.cursor, this.list.lines.length - 1);
      this.window = null;
      this.paint(FIRST);
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.paint(), REST);
    }

    /** See how high rows and the view are, before the page changes: afterwards that costs a layout. */
    look() {
      const style = getComputedStyle(this.element);
      const height = (name, usual) => parseFloat(style.getPropertyValue(name)) || usual;
      this.heights = [height('--gt-row', 28), height('--gt-group-row', 30)];
      this.view = this.element.clientHeight || 800;
      this.reach = this.element.scrollLeft + (this.element.clientWidth || 2000);
    }

    /** Write a value of a column: at once, or where it is out of sight with the spare rows. */
    write(column, put) {
      if (this.begins.get(column) < this.reach) put();
      else this.unwritten.push(put);
    }

    /** Show as many rows as there is room for. */
    fit() {
      const [before] = this.heights;
      this.look();
      if (this.heights[0] !== before) this.measure();
      this.paint();
    }

    /** Find where each row begins, px: a group's is a little higher than a run's. */
    measure() {
      const [run, group] = this.heights;
      const { lines } = this.list;
      this.tops = new Float64Array(lines.length + 1);
      for (let at = 0; at < lines.length; at += 1) this.tops[at + 1] = this.tops[at] + (typeof lines[at] === 'number' ? run : group);
      this.window = null;
    }

    /** The row at a height, by halving. */
    rowAt(y) {
      let low = 0;
      let high = this.list.lines.length;
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if (this.tops[middle] <= y) low = middle;
        else high = middle;
      }
      return low;
    }

    /** Put the rows in sight into the body, with room above and below for the rest. */
    paint(spare = SPARE) {
      if (spare === SPARE) {
        this.reach = Infinity;
        for (const put of this.unwritten.splice(0)) put();
      }
      const { lines } = this.list;
      const { scrollTop } = this.element;
      const first = Math.max(0, this.rowAt(scrollTop) - spare);
      const last = Math.min(lines.length, this.rowAt(scrollTop + this.view) + 1 + spare);
      const key = `${first}-${last}`;
      if (this.window === key) return;
      this.window = key;
      const shown = [];
      for (let at = first; at < last; at += 1) shown.push(this.rowOf(lines[at], at));
      const kept = new Set(lines.slice(first, last).map(nameOf));
      for (const line of this.rows.keys()) if (!kept.has(line)) this.rows.delete(line);
      const active = this.body.contains(document.activeElement) ? document.activeElement : null;
      const held = active ? [active.closest('tr'), [...active.closest('tr').querySelectorAll('a, button')].indexOf(active)] : null;
      const rooms = [this.tops[first], this.tops[lines.length] - this.tops[last]].map((height, at) => this.roomOf(at, height));
      gitrack.place(this.body, [rooms[0], ...shown, rooms[1]].filter(Boolean));
      if (held && document.activeElement !== active) this.refocus(...held);
    }

    /** The empty row above (0) or below (1) the others; null without a height. */
    roomOf(at, height) {
      this.room[at].style.height = `${height}px`;
      return height ? this.room[at] : null;
    }

    /** Give the focus back to what it was on before the rows were made anew. */
    refocus(row, at) {
      const again = this.rows.get(row.group ? row.group.path : row.run);
      const target = again && again.querySelectorAll('a, button')[at];
      if (target) target.focus({ preventScroll: true });
      else this.element.focus({ preventScroll: true });
    }

    rowOf(line, at) {
      const name = nameOf(line);
      if (this.rows.has(name)) return this.rows.get(name);
      const make = typeof line === 'number' ? gitrack.tableRow.runRow : gitrack.tableRow.groupRow;
      const row = make(this, line);
      row.setAttribute('aria-rowindex', String(at + 2));
      row.classList.toggle('gt-cursor', at === this.cursor);
      row.classList.toggle('gt-lit', name === this.highlighted);
      this.rows.set(name, row);
      return row;
    }

    click(event) {
      const line = lineOf(event);
      if (line === null || event.target.closest('a')) return;
      const { list } = this;
      if (typeof line !== 'number') {
        if (!event.target.closest('.gt-square-button')) list.fold(line);
        else if (event.altKey) list.show(line.runs.slice(0, 50));
        else list.toggleGroup(line);
        return;
      }
      if (event.target.closest('.gt-runs__dot')) {
        if (event.altKey) list.show([line]);
        else list.toggle(line);
        return;
      }
      list.select(line, { extend: event.shiftKey, add: event.ctrlKey || event.metaKey });
    }

    pick(event) {
      const line = lineOf(event);
      if (typeof line !== 'number') return;
      const dot = event.target.closest('.gt-runs__dot');
      const cell = event.target.closest('td, th');
      if (!dot && (event.target.closest('a') || !cell)) return;
      event.preventDefault();
      if (dot) this.openColours(line, dot.querySelector('button'));
      else gitrack.cellMenu(this, cell, line);
    }

    openColours(run, anchor) {
      const { list } = this;
      const chosen = list.palette.chosen.get(run);
      const swatches = Array.from({ length: gitrack.Palette.COUNT }, (_, slot) =>
        el(
          'button',
          {
            type: 'button',
            'aria-label': `Colour ${slot + 1}`,
            'aria-pressed': String(chosen === slot),
            onclick: () => {
              gitrack.menu.close(false);
              list.paint(run, slot);
              if (!list.isShown.has(run)) list.toggle(run);
            },
          },
          gitrack.dot(`var(--gt-run-${slot + 1})`),
        ),
      );
      gitrack.menu.show(
        anchor,
        'Colour of the run',
        el('div', { class: 'gt-swatches' }, ...swatches),
        gitrack.menu.item('As dealt', () => list.paint(run, null)),
        gitrack.menu.item(run === list.base ? 'Unpin as baseline' : 'Pin as baseline', () => list.pin(run)),
      );
    }

    /** Tell whose line stands out: the run's, or its group's where groups are drawn. */
    point(line) {
      const { list } = this;
      let drawn = line;
      if (list.draws && typeof line === 'number') drawn = list.leafOf[line];
      if (drawn !== null && typeof drawn === 'object') drawn = list.draws && !drawn.children.length ? drawn.path : null;
      if (this.onPoint && drawn !== this.pointed) this.onPoint(drawn);
      this.pointed = drawn;
    }

    /** Tint the row of the run or group that is pointed at somewhere else. */
    light(name) {
      for (const one of [this.highlighted, name]) {
        const row = one === null ? null : this.rows.get(one);
        if (row) row.classList.toggle('gt-lit', one === name);
      }
      this.highlighted = name;
    }

    moveCursor(by) {
      const { lines } = this.list;
      if (!lines.length) return;
      const before = this.cursor < 0 ? null : this.rows.get(nameOf(lines[this.cursor]));
      if (before) before.classList.remove('gt-cursor');
      this.cursor = Math.max(0, Math.min(lines.length - 1, this.cursor + by));
      const [top, bottom] = [this.tops[this.cursor], this.tops[this.cursor + 1]];
      const { scrollTop, clientHeight } = this.element;
      const head = this.head.element.offsetHeight;
      if (top < scrollTop) this.element.scrollTop = top;
      else if (bottom + head > scrollTop + clientHeight) this.element.scrollTop = bottom + head - clientHeight;
      this.paint();
      const line = lines[this.cursor];
      this.rowOf(line, this.cursor).classList.add('gt-cursor');
      gitrack.say(typeof line === 'number' ? this.columns.project.nameOf(line) : `Group ${line.name}, ${line.describe(this.columns.project.runs.state)}`);
    }

    /** The line of the cursor: a run, a group, or null. */
    get line() {
      return this.cursor < 0 ? null : this.list.lines[this.cursor];
    }

    /** The run of the cursor; null on a group. */
    get current() {
      return typeof this.line === 'number' ? this.line : null;
    }
  }

  const nameOf = (line) => (typeof line === 'number' ? line : line.path);

  function lineOf(event) {
    const row = event.target.closest('tr');
    if (!row) return null;
    return row.group || (row.run === undefined ? null : row.run);
  }

  gitrack.RunTable = RunTable;
})();
