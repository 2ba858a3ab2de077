// Which columns the run table has, and in which order: found by name, ticked, dragged, pinned.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const MOST = 300; // columns offered at once

  class ColumnMenu {
    constructor(table) {
      this.table = table;
      const { columns, state } = table;
      this.words = el('span', {});
      this.button = gitrack.button(null, 'columns', () => this.open(), { 'aria-haspopup': 'dialog' });
      this.button.append(this.words);
      const write = () => {
        this.words.textContent = `${columns.keys.length} of ${columns.count} columns`;
      };
      state.watch((changed) => {
        if (!changed.has('columns') && !changed.has('pins')) return;
        write();
        if (this.box && this.box.isConnected) this.fill();
      });
      write();
    }

    open() {
      const { columns, state, widths } = this.table;
      const { item } = gitrack.menu;
      this.box = el('div', { class: 'gt-columns' });
      this.find = el('input', { type: 'search', placeholder: 'Find columns', 'aria-label': 'Find columns', oninput: () => this.fill() });
      this.fill();
      gitrack.menu.show(
        this.button,
        'Columns',
        this.find,
        this.box,
        item('The usual columns', () => state.set({ columns: [], pins: [] })),
        item('Show all', () => columns.set(columns.choices)),
        item('Hide all', () => columns.set([])),
        item('Reset widths', () => {
          widths.reset();
          this.table.layOut();
        }),
      );
    }

    /** The shown columns in their order, then the others. */
    fill() {
      const { columns } = this.table;
      const wanted = this.find.value.toLowerCase();
      const held = this.box.contains(document.activeElement) ? document.activeElement.getAttribute('aria-label') : null;
      const { keys } = columns;
      const shown = new Set(keys);
      const others = columns.choices.filter((key) => !shown.has(key));
      const has = (key) => key.toLowerCase().includes(wanted);
      const [top, rest] = [keys.filter(has), others.filter(has)];
      this.box.replaceChildren(
        ...top.map((key) => this.entry(key, true)),
        top.length && rest.length ? el('hr', {}) : '',
        ...rest.slice(0, MOST).map((key) => this.entry(key, false)),
      );
      const again = held && [...this.box.querySelectorAll('[aria-label]')].find((one) => one.getAttribute('aria-label') === held);
      if (again) again.focus();
    }

    entry(key, shown) {
      const { columns } = this.table;
      const box = el('input', { type: 'checkbox', checked: shown, 'aria-label': key, onchange: () => columns.toggle(key) });
      if (!shown) return el('div', { class: 'gt-column' }, el('label', {}, box, key));
      const pinned = columns.isPinned(key);
      const row = el(
        'div',
        {
          class: 'gt-column',
          draggable: 'true',
          ondragstart: (event) => {
            this.dragged = key;
            event.dataTransfer.effectAllowed = 'move';
            event.dataTransfer.setData('text/plain', '');
          },
          ondragover: (event) => {
            if (this.dragged) event.preventDefault();
          },
          ondrop: (event) => {
            event.preventDefault();
            if (this.dragged) columns.move(this.dragged, columns.keys.indexOf(key));
            this.dragged = null;
          },
          onkeydown: (event) => {
            const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
            if (!by || !event.altKey) return;
            event.preventDefault();
            event.stopPropagation();
            columns.move(key, columns.keys.indexOf(key) + by);
          },
        },
        el('span', { class: 'gt-handle', 'aria-hidden': 'true', title: 'Drag to order; with the keyboard, Alt and an arrow' }, '⠿'),
        el('label', {}, box, key),
        gitrack.iconButton(`Pin ${key}`, 'pin', () => columns.pin(key), { 'aria-pressed': String(pinned) }),
      );
      return row;
    }
  }

  gitrack.ColumnMenu = ColumnMenu;
})();
