// How wide the table's columns are: as wide as their values, unless somebody dragged an edge. What
// was dragged stays in this browser, since it belongs to a screen and not to a link.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const LEAST = 40;
  const MOST = 600;
  const SAMPLE = 60;
  const FIXED = new Map([['name', 160]]);

  let letter = 0;

  /** How wide a figure is in the table's face, px; faces differ from one system to the next. */
  function figure() {
    if (letter) return letter;
    const brush = document.createElement('canvas').getContext('2d');
    brush.font = `12.5px ${getComputedStyle(document.body).fontFamily}`;
    letter = Math.min(9, Math.max(6, brush.measureText('0').width)) || 7;
    return letter;
  }

  class Widths {
    constructor(columns, list) {
      Object.assign(this, { columns, list });
      this.stored = `gitrack.widths.${columns.project.index.project}`;
      this.dragged = this.read();
    }

    read() {
      try {
        const found = JSON.parse(localStorage.getItem(this.stored) || '[]');
        return new Map(found.filter(([key, width]) => typeof key === 'string' && width >= LEAST && width <= MOST));
      } catch {
        return new Map();
      }
    }

    write() {
      try {
        if (this.dragged.size) localStorage.setItem(this.stored, JSON.stringify([...this.dragged]));
        else localStorage.removeItem(this.stored);
      } catch {
        // Without storage they last as long as the page.
      }
    }

    of(column) {
      return this.dragged.get(column.key) || FIXED.get(column.key) || this.usual(column);
    }

    set(column, width) {
      this.dragged.set(column.key, Math.round(Math.max(LEAST, Math.min(MOST, width))));
      this.write();
    }

    /** As wide as the longest value that is listed, and its head. */
    fit(column) {
      let most = column.label.length + 2;
      for (const run of this.list.rows) most = Math.max(most, this.columns.text(column, run).length);
      this.set(column, Math.min(420, most * figure() + (column.key === 'name' ? 40 : 26)));
    }

    reset() {
      this.dragged.clear();
      this.write();
    }

    /** From the label and a sample of the values: rows come and go, columns must not move. */
    usual(column) {
      const label = Math.min(column.label.length, 13) * 6.2 + 18;
      let most = 0;
      const { size } = this.columns.project;
      const stride = Math.max(1, Math.floor(size / SAMPLE));
      for (let run = 0; run < size; run += stride) most = Math.max(most, this.columns.text(column, run).length);
      const room = column.goal ? 28 : 22;
      const spread = gitrack.hasMean(column) && this.list.groups.length ? (this.list.state.spread === 'minmax' ? most * 2 : 6) : 0;
      return Math.round(Math.min(180, Math.max(50, label, (most + spread) * figure() + room)));
    }
  }

  /** Whether a group's row tells a column's mean: results that are numbers. */
  gitrack.hasMean = (column) => column.numeric && column.key.startsWith('summary.');
  gitrack.Widths = Widths;
})();
