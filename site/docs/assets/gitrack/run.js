// The page of one run: its charts from its own script, and section links that follow the reader.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;

  /** A project of this one run, so that the charts need no index of all the others. */
  function projectOf(page) {
    const only = (value) => [value];
    const runs = { id: only(page.id), name: only(page.name), state: only(page.state), created: only(page.created) };
    const { chunk, at, metrics } = page.curves;
    const chunks = { first: [-at], name: [chunk] };
    const all = metrics.map(([name, key]) => ({ name, key, goal: null, logged: 1, in: null }));
    return new gitrack.Project({ project: gitrack.page.project, runs, columns: [], metrics: all, chunks }, page.index);
  }

  function startCharts(root, page) {
    const project = projectOf(page);
    const state = new gitrack.State(gitrack.page);
    const grid = el('div', { class: 'gt-charts' });
    const charts = new gitrack.Charts({ root: grid, project, history: new gitrack.History(project), state });
    const count = project.metrics.length;
    root.replaceChildren(
      el('div', { class: 'gt-run__charts' }, el('h2', {}, 'Charts ', el('small', {}, String(count))), new gitrack.Toolbar(charts).element),
      grid,
    );
    charts.setRuns([{ run: 0, id: page.id, name: page.name, state: page.state, colour: 'var(--gt-run-1)', dash: page.preview ? [5, 3] : [] }]);
    gitrack.runPage = { charts, state };
  }

  /** Bring a list of packages, which runs share, when it comes near. */
  function fillPackages(list) {
    const bring = async () => {
      try {
        const { text } = await gitrack.load(list.dataset.gtPackages);
        const lines = text.split('\n').filter((line) => line.trim());
        list.replaceChildren(...lines.map((line) => el('li', {}, line)));
      } catch (error) {
        list.replaceChildren(el('li', { class: 'gt-failed' }, `${error.message} `, gitrack.button('Retry', null, bring)));
      }
    };
    gitrack.sight.once(list, bring, '400px');
  }

  /** The commands that run it again, one a step. */
  function showSteps(section, steps) {
    if (!section) return;
    const rows = steps.map(([what, command]) =>
      el('li', {}, el('span', {}, what), el('code', { tabindex: '0' }, command), gitrack.copyButton(command, `Copy: ${what}`)),
    );
    section.append(el('ol', { class: 'gt-sheet gt-again' }, ...rows));
  }

  /** Mark the link of the section that is being read. */
  function followSections() {
    const links = [...document.querySelectorAll('.gt-sections a')];
    const sections = links.map((link) => document.getElementById(link.hash.slice(1)));
    const mark = () => {
      const line = 140;
      let at = 0;
      sections.forEach((section, i) => {
        if (section && section.getBoundingClientRect().top < line) at = Math.max(at, i);
      });
      const end = innerHeight + scrollY >= document.documentElement.scrollHeight - 2;
      if (end && scrollY > 0) at = links.length - 1;
      if (!scrollY) at = 0;
      links.forEach((link, i) => (i === at ? link.setAttribute('aria-current', 'true') : link.removeAttribute('aria-current')));
    };
    addEventListener('scroll', mark, { passive: true });
    mark();
  }

  const data = JSON.parse(document.getElementById('gt-run-data').textContent);
  gitrack.run = data;
  const charts = document.getElementById('gt-run-charts');
  gitrack.keys.bind('c', 'Compare', () => {
    location.href = `../compare.html?runs=${encodeURIComponent(data.id)}`;
  });
  followSections();
  gitrack.startSections();
  gitrack.startHints(document.querySelector('.gt-run__page'));
  if (data.config.m.length) gitrack.startConfig(document.getElementById('config'), data.config);
  showSteps(document.getElementById('again'), data.again);
  if (charts) startCharts(charts, data);
  if (document.querySelector('.gt-summary')) gitrack.startSummary(document.getElementById('summary'), data.summary, gitrack.runPage?.charts.history);
  const packages = document.querySelector('[data-gt-packages]');
  if (packages) fillPackages(packages);
})();
