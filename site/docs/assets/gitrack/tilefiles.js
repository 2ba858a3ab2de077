// A panel as a file: the picture as it stands, in lines and letters that are sharp at any size, and
// the runs that it draws with its columns, in full precision.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { svg } = gitrack;
  const COLUMNS = ['x', 'y', 'z', 'color', 'size', 'group', 'columns']; // fields that name columns
  const STOPS = 8; // of a ramp of colours

  /** What stands as HTML around and over the chart: its words, in a place and a look of their own. */
  function words(element, { left, top }) {
    const found = [];
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      const parent = node.parentElement;
      if (!node.data.trim() || parent.closest('button, svg, [hidden], .gt-hidden, .gt-panel__message, .gt-tooltip')) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const [box] = range.getClientRects();
      if (!box || !box.width) continue;
      const look = getComputedStyle(parent);
      const place = { x: box.left - left, y: box.bottom - top - 0.24 * box.height, fill: look.color };
      found.push(svg('text', { ...place, 'font-size': look.fontSize, 'font-weight': look.fontWeight }, seen(node.data, parent, box)));
    }
    return found;
  }

  /** As much of a text as there is room for on the page. */
  function seen(text, parent, box) {
    const { right } = (parent.closest('h3') || parent).getBoundingClientRect();
    return box.right <= right + 1 ? text : `${text.slice(0, Math.max(0, Math.floor((text.length * (right - box.left)) / box.width) - 1))}…`;
  }

  /** The dots and ramps of a legend. */
  function keys(element, { left, top }) {
    const shade = gitrack.shades({ points: true });
    return [...element.querySelectorAll('.gt-dot, .gt-ramp')].flatMap((key, number) => {
      const box = key.getBoundingClientRect();
      const place = { x: box.left - left, y: box.top - top, width: box.width, height: box.height };
      if (key.matches('.gt-dot')) return svg('rect', { ...place, rx: box.width / 2, fill: getComputedStyle(key).backgroundColor });
      const stops = Array.from({ length: STOPS }, (_, i) => i / (STOPS - 1));
      return [
        svg('linearGradient', { id: `ramp${number}` }, ...stops.map((at) => svg('stop', { offset: at, 'stop-color': gitrack.resolveColour(shade(at)) }))),
        svg('rect', { ...place, fill: `url(#ramp${number})` }),
      ];
    });
  }

  /** The panel as an <svg> element of its own, in the colours of the page. */
  function picture(tile) {
    const box = tile.element.getBoundingClientRect();
    const chart = tile.view.host.getBoundingClientRect();
    const { width, height } = box;
    const drawn = tile.view.view.export('svg').ctx.get_svg();
    return svg(
      'svg',
      { xmlns: 'http://www.w3.org/2000/svg', width, height, viewBox: `0 0 ${width} ${height}`, 'font-family': gitrack.files.FONT },
      svg('title', {}, tile.name),
      svg('rect', { width, height, fill: gitrack.resolveColour('var(--gt-surface)') }),
      svg('g', { transform: `translate(${chart.left - box.left} ${chart.top - box.top})` }, drawn),
      ...keys(tile.element, box),
      ...words(tile.element, box),
    );
  }

  /** The columns that a panel names, a row a listed run; null where it draws something else. */
  function rows({ spec, context }) {
    if (['line', 'heatmap'].includes(spec.chart)) return null;
    const names = COLUMNS.flatMap((field) => spec[field] || []);
    const columns = [...new Set(names.map((name) => context.column(name)))];
    if (!columns.length) return null;
    const { project } = context;
    const values = (run) => columns.map((column) => column.values[run]);
    return [['run', 'id', ...columns.map((column) => column.label)], ...context.runs(spec).map((run) => [project.nameOf(run), project.runs.id[run], ...values(run)])];
  }

  /** What a panel can be saved as: [words, act] pairs. */
  gitrack.tileFiles = function (tile) {
    const { save, nameOf } = gitrack.files;
    const name = (ending) => nameOf(tile.context.project, tile.name, ending);
    const { view } = tile;
    const pictures = view && view.view && !tile.sheet ? [['Save as PNG', () => save.png(name('png'), picture(tile))], ['Save as SVG', () => save.svg(name('svg'), picture(tile))]] : [];
    const table = tile.element.dataset.gtDrawn === 'true' && rows(tile);
    return table ? [...pictures, ['Save its runs as CSV', () => save.csv(name('csv'), table)]] : pictures;
  };
})();
