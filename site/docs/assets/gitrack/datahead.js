// The head of a table: names that sort, how each column's values fall, and what is kept of it.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el, svg } = gitrack;
  const [WIDE, HIGH] = [100, 20];
  const NAMED = 3; // texts that a column's line names

  /** Bars as one path: `counts` of at most `most`. */
  function bars(counts, most) {
    const step = WIDE / counts.length;
    return counts
      .map((count, at) => {
        if (!count) return '';
        const height = Math.max(1, (count / most) * HIGH);
        return `M${(at * step).toFixed(2)} ${HIGH}v${-height.toFixed(2)}h${Math.max(0.6, step - 0.8).toFixed(2)}v${height.toFixed(2)}z`;
      })
      .join('');
  }

  class HeadCell {
    constructor(view, at) {
      Object.assign(this, { view, at, column: view.data.columns[at] });
      const { name } = this.column;
      this.mark = el('span', { class: 'gt-data__mark', 'aria-hidden': 'true' });
      this.sort = el(
        'button',
        { type: 'button', class: 'gt-data__sort', title: `${name}: sort; with Shift after the others`, onclick: (event) => view.change((data) => data.sort(at, { more: event.shiftKey })) },
        el('span', {}, name || '(no name)'),
        this.mark,
      );
      this.more = gitrack.iconButton(`Filter ${name}`, 'dots', () => this.openMenu());
      this.whole = view.data.spread(at, null);
      this.note = el('small', {});
      this.element = el(
        'th',
        { scope: 'col', class: gitrack.DataRows.isRange(this.column) ? 'gt-num' : null, 'aria-colindex': String(at + 2) },
        el('div', { class: 'gt-data__name' }, this.sort, this.more),
        this.whole ? this.drawing() : el('div', { class: 'gt-data__bars' }),
        this.note,
      );
    }

    drawing() {
      this.most = Math.max(...this.whole.counts, 1);
      this.all = svg('path', { class: 'gt-data__all', d: bars(this.whole.counts, this.most) });
      this.kept = svg('path', { class: 'gt-data__kept' });
      this.chosen = svg('rect', { class: 'gt-data__chosen', y: 0, height: HIGH, width: 0 });
      const drawn = svg('svg', { class: 'gt-data__bars', viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' }, this.chosen, this.all, this.kept);
      if (this.whole.names) drawn.append(svg('title', {}, this.whole.names.map((name, i) => `${name}: ${this.whole.counts[i]}`).join('\n')));
      drawn.addEventListener('pointerdown', (event) => this.brush(drawn, event));
      return drawn;
    }

    /** Drag over the bars of numbers to keep a range; click on a text's bar to keep it. */
    brush(drawn, event) {
      const share = (one) => {
        const box = drawn.getBoundingClientRect();
        return Math.min(0.9999, Math.max(0, (one.clientX - box.left) / box.width));
      };
      const from = share(event);
      const { names, low, high } = this.whole;
      if (names) {
        this.toggle(names[Math.floor(from * names.length)]);
        return;
      }
      drawn.setPointerCapture(event.pointerId);
      const ends = (one) => [from, share(one)].sort((a, b) => a - b).map((part) => low + part * (high - low));
      const move = (one) => this.choose(ends(one));
      const stop = (one) => {
        drawn.removeEventListener('pointermove', move);
        const [start, end] = ends(one);
        const moved = Math.abs(share(one) - from) > 0.02;
        this.keep(moved ? { low: start, high: end } : null);
      };
      drawn.addEventListener('pointermove', move);
      drawn.addEventListener('pointerup', stop, { once: true });
    }

    toggle(value) {
      const before = this.view.data.filters.get(this.at);
      const values = new Set(before && before.values);
      if (!values.delete(value)) values.add(value);
      this.keep(values.size ? { values } : null);
    }

    keep(condition) {
      this.view.change((data) => data.filter(this.at, condition));
    }

    choose([start, end]) {
      const { low, high } = this.whole;
      const place = (value) => (high > low ? ((Math.min(high, Math.max(low, value)) - low) / (high - low)) * WIDE : 0);
      this.chosen.setAttribute('x', place(start));
      this.chosen.setAttribute('width', Math.max(0, place(end) - place(start)));
    }

    openMenu() {
      const { view, at, column } = this;
      const { item } = gitrack.menu;
      const condition = view.data.filters.get(at) || {};
      const sorted = view.data.order.find((one) => one.at === at);
      gitrack.menu.show(
        this.more,
        `Sort and filter ${column.name}`,
        item('Smallest first', () => view.change((data) => data.sort(at, { down: false })), { pressed: Boolean(sorted && !sorted.down) }),
        item('Largest first', () => view.change((data) => data.sort(at, { down: true })), { pressed: Boolean(sorted && sorted.down) }),
        el('h3', {}, 'Keep rows'),
        ...(gitrack.DataRows.isRange(column) ? this.rangeInputs(condition) : this.textInputs(condition)),
        item('All rows again', () => this.keep(null)),
      );
    }

    rangeInputs(condition) {
      const time = this.column.kind === 'time';
      const written = (value) => (value === undefined ? '' : time ? new Date(value * 1000).toISOString().slice(0, 16) : String(value));
      const read = (text) => (text === '' ? undefined : time ? Date.parse(`${text}Z`) / 1000 : Number(text));
      const inputs = ['low', 'high'].map((end) =>
        el('input', { type: time ? 'datetime-local' : 'number', step: 'any', value: written(condition[end]), 'aria-label': end === 'low' ? 'from' : 'to' }),
      );
      const change = () => {
        const [low, high] = inputs.map((input) => read(input.value));
        const none = (value) => value === undefined || Number.isNaN(value);
        this.keep(none(low) && none(high) ? null : { low: none(low) ? undefined : low, high: none(high) ? undefined : high });
      };
      for (const input of inputs) input.addEventListener('change', change);
      return [el('div', { class: 'gt-data__range' }, inputs[0], ' to ', inputs[1])];
    }

    textInputs(condition) {
      const contains = el('input', {
        type: 'search',
        placeholder: 'contains',
        value: condition.contains || '',
        'aria-label': `${this.column.name} contains`,
        oninput: () => this.keep(contains.value ? { contains: contains.value } : null),
      });
      const { names } = this.whole || {};
      const boxes = (names || []).map((name, i) =>
        el(
          'label',
          {},
          el('input', { type: 'checkbox', checked: Boolean(condition.values && condition.values.has(name)), onchange: () => this.toggle(name) }),
          el('span', { class: 'gt-data__choice' }, String(name)),
          el('small', {}, this.whole.counts[i].toLocaleString('en-US')),
        ),
      );
      return [contains, ...boxes];
    }

    /** Bring the marks up to date with what is kept and sorted. */
    update(rows) {
      const { data } = this.view;
      const place = data.order.findIndex((one) => one.at === this.at);
      const down = place >= 0 && data.order[place].down;
      this.mark.textContent = place < 0 ? '' : `${down ? '↓' : '↑'}${data.order.length > 1 ? place + 1 : ''}`;
      if (place < 0) this.element.removeAttribute('aria-sort');
      else this.element.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      const condition = data.filters.get(this.at);
      this.element.classList.toggle('gt-data--filtered', Boolean(condition));
      if (!this.whole) {
        this.note.textContent = condition ? `“${condition.contains}”` : '';
        return;
      }
      this.kept.setAttribute('d', bars(data.spread(this.at, rows).counts, this.most));
      const range = condition && (condition.low !== undefined || condition.high !== undefined);
      if (range) this.choose([condition.low ?? this.whole.low, condition.high ?? this.whole.high]);
      else this.chosen.setAttribute('width', 0);
      this.note.textContent = this.described(condition);
    }

    described(condition) {
      const { names, low, high } = this.whole;
      const write = this.column.kind === 'time' ? gitrack.format.date : (value) => gitrack.format.number(value, 3);
      if (condition && condition.values) return [...condition.values].map(String).join(', ');
      if (condition && condition.contains !== undefined) return `“${condition.contains}”`;
      if (condition) return `${write(condition.low ?? low)} to ${write(condition.high ?? high)}`;
      if (!names) return low === high ? write(low) : `${write(low)} to ${write(high)}`;
      return names.length > NAMED ? `${names.length} values` : names.map(String).join(', ');
    }
  }

  gitrack.DataHeadCell = HeadCell;
})();
