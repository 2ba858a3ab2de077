// Which settings tell a result, and which columns go together: real tables with bars in them.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const MOST = 24; // columns
  const STRONGEST = 55; // percent of colour in a cell, so that its number stays readable
  const MINUS = '−';

  const signed = (value) => (Number.isNaN(value) ? '–' : `${value < 0 ? MINUS : '+'}${Math.abs(value).toFixed(2)}`);
  const isConstant = (values) => {
    const first = values.find((value) => !Number.isNaN(value));
    return values.every((value) => value === first || Number.isNaN(value));
  };

  /** A column's values as numbers, texts as their places among the sorted ones. */
  const numbersOf = (column, runs) => {
    const ranks = gitrack.Columns.ranksOf(column);
    const numbers = new Float64Array(runs.length);
    for (let i = 0; i < runs.length; i += 1) numbers[i] = Number.isFinite(ranks[runs[i]]) ? ranks[runs[i]] : NaN;
    return numbers;
  };

  class RankingView {
    constructor(tile) {
      this.tile = tile;
      this.context = tile.context;
      this.element = el('div', { class: 'gt-tile__table', tabindex: '0', role: 'region', 'aria-label': tile.name });
    }

    release() {
      this.turn = (this.turn || 0) + 1;
    }

    /** The columns that are named, or all settings that differ. */
    async candidates(spec, runs, pause) {
      const { context } = this;
      const chosen = spec.columns ? spec.columns.map((name) => context.column(name)) : [...context.columns.all.values()].filter((column) => column.key.startsWith('config.'));
      const found = [];
      for (const column of chosen) {
        const values = numbersOf(column, runs);
        if (spec.columns || !isConstant(values)) found.push({ column, values });
        await pause();
      }
      return found;
    }
  }

  class ImportanceView extends RankingView {
    async update(spec) {
      const turn = (this.turn = (this.turn || 0) + 1);
      const { context } = this;
      const target = context.numeric(spec.y);
      const runs = context.runs(spec).filter((run) => Number.isFinite(target.values[run]) && target.values[run] !== null);
      const pause = gitrack.statistics.slices();
      const all = (await this.candidates(spec, runs, pause)).filter(({ column }) => column.key !== target.key);
      if (turn !== this.turn) return null;
      const y = Float64Array.from(runs, (run) => target.values[run]);
      // A setting that most runs lack would leave no run to learn from.
      const there = all.filter(({ values }) => values.filter((value) => Number.isNaN(value)).length < runs.length / 2);
      const features = there.map(({ values }) => filled(values));
      const signature = JSON.stringify([runs.length, runs[0], runs[runs.length - 1], there.map(({ column }) => column.key), spec.runs, context.state.q]);
      if (signature !== this.signature) {
        this.result = await gitrack.forest.importance(features, y, () => turn !== this.turn);
        if (turn !== this.turn) return null;
        this.signature = signature;
      }
      if (!this.result) throw new gitrack.PanelError(`Twelve runs with different ${target.label} and a setting that differs are needed; ${runs.length} are listed.`);
      const known = new Map();
      const rows = [];
      for (const [i, { column, values }] of there.entries()) {
        rows.push({ column, share: this.result.shares[i], r: gitrack.statistics.spearman(values, y, known).r, numeric: column.numeric });
        await pause();
        if (turn !== this.turn) return null;
      }
      rows.sort((a, b) => b.share - a.share);
      this.rows = rows.map(({ column, share, r }) => ({ key: column.key, share, r }));
      this.element.replaceChildren(
        el(
          'table',
          { class: 'gt-table gt-ranking' },
          el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, 'Setting'), el('th', { scope: 'col', class: 'gt-num' }, 'Importance'), el('th', { scope: 'col', class: 'gt-num' }, 'Correlation'))),
          el('tbody', {}, ...rows.slice(0, MOST).map((row) => this.row(row))),
        ),
      );
      return {
        note: `${gitrack.format.plural(this.result.n, 'run')} · tells ${Math.max(0, Math.round(100 * this.result.told))} % of the variance`,
        summary: `What tells ${target.label}: ${rows.slice(0, 5).map((row) => `${row.column.label} ${row.share.toFixed(2)}`).join(', ')}.`,
      };
    }

    row({ column, share, r, numeric }) {
      return el(
        'tr',
        {},
        el('th', { scope: 'row', title: column.key }, column.label),
        el('td', { class: 'gt-num' }, el('i', { class: 'gt-bar', style: { '--gt-part': `${(100 * share).toFixed(1)}%` }, 'aria-hidden': 'true' }), el('span', {}, share.toFixed(2))),
        el('td', { class: 'gt-num' }, numeric && !Number.isNaN(r) ? [el('i', { class: `gt-bar gt-bar--${r < 0 ? 'down' : 'up'}`, style: { '--gt-part': `${(100 * Math.abs(r)).toFixed(1)}%` }, 'aria-hidden': 'true' }), el('span', {}, signed(r))] : el('span', { class: 'gt-dim', title: 'A text has no order' }, '–')),
      );
    }
  }

  /** What is missing as a value of its own, below all others. */
  function filled(values) {
    const [low, high] = gitrack.scale.extent([values]);
    const below = low <= high ? low - (high - low || 1) : 0;
    return values.map((value) => (Number.isNaN(value) ? below : value));
  }

  class CorrelationView extends RankingView {
    async update(spec) {
      const { context } = this;
      const turn = (this.turn = (this.turn || 0) + 1);
      const runs = context.runs(spec);
      const pause = gitrack.statistics.slices();
      const chosen = spec.columns ? spec.columns.map((name) => context.column(name)) : await this.usual(runs, pause);
      const target = spec.y ? context.column(spec.y) : null;
      const columns = [...new Set([...(target ? [target] : []), ...chosen])].filter((column) => column.numeric).slice(0, MOST);
      if (columns.length < 2) throw new gitrack.PanelError('Two columns of numbers that differ are needed.');
      const values = columns.map((column) => numbersOf(column, runs));
      const across = target ? [0] : columns.map((_, i) => i);
      const known = new Map();
      const cells = [];
      for (const left of values) {
        const row = [];
        for (const column of across) {
          row.push(gitrack.statistics.spearman(left, values[column], known));
          await pause();
          if (turn !== this.turn) return null;
        }
        cells.push(row);
      }
      this.cells = cells;
      const rows = columns.map((_, i) => i).slice(target ? 1 : 0);
      if (target) rows.sort((a, b) => Math.abs(this.cells[b][0].r || 0) - Math.abs(this.cells[a][0].r || 0));
      this.element.replaceChildren(
        el(
          'table',
          { class: 'gt-table gt-matrix' },
          el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, el('span', { class: 'gt-hidden' }, 'Column')), ...across.map((i) => el('th', { scope: 'col', title: columns[i].key }, el('span', {}, gitrack.panelAxis.shorten(columns[i].label)))))),
          el('tbody', {}, ...rows.map((row) => el('tr', {}, el('th', { scope: 'row', title: columns[row].key }, columns[row].label), ...across.map((_, i) => cell(this.cells[row][i]))))),
        ),
      );
      this.names = columns.map((column) => column.key);
      return {
        note: `Spearman’s rank correlation of ${gitrack.format.plural(runs.length, 'run')}`,
        summary: `Correlations of ${columns.map((column) => column.label).join(', ')}.`,
      };
    }

    /** Settings and results of numbers that differ, those with a direction first. */
    async usual(runs, pause) {
      const all = [];
      for (const column of this.context.columns.all.values()) {
        if (column.numeric && /^(config|summary)\./.test(column.key) && !isConstant(numbersOf(column, runs))) all.push(column);
        await pause();
      }
      const results = all.filter((column) => column.key.startsWith('summary.')).sort((a, b) => Boolean(b.goal) - Boolean(a.goal));
      return [...all.filter((column) => column.key.startsWith('config.')), ...results].slice(0, MOST / 2);
    }
  }

  function cell({ r, n }) {
    const strong = Number.isNaN(r) ? 0 : Math.round(STRONGEST * Math.abs(r));
    return el('td', { class: r < 0 ? 'gt-matrix__down' : 'gt-matrix__up', style: { '--gt-part': `${strong}%` }, title: gitrack.format.plural(n, 'run') }, signed(r));
  }

  gitrack.panelViews.set('importance', ImportanceView);
  gitrack.panelViews.set('correlation', CorrelationView);
})();
