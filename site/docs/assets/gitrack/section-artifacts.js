// What a run made and used, and the lineage around it.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const WORDS = { output: 'made', input: 'used' };

  function row([use, , name, number], version) {
    const [project, type, own] = name.split('/');
    const label = `${own}:v${version ? version.version : number}`;
    const about = version
      ? [gitrack.aliasTags(version), [gitrack.format.bytes(version.size)], [version.count.toLocaleString('en-US')], [gitrack.keptWords(version)], [el('code', {}, version.get), gitrack.copyButton(version.get)]]
      : [[el('span', { class: 'gt-dim' }, 'not on this site')], ['–'], ['–'], ['–'], []];
    return el(
      'tr',
      {},
      el('td', { class: 'gt-dim' }, WORDS[use] || use),
      el('th', { scope: 'row' }, version ? el('a', { href: gitrack.versionHref(version) }, label) : label),
      el('td', { class: 'gt-dim gt-wide' }, project === gitrack.page.project ? type : `${project}/${type}`),
      ...about.map((cell, i) => el('td', { class: [i === 1 || i === 2 ? 'gt-num' : '', i > 1 ? 'gt-wide' : ''].join(' ').trim() || null }, ...cell)),
    );
  }

  gitrack.sections.artifacts = async function (body, { uses }) {
    const own = gitrack.page.project;
    const catalogue = await gitrack.Catalogue.open(new Set([own, ...uses.map(([, , name]) => name.split('/')[0])]));
    const heads = ['', 'Version', 'Type', 'Aliases', 'Size', 'Files', 'Kept', 'Get it'];
    const css = (i) => [i === 4 || i === 5 ? 'gt-num' : '', i === 2 || i > 4 ? 'gt-wide' : ''].join(' ').trim() || null;
    const rows = uses.map((one) => row(one, catalogue.find(...one.slice(1))));
    body.append(
      el(
        'div',
        { class: 'gt-sheet' },
        el('table', { class: 'gt-table gt-files' }, el('thead', {}, el('tr', {}, ...heads.map((word, i) => el('th', { scope: 'col', class: css(i) }, word || el('span', { class: 'gt-hidden' }, 'Made or used'))))), el('tbody', {}, ...rows)),
      ),
    );
    const run = catalogue.runs.get(`${own}/${gitrack.run.id}`);
    const lineage = run ? gitrack.lineageOf(run) : null;
    if (lineage) body.append(lineage);
    for (const error of catalogue.failed) body.append(el('p', { class: 'gt-nothing gt-failed' }, error.message));
  };
})();
