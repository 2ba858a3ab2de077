// The page of one run: its charts from its own script, and section links that follow the reader.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;

  /** A project of this one run, so that the charts need no index of all the others. */
  function projectOf(data, shard, script) {
    const only = (value) => [value];
    const runs = { id: only(data.id), name: only(data.name), state: only(data.state), created: only(Number(data.created)) };
    const metrics = shard.metrics.map((name) => ({ name, goal: null, logged: 1, chunks: [''] }));
    return new gitrack.Project({ project: gitrack.page.project, chunk: 1, runs, columns: [], metrics, shards: [script.split('/').slice(2).join('/')] }, script.split('/').slice(0, 2).join('/') + '/index.js');
  }

  async function startCharts(root, data) {
    let shard;
    try {
      shard = await gitrack.load(data.script);
    } catch (error) {
      root.replaceChildren(
        el('div', { class: 'gt-empty gt-failed' }, el('p', {}, error.message), gitrack.button('Retry', null, () => startCharts(root, data))),
      );
      return;
    }
    const project = projectOf(data, shard, data.script);
    const state = new gitrack.State();
    const grid = el('div', { class: 'gt-charts' });
    const charts = new gitrack.Charts({ root: grid, project, history: new gitrack.History(project), state });
    const count = project.metrics.length;
    root.replaceChildren(
      el('div', { class: 'gt-run__charts' }, el('h2', {}, 'Charts ', el('small', {}, String(count))), new gitrack.Toolbar(charts).element),
      grid,
    );
    for (const place of document.querySelectorAll('[data-gt-count="charts"]')) place.textContent = String(count);
    charts.setRuns([{ run: 0, id: data.id, name: data.name, state: data.state, colour: 'var(--gt-run-1)', dash: 'preview' in data ? [5, 3] : [] }]);
    gitrack.runPage = { charts, state };
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

  const data = document.getElementById('gt-run-data').dataset;
  const charts = document.getElementById('gt-run-charts');
  gitrack.keys.bind('c', 'Compare', () => {
    location.href = `../compare.html?runs=${encodeURIComponent(data.id)}`;
  });
  followSections();
  if (charts) startCharts(charts, data);
})();
