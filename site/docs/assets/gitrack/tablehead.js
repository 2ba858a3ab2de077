// The heads of the run table: click to sort, drag to order, drag an edge to resize, and a menu.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const SLIP = 6; // pixels that a click may slip
  const NUDGE = 16;

  class TableHead {
    constructor(table) {
      this.table = table;
      this.row = el('tr', {});
      this.element = el('thead', {}, this.row);
      this.drag = null;
      this.cells = new Map(); // by column: [what it was made of, the cell]
      this.eye = gitrack.iconButton('Show or hide runs', 'eye', () => this.openEye(this.eye));
      this.corner = el('th', { scope: 'col', class: 'gt-runs__dot' }, this.eye);
      this.element.addEventListener('contextmenu', (event) => this.pick(event));
    }

    build() {
      const { columns, state, list } = this.table;
      const sorts = new Map(columns.order.map(({ column, down }, at) => [column.key, { down, at }]));
      const several = sorts.size > 1;
      const folding = list.groups.length ? (state.closed.size ? 'Unfold all groups' : 'Fold all groups') : '';
      const cells = [columns.all.get('name'), columns.all.get('state'), ...columns.shown].map((column) => {
        const sorted = sorts.get(column.key);
        const mark = sorted ? ` ${sorted.down ? '↓' : '↑'}${several ? sorted.at + 1 : ''}` : '';
        const made = [mark, this.table.left(column), column.key === 'name' ? folding : ''].join('|');
        // A cell that would be the same again stays: of many columns a sort changes two.
        const known = this.cells.get(column.key);
        if (known && known[0] === made) return known[1];
        const cell = this.cell(column, sorted, mark);
        if (column.key === 'name' && folding) cell.prepend(this.fold(folding));
        this.cells.set(column.key, [made, cell]);
        return cell;
      });
      const focused = this.row.contains(document.activeElement) ? document.activeElement.closest('th') : null;
      const key = focused ? focused.column : null;
      gitrack.place(this.row, [this.corner, ...cells]);
      // Sorting by keyboard must not lose the place.
      const again = key && !this.row.contains(document.activeElement) ? cells.find((cell) => cell.column === key) : null;
      if (again) again.querySelector('.gt-runs__sort').focus();
    }

    /** The button that folds all groups or unfolds them. */
    fold(label) {
      const { list, state } = this.table;
      const button = gitrack.iconButton(label, 'chevron', () => list.foldAll(!state.closed.size));
      button.classList.toggle('gt-folded', state.closed.size > 0);
      return button;
    }

    cell(column, sorted, mark) {
      const fixed = column.key === 'name' || column.key === 'state';
      const pinned = this.table.left(column);
      const label = column.key === 'state' ? el('span', {}, el('span', { class: 'gt-hidden' }, 'State'), el('span', { 'aria-hidden': 'true' }, '◌')) : column.label;
      const button = el(
        'button',
        {
          type: 'button',
          class: 'gt-runs__sort',
          title: `Sort by ${column.key}; with Shift as well. Drag to move, right click for more`,
          onclick: (event) => {
            if (!this.moved) this.sortBy(column, event.shiftKey);
            this.moved = false;
          },
          onkeydown: (event) => this.key(event, column),
        },
        label,
        mark,
      );
      if (!fixed) this.watchDrag(button, column);
      const cell = el(
        'th',
        {
          scope: 'col',
          class: [column.numeric ? 'gt-num' : '', pinned === null ? '' : 'gt-pinned'].join(' ').trim() || null,
          style: pinned === null ? null : { left: `${pinned}px` },
          'aria-sort': sorted ? (sorted.down ? 'descending' : 'ascending') : null,
        },
        button,
        column.key === 'state' ? null : this.edge(column),
      );
      cell.column = column.key;
      return cell;
    }

    sortBy(column, also) {
      const { state } = this.table;
      const was = state.sort.find((key) => key.replace(/^-/, '') === column.key);
      const first = column.goal === 'max' || column.key === 'created' || column.key === 'duration' ? `-${column.key}` : column.key;
      const next = was === undefined ? first : was.startsWith('-') ? column.key : `-${column.key}`;
      if (!also) state.set({ sort: [next] });
      else state.set({ sort: was === undefined ? [...state.sort, next] : state.sort.map((key) => (key === was ? next : key)) });
    }

    /** Alt and an arrow move a column, with Shift they resize it. */
    key(event, column) {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (event.key === 'ContextMenu' || (event.shiftKey && event.key === 'F10')) {
        event.preventDefault();
        this.openMenu(column, event.currentTarget);
      }
      if (!by || !event.altKey) return;
      event.preventDefault();
      const { columns, widths } = this.table;
      if (event.shiftKey) {
        widths.set(column, widths.of(column) + by * NUDGE);
        this.table.layOut();
      } else columns.move(column.key, columns.keys.indexOf(column.key) + by);
    }

    edge(column) {
      const { table } = this;
      let from = null;
      return el('span', {
        class: 'gt-edge',
        title: `Drag to resize ${column.label}; double click fits`,
        onpointerdown: (event) => {
          event.preventDefault();
          event.currentTarget.setPointerCapture(event.pointerId);
          from = { x: event.clientX, width: table.widths.of(column) };
        },
        onpointermove: (event) => {
          if (!from) return;
          table.widths.set(column, from.width + event.clientX - from.x);
          table.layOut();
        },
        onpointerup: () => {
          from = null;
        },
        ondblclick: () => {
          table.widths.fit(column);
          table.layOut();
        },
      });
    }

    watchDrag(button, column) {
      button.addEventListener('pointerdown', (event) => {
        if (event.button === 0 && event.pointerType !== 'touch') this.drag = { column, x: event.clientX, id: event.pointerId };
        this.moved = false;
      });
      button.addEventListener('pointermove', (event) => {
        const { drag } = this;
        if (!drag || drag.column !== column || Math.abs(event.clientX - drag.x) < SLIP) return;
        if (!this.moved) button.setPointerCapture(drag.id);
        this.moved = true;
        this.mark(event.clientX);
      });
      button.addEventListener('pointerup', (event) => {
        const at = this.drag && this.moved ? this.target(event.clientX) : null;
        this.drag = null;
        this.mark(null);
        if (at !== null) this.table.columns.move(column.key, at);
      });
    }

    /** The place among the shown columns that is below a pixel; null outside of them. */
    target(x) {
      const cell = this.cellAt(x);
      const at = cell ? this.table.columns.keys.indexOf(cell.column) : -1;
      return at < 0 ? null : at;
    }

    cellAt(x) {
      return [...this.row.children].find((cell) => {
        const box = cell.getBoundingClientRect();
        return x >= box.left && x < box.right;
      });
    }

    mark(x) {
      const under = x === null ? null : this.cellAt(x);
      for (const cell of this.row.children) cell.classList.toggle('gt-drop', cell === under);
    }

    pick(event) {
      const cell = event.target.closest('th');
      if (!cell || !cell.column) return;
      event.preventDefault();
      this.openMenu(this.table.columns.all.get(cell.column), cell.querySelector('.gt-runs__sort'));
    }

    openMenu(column, anchor) {
      const { columns, state, list, widths } = this.table;
      const { item } = gitrack.menu;
      const { key } = column;
      const at = columns.keys.indexOf(key);
      const fitted = () => {
        widths.fit(column);
        this.table.layOut();
      };
      gitrack.menu.show(
        anchor,
        `Column ${column.label}`,
        item('Sort upwards', () => state.set({ sort: [key] })),
        item('Sort downwards', () => state.set({ sort: [`-${key}`] })),
        columns.groupable.includes(column) ? item('Group by it', () => list.groupBy(key), { pressed: state.group.includes(key) }) : null,
        item('Fit the width', fitted),
        ...(at < 0
          ? []
          : [
              item('Pin', () => columns.pin(key), { pressed: columns.isPinned(key) }),
              item('Move left', () => columns.move(key, at - 1)),
              item('Move right', () => columns.move(key, at + 1)),
              item('Hide', () => columns.toggle(key)),
            ]),
      );
    }

    openEye(anchor) {
      const { list, state } = this.table;
      const { item } = gitrack.menu;
      gitrack.menu.show(
        anchor,
        'Show or hide runs',
        item('Show the first 10', () => state.set({ shown: null })),
        item(`Show all ${list.rows.length.toLocaleString('en-US')} listed`, () => list.showAll()),
        item('Show the selected', () => list.show([...list.selected])),
        item('Hide all', () => list.show([])),
        item('Select all listed', () => list.selectAll()),
        item('Select none', () => list.selectAll([])),
      );
    }
  }

  gitrack.TableHead = TableHead;
})();
