// The header's search box and its list of what was found.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const RUNS = 12;
  const OTHERS = 6;
  const box = document.querySelector('.gt-search');
  const input = document.getElementById('gt-search');
  const found = document.getElementById('gt-found');
  let finder = null;
  let marked = -1;

  const option = (href, ...children) => el('a', { role: 'option', href, 'aria-selected': 'false', tabindex: '-1' }, ...children);

  function runOption(hit, words) {
    const { index, i } = hit;
    const href = gitrack.url(`projects/${index.project}/runs/${index.runs.id[i]}.html`);
    const reason = finder.reason(hit, words);
    return option(
      href,
      gitrack.stateMark(index.runs.state[i]),
      el('span', {}, index.runs.name[i] || index.runs.id[i]),
      reason ? el('small', { class: 'gt-search__why' }, ...gitrack.marked(reason, words.find((word) => reason.toLowerCase().includes(word)))) : null,
      el('small', {}, index.project),
    );
  }

  const versionOption = (version) =>
    option(gitrack.versionHref(version), gitrack.icon('artifact'), el('span', {}, version.label), el('small', {}, `${version.artifact.type} · ${version.artifact.project}`));

  function pageOption(doc) {
    const [path, fragment] = doc.location.split('#');
    const plain = new DOMParser().parseFromString(doc.title, 'text/html').body.textContent;
    return option(new URL(path, gitrack.page.root).href + (fragment ? `#${fragment}` : ''), el('span', {}, plain), el('small', {}, 'guide'));
  }

  function group(title, hits, most, make) {
    return hits.length ? [el('h3', {}, title), ...hits.slice(0, most).map(make)] : [];
  }

  function show() {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    start();
    const runs = words.length ? finder.runs(words) : [];
    const versions = words.length ? finder.versions(words) : [];
    const pages = words.length ? finder.guide(words) : [];
    const children = [
      ...group(gitrack.format.plural(runs.length, 'run'), runs, RUNS, (hit) => runOption(hit, words)),
      ...group(gitrack.format.plural(versions.length, 'artifact'), versions, OTHERS, versionOption),
      ...group('Guide', pages, OTHERS, pageOption),
    ];
    const any = children.length > 0;
    if (words.length && !any) children.push(el('p', {}, finder.done ? 'Nothing has these words.' : 'Looking …'));
    const kept = marked;
    found.replaceChildren(...children);
    mark(any ? Math.max(0, kept) : -1);
    toggle(words.length > 0);
  }

  /** Bring what can be found, once; what comes late joins the list that is open. */
  function start() {
    if (finder) return;
    finder = new gitrack.Finder(() => !found.hidden && show());
    finder.whole.then(() => {
      finder.done = true;
      if (!found.hidden) show();
    });
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

  input.addEventListener('input', () => {
    marked = -1;
    show();
  });
  input.addEventListener('focus', () => {
    start();
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
