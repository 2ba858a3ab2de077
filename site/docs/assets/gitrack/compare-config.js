// The settings of compared runs: what differs, inside lists too; of three runs who changed what.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const MOST = 60; // values of a list up to which it is compared value by value
  const KINDS = ['conflict', 'first', 'second', 'both'];

  /** A value as it is written, and what it is told apart by: a text "3" is not the number 3. */
  function cellOf(column, run, isText) {
    const value = column.values[run];
    if (!gitrack.isThere(value)) return null;
    if (typeof value === 'number') return { text: gitrack.format.short(value), id: String(value), value };
    return isText ? { text: JSON.stringify(value), id: `text ${value}`, value } : { text: value, id: value, value };
  }

  function parsed(cell) {
    if (!cell || typeof cell.value !== 'string' || cell.id !== cell.value || !/^[[{]/.test(cell.value)) return undefined;
    try {
      return JSON.parse(cell.value);
    } catch {
      return undefined; // a text that only begins like a list, or a NaN inside
    }
  }

  const isNested = (value) => typeof value === 'object' && value !== null;
  const entries = (value) => (Array.isArray(value) ? value.map((inner, i) => [`[${i}]`, inner]) : Object.entries(value).map(([key, inner]) => [`.${key}`, inner]));

  /** The values inside of nested ones, by their way: Map of "[1].lr" to a cell a run. */
  function inside(nested) {
    const ways = new Map();
    const walk = (value, way, at) => {
      if (isNested(value) && entries(value).length) {
        for (const [step, inner] of entries(value)) walk(inner, way + step, at);
        return;
      }
      if (!ways.has(way)) ways.set(way, nested.map(() => null));
      const text = JSON.stringify(value);
      ways.get(way)[at] = { text, id: text, value: text };
    };
    nested.forEach((value, at) => value !== undefined && walk(value, '', at));
    return ways;
  }

  /** A setting as rows: one, or one a value of the lists that differ. */
  function rowsOf(key, cells) {
    const nested = cells.map(parsed);
    const comparable = cells.every((cell, i) => cell === null || isNested(nested[i]));
    if (!differs(cells) || !comparable || cells.filter(Boolean).length < 2) return [{ key, cells }];
    const ways = inside(nested);
    if (ways.size > MOST || ways.has('')) return [{ key, cells }];
    return [...ways].map(([way, values]) => ({ key: key + way, cells: values }));
  }

  const same = (a, b) => (a === null || b === null ? a === b : a.id === b.id);
  const differs = (cells) => cells.some((cell) => !same(cell, cells[0]));

  class Settings {
    constructor(comparison) {
      this.comparison = comparison;
      this.name = 'config';
      this.title = 'Config';
    }

    part() {
      const { project, runs, details, state, link } = this.comparison;
      const isText = (run, key) => details !== null && details.get(run).texts.has(key);
      const columns = project.columns.filter((column) => column.key.startsWith('config.') && runs.some((run) => gitrack.isThere(column.values[run])));
      const settings = columns.map((column) => {
        const key = gitrack.columnLabel(column.key);
        return { key, cells: runs.map((run) => cellOf(column, run, isText(run, key))) };
      });
      const differing = settings.filter(({ cells }) => differs(cells)).length;
      const showsEqual = runs.length < 2 || this.comparison.showsEqual(this.name);
      const rows = settings.flatMap(({ key, cells }) => rowsOf(key, cells)).filter(({ cells }) => showsEqual || differs(cells));
      const three = runs.length === 3 && differing > 0;
      const links = three ? [link(state.bykey ? 'by who changed it' : 'by key', () => state.set({ bykey: !state.bykey }))] : [];
      const words = differing === 1 ? 'key differs' : 'keys differ';
      const part = { count: runs.length < 2 ? ` ${gitrack.format.plural(settings.length, 'key')}` : ` ${differing} ${words}`, links, equal: settings.length - differing };
      if (three && !state.bykey) return { ...part, blocks: this.threeWay(rows) };
      return { ...part, separator: '.', rows: rows.map((row) => this.row(row)) };
    }

    row({ key, cells }) {
      const { runs } = this.comparison;
      return {
        key,
        class: 'gt-setting',
        cells: cells.map((cell) => gitrack.compareCell(cell ? cell.text : '–', runs.length > 1 && !same(cell, cells[0]), cell ? cell.text : 'not set')),
        values: cells.map((cell) => (cell ? cell.value : null)),
        texts: cells.map((cell) => (cell ? cell.text : '–')),
      };
    }

    /** The baseline and two others: who changed a setting, and where they disagree. */
    threeWay(rows) {
      const { project, runs } = this.comparison;
      const [first, second] = runs.slice(1);
      const alone = (run) => ['Changed by ', gitrack.dot(this.comparison.colour(run)), ` ${project.nameOf(run)} alone`];
      const titles = {
        conflict: [el('b', { class: 'gt-conflict' }, '≠ Conflict'), ': both changed it, differently'],
        first: alone(first),
        second: alone(second),
        both: ['Both changed it alike'],
        none: ['Equal'],
      };
      return [...KINDS, 'none']
        .map((kind) => ({ kind, title: titles[kind], rows: rows.filter(({ cells }) => kindOf(cells) === kind).map((row) => this.row(row)) }))
        .filter((block) => block.rows.length);
    }
  }

  function kindOf([base, first, second]) {
    if (same(first, base)) return same(second, base) ? 'none' : 'second';
    if (same(second, base)) return 'first';
    return same(first, second) ? 'both' : 'conflict';
  }

  gitrack.CompareSettings = Settings;
})();
