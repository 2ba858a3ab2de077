// What the runs are grouped by, as chips over the table: × takes a key away, + adds one.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const MOST = 300; // keys offered at once
  const SPREADS = [['', 'Standard deviation'], ['stderr', 'Standard error'], ['minmax', 'Lowest to highest']];

  class GroupBar {
    constructor(list, columns, state) {
      Object.assign(this, { list, columns, state });
      this.chips = el('span', { class: 'gt-keys' });
      this.plus = gitrack.iconButton('Group by a key', 'plus', () => this.open());
      this.element = el('span', { class: 'gt-groupbar', role: 'group', 'aria-label': 'Grouped by' }, el('span', { class: 'gt-label' }, 'Group'), this.chips, this.plus);
      state.watch((changed) => changed.has('group') && this.draw());
      this.draw();
      gitrack.keys.bind('g', 'Group by a key', () => this.open());
    }

    draw() {
      const { state, columns } = this;
      const known = state.group.filter((key) => columns.all.has(key));
      this.chips.replaceChildren(
        ...known.map((key) =>
          el(
            'span',
            { class: 'gt-keychip', title: key },
            el('span', {}, columns.all.get(key).label),
            gitrack.iconButton(`Do not group by ${key}`, 'close', () => {
              this.list.groupBy(key);
              this.plus.focus();
            }),
          ),
        ),
      );
    }

    open() {
      const { columns, state } = this;
      const { item } = gitrack.menu;
      const box = el('div', { class: 'gt-columns' });
      const find = el('input', { type: 'search', placeholder: 'Find a key', 'aria-label': 'Find a key', oninput: () => fill() });
      const kinds = (column) => new Set(column.values.map((value) => (Array.isArray(value) ? value.join() : value))).size;
      const counts = new Map(columns.groupable.map((column) => [column, kinds(column)]));
      const fill = () => {
        const wanted = find.value.toLowerCase();
        const found = columns.groupable.filter((column) => column.key.toLowerCase().includes(wanted) && (counts.get(column) > 1 || state.group.includes(column.key)));
        const choice = (column) =>
          item(el('span', { class: 'gt-choice-row' }, column.key.startsWith('config.') ? column.label : column.key, el('small', {}, gitrack.format.plural(counts.get(column), 'value'))), () => this.list.groupBy(column.key), {
            pressed: state.group.includes(column.key),
          });
        box.replaceChildren(...found.slice(0, MOST).map(choice));
        if (!found.length) box.append(el('p', { class: 'gt-menu__note' }, 'No key that tells the runs apart has this in its name.'));
      };
      fill();
      gitrack.menu.show(
        this.plus,
        'Group by',
        find,
        box,
        el('h3', {}, '± shows the'),
        ...SPREADS.map(([key, words]) => item(words, () => state.set({ spread: key }), { pressed: state.spread === key })),
        item('Count crashed and failed runs in means', () => state.set({ lame: !state.lame }), { pressed: state.lame }),
      );
    }
  }

  gitrack.GroupBar = GroupBar;
})();
