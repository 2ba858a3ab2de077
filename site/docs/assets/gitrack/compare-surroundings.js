// What surrounded the compared runs: code, machine and environment, packages with their versions.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;

  /** Rows of texts: null where a run has none, undefined where nobody took it down. */
  function textRows(comparison, name, texts, draw = gitrack.compareCell) {
    const { runs } = comparison;
    const firstOf = (cells) => cells.find((cell) => cell !== undefined);
    const isUnlike = (cell, first) => cell !== undefined && cell !== first;
    const differing = texts.filter(({ cells }) => cells.some((cell) => isUnlike(cell, firstOf(cells))));
    const shown = runs.length < 2 || comparison.showsEqual(name) ? texts : differing;
    const text = (cell) => (cell === null ? '–' : cell === undefined ? '?' : cell);
    const title = (cell) => (cell === null ? 'none' : cell === undefined ? 'not recorded' : cell);
    return {
      differing,
      equal: texts.length - differing.length,
      rows: shown.map(({ key, cells }) => {
        const first = firstOf(cells);
        return {
          key,
          class: 'gt-setting',
          cells: cells.map((cell) => draw(text(cell), isUnlike(cell, first), title(cell), first, cell)),
          values: cells,
          texts: cells.map(text),
        };
      }),
    };
  }

  const count = (comparison, texts, differing, noun) => {
    if (comparison.runs.length < 2) return ` ${gitrack.format.plural(texts.length, noun)}`;
    return differing.length ? ` ${gitrack.format.plural(differing.length, noun)} ${differing.length === 1 ? 'differs' : 'differ'}` : ` no ${noun} differs`;
  };

  /** Each run's Map as rows: keys in the order in which they first come. */
  function united(maps) {
    const keys = [...new Set(maps.flatMap((map) => [...map.keys()]))];
    return keys.map((key) => ({ key, cells: maps.map((map) => (map.has(key) ? map.get(key) : null)) }));
  }

  class Environment {
    constructor(comparison) {
      this.comparison = comparison;
      this.name = 'environment';
      this.title = 'Code and environment';
    }

    part() {
      const { project, runs, details } = this.comparison;
      const field = (name) => runs.map((run) => project.runs[name][run] ?? null);
      const dirty = field('dirty').map((one) => (one === null ? null : one ? 'uncommitted changes' : 'clean'));
      const code = [
        { key: 'branch', cells: field('branch') },
        { key: 'commit', cells: field('commit').map((sha) => sha && sha.slice(0, 12)) },
        { key: 'tree', cells: dirty },
      ].filter(({ cells }) => cells.some((cell) => cell !== null));
      const facts = details === null ? [] : united(runs.map((run) => new Map(details.get(run).facts)));
      const texts = [...code, ...facts];
      const { rows, equal, differing } = textRows(this.comparison, this.name, texts);
      return { count: count(this.comparison, texts, differing, 'fact'), links: [], equal, rows, wait: details === null };
    }
  }

  class Packages {
    constructor(comparison) {
      this.comparison = comparison;
      this.name = 'packages';
      this.title = 'Packages';
      this.known = new Map(); // run → Map of package to version, null where nobody took them down
    }

    /** Bring the lists; runs of one machine share one. */
    async load(runs) {
      const lists = await Promise.all(runs.map((run) => this.comparison.source.packages(run)));
      runs.forEach((run, i) => this.known.set(run, lists[i] && gitrack.packagesOf(lists[i])));
    }

    part() {
      const { runs } = this.comparison;
      if (!runs.every((run) => this.known.has(run))) return { count: '', links: [], equal: 0, rows: [], wait: true };
      const lists = runs.map((run) => this.known.get(run));
      if (lists.every((list) => list === null)) return null;
      const known = lists.filter((list) => list !== null);
      const texts = united(lists.map((list) => list || new Map()))
        .map(({ key, cells }) => ({ key, cells: cells.map((cell, i) => (lists[i] === null ? undefined : cell)) }))
        .sort((a, b) => (a.key < b.key ? -1 : 1));
      const { rows, equal, differing } = textRows(this.comparison, this.name, texts, packageCell);
      const without = lists.length - known.length;
      return {
        count: count(this.comparison, texts, differing, 'package') + this.balance(differing),
        links: [],
        equal,
        tools: without ? [el('span', { class: 'gt-dim' }, `${gitrack.format.plural(without, 'run')} without a list`)] : [],
        rows,
      };
    }

    /** Of two runs: how many came, went and changed. */
    balance(differing) {
      if (this.comparison.runs.length !== 2 || !differing.length) return '';
      const many = { added: 0, removed: 0, newer: 0, older: 0, changed: 0 };
      for (const { cells } of differing) many[changeOf(cells[0], cells[1])] += 1;
      return `: ${Object.entries(many).filter(([, n]) => n).map(([word, n]) => `${n} ${word}`).join(', ')}`;
    }
  }

  const MARKS = { added: '+ ', removed: '− ', newer: '▲ ', older: '▼ ', changed: '≠ ' };

  function changeOf(from, to) {
    if (from === to || to === undefined) return '';
    if (from === null) return 'added';
    if (to === null) return 'removed';
    const order = gitrack.compareVersions(from, to);
    return order === null || order === 0 ? 'changed' : order < 0 ? 'newer' : 'older';
  }

  function packageCell(text, unlike, title, from, to) {
    const word = changeOf(from, to);
    if (!word) return gitrack.compareCell(text, false, title);
    const shown = to === null ? '' : text;
    return [el('mark', { title }, el('span', { 'aria-hidden': 'true' }, MARKS[word]), shown), el('span', { class: 'gt-dim gt-versus__word' }, ` ${word}`)];
  }

  gitrack.CompareEnvironment = Environment;
  gitrack.ComparePackages = Packages;
})();
