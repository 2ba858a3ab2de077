// The run table: a real table of which only the rows in sight exist, so that ten thousand runs
// scroll like ten.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const SPARE = 12; // rows kept above and below what is in sight

  class RunTable {
    constructor(list, columns, state) {
      Object.assign(this, { list, columns, state });
      this.rows = new Map(); // run → its element
      this.cursor = -1;
      this.highlighted = null;
      this.group = el('colgroup', {});
      this.head = el('thead', {});
      this.body = el('tbody', {});
      this.table = el('table', { class: 'gt-runs', 'aria-label': 'Runs' }, this.group, this.head, this.body);
      this.element = el('div', { class: 'gt-runs__scroll', tabindex: '0', 'aria-label': 'Runs, scrollable' }, this.table);
      this.element.addEventListener('scroll', () => this.paint(), { passive: true });
      new ResizeObserver(() => this.paint()).observe(this.element);
      this.body.addEventListener('click', (event) => this.click(event));
      this.body.addEventListener('contextmenu', (event) => this.pick(event));
      this.body.addEventListener('pointerover', (event) => this.point(runOf(event)));
      this.body.addEventListener('pointerleave', () => this.point(null));
      list.watch(() => this.update());
      state.watch((changed) => changed.has('columns') && this.rebuild());
      this.rebuild();
    }

    get rowHeight() {
      return parseFloat(getComputedStyle(this.element).getPropertyValue('--gt-row')) || 28;
    }

    rebuild() {
      const columns = this.columns.shown;
      const widths = columns.map((column) => this.widthOf(column));
      this.group.replaceChildren(
        ...[34, 160, 34, ...widths].map((width) => el('col', { style: { width: `${width}px` } })),
      );
      this.table.style.width = `max(100%, ${228 + widths.reduce((sum, width) => sum + width, 0)}px)`;
      this.update();
    }

    /** A width from the label and a sample of the values: rows come and go, columns must not move. */
    widthOf(column) {
      const label = Math.min(column.label.length, 13) * 6.2 + 18;
      let most = 0;
      const { size } = this.columns.project;
      const stride = Math.max(1, Math.floor(size / 60));
      for (let run = 0; run < size; run += stride) most = Math.max(most, this.columns.text(column, run).length);
      return Math.round(Math.min(180, Math.max(50, label, most * 6.8 + (column.goal ? 26 : 17))));
    }

    buildHead() {
      const sorts = new Map(
        (this.state.sort.length ? this.state.sort : ['-created']).map((key) => [key.replace(/^-/, ''), key.startsWith('-')]),
      );
      const cell = (column, label) => {
        const sorted = sorts.has(column.key);
        const down = sorts.get(column.key);
        return el(
          'th',
          {
            scope: 'col',
            class: column.numeric ? 'gt-num' : null,
            'aria-sort': sorted ? (down ? 'descending' : 'ascending') : null,
          },
          el(
            'button',
            { type: 'button', title: `Sort by ${column.key}; with Shift as well`, onclick: (event) => this.sortBy(column, event.shiftKey) },
            label || column.label,
            sorted ? (down ? ' ↓' : ' ↑') : null,
          ),
        );
      };
      const eye = gitrack.iconButton('Show or hide runs', 'eye', () => this.openEye(eye));
      this.head.replaceChildren(
        el(
          'tr',
          {},
          el('th', { scope: 'col', class: 'gt-runs__dot' }, eye),
          cell(this.columns.all.get('name')),
          cell(this.columns.all.get('state'), el('span', {}, el('span', { class: 'gt-hidden' }, 'State'), el('span', { 'aria-hidden': 'true' }, '◌'))),
          ...this.columns.shown.map((column) => cell(column)),
        ),
      );
    }

    openEye(anchor) {
      const { list } = this;
      const { item } = gitrack.menu;
      gitrack.menu.show(
        anchor,
        'Show or hide runs',
        item('Show the first 10', () => this.state.set({ shown: null })),
        item(`Show all ${list.rows.length} listed`, () => list.showAll()),
        item('Show the selected', () => list.show([...list.selected])),
        item('Hide all', () => list.show([])),
      );
    }

    sortBy(column, also) {
      const { sort } = this.state;
      const was = sort.find((key) => key.replace(/^-/, '') === column.key);
      const first = column.goal === 'max' || column.key === 'created' || column.key === 'duration' ? `-${column.key}` : column.key;
      const next = was === undefined ? first : was.startsWith('-') ? column.key : `-${column.key}`;
      const others = also ? sort.filter((key) => key !== was) : [];
      this.state.set({ sort: [...others, next] });
    }

    update() {
      this.rows.clear();
      this.buildHead();
      this.table.setAttribute('aria-rowcount', String(this.list.rows.length + 1));
      this.cursor = Math.min(this.cursor, this.list.rows.length - 1);
      this.window = null;
      this.paint();
    }

    /** Put the rows in sight into the body, with room above and below for the rest. */
    paint() {
      const { rows } = this.list;
      const height = this.rowHeight;
      const view = this.element.clientHeight || 800;
      const first = Math.max(0, Math.floor(this.element.scrollTop / height) - SPARE);
      const last = Math.min(rows.length, Math.ceil((this.element.scrollTop + view) / height) + SPARE);
      const key = `${first}-${last}`;
      if (this.window === key) return;
      this.window = key;
      const room = (count) => (count ? el('tr', { class: 'gt-room', style: { height: `${count * height}px` }, 'aria-hidden': 'true' }) : null);
      const shown = [];
      for (let at = first; at < last; at += 1) shown.push(this.rowOf(rows[at], at));
      const kept = new Set(rows.slice(first, last));
      for (const run of this.rows.keys()) if (!kept.has(run)) this.rows.delete(run);
      this.body.replaceChildren(...[room(first), ...shown, room(rows.length - last)].filter(Boolean));
    }

    rowOf(run, at) {
      if (this.rows.has(run)) return this.rows.get(run);
      const { list, columns } = this;
      const { project } = columns;
      const colour = list.colour(run);
      const name = project.nameOf(run);
      const row = el(
        'tr',
        { 'aria-rowindex': at + 2, 'aria-selected': String(list.selected.has(run)) },
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
        ...columns.shown.map((column) => {
          const text = columns.text(column, run);
          const best = list.isBest(column, run);
          return el(
            'td',
            { class: `${column.numeric ? 'gt-num' : ''}${best ? ' gt-key' : ''}`.trim() || null, title: text.length > 12 ? text : null },
            best ? el('i', { class: 'gt-best', role: 'img', 'aria-label': 'best' }) : null,
            text,
          );
        }),
      );
      row.classList.toggle('gt-off', !colour);
      row.classList.toggle('gt-selected', list.selected.has(run));
      row.classList.toggle('gt-cursor', at === this.cursor);
      row.classList.toggle('gt-lit', run === this.highlighted);
      row.run = run;
      this.rows.set(run, row);
      return row;
    }

    click(event) {
      const run = runOf(event);
      if (run === null || event.target.closest('a')) return;
      if (event.target.closest('.gt-runs__dot')) {
        if (event.altKey) this.list.show([run]);
        else this.list.toggle(run);
        return;
      }
      this.list.select(run, { extend: event.shiftKey, add: event.ctrlKey || event.metaKey });
    }

    pick(event) {
      const run = runOf(event);
      const cell = event.target.closest('.gt-runs__dot');
      if (run === null || !cell) return;
      event.preventDefault();
      this.openColours(run, cell.querySelector('button'));
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

    point(run) {
      if (this.onPoint && run !== this.pointed) this.onPoint(run);
      this.pointed = run;
    }

    /** Tint the row of the run that is pointed at somewhere else. */
    light(run) {
      for (const one of [this.highlighted, run]) {
        const row = one === null ? null : this.rows.get(one);
        if (row) row.classList.toggle('gt-lit', one === run);
      }
      this.highlighted = run;
    }

    moveCursor(by) {
      const { rows } = this.list;
      if (!rows.length) return;
      const before = this.rows.get(rows[this.cursor]);
      if (before) before.classList.remove('gt-cursor');
      this.cursor = Math.max(0, Math.min(rows.length - 1, this.cursor + by));
      const height = this.rowHeight;
      const top = this.cursor * height;
      const { scrollTop, clientHeight } = this.element;
      const head = this.head.offsetHeight;
      if (top < scrollTop) this.element.scrollTop = top;
      else if (top + height + head > scrollTop + clientHeight) this.element.scrollTop = top + height + head - clientHeight;
      this.paint();
      const row = this.rowOf(rows[this.cursor], this.cursor);
      row.classList.add('gt-cursor');
      gitrack.say(this.columns.project.nameOf(rows[this.cursor]));
    }

    get current() {
      return this.cursor < 0 ? null : this.list.rows[this.cursor];
    }
  }

  function runOf(event) {
    const row = event.target.closest('tr');
    return row && row.run !== undefined ? row.run : null;
  }

  gitrack.RunTable = RunTable;
})();
