// A project's artifacts: all of them on the left, the versions of one on the right. What is chosen
// stands in the address: artifacts.html#model/net:v3.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const { bytes, age, moment } = gitrack.format;
  const root = document.getElementById('gt-artifacts');

  /** What the address names: an artifact, and a version of it or its latest. */
  function chosen(artifacts) {
    const [, type, name, number] = /^#([^/]*)\/([^:]*)(?::v(\d+))?$/.exec(location.hash) || [];
    const artifact = name ? artifacts.find((one) => one.type === plain(type) && one.name === plain(name)) : artifacts[0];
    if (!artifact) return {};
    const wanted = number === undefined ? null : Number(number);
    const latest = artifact.versions[artifact.versions.length - 1];
    return { artifact, version: wanted === null ? latest : artifact.versions.find((one) => one.version === wanted), wanted };
  }

  /** A part of an address as text; one that was cut short stays as it is. */
  function plain(part) {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  }

  const hashOf = (artifact) => `#${encodeURIComponent(artifact.type)}/${encodeURIComponent(artifact.name)}`;

  function listOf(artifacts, current) {
    const types = new Map();
    for (const one of artifacts) types.set(one.type, [...(types.get(one.type) || []), one]);
    const item = (artifact) => {
      const latest = artifact.versions[artifact.versions.length - 1];
      return el(
        'a',
        { href: hashOf(artifact), 'aria-current': artifact === current ? 'true' : null },
        el('b', {}, artifact.name),
        el('small', {}, `v${latest.version} · ${bytes(latest.size)}`),
      );
    };
    return [...types].map(([type, many]) => el('section', { 'aria-label': type }, el('h2', {}, type, ' ', el('small', {}, String(many.length))), ...many.map(item)));
  }

  function versionsOf(artifact, current) {
    const heads = ['Version', 'Aliases', 'Made by', 'Used by', 'Files', 'Size', 'Kept', 'Created'];
    const wide = new Set([2, 3, 4, 6]);
    const css = (i) => [[3, 4, 5, 7].includes(i) && 'gt-num', wide.has(i) && 'gt-wide'].filter(Boolean).join(' ') || null;
    const rows = [...artifact.versions].reverse().map((version) => {
      const [maker] = version.makers;
      const cells = [
        gitrack.aliasTags(version),
        maker ? [el('a', { href: gitrack.runHref(maker) }, maker.name || maker.id)] : ['–'],
        [version.users.length ? gitrack.format.plural(version.users.length, 'run') : '–'],
        [version.count.toLocaleString('en-US')],
        [bytes(version.size)],
        [gitrack.keptWords(version)],
        [el('time', { title: moment(version.created) }, age(version.created))],
      ];
      return el(
        'tr',
        { 'aria-current': version === current ? 'true' : null },
        el('th', { scope: 'row' }, el('a', { href: `#${gitrack.versionHash(version)}` }, `v${version.version}`)),
        ...cells.map((cell, i) => el('td', { class: css(i + 1) }, ...cell)),
      );
    });
    return el(
      'div',
      { class: 'gt-sheet gt-versions' },
      el('table', { class: 'gt-table' }, el('thead', {}, el('tr', {}, ...heads.map((word, i) => el('th', { scope: 'col', class: css(i) }, word)))), el('tbody', {}, ...rows)),
    );
  }

  function show(artifacts, list, pane, words) {
    const { artifact, version, wanted } = chosen(artifacts);
    const hits = artifacts.filter(({ type, name, versions }) => !words || [type, name, ...versions.flatMap((one) => [...one.aliases, ...one.tags])].some((text) => text.toLowerCase().includes(words)));
    list.replaceChildren(...(hits.length ? listOf(hits, artifact) : [el('p', { class: 'gt-nothing' }, 'No artifact has this word.')]));
    if (!artifact) {
      pane.replaceChildren(el('div', { class: 'gt-empty' }, el('p', {}, `The site has no artifact ${plain(location.hash.slice(1))}.`)));
      return;
    }
    pane.replaceChildren(
      el('header', {}, el('h2', {}, artifact.name), el('span', { class: 'gt-tag' }, artifact.type)),
      versionsOf(artifact, version),
      version ? gitrack.artifactView(version) : el('div', { class: 'gt-empty' }, el('p', {}, `${artifact.name} has no version v${wanted} here.`)),
    );
  }

  async function start() {
    const catalogue = await gitrack.Catalogue.open(new Set([gitrack.page.project]));
    if (catalogue.failed.length) throw catalogue.failed[0];
    const find = el('input', { type: 'search', class: 'gt-find', placeholder: 'Find artifacts', 'aria-label': 'Find artifacts', autocomplete: 'off' });
    const list = el('div', { class: 'gt-artifacts__list' });
    const pane = el('div', { class: 'gt-artifacts__pane' });
    root.replaceChildren(
      el('nav', { class: 'gt-artifacts__side', 'aria-label': 'Artifacts' }, el('h1', {}, 'Artifacts ', el('small', {}, String(catalogue.artifacts.length))), catalogue.artifacts.length > 5 ? find : null, list),
      pane,
    );
    const update = () => show(catalogue.artifacts, list, pane, find.value.trim().toLowerCase());
    find.addEventListener('input', update);
    addEventListener('hashchange', update);
    update();
  }

  start().catch((error) => {
    if (!(error instanceof gitrack.LoadError)) throw error;
    root.prepend(el('p', { class: 'gt-nothing gt-failed', role: 'status' }, error.message));
  });
})();
