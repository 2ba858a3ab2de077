// Panels on the workspace: those of the dashboard that is chosen, and those that somebody added.
// The latter live in the address and in this browser, until they are copied into the repository.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const MARGIN = '240px'; // drawn before it scrolls into sight
  const STEPS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };
  const OWN = 'My panels';

  /** Panels out of an address or a store, what cannot be read left out. */
  function readAll(texts) {
    return texts
      .map((text) => {
        try {
          return gitrack.panelSpec.read(JSON.parse(text));
        } catch {
          return null;
        }
      })
      .filter(Boolean);
  }

  class Board {
    /** `charts` is what else is on the page: it makes room while a dashboard is chosen. */
    constructor({ context, scroller, charts }) {
      const { state, list, project } = context;
      Object.assign(this, { context, state, list, charts });
      this.place = `gitrack.panels ${gitrack.page.root.pathname} ${project.name}`;
      this.dashboards = [];
      context.files = new Map(); // charts of the repository, by their paths
      this.tiles = new Map(); // description → tiles of it
      this.element = el('div', { class: 'gt-boards' });
      this.seen = new IntersectionObserver((entries) => this.sight(entries), { root: scroller || null, rootMargin: MARGIN });
      if (!state.panel.length) state.panel = this.recall();
      this.own = readAll(state.panel);
      state.watch((changed) => {
        if (changed.has('panel')) this.own = readAll(state.panel);
        if (changed.has('panel') || changed.has('board')) this.build();
      });
      list.watch(() => this.schedule());
      new MutationObserver(() => this.schedule()).observe(document.body, { attributeFilter: ['data-md-color-scheme'] });
      context.listeners.push((run) => this.each((tile) => tile.highlight(run)));
      this.build();
    }

    recall() {
      try {
        const found = JSON.parse(localStorage.getItem(this.place) || '[]');
        return Array.isArray(found) ? found.filter((text) => typeof text === 'string') : [];
      } catch {
        return [];
      }
    }

    /** Take the dashboards of the site; the one that the address names opens. */
    async load() {
      const { project } = this.context;
      let found;
      try {
        found = await gitrack.load(`${project.folder}dashboards.js`);
      } catch (error) {
        if (!(error instanceof gitrack.LoadError)) throw error;
        this.element.prepend(el('p', { class: 'gt-empty gt-failed' }, `${error.message}. `));
        return;
      }
      const { dashboards, files } = found;
      this.context.files = new Map(files);
      this.dashboards = dashboards.map((one) => ({ ...one, panels: one.panels.map(gitrack.panelSpec.read).filter(Boolean) }));
      const { chosen, state } = this;
      // A link to a dashboard by its name alone opens it as it was arranged.
      if (chosen && !state.q && !state.group.length) this.choose(chosen);
      this.build();
    }

    get chosen() {
      return this.dashboards.find((one) => one.name === this.state.board) || null;
    }

    /** Open a dashboard with its runs and groups; null for all charts. */
    choose(dashboard) {
      if (!dashboard) this.state.set({ board: '' });
      else this.state.set({ board: dashboard.name, q: dashboard.runs || '', group: this.keysOf(dashboard.group || []), closed: new Set() });
    }

    keysOf(names) {
      const { all } = this.context.columns;
      return names.map((name) => [name, `config.${name}`, `summary.${name}`].find((key) => all.has(key))).filter(Boolean);
    }

    /** Keep these panels of one's own. */
    keep(panels) {
      const panel = panels.map((spec) => JSON.stringify(spec));
      try {
        if (panel.length) localStorage.setItem(this.place, JSON.stringify(panel));
        else localStorage.removeItem(this.place);
      } catch {
        // Without storage the address alone knows.
      }
      this.state.set({ panel });
    }

    build() {
      const held = document.activeElement && document.activeElement.closest('.gt-tile');
      const at = held ? held.dataset.at : null;
      const before = this.tiles;
      this.tiles = new Map();
      this.seen.disconnect();
      const { chosen } = this;
      const lost = this.state.board && !chosen;
      const sections = [
        lost && this.dashboards.length ? el('p', { class: 'gt-empty' }, `There is no dashboard “${this.state.board}” here. `, gitrack.button('Show all charts', null, () => this.choose(null))) : null,
        chosen ? this.section(chosen.name, chosen.panels, before, false) : null,
        this.own.length ? this.section(OWN, this.own, before, true) : null,
      ];
      this.element.replaceChildren(...sections.filter(Boolean));
      this.charts.hidden = Boolean(chosen);
      for (const tiles of before.values()) for (const tile of tiles) tile.release();
      this.each((tile) => this.seen.observe(tile.element));
      if (at) {
        const again = this.element.querySelector(`.gt-tile[data-at="${CSS.escape(at)}"]`);
        if (again) again.focus({ preventScroll: true });
      }
    }

    section(name, panels, before, own) {
      const { button } = gitrack;
      const tools = own
        ? [this.yamlButton(name, panels)]
        : [button('Edit a copy', null, () => this.copy(panels), { title: 'Take these panels over into your own' }), this.yamlButton(name, panels)];
      const grid = el('div', { class: 'gt-board__grid' }, ...panels.map((spec, i) => this.tile(spec, i, before, own).element));
      return el(
        'section',
        { class: 'gt-section gt-board', 'aria-label': name },
        el('header', { class: 'gt-board__head' }, el('h2', {}, name), el('span', {}, gitrack.format.plural(panels.length, 'panel')), el('span', { class: 'gt-spring' }), ...tools),
        grid,
      );
    }

    /** The tile of a description; one that stood already stays, with what it has loaded. */
    tile(spec, i, before, own) {
      const key = `${own} ${JSON.stringify(spec)}`;
      const there = before.get(key);
      const edits = own ? this.edits(i) : [['Edit a copy', () => this.copy([spec])]];
      const tile = there && there.length ? there.shift() : new gitrack.Tile(spec, this.context, []);
      tile.edits.splice(0, Infinity, ...edits);
      tile.change = own ? (word, value) => this.replace(i, { ...this.own[i], [word]: value }) : null;
      tile.element.dataset.at = `${own ? 'own' : 'board'} ${i}`;
      if (own) this.makeMovable(tile.element);
      if (!this.tiles.has(key)) this.tiles.set(key, []);
      this.tiles.get(key).push(tile);
      return tile;
    }

    edits(i) {
      const last = this.own.length - 1;
      return [
        ['Edit', () => this.edit(i)],
        ['Duplicate', () => this.keep([...this.own.slice(0, i + 1), this.own[i], ...this.own.slice(i + 1)])],
        i ? ['Move before', () => this.move(i, i - 1)] : null,
        i < last ? ['Move after', () => this.move(i, i + 1)] : null,
        ['Remove', () => this.remove(i)],
      ].filter(Boolean);
    }

    add(anchor) {
      new gitrack.PanelForm(this.context, null, (spec) => {
        this.keep([...this.own, spec]);
        const grid = this.element.lastElementChild;
        grid.querySelector('.gt-tile:last-child').scrollIntoView({ block: 'nearest' });
      }).open(anchor);
    }

    edit(i) {
      new gitrack.PanelForm(this.context, this.own[i], (spec) => this.replace(i, spec)).open(null);
    }

    replace(i, spec) {
      this.keep(this.own.map((one, at) => (at === i ? gitrack.panelSpec.read(spec) : one)));
    }

    remove(i) {
      const name = gitrack.panelSpec.titleOf(this.own[i]) || 'Panel';
      this.keep(this.own.filter((_, at) => at !== i));
      gitrack.say(`${name} was removed`);
    }

    move(from, to) {
      if (to < 0 || to >= this.own.length || from === to) return;
      const panels = this.own.slice();
      panels.splice(to, 0, ...panels.splice(from, 1));
      this.keep(panels);
      const moved = this.element.querySelector(`.gt-tile[data-at="own ${to}"]`);
      if (moved) moved.focus({ preventScroll: true });
      gitrack.say(`Panel ${to + 1} of ${this.own.length}`);
    }

    copy(panels) {
      this.keep([...this.own, ...panels]);
      gitrack.say(`${gitrack.format.plural(panels.length, 'panel')} added to your own`);
    }

    /** Head by head, or by Alt and an arrow key. */
    makeMovable(element) {
      if (element.movable) return;
      element.movable = true;
      element.tabIndex = 0;
      const at = () => Number(element.dataset.at.split(' ')[1]);
      const head = element.querySelector('.gt-panel__head');
      head.draggable = true;
      head.addEventListener('dragstart', (event) => {
        this.dragged = at();
        event.dataTransfer.effectAllowed = 'move';
        event.dataTransfer.setData('text/plain', '');
      });
      head.addEventListener('dragend', () => (this.dragged = null));
      element.addEventListener('dragover', (event) => typeof this.dragged === 'number' && event.preventDefault());
      element.addEventListener('drop', (event) => {
        event.preventDefault();
        if (typeof this.dragged === 'number') this.move(this.dragged, at());
        this.dragged = null;
      });
      element.addEventListener('keydown', (event) => {
        const by = STEPS[event.key];
        if (!by || !event.altKey || event.target.closest('input, textarea, select')) return;
        event.preventDefault();
        event.stopPropagation();
        this.move(at(), at() + by);
      });
    }

    yaml(name, panels) {
      const { state } = this;
      return gitrack.panelSpec.yaml({ name, runs: state.q, group: state.group, panels });
    }

    yamlButton(name, panels) {
      return gitrack.button('Copy as YAML', 'copy', (event) => gitrack.copy(this.yaml(name, panels), event.currentTarget), { title: 'A dashboard for the repository: save it as dashboards/NAME.yaml' });
    }

    each(act) {
      for (const tiles of this.tiles.values()) tiles.forEach(act);
    }

    schedule() {
      if (this.frame) return;
      this.frame = requestAnimationFrame(() => {
        this.frame = 0;
        this.each((tile) => tile.update());
      });
    }

    sight(entries) {
      for (const { target, isIntersecting } of entries) {
        const { tile } = target;
        tile.visible = isIntersecting;
        if (isIntersecting && tile.stale) tile.update();
      }
    }
  }

  gitrack.Board = Board;
})();
