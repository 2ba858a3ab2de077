// Decision trees of a run: boxes coloured by class or value, folded below a depth; the same as text.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el, svg } = gitrack;
  const DEPTH = 4; // levels that are unfolded at first
  const BOX = { width: 184, height: 60, gap: 16, level: 96 };
  const LETTERS = 40; // of a box's text before it is measured
  const LINES = 2000;
  const MOST = 12; // features whose importance is told
  const SHADES = ['--gt-seq-1', '--gt-seq-2', '--gt-seq-3', '--gt-seq-4'];
  const number = (value) => gitrack.format.number(value, 4);

  class Tree {
    static async from(data, label) {
      const names = ['samples', 'impurity', 'feature', 'threshold', 'left', 'right', 'value'];
      const arrays = await Promise.all(names.map((name) => gitrack.unpackArray(data[name])));
      return new Tree(data, Object.fromEntries(names.map((name, i) => [name, arrays[i]])), label);
    }

    constructor(data, columns, label) {
      Object.assign(this, columns);
      this.data = data;
      this.count = this.left.length;
      this.below = new Int32Array(this.count).fill(1); // nodes of each one's branch
      this.level = new Int32Array(this.count);
      for (let node = this.count - 1; node >= 0; node -= 1) if (this.left[node] >= 0) this.below[node] += this.below[this.left[node]] + this.below[this.right[node]];
      for (let node = 0; node < this.count; node += 1) for (const child of this.children(node)) this.level[child] = this.level[node] + 1;
      const own = Array.from({ length: this.count }, (_, node) => this.value[node * data.width]);
      this.range = gitrack.scale.extent([own]);
      this.open = new Set();
      this.unfold(DEPTH);
      this.diagram = new gitrack.Diagram(`Decision tree ${label}`, 0.5);
    }

    children(node) {
      return this.left[node] < 0 ? [] : [this.left[node], this.right[node]];
    }

    unfold(depth) {
      this.open.clear();
      for (let node = 0; node < this.count; node += 1) if (this.left[node] >= 0 && this.level[node] < depth) this.open.add(node);
    }

    isClassified() {
      return Boolean(this.data.classes) || this.data.width > 1;
    }

    className(place) {
      return this.data.classes && place < this.data.classes.length ? this.data.classes[place] : `class ${place}`;
    }

    /** Shares of the classes in a node, and which is the most. */
    shares(node) {
      const values = Array.from(this.value.subarray(node * this.data.width, (node + 1) * this.data.width));
      const total = values.reduce((sum, one) => sum + one, 0) || 1;
      return { shares: values.map((one) => one / total), most: values.indexOf(Math.max(...values)) };
    }

    /** The question of a node, or of a leaf its answer: what may be cut, and what follows it. */
    question(node) {
      if (this.left[node] >= 0) return [String(this.data.features[this.feature[node]]), ` ≤ ${number(this.threshold[node])}`];
      return [this.answer(node), ''];
    }

    answer(node) {
      return this.isClassified() ? this.className(this.shares(node).most) : number(this.value[node * this.data.width]);
    }

    /** Where each node is that is unfolded: leaves side by side, parents over the middle. */
    layout() {
      const at = new Map();
      const visit = (node, next) => {
        const y = this.level[node] * BOX.level;
        if (!this.open.has(node)) {
          at.set(node, { x: next, y });
          return next + BOX.width + BOX.gap;
        }
        const [left, right] = this.children(node);
        const after = visit(right, visit(left, next));
        at.set(node, { x: (at.get(left).x + at.get(right).x) / 2, y });
        return after;
      };
      const width = visit(0, 0) - BOX.gap;
      const height = Math.max(...[...at.values()].map(({ y }) => y)) + BOX.height + 20;
      return { at, width, height };
    }

    draw(keep) {
      const { at, width, height } = this.layout();
      this.at = at;
      const lines = [];
      const boxes = [];
      for (const [node, place] of at) {
        if (this.open.has(node)) {
          this.children(node).forEach((child, side) => lines.push(...this.line(place, at.get(child), child, side)));
        }
        boxes.push(this.box(node, place));
      }
      this.diagram.show([...lines, ...boxes], { width, height }, keep);
    }

    line(from, to, child, side) {
      const [x1, y1, x2, y2] = [from.x + BOX.width / 2, from.y + BOX.height, to.x + BOX.width / 2, to.y];
      const wide = 1 + 6 * (this.samples[child] / (this.samples[0] || 1));
      return [
        svg('path', { class: 'gt-diagram__edge', d: gitrack.routePath([[x1, y1], [x2, y2]]), style: { 'stroke-width': `${wide.toFixed(2)}px` } }),
        svg('text', { class: 'gt-tree__side', x: (x1 + x2) / 2 + (side ? 8 : -8), y: (y1 + y2) / 2 + 4, 'text-anchor': side ? 'start' : 'end' }, side ? 'no' : 'yes'),
      ];
    }

    box(node, { x, y }) {
      const folds = this.left[node] >= 0;
      const isOpen = this.open.has(node);
      const facts = `${this.data.criterion ? `${this.data.criterion} ` : 'impurity '}${gitrack.format.number(this.impurity[node], 3)} · ${this.samples[node].toLocaleString('en-US')}`;
      const [name, tail] = this.question(node);
      const words = `${name}${tail}, ${facts} samples${folds ? `, ${this.answer(node)}` : ''}`;
      const inner = BOX.width - 20;
      const bar = [];
      if (this.isClassified()) {
        let left = 0;
        this.shares(node).shares.forEach((share, i) => {
          if (share > 0) bar.push(svg('rect', { x: x + 10 + left * inner, y: y + 46, width: share * inner, height: 6, style: { fill: gitrack.shapes.slot(i) } }));
          left += share;
        });
      } else {
        const [low, high] = this.range;
        const share = high > low ? (this.value[node * this.data.width] - low) / (high - low) : 0.5;
        bar.push(svg('rect', { class: 'gt-tree__rail', x: x + 10, y: y + 46, width: inner, height: 6 }), svg('rect', { x: x + 10, y: y + 46, width: Math.max(2, share * inner), height: 6, style: { fill: `var(${SHADES[Math.min(3, Math.floor(share * 4))]})` } }));
      }
      const group = svg(
        'g',
        { class: folds ? 'gt-tree__node' : 'gt-tree__node gt-tree__node--leaf' },
        svg('title', {}, words),
        svg('rect', { x, y, width: BOX.width, height: BOX.height, rx: folds ? 6 : 14 }),
        gitrack.diagram.text(x + 10, y + 18, name, LETTERS, { class: 'gt-module__class' }, { room: inner, tail }),
        gitrack.diagram.text(x + 10, y + 35, facts, LETTERS, { class: 'gt-module__name' }, { room: inner }),
        ...bar,
      );
      if (!folds) return group;
      if (!isOpen) group.append(svg('text', { class: 'gt-tree__more', x: x + BOX.width / 2, y: y + BOX.height + 14, 'text-anchor': 'middle' }, `+ ${(this.below[node] - 1).toLocaleString('en-US')} nodes`));
      return gitrack.diagram.foldable(group, words, isOpen, () => this.toggle(node));
    }

    toggle(node) {
      if (!this.open.delete(node)) this.open.add(node);
      const before = this.at.get(node);
      this.draw(true);
      const after = this.at.get(node);
      this.diagram.move((before.x - after.x) * this.diagram.view.scale, 0);
      const again = this.diagram.content.querySelectorAll('.gt-tree__node')[[...this.at.keys()].indexOf(node)];
      if (again) again.focus({ preventScroll: true });
    }

    /** The whole tree as lines, as scikit-learn's export_text writes it. */
    text() {
      const lines = [];
      const stack = [[0, '']];
      while (stack.length && lines.length < LINES) {
        const [node, line] = stack.pop();
        const indent = '|   '.repeat(Math.max(0, this.level[node] - 1));
        if (line) lines.push(`${indent}|--- ${line}`);
        if (this.left[node] < 0) lines.push(`${'|   '.repeat(this.level[node])}|--- ${this.answer(node)} (${this.samples[node].toLocaleString('en-US')} samples)`);
        else {
          const name = this.data.features[this.feature[node]];
          stack.push([this.right[node], `${name} > ${number(this.threshold[node])}`], [this.left[node], `${name} ≤ ${number(this.threshold[node])}`]);
        }
      }
      if (stack.length) lines.push(`… the first ${LINES.toLocaleString('en-US')} lines`);
      return lines.join('\n');
    }

    /** Which features count most. */
    importances() {
      const order = this.data.importances.map((share, i) => [share, this.data.features[i]]).filter(([share]) => share > 0).sort((a, b) => b[0] - a[0]);
      if (!order.length) return '';
      return el(
        'table',
        { class: 'gt-table gt-tree__importances' },
        el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, 'Feature'), el('th', { scope: 'col' }, 'Importance'), el('th', { scope: 'col', class: 'gt-num' }, el('span', { class: 'gt-hidden' }, 'Share')))),
        el('tbody', {}, ...order.slice(0, MOST).map(([share, name]) => el('tr', {}, el('th', { scope: 'row', title: name }, name), el('td', {}, el('i', { class: 'gt-tree__share', style: { width: `${100 * (share / order[0][0])}%` }, 'aria-hidden': 'true' })), el('td', { class: 'gt-num' }, number(share))))),
      );
    }
  }

  function shelf({ key, items }) {
    const place = el('div', {});
    const words = el('span', { class: 'gt-dim' });
    const choice = el('select', { 'aria-label': `Tree of ${key}`, hidden: true });
    const load = async (item) => {
      words.textContent = [item.nodes && gitrack.format.plural(item.nodes, 'node'), item.leaves && gitrack.format.plural(item.leaves, 'leaf').replace('leafs', 'leaves'), item.depth !== undefined && `depth ${item.depth}`].filter(Boolean).join(' · ');
      if (item.why) {
        place.replaceChildren(el('div', { class: 'gt-media__why' }, `This tree cannot be shown: ${item.why}.`));
        return;
      }
      try {
        const tree = await Tree.from(await gitrack.load(item.script), key);
        const unfold = (depth) => () => {
          tree.unfold(depth);
          tree.draw(false);
        };
        const classes = tree.isClassified() ? Array.from({ length: Math.min(tree.data.width, 20) }, (_, i) => el('span', { class: 'gt-legend__entry' }, gitrack.dot(gitrack.shapes.slot(i)), el('span', {}, tree.className(i)))) : [];
        const text = el('details', { class: 'gt-diagram__else', ontoggle: () => text.open && text.children.length === 1 && text.append(el('pre', { class: 'gt-media__text', tabindex: '0' }, tree.text())) }, el('summary', {}, 'As text'));
        place.replaceChildren(
          el('div', { class: 'gt-histograms__bar' }, gitrack.button('Fold', null, unfold(1)), gitrack.button('Four levels', null, unfold(DEPTH)), tree.count <= LINES ? gitrack.button('Unfold all', null, unfold(Infinity)) : '', ...classes, tree.data.outputs > 1 ? el('span', { class: 'gt-dim' }, `The first of ${tree.data.outputs} outputs`) : ''),
          el('div', { class: 'gt-decision' }, tree.diagram.element, tree.importances()),
          text,
        );
        tree.draw(false);
        gitrack.treesShown.set(key, tree);
      } catch (error) {
        if (!(error instanceof gitrack.LoadError)) throw error;
        place.replaceChildren(el('p', { class: 'gt-failed' }, `${error.message} `, gitrack.button('Retry', null, () => load(item))));
      }
    };
    const walk = new gitrack.StepWalk(key, items, (shown) => {
      choice.hidden = shown.length < 2;
      choice.replaceChildren(...shown.map((_, i) => el('option', { value: i }, `Tree ${i + 1} of ${shown.length}`)));
      choice.onchange = () => load(shown[Number(choice.value)]);
      return load(shown[0]);
    });
    const element = el('section', { class: 'gt-media', 'aria-label': key }, el('header', { class: 'gt-media__head' }, el('h3', {}, ...gitrack.metricName(key)), words, el('span', { class: 'gt-spring' }), choice), walk.element, place);
    gitrack.sight.once(element, () => walk.go());
    return element;
  }

  gitrack.treesShown = new Map();
  gitrack.sections.trees = function (body, { keys }) {
    body.append(...keys.map(shelf));
  };
})();
