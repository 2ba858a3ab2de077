// Cards with one number a group, and text.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el, svg } = gitrack;
  const WORDS = { best: 'best', mean: 'mean', median: 'median', min: 'lowest', max: 'highest', latest: 'latest' };
  const SPARK = 120; // points

  class ScalarView {
    constructor(tile) {
      this.context = tile.context;
      this.element = el('div', { class: 'gt-cards' });
    }

    update(spec) {
      const { context } = this;
      const column = context.numeric(spec.y);
      const listed = context.runs(spec);
      const how = spec.value || (column.goal ? 'best' : 'mean');
      if (how === 'best' && !column.goal) throw new gitrack.PanelError(`Which way ${column.label} gets better is not known: choose the lowest, the highest or the mean.`);
      const { groups, left } = context.groups(spec, listed);
      const cards = groups.map((group) => this.card(column, how, group)).filter(Boolean);
      if (!cards.length) throw new gitrack.PanelError(`None of the ${gitrack.format.plural(listed.length, 'listed run')} has ${column.label}.`);
      this.values = cards.map(({ value }) => value);
      this.element.replaceChildren(...cards.map((card) => card.element));
      return {
        note: left ? `${left} more groups` : '',
        summary: `${column.label}, ${WORDS[how]}: ${cards.map((card) => card.said).join('; ')}.`,
      };
    }

    card(column, how, group) {
      const { context } = this;
      const there = group.runs.filter((run) => typeof column.values[run] === 'number' && Number.isFinite(column.values[run])).sort((a, b) => a - b);
      if (!there.length) return null;
      const { value, run } = pick(there, column, how);
      const grouped = group.path !== undefined;
      const of = run === null ? gitrack.format.plural(there.length, 'run') : context.project.nameOf(run);
      const element = el(
        'div',
        { class: 'gt-cards__one' },
        el('p', { class: 'gt-cards__of' }, grouped ? [gitrack.square ? gitrack.square(group.colour) : gitrack.dot(group.colour), ' ', el('b', {}, group.name), ' '] : null, el('span', {}, WORDS[how]), el('span', { class: 'gt-dim' }, run === null ? ` of ${of}` : ' · '), run === null ? null : el('a', { class: 'gt-link', href: context.project.href(run) }, of)),
        el('p', { class: 'gt-cards__value' }, how === 'best' ? el('i', { class: 'gt-best', 'aria-hidden': 'true' }) : null, column.write(value), ' ', this.delta(column, value, run)),
        sparkline(there.map((one) => column.values[one]), column.label),
      );
      return { element, value, said: `${grouped ? `${group.name} ` : ''}${column.write(value)}` };
    }

    /** The distance to the pinned baseline, by sign, arrow and colour. */
    delta(column, value, run) {
      const { base } = this.context.list;
      const before = base === null || base === run ? null : column.values[base];
      if (typeof before !== 'number' || !Number.isFinite(before)) return null;
      const by = value - before;
      const better = column.goal && by ? (column.goal === 'min') === by < 0 : null;
      const arrow = by > 0 ? '▲' : by < 0 ? '▼' : '=';
      return el('span', { class: `gt-cards__delta${better === null ? '' : better ? ' gt-good' : ' gt-bad'}`, title: `Baseline: ${column.write(before)}` }, `${arrow} ${gitrack.format.signed(by, (size) => gitrack.format.number(size, 3))} to baseline`);
    }
  }

  function pick(runs, column, how) {
    const { values } = column;
    const extreme = (sign) => runs.reduce((best, run) => (sign * values[run] > sign * values[best] ? run : best), runs[0]);
    switch (how) {
      case 'best':
        return pick(runs, column, column.goal);
      case 'min':
      case 'max': {
        const run = extreme(how === 'max' ? 1 : -1);
        return { run, value: values[run] };
      }
      case 'latest':
        return { run: runs[runs.length - 1], value: values[runs[runs.length - 1]] };
      case 'median':
        return { run: null, value: gitrack.statistics.quantile(Float64Array.from(runs, (run) => values[run]).sort(), 0.5) };
      default:
        return { run: null, value: gitrack.groups.aggregate(runs.map((run) => values[run])).mean };
    }
  }

  /** Values from the oldest run to the newest. */
  function sparkline(values, label) {
    if (values.length < 2) return null;
    const kept = gitrack.statistics.sample(values.length, SPARK).map((i) => values[i]);
    const [low, high] = gitrack.scale.extent([kept]);
    const points = kept.map((value, i) => `${((100 * i) / (kept.length - 1)).toFixed(1)},${(high > low ? 22 - (20 * (value - low)) / (high - low) : 12).toFixed(1)}`);
    return svg('svg', { class: 'gt-cards__spark', viewBox: '0 0 100 24', preserveAspectRatio: 'none', role: 'img', 'aria-label': `${label} from the oldest run to the newest` }, svg('polyline', { points: points.join(' ') }));
  }

  class MarkdownView {
    constructor() {
      this.element = el('div', { class: 'gt-words' });
    }

    update(spec) {
      this.element.replaceChildren(...gitrack.markdown(spec.text));
      return {};
    }
  }

  gitrack.panelViews.set('scalar', ScalarView);
  gitrack.panelViews.set('markdown', MarkdownView);
})();
