// The results of compared runs: value, change and relative change against the baseline, the best.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const USUAL = 8; // metrics shown before somebody asks for all
  const FULL = 0.08; // the relative change that fills a bar, at least

  class Results {
    constructor(comparison) {
      this.comparison = comparison;
      this.name = 'summary';
      this.title = 'Summary';
    }

    /** Summary columns that any of the runs has, with what they changed, in the chosen order. */
    columns() {
      const { project, runs, base, state } = this.comparison;
      const rank = (column) => (column.goal ? 0 : column.kind === 'number' ? 2 : 4) + (/^summary\.(val|valid|eval|test)/.test(column.key) ? 0 : 1);
      const found = project.columns
        .filter((column) => column.key.startsWith('summary.') && runs.some((run) => gitrack.isThere(column.values[run])))
        .map((column) => ({ column, changes: changesOf(column, runs, base), rank: rank(column) }));
      const [kind, id] = state.rank.split(':');
      if (kind === 'name') found.sort((a, b) => (a.column.key < b.column.key ? -1 : 1));
      else if (kind === 'change') {
        const run = runs.indexOf(project.byId.get(id));
        const size = run < 0 ? (one) => Math.max(...one.changes.map(sizeOf)) : (one) => gainOf(one.changes[run]);
        const sizes = new Map(found.map((one) => [one, size(one)]));
        found.sort((a, b) => sizes.get(b) - sizes.get(a) || a.rank - b.rank);
      } else found.sort((a, b) => a.rank - b.rank);
      return found;
    }

    part() {
      const { runs, state, project } = this.comparison;
      const all = this.columns();
      const differing = all.filter(({ column }) => runs.some((run) => !Object.is(column.values[run], column.values[runs[0]])));
      const wanted = runs.length < 2 || this.comparison.showsEqual(this.name) ? all : differing;
      const shown = state.metrics ? wanted : wanted.slice(0, USUAL);
      const told = shown.filter(({ column }) => column.goal).flatMap(({ changes }) => changes);
      const most = Math.max(FULL, ...told.map((change) => Math.min(1, Math.abs(change.share) || 0)));
      const { link } = this.comparison;
      return {
        count: ` ${shown.length} of ${gitrack.format.plural(all.length, 'metric')}`,
        links: wanted.length > USUAL ? [link(state.metrics ? 'show fewer' : 'show all', () => state.set({ metrics: !state.metrics }))] : [],
        equal: all.length - differing.length,
        tools: runs.length > 1 ? [el('span', { class: 'gt-dim gt-wide' }, el('i', { class: 'gt-best' }), 'best', el('span', { class: 'gt-versus__bars' }, ` · bars: relative change, full width ${gitrack.format.number(most * 100, 2)} %`)), this.order(project, runs)] : [],
        separator: state.metrics && !state.rank ? '/' : null,
        rows: shown.map((one) => this.row(one, most)),
      };
    }

    order(project, runs) {
      const { state, base } = this.comparison;
      const choices = [['', 'usual order'], ['name', 'by name'], ['change', 'largest change'], ...runs.filter((run) => run !== base).map((run) => [`change:${project.runs.id[run]}`, `gains of ${project.nameOf(run)}`])];
      const select = el('select', { 'aria-label': 'Order of the results', onchange: () => state.set({ rank: select.value }) }, ...choices.map(([value, words]) => el('option', { value }, words)));
      select.value = choices.some(([value]) => value === state.rank) ? state.rank : '';
      return select;
    }

    row({ column, changes }, most) {
      const { project, runs } = this.comparison;
      const best = project.best(column, runs);
      const values = runs.map((run) => column.values[run]);
      const format = column.kind === 'number' ? gitrack.format.columnFormat(values) : String;
      return {
        key: gitrack.columnLabel(column.key),
        mark: column.goal === 'max' ? ' ↑' : column.goal === 'min' ? ' ↓' : '',
        cells: runs.map((run, i) => result(values[i], format, run === best, changes[i], most)),
        values,
        texts: values.map((value, i) => (gitrack.isThere(value) ? format(value) : '–') + (runs[i] === best ? ' ◆' : '') + deltaText(changes[i], format)),
      };
    }
  }

  gitrack.isThere = (value) => value !== null && value !== undefined;

  function changesOf(column, runs, base) {
    const from = column.values[base];
    return runs.map((run) => {
      const to = column.values[run];
      if (run === base || typeof from !== 'number' || typeof to !== 'number' || !Number.isFinite(to - from)) return {};
      const delta = to - from;
      const verdict = !column.goal || !delta ? '' : (column.goal === 'max') === delta > 0 ? 'good' : 'bad';
      return { delta, share: from ? delta / Math.abs(from) : NaN, verdict };
    });
  }

  const sizeOf = ({ delta, share }) => (delta === undefined ? -1 : Number.isFinite(share) ? Math.abs(share) : delta ? Infinity : 0);

  /** What a run gained: what got better first, then what nobody can judge, then what got worse. */
  function gainOf(change) {
    const size = sizeOf(change);
    if (change.verdict === 'good') return 2 + size;
    if (change.verdict === 'bad') return -2 - size;
    return size < 0 ? -1 : size / (1 + size) || (size ? 1 : 0);
  }

  const arrow = (delta) => (!delta ? '' : delta > 0 ? '▲ ' : '▼ ');

  function deltaText({ delta, share }, format) {
    if (delta === undefined) return '';
    const relative = percent(share);
    return ` (${arrow(delta)}${gitrack.format.signed(delta, format)}${relative ? `, ${relative}` : ''})`;
  }

  function result(value, format, best, change, most) {
    const text = gitrack.isThere(value) ? format(value) : '–';
    const cells = [
      el(
        'span',
        { class: best ? 'gt-key' : null, title: typeof value === 'string' ? value : null },
        best ? el('i', { class: 'gt-best', role: 'img', 'aria-label': 'best' }) : el('i', { class: 'gt-best gt-best--none' }),
        text,
      ),
    ];
    if (change.delta === undefined) cells.push(el('span', { class: 'gt-dim' }, typeof value === 'string' ? '' : '–'));
    else {
      const { delta, share, verdict } = change;
      const said = verdict ? el('span', { class: 'gt-hidden' }, verdict === 'good' ? ' better' : ' worse') : null;
      cells.push(
        el('span', { class: verdict ? `gt-${verdict}` : 'gt-dim' }, arrow(delta) + gitrack.format.signed(delta, format), said),
        el('span', { class: 'gt-dim' }, percent(share)),
        bar(share, verdict, most),
      );
    }
    return el('div', { class: 'gt-result' }, ...cells);
  }

  function percent(share) {
    if (!Number.isFinite(share)) return '';
    if (Math.abs(share) >= 10) return `${share > 0 ? '> +' : '< −'}999 %`;
    return `${gitrack.format.signed(share * 100, (size) => size.toFixed(size < 10 ? 1 : 0))} %`;
  }

  function bar(share, verdict, most) {
    if (!Number.isFinite(share)) return el('span', {});
    const size = Math.min(1, Math.abs(share) / most) * 50;
    return el(
      'span',
      { class: `gt-bar${verdict ? ` gt-bar--${verdict}` : ''}`, 'aria-hidden': 'true' },
      el('i', { style: { left: `${share < 0 ? 50 - size : 50}%`, width: `${size}%` } }),
    );
  }

  gitrack.CompareResults = Results;
})();
