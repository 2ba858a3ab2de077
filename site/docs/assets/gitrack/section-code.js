// The patch of a run: what differed from its commit, file by file.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const OPEN = 400; // lines of changes that are unfolded at once
  const SIDES = { '+': 'gt-added', '-': 'gt-removed' };
  const SAID = { '+': 'added ', '-': 'removed ' };

  function text(pieces) {
    if (typeof pieces === 'string') return [pieces];
    return pieces.map(([kind, part]) => (/^[cksnf]$/.test(kind) ? el('span', { class: `gt-syntax-${kind}` }, part) : part));
  }

  /** A line without its colours. */
  gitrack.lineText = ([, , , pieces]) => (typeof pieces === 'string' ? pieces : pieces.map(([, part]) => part).join(''));

  function row(line, isOwn) {
    const [kind, before, after, pieces] = line;
    return el(
      'tr',
      { class: [SIDES[kind], isOwn(line) && 'gt-diff__own'].filter(Boolean).join(' ') || null },
      el('td', { class: 'gt-diff__no' }, before === null ? '' : String(before)),
      el('td', { class: 'gt-diff__no' }, after === null ? '' : String(after)),
      el('td', { class: 'gt-diff__mark', 'aria-hidden': 'true' }, kind.trim()),
      el('td', { class: 'gt-diff__text' }, SAID[kind] ? el('span', { class: 'gt-hidden' }, SAID[kind]) : null, ...text(pieces)),
    );
  }

  /** Draw one file's changes; a comparison marks the lines that are one side's own. */
  gitrack.diffOf = function (file, open, isOwn = () => false) {
    const fill = () => {
      if (details.querySelector('table')) return;
      const rows = file.hunks.flatMap((hunk, i) => [
        i || hunk.head ? el('tr', { class: 'gt-diff__hunk' }, el('td', { colspan: 4 }, hunk.head || '…')) : null,
        ...hunk.lines.map((line) => row(line, isOwn)),
      ]);
      details.append(el('div', { class: 'gt-scroll', tabindex: '0', role: 'region', 'aria-label': `Changes in ${file.path}` }, el('table', { class: 'gt-diff' }, el('tbody', {}, ...rows.filter(Boolean)))));
    };
    const details = el(
      'details',
      { class: 'gt-sheet gt-diff__file', open, ontoggle: () => details.open && file.hunks.length && fill() },
      el(
        'summary',
        {},
        el('span', { class: 'gt-mono' }, file.path),
        file.note ? el('span', { class: 'gt-tag' }, file.note) : null,
        el('span', { class: 'gt-spring' }),
        el('span', { class: 'gt-good' }, `+${file.added.toLocaleString('en-US')}`),
        ' ',
        el('span', { class: 'gt-bad' }, `−${file.removed.toLocaleString('en-US')}`),
      ),
    );
    if (open && file.hunks.length) fill();
    return details;
  };

  gitrack.sections.code = function (body, { commit, snapshot, left_out: leftOut, cut, files }) {
    if (snapshot) {
      const command = `git worktree add ../then ${snapshot}`;
      body.append(el('p', { class: 'gt-dim' }, 'The tree as it was: ', el('code', {}, command), gitrack.copyButton(command)));
    }
    let lines = 0;
    for (const file of files) {
      lines += file.added + file.removed;
      body.append(gitrack.diffOf(file, lines <= OPEN));
    }
    if (cut) body.append(el('p', { class: 'gt-dim' }, 'The patch is longer: code.patch in the record holds all of it.'));
    if (leftOut.length) {
      body.append(el('p', { class: 'gt-dim' }, `Left out of the snapshot of ${commit ? commit.slice(0, 7) : 'the tree'}:`), el('ul', { class: 'gt-dim' }, ...leftOut.map((line) => el('li', {}, line))));
    }
  };
})();
