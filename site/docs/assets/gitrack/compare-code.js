// The codes of two compared runs: commits, the files that changed between them, and what each had
// changed before it was committed, side by side.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const FILES = 100; // changed files that are listed at once
  const OPEN = 400; // lines of changes that are unfolded at once
  const SHA = /^[0-9a-f]{7,64}$/;
  const MARKS = { added: '+', deleted: '−', changed: '≠' };

  class Code extends gitrack.ComparePart {
    constructor(comparison) {
      super(comparison, { name: 'code', title: 'Code', sections: ['code'] });
      comparison.state.watch((changed) => changed.has('versus') && comparison.details && !this.element.hidden && this.refresh());
    }

    has() {
      const { runs, project } = this.comparison;
      return super.has() || (runs.length > 1 && runs.some((run) => project.runs.commit[run]));
    }

    async load() {
      const { runs, source, state, project } = this.comparison;
      const chosen = project.byId.get(state.versus);
      const pair = runs.length < 2 ? runs : [runs[0], runs.indexOf(chosen) > 0 ? chosen : runs[1]];
      const patches = await Promise.all(pair.map((run) => source.section(run, 'code')));
      const shas = pair.map((run) => this.shaOf(run));
      const files = pair.length > 1 && shas.every(Boolean) ? await source.filesBetween(...shas) : null;
      return { pair, patches, shas, files };
    }

    /** The commit that holds the code as it ran. */
    shaOf(run) {
      const { details, project } = this.comparison;
      const sha = details.get(run).snapshot || project.runs.commit[run];
      return sha && SHA.test(sha) ? sha : null;
    }

    draw({ pair, patches, shas, files }) {
      this.tools.replaceChildren(...this.choices(pair));
      if (pair.length < 2) {
        this.body.replaceChildren(...patches[0].files.map((file) => gitrack.diffOf(file, true)));
        return;
      }
      this.body.replaceChildren(this.commits(pair, shas), ...this.changed(shas, files), ...this.patches(pair, patches));
    }

    choices([, other]) {
      const { runs, project, state } = this.comparison;
      if (runs.length < 3) return [];
      const select = el('select', { 'aria-label': 'The run beside the baseline', onchange: () => state.set({ versus: select.value }) }, ...runs.slice(1).map((run) => el('option', { value: project.runs.id[run] }, `baseline and ${project.nameOf(run)}`)));
      select.value = project.runs.id[other];
      return [select];
    }

    commits(pair, shas) {
      const { project } = this.comparison;
      const { commit, branch } = project.runs;
      const place = (run) => el('code', {}, commit[run] ? `${branch[run] || 'detached'} @ ${commit[run].slice(0, 12)}` : 'no commit');
      const [first, second] = pair.map((run) => this.nameOf(run));
      const one = commit[pair[0]] === commit[pair[1]];
      const words = one ? [first, 'and', second, 'on', place(pair[0])] : [first, place(pair[0]), '→', second, place(pair[1])];
      const parts = [el('p', { class: 'gt-code__commits' }, ...words)];
      if (shas[0] && shas[1] && shas[0] !== shas[1]) {
        const command = `git diff ${shas[0]}..${shas[1]}`;
        parts.push(el('div', { class: 'gt-reproduce' }, el('span', {}, 'Difference'), el('code', {}, command), gitrack.copyButton(command)));
      } else if (shas[0] && shas[0] === shas[1]) parts.push(el('p', { class: 'gt-dim' }, 'No difference: both ran this code.'));
      return el('div', { class: 'gt-sheet gt-code__head' }, ...parts);
    }

    /** The files that differ between the codes as they ran. */
    changed(shas, files) {
      if (shas[0] === shas[1]) return [];
      if (files === null) return [el('p', { class: 'gt-dim' }, 'Which files changed between these commits is not known here: this site was built without them, or there are too many.')];
      const line = ({ path, kind }) => el('li', { 'data-kind': kind }, el('span', { class: 'gt-code__kind', 'aria-hidden': 'true' }, MARKS[kind]), el('span', { class: 'gt-mono' }, path), el('span', { class: 'gt-dim' }, ` ${kind}`));
      const list = el('ul', { class: 'gt-code__files' }, ...files.slice(0, FILES).map(line));
      const rest = files.length - FILES;
      const more = rest > 0 ? gitrack.button(`${rest.toLocaleString('en-US')} more`, null, () => (list.append(...files.slice(FILES).map(line)), more.remove())) : null;
      const words = files.length ? `${gitrack.format.plural(files.length, 'file')} ${files.length === 1 ? 'differs' : 'differ'}, uncommitted changes among them` : 'No file differs';
      return [el('div', { class: 'gt-sheet' }, el('h3', { class: 'gt-code__title' }, words), list, more)];
    }

    /** What each had not committed: the files of one alone, of both, and both's alike. */
    patches(pair, patches) {
      const sides = patches.map((patch) => new Map((patch ? patch.files : []).map((file) => [file.path, file])));
      const paths = [...new Set(sides.flatMap((side) => [...side.keys()]))].sort();
      if (!paths.length) return [];
      let lines = 0;
      const rows = paths.map((path) => {
        const files = sides.map((side) => side.get(path) || null);
        lines += files.reduce((sum, file) => sum + (file ? file.added + file.removed : 0), 0);
        return this.fileRow(pair, path, files, lines <= OPEN);
      });
      return [el('h3', { class: 'gt-code__title' }, 'Uncommitted changes'), ...rows];
    }

    fileRow(pair, path, files, open) {
      const texts = files.map((file) => file && file.hunks.flatMap((hunk) => hunk.lines.map((line) => line[0] + gitrack.lineText(line))));
      if (texts[0] && texts[1] && texts[0].join('\n') === texts[1].join('\n')) {
        return el('div', { class: 'gt-code__same', 'data-path': path }, el('p', { class: 'gt-dim' }, 'Changed alike in both'), gitrack.diffOf(files[0], false));
      }
      return el(
        'div',
        { class: 'gt-code__pair', 'data-path': path },
        ...files.map((file, i) => {
          const theirs = new Set(texts[1 - i] || []);
          const isOwn = (line) => texts[1 - i] !== null && line[0] !== ' ' && !theirs.has(line[0] + gitrack.lineText(line));
          return el('div', {}, el('p', {}, this.nameOf(pair[i])), file ? gitrack.diffOf(file, open, isOwn) : el('p', { class: 'gt-dim gt-code__none' }, `No uncommitted change of ${path}`));
        }),
      );
    }
  }

  gitrack.CompareCode = Code;
})();
