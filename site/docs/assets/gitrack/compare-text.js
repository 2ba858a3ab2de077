// The tables of a comparison for other programs: Markdown for people, CSV with values in full.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});

  /** A cell of a Markdown table: what was logged must neither end it nor be markup. */
  const escaped = (text) => text.replace(/\s+/g, ' ').trim().replace(/[\\|<>`*_[\]&!~#]/g, '\\$&');

  function markdown(head, rows) {
    const line = (cells) => `| ${cells.map(escaped).join(' | ')} |`;
    return `${[line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map((row) => line([row.key, ...row.texts]))].join('\n')}\n`;
  }

  const csv = (head, rows) => gitrack.csv.table([head, ...rows.map((row) => [row.key, ...row.values])]);

  const rowsOf = (part) => (part.blocks ? part.blocks.flatMap((block) => block.rows) : part.rows);

  /** The button that copies a part of the table, as it is shown. */
  gitrack.compareCopy = function (comparison) {
    const anchor = gitrack.button('Copy', 'copy', () => {
      const head = ['', ...comparison.runs.map((run) => comparison.project.nameOf(run))];
      const items = comparison.parts.flatMap(({ title, name }) => {
        const part = comparison.drawn.get(name);
        if (!part || !rowsOf(part).length) return [];
        return [
          gitrack.menu.item(`${title} as Markdown`, () => gitrack.copy(markdown(head, rowsOf(part)), anchor)),
          gitrack.menu.item(`${title} as CSV`, () => gitrack.copy(csv(['key', ...head.slice(1)], rowsOf(part)), anchor)),
        ];
      });
      gitrack.menu.show(anchor, 'Copy what is shown', ...items);
    });
    return anchor;
  };

  gitrack.compareText = { markdown, csv };
})();
