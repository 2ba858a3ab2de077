// The lineage of a run or a version as a picture: what it came from on its left, what came of it on
// its right, every run and version a link.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el, svg } = gitrack;
  const WIDTH = 168;
  const HEIGHT = 36;
  const ACROSS = 56;
  const DOWN = 10;
  const MOST = 8; // nodes of a column
  const DEPTH = 6; // columns on either side
  const LETTERS = 19;

  const before = (node) => (node.kind === 'run' ? node.used : node.makers);
  const after = (node) => (node.kind === 'run' ? node.made : node.users);
  const clipped = (text, length) => (text.length > length ? `${[...text].slice(0, length - 1).join('')}…` : text);

  /** Put nodes into columns, each node once; a full column says how many more there are. */
  function columnsOf(start) {
    const columns = new Map([[0, [start]]]);
    const place = new Map([[start, 0]]);
    const edges = [];
    const more = new Map();
    const walk = (next, side) => {
      let row = [start];
      for (let column = side; row.length && Math.abs(column) <= DEPTH; column += side) {
        const found = [];
        for (const node of row) {
          for (const other of next(node)) {
            if (!place.has(other)) {
              if (found.length === MOST) {
                more.set(column, (more.get(column) || 0) + 1);
                continue;
              }
              place.set(other, column);
              found.push(other);
            }
            // An edge is drawn from left to right; what leads back is a circle of use and making.
            if (place.get(other) === column) edges.push(side < 0 ? [other, node] : [node, other]);
          }
        }
        if (found.length) columns.set(column, found);
        row = found;
      }
    };
    walk(before, -1);
    walk(after, 1);
    return { columns, edges, more };
  }

  function spots(columns, more) {
    const tallest = Math.max(...[...columns].map(([column, nodes]) => nodes.length + (more.has(column) ? 1 : 0)));
    const first = Math.min(...columns.keys());
    const height = tallest * (HEIGHT + DOWN) - DOWN;
    const at = new Map();
    for (const [column, nodes] of columns) {
      const top = (height - nodes.length * (HEIGHT + DOWN) + DOWN) / 2;
      nodes.forEach((node, i) => at.set(node, { x: (column - first) * (WIDTH + ACROSS), y: top + i * (HEIGHT + DOWN) }));
    }
    return { at, height, width: columns.size * (WIDTH + ACROSS) - ACROSS };
  }

  function mark(node) {
    if (node.kind === 'version') return svg('path', { class: 'gt-node__mark', d: 'M14 11l7 3.500v7l-7 3.500-7-3.500v-7zM7 14.500l7 3.500 7-3.500M14 18v7' });
    const state = gitrack.STATES.includes(node.state) ? node.state : 'stopped';
    return svg('use', { class: `gt-icon gt-state--${state}`, href: `#gt-i-${state}`, x: 7, y: 11, width: 14, height: 14 });
  }

  function nodeOf(node, { x, y }, isStart) {
    const [name, about] =
      node.kind === 'run' ? [node.name || node.id, `run, ${node.state}`] : [node.label, [node.artifact.type, ...node.aliases].join(' · ')];
    const href = node.kind === 'run' ? gitrack.runHref(node) : gitrack.versionHref(node);
    return svg(
      'a',
      { href, class: `gt-node gt-node--${node.kind}${isStart ? ' gt-node--here' : ''}`, transform: `translate(${x} ${y})`, 'aria-label': `${name}, ${about}`, 'aria-current': isStart ? 'true' : null },
      svg('title', {}, `${name} (${about})`),
      svg('rect', { width: WIDTH, height: HEIGHT, rx: node.kind === 'run' ? HEIGHT / 2 : 5 }),
      mark(node),
      svg('text', { x: 30, y: 15 }, clipped(name, LETTERS)),
      svg('text', { x: 30, y: 28, class: 'gt-node__about' }, clipped(about, LETTERS + 4)),
    );
  }

  function edgeOf(from, to) {
    const [x, y, u, v] = [from.x + WIDTH, from.y + HEIGHT / 2, to.x, to.y + HEIGHT / 2];
    const bend = ACROSS / 2;
    return svg('path', { class: 'gt-edge', d: `M${x} ${y}C${x + bend} ${y} ${u - bend} ${v} ${u - 4} ${v}m-4 -3l4 3l-4 3` });
  }

  /** Draw the lineage around a node of a catalogue; null where it stands alone. */
  gitrack.lineageOf = function (start) {
    const { columns, edges, more } = columnsOf(start);
    if (columns.size === 1) return null;
    const { at, width, height } = spots(columns, more);
    const rest = [...more].map(([column, count]) => {
      const { x, y } = at.get(columns.get(column)[MOST - 1]);
      return svg('text', { class: 'gt-node__more', x: x + 30, y: y + HEIGHT + DOWN + 14 }, `and ${count.toLocaleString('en-US')} more`);
    });
    const tall = height + (more.size ? 20 : 4);
    const picture = svg(
      'svg',
      { width: width + 4, height: tall, viewBox: `-2 -2 ${width + 4} ${tall}`, role: 'group', 'aria-label': 'Lineage: sources on the left, results on the right' },
      ...edges.map(([from, to]) => edgeOf(at.get(from), at.get(to))),
      ...[...at].sort(([, a], [, b]) => a.x - b.x).map(([node, spot]) => nodeOf(node, spot, node === start)),
      ...rest,
    );
    const box = el('div', { class: 'gt-sheet gt-lineage', tabindex: '0', role: 'region', 'aria-label': 'Lineage' }, picture);
    requestAnimationFrame(() => {
      box.scrollLeft = at.get(start).x - (box.clientWidth - WIDTH) / 2;
    });
    return box;
  };
})();
