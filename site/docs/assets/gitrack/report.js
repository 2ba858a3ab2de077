// A report: its panels drawn where their tables of values stand, by the code that draws dashboards,
// and what only a script can do for its reader.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const MARGIN = '240px'; // drawn before it scrolls into sight
  const REST = 400; // ms that a figure is given to be painted before paper is asked for
  const END = /[.!?…:]\s+/g;

  /** The runs that a panel draws, in the colours that they have in the whole report. */
  function listOf(project, figure) {
    const state = new gitrack.State(null, new URLSearchParams('shown=*'));
    state.only = new Set(figure.runs.map(([id]) => id));
    state.colours = new Map(figure.runs);
    const columns = new gitrack.Columns(project, state);
    return { state, columns, list: new gitrack.RunList(project, state, columns) };
  }

  /** What panels of the same runs share: crosshair, zoom, curves. */
  function contextOf(project, figure) {
    const { state, columns, list } = listOf(project, figure);
    // The charts of every metric are not drawn here, only those that a panel brings.
    const bare = Object.create(project, { metrics: { value: [] } });
    const charts = new gitrack.Charts({
      root: el('div'),
      project: bare,
      history: project.history,
      state,
      grouped: true,
      showWhoLogged: () => {},
    });
    charts.project = project;
    charts.setRuns(list.drawn());
    return new gitrack.PanelContext({ project, columns, list, history: project.history, state, charts });
  }

  async function projectOf(figure) {
    const project = await gitrack.Project.open(figure.index);
    project.history = new gitrack.History(project);
    const folder = `projects/${figure.project}/runs/`;
    project.href = (run) => (figure.linked ? gitrack.url(`${folder}${project.runs.id[run]}.html`) : `#${encodeURIComponent(project.runs.id[run])}`);
    return project;
  }

  class Report {
    constructor(figures) {
      this.figures = figures;
      this.projects = new Map(); // index → promise of a project
      this.contexts = new Map(); // index and runs → context
      this.tiles = [];
      this.seen = new IntersectionObserver((entries) => this.sight(entries), { rootMargin: MARGIN });
      this.places = [...document.querySelectorAll('[data-gt-figure]')];
      for (const place of this.places) this.seen.observe(place);
      new MutationObserver(() => this.tiles.forEach((tile) => tile.update())).observe(document.body, { attributeFilter: ['data-md-color-scheme'] });
    }

    sight(entries) {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) this.draw(target);
        const { tile } = target;
        if (!tile) continue;
        tile.visible = isIntersecting;
        if (isIntersecting && tile.stale) tile.update();
      }
    }

    /** Put a panel in the place of its table of values; resolves when it stands. */
    draw(place) {
      place.drawn = place.drawn || this.start(place);
      return place.drawn;
    }

    async start(place) {
      const figure = this.figures[Number(place.dataset.gtFigure)];
      const still = place.querySelector('.gt-exhibit__still');
      try {
        const spec = gitrack.panelSpec.read(figure.panel);
        const tile = new gitrack.Tile(spec, await this.context(figure), []);
        place.tile = tile;
        this.tiles.push(tile);
        tile.visible = true;
        still.hidden = true;
        place.prepend(tile.element);
        await tile.update();
      } catch (error) {
        if (!(error instanceof gitrack.LoadError)) throw error;
        still.hidden = false;
        place.drawn = null;
        const note = el('p', { class: 'gt-empty gt-failed' }, `${error.message}: these are its values. `);
        note.append(gitrack.button('Retry', null, () => (note.remove(), this.draw(place))));
        still.prepend(note);
      }
    }

    async context(figure) {
      const { index, runs } = figure;
      if (!this.projects.has(index)) {
        const opened = projectOf(figure);
        opened.catch(() => this.projects.delete(index));
        this.projects.set(index, opened);
      }
      const project = await this.projects.get(index);
      const key = JSON.stringify([index, runs]);
      if (!this.contexts.has(key)) {
        const context = contextOf(project, figure);
        context.listeners.push((run) => this.tiles.forEach((tile) => tile.context === context && tile.highlight(run)));
        this.contexts.set(key, context);
      }
      return this.contexts.get(key);
    }

    /** Draw every panel, in sight or not. */
    async drawAll() {
      for (const place of this.places) {
        await this.draw(place);
        if (place.tile) place.tile.visible = true;
      }
      for (const { charts } of this.contexts.values()) {
        for (const panel of charts.panels) {
          panel.visible = true;
          await panel.update();
        }
      }
    }

    async print() {
      await this.drawAll();
      setTimeout(() => print(), REST);
    }
  }

  /** Where the last sentence of a text begins; -1 where it is all of one that began before. */
  function lastSentence(text) {
    const ends = [...text.matchAll(END)];
    return ends.length ? ends[ends.length - 1].index + ends[ends.length - 1][0].length : -1;
  }

  /** Underline what a claim is about: its sentence, from the end of the one before. */
  function underline(claim) {
    if (claim.querySelector('.gt-claim__words')) return;
    const words = el('span', { class: 'gt-claim__words' });
    for (let node = claim.previousSibling; node; node = claim.previousSibling) {
      if (node.nodeType === Node.ELEMENT_NODE && node.matches('br, .gt-claim--claim')) break;
      const isText = node.nodeType === Node.TEXT_NODE;
      // The claim may stand behind the full stop of its own sentence.
      const at = isText ? lastSentence(words.firstChild ? node.data : node.data.trimEnd()) : -1;
      if (isText && !words.firstChild) node.data = node.data.trimEnd();
      words.prepend(at < 0 ? node : node.splitText(at));
      if (at >= 0) break;
    }
    if (words.textContent.trim()) claim.prepend(words, ' ');
    else claim.before(...words.childNodes);
  }

  /** Mark the heading that is being read in the contents. */
  function followHeadings() {
    const links = [...document.querySelectorAll('.gt-report__side nav a')];
    const headings = links.map((link) => document.getElementById(decodeURIComponent(link.hash.slice(1))));
    const mark = () => {
      let at = 0;
      headings.forEach((heading, i) => {
        if (heading && heading.getBoundingClientRect().top < 140) at = i;
      });
      links.forEach((link, i) => (i === at ? link.setAttribute('aria-current', 'true') : link.removeAttribute('aria-current')));
    };
    addEventListener('scroll', mark, { passive: true });
    mark();
  }

  const { figures } = JSON.parse(document.getElementById('gt-report-data').textContent);
  document.querySelectorAll('.gt-prose .gt-claim--claim').forEach(underline);
  followHeadings();
  gitrack.report = new Report(figures);
  const button = document.querySelector('.gt-report__print');
  button.hidden = false;
  button.addEventListener('click', () => gitrack.report.print());
  // Who prints from a command line has nobody to scroll.
  if (location.hash === '#gt-print') gitrack.report.drawAll();
})();
