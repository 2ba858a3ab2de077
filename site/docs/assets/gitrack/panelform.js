// The form that makes or changes a panel: its kind, what that kind takes, and how it will look.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const REST = 250; // ms without a change before the preview follows
  const OF_METRICS = new Set(['line', 'heatmap']);
  let count = 0;

  class PanelForm {
    /** `spec` is what is changed, null for a new panel; `done` takes what was saved. */
    constructor(context, spec, done) {
      Object.assign(this, { context, done });
      this.values = { chart: 'scatter', ...(spec || gitrack.panelForm.first(context)) };
      this.title = spec ? 'Edit panel' : 'Add panel';
      this.kind = el(
        'select',
        { 'aria-label': 'Kind of panel', onchange: () => this.turn(this.kind.value) },
        ...[...gitrack.panelSpec.KINDS].map(([name, { label }]) => el('option', { value: name }, label)),
      );
      this.kind.value = this.values.chart;
      this.about = el('p', { class: 'gt-form__about' });
      this.fields = el('div', { class: 'gt-form__fields' });
      this.preview = el('div', { class: 'gt-form__preview', role: 'region', 'aria-label': 'Preview' });
      this.save = el('button', { type: 'submit', class: 'gt-button gt-button--main' }, spec ? 'Save' : 'Add');
      this.lists = [this.names('columns', this.context.names()), this.names('metrics', [...context.project.metricByName.keys()])];
      const form = el(
        'form',
        { method: 'dialog', class: 'gt-form', onsubmit: (event) => this.submit(event) },
        el('header', {}, el('h2', {}, this.title), gitrack.iconButton('Close', 'close', () => this.dialog.close())),
        el('div', { class: 'gt-form__left' }, el('label', { class: 'gt-form__field' }, el('span', {}, 'Kind'), this.kind), this.about, this.fields),
        this.preview,
        el('footer', {}, gitrack.button('Cancel', null, () => this.dialog.close()), this.save),
        ...this.lists,
      );
      this.dialog = el('dialog', { class: 'gt-dialog gt-dialog--wide', 'aria-label': this.title, onclose: () => this.end() }, form);
      this.turn(this.values.chart);
    }

    open(anchor) {
      this.anchor = anchor;
      (document.querySelector('.gt-page') || document.body).append(this.dialog);
      this.dialog.showModal();
      this.kind.focus();
      this.show();
    }

    end() {
      clearTimeout(this.timer);
      if (this.tile) this.tile.release();
      this.dialog.remove();
      if (this.anchor && this.anchor.isConnected) this.anchor.focus();
    }

    submit(event) {
      event.preventDefault();
      const { spec } = this;
      if (gitrack.panelSpec.lack(spec)) {
        this.show();
        return;
      }
      this.dialog.close();
      this.done(spec);
    }

    get spec() {
      return gitrack.panelSpec.read(this.values);
    }

    names(what, all) {
      count += 1;
      const list = el('datalist', { id: `gt-form-${what}-${count}` }, ...[...new Set(all)].map((name) => el('option', { value: name })));
      return list;
    }

    /** Another kind: what was typed into fields that it shares stays. */
    turn(chart) {
      this.values.chart = chart;
      const { KINDS, FIELDS, fieldsOf } = gitrack.panelSpec;
      const { about, needs } = KINDS.get(chart);
      const must = new Set(needs.flatMap((need) => (need.includes('|') ? [] : [need])));
      this.about.textContent = about;
      const all = fieldsOf(chart).map((name) => [name, this.field(name, FIELDS.get(name), must.has(name))]);
      const first = all.filter(([name]) => needs.some((need) => need.split('|').includes(name)) || ['group', 'color'].includes(name));
      const rest = all.filter((one) => !first.includes(one));
      this.fields.replaceChildren(...first.map(([, field]) => field), el('details', { open: rest.some(([name]) => this.values[name] !== undefined) }, el('summary', {}, 'More'), ...rest.map(([, field]) => field)));
      this.change();
    }

    set(name, value) {
      if (value === '' || value === null || (Array.isArray(value) && !value.length)) delete this.values[name];
      else this.values[name] = value;
      this.change();
    }

    change() {
      this.save.setAttribute('aria-disabled', String(Boolean(gitrack.panelSpec.lack(this.spec))));
      clearTimeout(this.timer);
      if (this.dialog && this.dialog.open) this.timer = setTimeout(() => this.show(), REST);
    }

    show() {
      if (this.tile) this.tile.release();
      this.tile = new gitrack.Tile(this.spec, this.context, null);
      this.preview.replaceChildren(this.tile.element);
      this.tile.update();
    }

    field(name, { label, ask, choices, step }, needed) {
      const value = this.values[name];
      const wrap = (...parts) => el('label', { class: 'gt-form__field' }, el('span', {}, label, needed ? el('em', { title: 'needed' }, ' *') : null), ...parts);
      switch (ask) {
        case 'column':
          return wrap(el('input', { type: 'text', list: this.listOf(), value: value || '', autocomplete: 'off', spellcheck: 'false', required: needed, oninput: (event) => this.set(name, event.target.value.trim()) }));
        case 'columns':
          return this.several(name, label);
        case 'words':
          return wrap(el('textarea', { rows: 8, oninput: (event) => this.set(name, event.target.value) }, value || ''));
        case 'choice': {
          const select = el('select', { onchange: () => this.set(name, select.selectedIndex ? choices[select.selectedIndex - 1] : '') }, el('option', {}, 'as usual'), ...choices.map((choice) => el('option', {}, String(choice))));
          select.selectedIndex = choices.indexOf(value) + 1;
          return wrap(select);
        }
        case 'number':
          return wrap(el('input', { type: 'number', step, value: value === undefined ? '' : value, oninput: (event) => this.set(name, event.target.value === '' ? '' : Number(event.target.value)) }));
        case 'range':
          return this.ends(name, label);
        default:
          return wrap(el('input', { type: 'text', value: value || '', spellcheck: 'false', oninput: (event) => this.set(name, event.target.value) }));
      }
    }

    listOf() {
      return this.lists[OF_METRICS.has(this.values.chart) ? 1 : 0].id;
    }

    ends(name, label) {
      const now = this.values[name] || [null, null];
      const box = (word, value) => el('input', { type: 'number', step: 'any', placeholder: 'auto', 'aria-label': `${label}, ${word}`, value: value === null ? '' : value, oninput: () => take() });
      const [low, high] = [box('from', now[0]), box('to', now[1])];
      const take = () => {
        const found = [low, high].map((one) => (one.value === '' ? null : Number(one.value)));
        this.set(name, found.every((end) => end === null) ? '' : found);
      };
      return el('div', { class: 'gt-form__field', role: 'group', 'aria-label': label }, el('span', {}, label), el('span', { class: 'gt-form__pair' }, low, high));
    }

    /** Several names: each a chip, and a line that adds one. */
    several(name, label) {
      const chips = el('span', { class: 'gt-form__chips' });
      const input = el('input', { type: 'text', list: this.lists[0].id, placeholder: 'add a column', 'aria-label': `Add to ${label}`, autocomplete: 'off', spellcheck: 'false' });
      const now = () => this.values[name] || [];
      const draw = () =>
        chips.replaceChildren(...now().map((one) => gitrack.button(one, 'close', () => { this.set(name, now().filter((other) => other !== one)); draw(); }, { class: 'gt-button gt-form__chip', 'aria-label': `Remove ${one}` })));
      const add = () => {
        const typed = input.value.trim();
        if (!typed || now().includes(typed)) return;
        input.value = '';
        this.set(name, [...now(), typed]);
        draw();
      };
      input.addEventListener('change', add);
      input.addEventListener('keydown', (event) => {
        if (event.key !== 'Enter') return;
        event.preventDefault();
        add();
      });
      draw();
      return el('div', { class: 'gt-form__field', role: 'group', 'aria-label': label }, el('span', {}, label), chips, input);
    }
  }

  gitrack.PanelForm = PanelForm;
  gitrack.panelForm = {
    /** What a new panel begins with: a result against the setting that differs most. */
    first({ columns }) {
      const keys = columns.usual.filter((key) => columns.all.get(key).numeric);
      const x = keys.find((key) => key.startsWith('config.'));
      const y = keys.find((key) => key.startsWith('summary.'));
      return { ...(x ? { x } : {}), ...(y ? { y } : {}) };
    },
  };
})();
