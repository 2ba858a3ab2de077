// A part of the comparison below its table: shown where a run has something for it, drawn when it
// comes into sight, drawn again when the runs change.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const AHEAD = '400px';

  class ComparePart {
    /** `sections`: names of the run page's sections that it stands on. */
    constructor(comparison, { name, title, sections }) {
      Object.assign(this, { comparison, name, sections, turn: 0, near: false, stale: false });
      this.tools = el('span', { class: 'gt-compare__tools' });
      this.body = el('div', {});
      this.element = el('section', { id: name, class: 'gt-compare__part', 'aria-labelledby': `gt-${name}`, hidden: true }, el('header', {}, el('h2', { class: 'gt-head', id: `gt-${name}` }, title), el('span', { class: 'gt-spring' }), this.tools), this.body);
      new IntersectionObserver(
        (entries) => {
          this.near = entries.some((entry) => entry.isIntersecting);
          if (this.near && this.stale) this.refresh();
        },
        { rootMargin: AHEAD },
      ).observe(this.element);
    }

    has() {
      const { runs, details } = this.comparison;
      return runs.some((run) => this.sections.some((name) => details.get(run).sections.has(name)));
    }

    /** The runs changed; call it once their details are known. */
    update() {
      this.element.hidden = !this.has();
      this.stale = !this.element.hidden;
      if (this.stale && this.near) this.refresh();
    }

    /** Draw, unless the runs change meanwhile; say what could not be loaded. */
    async refresh() {
      this.stale = false;
      const turn = (this.turn += 1);
      try {
        const data = await this.load();
        if (turn === this.turn) this.draw(data);
      } catch (error) {
        if (!(error instanceof gitrack.LoadError)) throw error;
        if (turn === this.turn) this.body.replaceChildren(el('div', { class: 'gt-empty gt-failed' }, el('p', {}, error.message), gitrack.button('Retry', null, () => this.refresh())));
      }
    }

    /** Each run's data of each section, null where it has none. */
    load() {
      const { runs, source } = this.comparison;
      return Promise.all(runs.map((run) => Promise.all(this.sections.map((name) => source.section(run, name)))));
    }

    /** A row of cells on the edges of the table's columns: what it is, and a cell a run. */
    rowOf(label, cells) {
      const { runs, project } = this.comparison;
      return el(
        'div',
        { class: 'gt-side', role: 'group', style: { '--runs': String(runs.length) } },
        el('div', { class: 'gt-side__key' }, label),
        ...cells.map((cell, i) => el('div', { class: 'gt-side__cell', 'data-run': project.runs.id[runs[i]] }, cell)),
      );
    }

    /** The names of the runs over their columns. */
    headRow() {
      const { runs } = this.comparison;
      const row = this.rowOf(null, runs.map((run) => this.nameOf(run)));
      row.classList.add('gt-side--head');
      return row;
    }

    nameOf(run) {
      const { comparison } = this;
      return el('span', { class: 'gt-side__name', title: comparison.project.nameOf(run) }, gitrack.dot(comparison.colour(run)), el('span', {}, comparison.project.nameOf(run)));
    }
  }

  gitrack.ComparePart = ComparePart;
})();
