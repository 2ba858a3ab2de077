// The model of a run: its modules as boxes in boxes, unfolded by a press, with what passes between
// them; a search, and the same as a table.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el, svg } = gitrack;
  const FIRST = 24; // boxes that are shown at first
  const BOX = { width: 190, height: 46, head: 30, pad: 14 };
  const LETTERS = 26;
  const ROWS = 2000;

  const shapeText = (shapes) => shapes.map((shape) => shape.join(' × ') || 'scalar').join(', ');
  const amount = (count) => (count >= 1e6 ? `${gitrack.format.number(count / 1e6, 3)} M` : count >= 1e4 ? `${gitrack.format.number(count / 1e3, 3)} k` : count.toLocaleString('en-US'));

  class Model {
    constructor({ nodes, edges }, label) {
      this.nodes = nodes.map((node, place) => ({ ...node, place, children: [], total: node.parameters }));
      this.edges = edges;
      this.roots = [];
      for (const node of this.nodes) (node.parent < 0 ? this.roots : this.nodes[node.parent].children).push(node);
      for (const node of [...this.nodes].reverse()) if (node.parent >= 0) this.nodes[node.parent].total += node.total;
      this.open = new Set();
      this.wanted = '';
      this.diagram = new gitrack.Diagram(`Model of ${label}`, 0.75);
      this.unfoldFirst();
    }

    /** Open the whole, then what is next, as long as not too many boxes come of it. */
    unfoldFirst() {
      let shown = this.roots.length;
      const queue = [...this.roots];
      for (const node of queue) {
        if (!node.children.length || (shown + node.children.length > FIRST && node.parent >= 0)) continue;
        this.open.add(node.place);
        shown += node.children.length;
        queue.push(...node.children);
      }
    }

    /** The name of a module within the one around it. */
    ownName(node) {
      const around = node.parent < 0 ? '' : this.nodes[node.parent].id;
      const cut = around && node.id.startsWith(around) && node.id.length > around.length ? node.id.slice(around.length + 1) : node.id;
      return cut || node.id;
    }

    /** Of an edge, the two boxes within `node` between which it is seen; null where it is not there. */
    lifted(place, node) {
      let at = this.nodes[place];
      while (at.parent >= 0 && at.parent !== node.place) at = this.nodes[at.parent];
      return at.parent === node.place ? at.place : null;
    }

    /** Lay out what is in a box; its size follows. */
    layout(node) {
      if (!this.open.has(node.place)) return { node, width: BOX.width, height: BOX.height };
      const inner = node.children.map((child) => this.layout(child));
      const pairs = new Map();
      for (const [from, to] of this.edges) {
        const [a, b] = [this.lifted(from, node), this.lifted(to, node)];
        if (b !== null && a !== b) pairs.set(`${a} ${b}`, [a, b]);
      }
      // What comes from outside enters by a port at the top.
      const hasPort = [...pairs.values()].some(([from]) => from === null);
      const boxes = hasPort ? [{ node: null, width: 0, height: 0 }, ...inner] : inner;
      const at = new Map(node.children.map((child, i) => [child.place, i + hasPort]));
      at.set(null, 0);
      const made = gitrack.layered(boxes, [...pairs.values()].map((pair) => pair.map((place) => at.get(place))));
      return { node, boxes, routes: made.routes, width: Math.max(BOX.width, made.width + 2 * BOX.pad), height: made.height + BOX.head + 2 * BOX.pad, inner: made.width };
    }

    draw(keep) {
      const boxes = this.roots.map((root) => this.layout(root));
      const made = gitrack.layered(boxes, []);
      this.places = new Map();
      this.diagram.show(boxes.flatMap((box) => this.drawn(box, box.x, box.y)), made, keep);
    }

    drawn(box, x, y) {
      const { node } = box;
      this.places.set(node.place, { x: x + box.width / 2, y: y + Math.min(box.height, BOX.height) / 2 });
      const isOpen = Boolean(box.boxes);
      const words = [this.ownName(node), node.class, `${node.total.toLocaleString('en-US')} parameters`, node.output.length ? `output ${shapeText(node.output)}` : null].filter(Boolean).join(', ');
      const hit = this.wanted && `${node.id} ${node.class}`.toLowerCase().includes(this.wanted);
      const classes = ['gt-module', isOpen && 'gt-module--open', node.children.length && 'gt-module--folds', hit && 'gt-module--hit'];
      const head = svg(
        'g',
        { class: classes.filter(Boolean).join(' ') },
        svg('title', {}, [node.id, node.text, words].filter(Boolean).join('\n')),
        svg('rect', { x, y, width: box.width, height: box.height, rx: 6 }),
        gitrack.diagram.text(x + 10, y + 19, node.class, LETTERS, { class: 'gt-module__class' }),
        isOpen ? gitrack.diagram.text(x + box.width - 10, y + 19, this.ownName(node), LETTERS, { class: 'gt-module__name', 'text-anchor': 'end' }) : gitrack.diagram.text(x + 10, y + 36, this.ownName(node), 14, { class: 'gt-module__name' }),
        isOpen ? null : gitrack.diagram.text(x + box.width - 10, y + 36, node.output.length ? shapeText(node.output) : '', 18, { class: 'gt-module__shape', 'text-anchor': 'end' }),
        isOpen || !node.total ? null : gitrack.diagram.text(x + box.width - 10, y + 19, amount(node.total), 10, { class: 'gt-module__shape', 'text-anchor': 'end' }),
      );
      if (node.children.length) gitrack.diagram.foldable(head, words, isOpen, () => this.toggle(node));
      if (!isOpen) return [head];
      const left = x + (box.width - box.inner) / 2;
      const top = y + BOX.head + BOX.pad;
      const lines = box.routes.map((points) => svg('path', { class: 'gt-diagram__edge', d: gitrack.routePath(points.map(([px, py]) => [px + left, py + top])), 'marker-end': 'url(#gt-arrow)' }));
      return [head, ...lines, ...box.boxes.filter((inner) => inner.node).flatMap((inner) => this.drawn(inner, inner.x + left, inner.y + top))];
    }

    toggle(node) {
      if (!this.open.delete(node.place)) this.open.add(node.place);
      const before = this.places.get(node.place);
      this.draw(true);
      // What was pressed stays where it was on the screen.
      const after = this.places.get(node.place);
      this.diagram.move((before.x - after.x) * this.diagram.view.scale, (before.y - after.y) * this.diagram.view.scale);
      const again = [...this.diagram.content.querySelectorAll('[role="button"]')].find((one) => one.getAttribute('aria-label').startsWith(`${this.ownName(node)}, ${node.class},`));
      if (again) again.focus({ preventScroll: true });
    }

    /** Unfold what leads to the modules that match, and look at the first. */
    find(text) {
      this.wanted = text.trim().toLowerCase();
      const found = this.wanted ? this.nodes.filter((node) => `${node.id} ${node.class}`.toLowerCase().includes(this.wanted)) : [];
      for (const node of found.slice(0, 50)) for (let at = node.parent; at >= 0; at = this.nodes[at].parent) this.open.add(at);
      this.draw(true);
      const first = found.length && this.places.get(found[0].place);
      if (first) this.diagram.centre(first.x, first.y);
      return found.length;
    }

    table() {
      const head = ['Module', 'Class', 'Parameters', 'Input', 'Output'];
      const rows = this.nodes.slice(0, ROWS).map((node) =>
        el('tr', {}, el('th', { scope: 'row', title: node.text || null }, node.id), el('td', {}, node.class), el('td', { class: 'gt-num' }, node.total.toLocaleString('en-US')), el('td', {}, shapeText(node.input)), el('td', {}, shapeText(node.output))),
      );
      return [
        el('div', { class: 'gt-sheet gt-scroll gt-graph__table', tabindex: '0', role: 'region', 'aria-label': 'Modules' }, el('table', { class: 'gt-table' }, el('thead', {}, el('tr', {}, ...head.map((word, i) => el('th', { scope: 'col', class: i === 2 ? 'gt-num' : null }, word)))), el('tbody', {}, ...rows))),
        this.nodes.length > ROWS ? el('p', { class: 'gt-dim' }, `The first ${ROWS.toLocaleString('en-US')} of ${this.nodes.length.toLocaleString('en-US')} modules.`) : '',
      ];
    }
  }

  /** A key's graph, of the step that is chosen. */
  function shelf({ key, items }) {
    const place = el('div', {});
    const words = el('span', { class: 'gt-dim' });
    const load = async (item) => {
      words.textContent = [item.modules && gitrack.format.plural(item.modules, 'module'), item.parameters !== undefined && `${amount(item.parameters)} parameters`, item.trainable !== undefined && item.trainable !== item.parameters && `${amount(item.trainable)} trainable`].filter(Boolean).join(' · ');
      if (item.why) {
        place.replaceChildren(el('div', { class: 'gt-media__why' }, `This graph cannot be shown: ${item.why}.`));
        return;
      }
      try {
        const model = new Model(await gitrack.load(item.script), key);
        const count = el('span', { class: 'gt-dim', 'aria-live': 'polite' });
        const search = el('input', { type: 'search', class: 'gt-field', placeholder: 'Search modules', 'aria-label': `Search the modules of ${key}`, oninput: () => {
          const found = model.find(search.value);
          count.textContent = search.value.trim() ? gitrack.format.plural(found, 'module') : '';
        } });
        const table = el('details', { class: 'gt-diagram__else', ontoggle: () => table.open && table.children.length === 1 && table.append(...model.table()) }, el('summary', {}, 'As a table'));
        place.replaceChildren(el('div', { class: 'gt-histograms__bar' }, search, count), model.diagram.element, table);
        model.draw(false);
        gitrack.graphsShown.set(key, model);
      } catch (error) {
        if (!(error instanceof gitrack.LoadError)) throw error;
        place.replaceChildren(el('p', { class: 'gt-failed' }, `${error.message} `, gitrack.button('Retry', null, () => load(item))));
      }
    };
    const walk = new gitrack.StepWalk(key, items, (shown) => load(shown[0]));
    const element = el('section', { class: 'gt-media', 'aria-label': key }, el('header', { class: 'gt-media__head' }, el('h3', {}, ...gitrack.metricName(key)), words), walk.element, place);
    gitrack.sight.once(element, () => walk.go());
    return element;
  }

  gitrack.graphsShown = new Map();
  gitrack.sections.graph = function (body, { keys }) {
    body.append(
      svg('svg', { class: 'gt-sprite', width: 0, height: 0, 'aria-hidden': 'true' }, svg('defs', {}, svg('marker', { id: 'gt-arrow', viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: 'auto' }, svg('path', { d: 'M0 0.5 7.5 4 0 7.5z' })))),
      ...keys.map(shelf),
    );
  };
})();
