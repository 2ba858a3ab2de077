// The comparison of runs: they are columns, aligned from the head to the media.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const REDRAWN = ['runs', 'base', 'equal', 'metrics', 'rank', 'bykey', 'shut', 'patterns'];

  class Comparison {
    constructor(project, state, root) {
      Object.assign(this, { project, state, root, dragged: null, turn: 0, details: null });
      this.palette = new gitrack.Palette();
      this.source = new gitrack.Details(project);
      this.drawn = new Map(); // part's name → what of it is shown
      this.packages = new gitrack.ComparePackages(this);
      this.parts = [new gitrack.CompareResults(this), new gitrack.CompareSettings(this), new gitrack.CompareEnvironment(this), this.packages];
      this.below = [new gitrack.CompareMedia(this), new gitrack.CompareTables(this), new gitrack.ComparePlots(this), new gitrack.CompareCode(this)];
      this.head = this.makeHead();
      this.notes = el('div', {});
      this.table = el('div', { class: 'gt-sheet gt-versus' });
      this.foot = el('section', { class: 'gt-compare__charts', 'aria-label': 'Charts' });
      root.replaceChildren(this.head, this.notes, this.table, this.foot, ...this.below.map((part) => part.element));
      state.watch((changed) => {
        if (REDRAWN.some((name) => changed.has(name))) this.update(changed.has('runs') || changed.has('base'));
      });
      gitrack.keys.bind('ArrowLeft', 'Earlier media step; with shift, on a run’s head: move it', (event) => this.press(event, -1));
      gitrack.keys.bind('ArrowRight', 'Later media step', (event) => this.press(event, 1));
      this.update(true);
    }

    press(event, by) {
      const head = event.shiftKey && event.target.closest('th[data-run]');
      if (!head) return this.below[0].walk(by);
      this.move(this.project.byId.get(head.dataset.run), by);
      return true;
    }

    read() {
      const { project, state } = this;
      const wanted = state.runs || [];
      this.unknown = wanted.filter((id) => !project.byId.has(id));
      this.runs = [...new Set(wanted.map((id) => project.byId.get(id)).filter((run) => run !== undefined))];
      const base = project.byId.get(state.base);
      this.base = this.runs.includes(base) ? base : this.runs[0];
      this.runs.sort((a, b) => (b === this.base) - (a === this.base));
      this.palette.deal(this.runs.length < 2 ? this.runs : this.runs.filter((run) => run !== this.base), new Map());
    }

    colour(run) {
      return run === this.base && this.runs.length > 1 ? 'var(--gt-fg2)' : this.palette.colour(run);
    }

    showsEqual(name) {
      return this.state.equal.has('*') || this.state.equal.has(name);
    }

    update(isNew) {
      this.read();
      const has = this.runs.length > 0;
      this.tellHead();
      this.table.hidden = this.foot.hidden = !has;
      if (!has) for (const part of this.below) part.element.hidden = true;
      if (!has) return;
      if (isNew) this.details = null;
      this.drawTable();
      this.drawCharts();
      if (isNew) this.bring();
    }

    /** What the index does not hold comes after what it does. */
    async bring() {
      const turn = (this.turn += 1);
      const { runs } = this;
      try {
        const found = await Promise.all(runs.map((run) => this.source.of(run)));
        if (turn !== this.turn) return;
        this.details = new Map(runs.map((run, i) => [run, found[i]]));
        this.drawTable();
        for (const part of this.below) part.update();
        await this.packages.load(runs);
        if (turn === this.turn) this.drawTable();
      } catch (error) {
        if (!(error instanceof gitrack.LoadError)) throw error;
        if (turn === this.turn) this.notes.append(el('p', { class: 'gt-failed' }, `${error.message} `, gitrack.button('Retry', null, () => this.update(true))));
      }
    }

    choose(runs) {
      this.state.set({ runs: runs.map((run) => this.project.runs.id[run]) });
    }

    pin(run) {
      this.state.set({ base: this.project.runs.id[run] });
      gitrack.say(`${this.project.nameOf(run)} is the baseline`);
    }

    remove(run) {
      this.choose(this.runs.filter((one) => one !== run));
      gitrack.say(`${this.project.nameOf(run)} removed`);
    }

    move(run, by) {
      this.moveTo(run, this.runs.indexOf(run) + by);
    }

    /** Put a run at a place among the columns; the first one is the baseline's. */
    moveTo(run, to) {
      const others = this.runs.filter((one) => one !== run);
      if (run === this.base || to < 1 || to > others.length) return;
      others.splice(to, 0, run);
      this.choose(others);
      gitrack.say(`${this.project.nameOf(run)} is column ${to + 1} of ${this.runs.length}`);
    }

    makeHead() {
      const { state } = this;
      this.title = el('h1', {}, 'Compare runs');
      this.hint = el('span', { class: 'gt-dim gt-wide' }, 'deltas are against the pinned baseline');
      this.only = gitrack.button('Differences only', null, () => state.set({ equal: state.equal.has('*') ? new Set() : new Set(['*']) }));
      return el(
        'header',
        { class: 'gt-compare__title' },
        this.title,
        this.hint,
        el('span', { class: 'gt-spring' }),
        new gitrack.RunFinder(this).element,
        this.only,
        gitrack.compareCopy(this),
        gitrack.button('Copy link', 'link', (event) => gitrack.copy(state.link(), event.currentTarget)),
      );
    }

    tellHead() {
      const { runs, state, unknown } = this;
      this.title.textContent = runs.length ? `Compare ${gitrack.format.plural(runs.length, 'run')}` : 'Compare runs';
      this.hint.hidden = runs.length < 2;
      this.only.setAttribute('aria-pressed', String(!state.equal.has('*')));
      this.notes.replaceChildren();
      if (unknown.length) {
        const one = unknown.length === 1;
        this.notes.append(
          el(
            'p',
            { class: 'gt-failed', role: 'note' },
            `${one ? 'This run is' : 'These runs are'} not in ${this.project.name}: `,
            el('code', { class: 'gt-mono' }, unknown.join(', ')),
            `. ${one ? 'It was' : 'They were'} removed, or recorded on a branch that this site was not built from.`,
          ),
        );
      }
      if (!runs.length) this.notes.append(this.emptiness());
    }

    emptiness() {
      const { project } = this;
      const latest = project.runs.id.map((_, run) => run).slice(-2).reverse();
      return el(
        'div',
        { class: 'gt-empty' },
        el('h2', {}, 'No run is chosen yet'),
        el('p', {}, 'Select two or more runs in the workspace and press Compare, or start here.'),
        latest.length > 1 ? gitrack.button('Compare the two latest runs', null, () => this.choose(latest)) : el('a', { class: 'gt-button', href: 'index.html' }, 'Open the workspace'),
      );
    }

    link(words, onclick) {
      return el('button', { type: 'button', class: 'gt-button gt-button--link', onclick }, words);
    }

    drawTable() {
      const { runs, project } = this;
      const refocus = this.focused();
      const top = this.table.scrollTop;
      const head = el('tr', {}, el('th', { scope: 'col' }, el('span', { class: 'gt-dim' }, `${runs.length} of ${gitrack.format.plural(project.size, 'run')}`)), ...runs.map((run) => gitrack.compareHead(this, run)));
      this.drawn.clear();
      const bodies = this.parts.map((maker) => this.bodyOf(maker)).filter(Boolean);
      this.table.replaceChildren(el('table', { class: `gt-versus__table${runs.length > 5 ? ' gt-versus__table--many' : ''}`, 'aria-label': 'Comparison', style: { '--runs': String(runs.length) } }, el('thead', {}, head), ...bodies));
      this.table.scrollTop = top;
      refocus();
    }

    /** Where the focus is in the table: call what it gives to have it there again. */
    focused() {
      const { activeElement } = document;
      const place = this.table.contains(activeElement) ? activeElement.closest('[data-run], [data-at]') : null;
      if (!place) return () => {};
      const { run, at } = place.dataset;
      const index = stops(place).indexOf(activeElement);
      return () => {
        const again = [...this.table.querySelectorAll('[data-run], [data-at]')].find((one) => one.dataset.run === run && one.dataset.at === at);
        const found = again ? stops(again) : [];
        if (found.length) found[Math.min(Math.max(index, 0), found.length - 1)].focus({ preventScroll: true });
      };
    }

    bodyOf(maker) {
      const { name, title } = maker;
      const part = maker.part();
      if (!part) return null;
      this.drawn.set(name, part);
      const links = [...part.links];
      if (part.equal > 0 && this.runs.length > 1 && !this.state.equal.has('*')) {
        const shows = this.state.equal.has(name);
        links.push(this.link(shows ? 'hide the equal ones' : `show the ${part.equal} equal`, () => this.state.set({ equal: toggled(this.state.equal, name) })));
      }
      const columns = this.runs.length + 1;
      const shut = new Set([...this.state.shut].filter((path) => path.startsWith(`${name}:`)).map((path) => path.slice(name.length + 1)));
      const rows = (inside) => gitrack.compareRows(inside, { columns, separator: part.separator, shut, toggle: (branch) => this.state.set({ shut: toggled(this.state.shut, `${name}:${branch}`) }) });
      const blocks = part.blocks ? part.blocks.flatMap((block) => [el('tr', { class: 'gt-versus__block', 'data-block': block.kind }, el('th', { scope: 'rowgroup', colspan: String(columns) }, el('div', {}, ...block.title))), ...rows(block.rows)]) : rows(part.rows);
      const words = part.wait ? ' loading…' : part.count;
      return el(
        'tbody',
        { 'data-part': name },
        el(
          'tr',
          { class: 'gt-versus__group', 'data-at': `part ${name}` },
          el('th', { scope: 'rowgroup', colspan: String(columns) }, el('div', {}, el('span', {}, el('b', {}, title), words, ...links.map((one) => el('span', { class: 'gt-versus__link' }, ' · ', one))), part.tools ? el('span', { class: 'gt-versus__tools' }, ...part.tools) : null)),
        ),
        ...blocks,
      );
    }

    drawCharts() {
      const { project } = this;
      if (!this.charts) {
        const root = el('div', { class: 'gt-charts' });
        this.charts = new gitrack.Charts({ root, project, history: new gitrack.History(project), state: this.state });
        this.foot.append(el('h2', { class: 'gt-head' }, 'Charts'), new gitrack.Toolbar(this.charts).element, root);
      }
      this.charts.setRuns(
        this.runs.map((run) => ({
          run,
          id: project.runs.id[run],
          name: project.nameOf(run),
          state: project.runs.state[run],
          colour: this.colour(run),
          dash: run === this.base && this.runs.length > 1 ? [] : this.palette.dash(run, this.state.patterns),
        })),
      );
    }
  }

  const stops = (element) => [...element.querySelectorAll('a, button, select')];

  function toggled(set, value) {
    const next = new Set(set);
    if (!next.delete(value)) next.add(value);
    return next;
  }

  async function start(root) {
    try {
      const project = await gitrack.Project.open(gitrack.page.data);
      gitrack.comparison = new Comparison(project, new gitrack.State(gitrack.page), root);
    } catch (error) {
      if (!(error instanceof gitrack.LoadError)) throw error;
      root.replaceChildren(el('div', { class: 'gt-empty gt-failed' }, el('p', {}, error.message), gitrack.button('Retry', null, () => start(root))));
    }
  }

  start(document.getElementById('gt-compare'));
})();
