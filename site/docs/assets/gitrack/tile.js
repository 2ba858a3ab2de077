// One panel of a dashboard or of one's own: its title row, its states, and the view of its kind.
// A view is made with its tile, has an `element`, and brings it up to date by `update(spec)`, which
// gives {note, summary, table}; it may have `highlight(run)`.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const PATIENCE = 150; // ms before a wait is shown
  let drawn = Promise.resolve();

  class Tile {
    /** `edits` are what its menu offers besides, as [label, act] pairs; null for a preview. */
    constructor(spec, context, edits) {
      Object.assign(this, { spec, context, edits });
      this.preview = !edits;
      this.visible = this.preview;
      this.stale = true;
      this.turn = 0;
      const title = gitrack.panelSpec.titleOf(spec);
      this.name = title || gitrack.panelSpec.KINDS.get(spec.chart).label;
      this.note = el('span', { class: 'gt-panel__note' });
      this.body = el('div', { class: 'gt-tile__body' });
      this.message = el('div', { class: 'gt-panel__message', hidden: true });
      this.summary = el('p', { class: 'gt-hidden' });
      this.menuButton = gitrack.iconButton(`More for ${this.name}`, 'dots', () => this.openMenu());
      this.element = el(
        'section',
        { class: `gt-tile gt-tile--${spec.chart}${title ? '' : ' gt-tile--untitled'}`, 'aria-label': this.name, tabindex: '-1', 'data-width': String(spec.width || 1) },
        el(
          'header',
          { class: 'gt-panel__head' },
          el('h3', { title }, ...(spec.title ? [el('b', {}, title)] : gitrack.metricName(title))),
          this.note,
          edits ? el('span', { class: 'gt-panel__tools' }, gitrack.iconButton(`Full screen: ${this.name}`, 'expand', () => this.enlarge()), this.menuButton) : null,
        ),
        this.body,
        this.message,
        this.summary,
      );
      if (spec.height) this.element.style.setProperty('--gt-tile', `${spec.height}px`);
      this.element.tile = this;
      this.element.addEventListener('keydown', (event) => event.key === 'Escape' && this.element.classList.contains('gt-tile--large') && this.enlarge());
    }

    openMenu() {
      const { item } = gitrack.menu;
      gitrack.menu.show(
        this.menuButton,
        this.name,
        ...gitrack.tileFiles(this).map(([label, act]) => item(label, act)),
        this.table ? item('As table', () => this.toggleTable(), { pressed: Boolean(this.sheet) }) : null,
        item('Full screen', () => this.enlarge()),
        ...this.edits.map(([label, act]) => item(label, act)),
      );
    }

    enlarge() {
      const large = this.element.classList.toggle('gt-tile--large');
      if (large) this.element.focus();
      requestAnimationFrame(() => this.update());
    }

    /** Figures are made one after the other, so that the page answers in between. */
    queue(make) {
      const made = drawn.then(make);
      drawn = made.catch(() => {});
      return made;
    }

    async update() {
      if (!this.visible) {
        this.stale = true;
        return;
      }
      this.stale = false;
      const turn = (this.turn += 1);
      const missing = gitrack.panelSpec.lack(this.spec);
      if (missing) {
        this.say(missing);
        return;
      }
      if (!this.view) {
        const View = gitrack.panelViews.get(this.spec.chart);
        this.view = new View(this);
        this.body.append(this.view.element);
      }
      const timer = setTimeout(() => turn === this.turn && this.message.hidden && this.wait(), PATIENCE);
      try {
        const told = await this.view.update(this.spec);
        if (turn !== this.turn || !told) return;
        this.message.hidden = true;
        this.body.removeAttribute('aria-busy');
        this.element.dataset.gtDrawn = 'true';
        this.tell(told);
      } catch (error) {
        if (turn !== this.turn) return;
        if (error instanceof gitrack.PanelError) this.say(error.message, error.action && gitrack.button(error.action[0], null, error.action[1]));
        else if (error instanceof gitrack.LoadError) this.fail(error);
        else throw error;
      } finally {
        clearTimeout(timer);
      }
    }

    tell({ note = '', summary = '', table = null }) {
      this.note.textContent = note;
      this.summary.textContent = summary;
      this.table = table;
      if (this.sheet) this.fillSheet();
    }

    wait() {
      this.body.setAttribute('aria-busy', 'true');
      this.note.textContent = 'loading';
    }

    /** One sentence in place of the chart; `action` is a button. */
    say(text, action = null) {
      this.message.hidden = false;
      this.message.className = 'gt-panel__message';
      this.message.replaceChildren(el('p', {}, text), ...(action ? [action] : []));
      this.note.textContent = '';
      this.summary.textContent = '';
      this.element.dataset.gtDrawn = 'said';
    }

    fail(error) {
      this.say(`${error.message}.`, gitrack.button('Retry', null, () => this.update()));
      this.message.classList.add('gt-failed');
    }

    toggleTable() {
      if (this.sheet) {
        this.sheet.remove();
        this.sheet = null;
        this.view.element.hidden = false;
        this.update();
        return;
      }
      this.sheet = el('div', { class: 'gt-tile__table', tabindex: '0', role: 'region', 'aria-label': `${this.name} as table` });
      this.view.element.hidden = true;
      this.body.append(this.sheet);
      this.fillSheet();
    }

    /** `table` is {head, rows}, the first cell of a row its name. */
    fillSheet() {
      const { head, rows } = this.table;
      this.sheet.replaceChildren(
        el(
          'table',
          { class: 'gt-table' },
          el('thead', {}, el('tr', {}, ...head.map((word, i) => el('th', { scope: 'col', class: i ? 'gt-num' : null }, word)))),
          el('tbody', {}, ...rows.map(([name, ...cells]) => el('tr', {}, el('th', { scope: 'row' }, name), ...cells.map((cell) => el('td', { class: 'gt-num' }, cell))))),
        ),
      );
    }

    highlight(run) {
      if (this.visible && this.view && this.view.highlight) this.view.highlight(run);
    }

    release() {
      this.turn += 1;
      this.visible = false;
      if (this.view && this.view.release) this.view.release();
    }
  }

  gitrack.Tile = Tile;
})();
