// One version of an artifact: what it is, where it came from, its files and how to get them.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const { bytes, moment, plural } = gitrack.format;
  const ROWS = 200; // files that are listed at once
  const KEPT = { git: 'in git', dvc: 'in DVC' };

  const link = (href, ...children) => el('a', { class: 'gt-link', href }, ...children);
  const runLinks = (runs) =>
    runs.flatMap((run, i) => [i ? ', ' : '', link(gitrack.runHref(run), run.name || run.id)]);

  gitrack.keptWords = (version) => (version.references === version.count && version.count ? 'elsewhere' : KEPT[version.kept]);
  gitrack.aliasTags = (version) => [...version.aliases, ...version.tags].map((word) => el('span', { class: 'gt-tag' }, word));

  function facts(version) {
    const lines = [
      ['made by', version.makers.length ? runLinks(version.makers) : null],
      ['used by', version.users.length ? runLinks(version.users) : null],
      ['created', [moment(version.created)]],
      ['size', [`${bytes(version.size)} in ${plural(version.count, 'file')}${version.references ? `, ${plural(version.references, 'reference')}` : ''}`]],
      ['kept', [gitrack.keptWords(version)]],
      ['digest', [version.digest]],
      ['id', [version.id]],
      ['on', [version.branch]],
    ];
    return el('dl', {}, ...lines.filter(([, value]) => value).map(([label, value]) => el('div', {}, el('dt', {}, label), el('dd', {}, ...value))));
  }

  const command = (what, text) => el('div', { class: 'gt-reproduce' }, el('span', {}, what), el('code', { tabindex: '0' }, text), gitrack.copyButton(text));

  function fileRow([path, size, digest, reference]) {
    return el(
      'tr',
      {},
      el('th', { scope: 'row', title: path }, path),
      el('td', { class: 'gt-num' }, size === null ? '–' : bytes(size)),
      el('td', { class: 'gt-wide gt-mono', title: digest || null }, digest ? digest.slice(0, 12) : '–'),
      // An address that was logged is text here: it may lead anywhere.
      el('td', { class: 'gt-wide gt-mono', title: reference || null }, reference || ''),
    );
  }

  /** The files, brought when they are asked for; a search finds among all that the site lists. */
  function filesOf(version) {
    const body = el('tbody', {});
    const note = el('p', { class: 'gt-nothing', 'aria-live': 'polite' });
    const list = (files, words) => {
      const hits = words ? files.filter(([path]) => path.toLowerCase().includes(words)) : files;
      body.replaceChildren(...hits.slice(0, ROWS).map(fileRow));
      const listed = `${hits.length.toLocaleString('en-US')} of ${plural(version.count, 'file')}`;
      note.textContent = hits.length > ROWS ? `The first ${ROWS} of ${listed}.` : words || files.length < version.count ? `${listed}.` : '';
      note.hidden = !note.textContent;
    };
    const bring = async () => {
      try {
        const { files } = await gitrack.load(version.files);
        find.oninput = () => list(files, find.value.trim().toLowerCase());
        list(files, '');
      } catch (error) {
        if (!(error instanceof gitrack.LoadError)) throw error;
        note.hidden = false;
        note.replaceChildren(`${error.message} `, gitrack.button('Retry', null, bring));
      }
    };
    const find = el('input', { type: 'search', class: 'gt-find', placeholder: 'Find a file', 'aria-label': 'Find a file', autocomplete: 'off' });
    const heads = ['File', 'Size', 'Digest', 'Lies elsewhere'].map((word, i) => el('th', { scope: 'col', class: i === 1 ? 'gt-num' : i > 1 ? 'gt-wide' : null }, word));
    const details = el(
      'details',
      { class: 'gt-sheet gt-fold gt-fold--sheet', open: version.count <= 20, ontoggle: () => details.open && !body.childElementCount && bring() },
      el('summary', {}, 'Files ', el('small', {}, version.count.toLocaleString('en-US'))),
      version.count > 20 ? find : null,
      el('table', { class: 'gt-table' }, el('thead', {}, el('tr', {}, ...heads)), body),
      note,
    );
    if (details.open) bring();
    return details;
  }

  function metadataOf(version) {
    if (!version.metadata || !version.metadata.m.length) return null;
    const tree = new gitrack.Tree(version.metadata, 'Metadata');
    tree.show();
    return el('section', { class: 'gt-sheet gt-pairs', 'aria-label': 'Metadata' }, el('h3', {}, 'Metadata ', el('small', {}, String(tree.leaves.length))), tree.element);
  }

  /** Draw all that the site knows of a version. */
  gitrack.artifactView = function (version) {
    const lineage = gitrack.lineageOf(version);
    return el(
      'div',
      { class: 'gt-version' },
      version.description ? el('p', { class: 'gt-version__about' }, version.description) : null,
      command('Get it', version.get),
      command('In a run', `run.use_artifact("${version.artifact.full}:v${version.version}").download()`),
      el('div', { class: 'gt-version__cards' }, el('section', { class: 'gt-sheet gt-pairs', 'aria-label': 'Facts' }, el('h3', {}, version.label), facts(version)), metadataOf(version)),
      lineage ? el('h3', { class: 'gt-head' }, 'Lineage') : null,
      lineage,
      filesOf(version),
    );
  };
})();
