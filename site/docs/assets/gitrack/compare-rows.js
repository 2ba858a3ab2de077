// The rows of a comparison: a key and a cell a run. Keys with parts stand below branches that fold.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const DEEPEST = 6;

  /**
   * Put rows below the branches that their keys name; a branch of one row is none.
   * Gives [{depth, label, row}] and [{depth, label, branch, count}], in the order of the rows.
   */
  function grow(rows, separator, depth = 0, from = 0, path = '') {
    const groups = new Map();
    for (const row of rows) {
      const cut = depth < DEEPEST ? row.key.indexOf(separator, from) : -1;
      // What is not divided stands alone; no key of a group can hold a NUL before its own.
      const name = cut > from ? row.key.slice(from, cut) : `\0${row.key}`;
      if (!groups.has(name)) groups.set(name, []);
      groups.get(name).push(row);
    }
    const grown = [];
    for (const [name, inside] of groups) {
      if (inside.length < 2) {
        grown.push(...inside.map((row) => ({ depth, label: row.key.slice(from), row })));
        continue;
      }
      const branch = `${path}${name}${separator}`;
      grown.push({ depth, label: name, branch, count: inside.length }, ...grow(inside, separator, depth + 1, from + name.length + 1, branch));
    }
    return grown;
  }

  /** Leave out what stands below a branch that is shut. */
  function unfolded(grown, isShut) {
    let within = Infinity;
    return grown.filter((one) => {
      if (one.depth > within) return false;
      within = one.branch !== undefined && isShut(one.branch) ? one.depth : Infinity;
      return true;
    });
  }

  const indent = (depth) => (depth ? { 'padding-left': `${12 + depth * 14}px` } : null);

  function rowOf({ depth, label, row }) {
    return el(
      'tr',
      { class: row.class || null, 'data-key': row.key },
      el('th', { scope: 'row', title: row.key, style: indent(depth) }, label + (row.mark || '')),
      ...row.cells.map((cell) => el('td', {}, cell)),
    );
  }

  function branchOf({ depth, label, branch, count }, columns, shut, toggle) {
    return el(
      'tr',
      { class: 'gt-versus__branch', 'data-at': branch },
      el(
        'th',
        { scope: 'rowgroup', colspan: String(columns), style: indent(depth) },
        el('button', { type: 'button', 'aria-expanded': String(!shut), onclick: () => toggle(branch) }, gitrack.icon('chevron'), el('b', {}, label), el('span', { class: 'gt-dim' }, ` ${count}`)),
      ),
    );
  }

  /** Draw rows, as a tree where `separator` says how keys are divided. */
  gitrack.compareRows = function (rows, { columns, separator, shut, toggle }) {
    const grown = separator ? grow(rows, separator) : rows.map((row) => ({ depth: 0, label: row.label || row.key, row }));
    return unfolded(grown, (branch) => shut.has(branch)).map((one) => (one.row ? rowOf(one) : branchOf(one, columns, shut.has(one.branch), toggle)));
  };

  /** A text in a cell, marked where it is not the baseline's. */
  gitrack.compareCell = (text, unlike, title) => el(unlike ? 'mark' : 'span', { title: title === undefined ? text : title }, text);
})();
