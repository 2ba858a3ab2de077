// The header's search: runs by name, id, tag and group out of the projects' indexes, pages out of
// MkDocs' own search index, which the builder also leaves as a script (search/search_index.js).
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const RUNS = 12;
  const PAGES = 6;
  const box = document.querySelector('.gt-search');
  const input = document.getElementById('gt-search');
  const found = document.getElementById('gt-found');
  let sources = null;
  let marked = -1;

  async function open() {
    const { page } = gitrack;
    const names = page.project ? [page.project] : page.projects.map((project) => project.name);
    const indexes = await Promise.allSettled(names.map((name) => gitrack.loadIndex(`data/${name}/index.js`)));
    await gitrack.loadScript('search/search_index.js');
    return {
      projects: indexes.filter((one) => one.status === 'fulfilled').map((one) => one.value),
      pages: window.__index ? window.__index.docs : [],
    };
  }

  const text = (value) => (typeof value === 'string' ? value.toLowerCase() : '');

  function findRuns(projects, words) {
    const hits = [];
    for (const index of projects) {
      const { runs } = index;
      for (let i = runs.id.length - 1; i >= 0; i -= 1) {
        const fields = [runs.name[i], runs.id[i], runs.group[i], runs.notes[i], ...(runs.tags[i] || [])].map(text);
        if (!words.every((word) => fields.some((field) => field.includes(word)))) continue;
        const rank = words.every((word) => fields[0].startsWith(word)) ? 0 : words.every((word) => fields[0].includes(word)) ? 1 : 2;
        hits.push({ rank, index, i });
      }
    }
    return hits.sort((a, b) => a.rank - b.rank);
  }

  function findPages(pages, words) {
    const isGuide = (doc) => !/^(projects\/|index\.html|$)/.test(doc.location);
    const matches = (field) => words.every((word) => text(field).includes(word));
    const hits = pages.filter((doc) => isGuide(doc) && (matches(doc.title) || matches(doc.text)));
    return hits.sort((a, b) => matches(b.title) - matches(a.title));
  }

  const option = (href, ...children) => el('a', { role: 'option', href, 'aria-selected': 'false', tabindex: '-1' }, ...children);

  function runOption({ index, i }) {
    const href = gitrack.url(`projects/${index.project}/runs/${index.runs.id[i]}.html`);
    return option(
      href,
      gitrack.stateMark(index.runs.state[i]),
      el('span', {}, index.runs.name[i] || index.runs.id[i]),
      el('small', {}, index.project),
    );
  }

  function pageOption(doc) {
    const [path, fragment] = doc.location.split('#');
    const plain = new DOMParser().parseFromString(doc.title, 'text/html').body.textContent;
    return option(new URL(path, gitrack.page.root).href + (fragment ? `#${fragment}` : ''), el('span', {}, plain), el('small', {}, 'guide'));
  }

  async function show() {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (!sources) sources = open();
    const { projects, pages } = await sources;
    const runs = words.length ? findRuns(projects, words) : [];
    const hits = words.length ? findPages(pages, words) : [];
    const children = [];
    if (runs.length) children.push(el('h3', {}, gitrack.format.plural(runs.length, 'run')), ...runs.slice(0, RUNS).map(runOption));
    if (hits.length) children.push(el('h3', {}, 'Guide'), ...hits.slice(0, PAGES).map(pageOption));
    if (words.length && !children.length) children.push(el('p', {}, 'Nothing has these words.'));
    found.replaceChildren(...children);
    marked = -1;
    if (words.length) mark(runs.length || hits.length ? 0 : -1);
    toggle(words.length > 0);
  }

  function toggle(open) {
    found.hidden = !open;
    input.setAttribute('aria-expanded', String(open));
  }

  function mark(at) {
    const options = [...found.querySelectorAll('a')];
    options.forEach((one, i) => one.setAttribute('aria-selected', String(i === at)));
    marked = at;
    if (options[at]) options[at].scrollIntoView({ block: 'nearest' });
  }

  function leave() {
    toggle(false);
    box.classList.remove('gt-search--open');
  }

  gitrack.focusSearch = function () {
    box.classList.add('gt-search--open');
    input.focus();
    input.select();
  };

  input.addEventListener('input', show);
  input.addEventListener('focus', () => {
    if (!sources) sources = open();
    if (input.value) show();
  });
  input.addEventListener('keydown', (event) => {
    event.stopPropagation();
    const options = found.querySelectorAll('a');
    if (event.key === 'Escape') {
      leave();
      input.blur();
    } else if (event.key === 'Enter' && options[marked]) location.href = options[marked].href;
    else if (event.key === 'ArrowDown' && options.length) mark((marked + 1) % options.length);
    else if (event.key === 'ArrowUp' && options.length) mark((marked - 1 + options.length) % options.length);
    else return;
    event.preventDefault();
  });
  document.addEventListener('pointerdown', (event) => {
    if (!box.contains(event.target)) leave();
  });
  document.querySelector('.gt-shell__find').addEventListener('click', gitrack.focusSearch);
  document.addEventListener('keydown', (event) => {
    if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    gitrack.focusSearch();
  });
})();
