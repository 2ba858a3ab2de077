// Nested settings as rows that fold: a mapping's keys, dotted keys by their parts, and values that
// show what they are. A node is what gitrack/publish/tree.py writes.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const LONG = 90; // characters that a row shows at once
  const MOST = 200; // rows that a search shows
  const OPEN = 16; // rows that a tree shows before it is asked
  const AMBIGUOUS = /^(|null|true|false|nan|[+-]?inf(inity)?|[+-]?[\d.]+(e[+-]?\d+)?|[[{"].*)$/is;
  const order = new Intl.Collator('en', { numeric: true }).compare;

  const isNode = (node) => typeof node === 'object' && node !== null;
  const isScalar = (node) => !isNode(node) || node.n !== undefined;

  /** What a value is called and how it is written; null for what has rows of its own. */
  function written(node) {
    if (node === null) return ['nothing', 'null'];
    if (typeof node === 'string') return ['text', AMBIGUOUS.test(node) ? JSON.stringify(node) : node];
    if (!isNode(node)) return [typeof node, String(node)];
    if (node.n !== undefined) return ['number', node.n];
    if (node.m) return node.m.length ? null : ['nothing', '{}'];
    return node.l.every(isScalar) ? ['list', `[${node.l.map((one) => (typeof one === 'string' ? JSON.stringify(one) : written(one)[1])).join(', ')}]`] : null;
  }

  /** Every value below a node with the parts of its way there. */
  function leavesOf(node, path = [], found = []) {
    const told = written(node);
    if (told) found.push({ path, node, kind: told[0], text: told[1] });
    else if (node.m) for (const [key, inner] of node.m) leavesOf(inner, [...path, key], found);
    else node.l.forEach((inner, i) => leavesOf(inner, [...path, String(i)], found));
    return found;
  }

  /** A text as nodes; a long one can be unfolded. */
  gitrack.longText = function (text, room = LONG) {
    if (text.length <= room && !text.includes('\n')) return [text];
    const short = `${text.slice(0, room).split('\n')[0]}…`;
    const said = el('span', { class: 'gt-long' }, short);
    const label = `all ${text.length.toLocaleString('en-US')} characters`;
    const button = gitrack.button(room < LONG ? 'more' : label, null, () => {
      const open = said.classList.toggle('gt-long--open');
      said.textContent = open ? text : short;
      button.setAttribute('aria-expanded', String(open));
    }, { class: 'gt-button gt-button--link', 'aria-expanded': 'false', 'aria-label': label });
    return [said, button];
  };

  /** One value under a name, and a button that copies it. */
  function row(name, { node, kind, text }, wanted) {
    const plain = typeof node === 'string' ? node : text;
    return el(
      'div',
      { class: 'gt-pair' },
      el('dt', { title: name }, ...gitrack.marked(name, wanted)),
      el(
        'dd',
        { class: `gt-value gt-value--${kind}` },
        ...(wanted && text.length <= LONG ? gitrack.marked(text, wanted) : gitrack.longText(text)),
        gitrack.copyButton(plain, `Copy the value of ${name}`),
      ),
    );
  }

  /** Put leaves together by the first part of what is left of their ways; a lone way is one name. */
  function grouped(leaves) {
    const groups = new Map();
    for (const leaf of leaves) {
      const [first] = leaf.rest;
      if (!groups.has(first)) groups.set(first, []);
      groups.get(first).push(leaf);
    }
    return [...groups].sort(([a, one], [b, two]) => (one.length > 1) - (two.length > 1) || order(a, b));
  }

  class Tree {
    /** `node` is a mapping; `name` says what its rows are, for those who cannot see them. */
    constructor(node, name) {
      this.leaves = leavesOf(node)
        .filter((leaf) => leaf.path.length)
        .map((leaf) => ({ ...leaf, name: leaf.path.join('.'), rest: leaf.path.flatMap((part) => part.split('.')) }))
        .sort((a, b) => order(a.name, b.name));
      this.element = el('div', { class: 'gt-tree', role: 'group', 'aria-label': name });
    }

    /** Show the first rows by their whole names, as many as asked for. */
    showFirst(count) {
      this.element.replaceChildren(el('dl', {}, ...this.leaves.slice(0, count).map((leaf) => row(leaf.name, leaf, ''))));
    }

    /** Show all of it, folded where it is long; or what holds a word in its name or its value. */
    show(words = '') {
      const wanted = words.trim().toLowerCase();
      if (!wanted) {
        this.element.replaceChildren(this.level(this.leaves, this.leaves.length <= OPEN));
        return;
      }
      const hits = this.leaves.filter(({ name, text }) => `${name} ${text}`.toLowerCase().includes(wanted));
      this.element.replaceChildren(
        hits.length
          ? el('dl', {}, ...hits.slice(0, MOST).map((leaf) => row(leaf.name, leaf, wanted)))
          : el('p', { class: 'gt-nothing', role: 'status' }, 'No key and no value has this word.'),
        hits.length > MOST ? el('p', { class: 'gt-nothing' }, `${gitrack.format.plural(hits.length - MOST, 'more row')}: write more of the word.`) : '',
      );
    }

    level(leaves, open) {
      const rows = [];
      const folds = [];
      for (const [first, inner] of grouped(leaves)) {
        const within = inner.map((leaf) => ({ ...leaf, rest: leaf.rest.slice(1) })).filter((leaf) => leaf.rest.length);
        // A group of one needs no fold; neither does a key that is both a value and a beginning.
        if (inner.length === 1 || within.length < inner.length) rows.push(...inner.map((leaf) => row(leaf.rest.join('.'), leaf, '')));
        else folds.push(this.group(first, within, open));
      }
      return el('div', { class: 'gt-level' }, rows.length ? el('dl', {}, ...rows) : null, ...folds);
    }

    group(name, leaves, open) {
      // Keys that all go on alike are one group: model.encoder, not model and in it encoder alone.
      let title = name;
      while (leaves.every(({ rest }) => rest.length > 1 && rest[0] === leaves[0].rest[0])) {
        title += `.${leaves[0].rest[0]}`;
        leaves = leaves.map((leaf) => ({ ...leaf, rest: leaf.rest.slice(1) }));
      }
      const fill = () => details.childElementCount > 1 || details.append(this.level(leaves, leaves.length <= OPEN));
      const details = el(
        'details',
        { class: 'gt-fold', open, ontoggle: () => details.open && fill() },
        // Filled before it opens; `toggle` comes later, and alone where the browser's search opens.
        el('summary', { onclick: fill }, el('span', {}, title), el('small', {}, String(leaves.length))),
      );
      if (open) fill();
      return details;
    }
  }

  gitrack.Tree = Tree;
  gitrack.leavesOf = (node) => leavesOf(node).map((leaf) => ({ ...leaf, name: leaf.path.join('.') }));
})();
