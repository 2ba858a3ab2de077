// The run page's config and summary at hand: all keys as a tree, a search in them, and copies.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const FIRST = 10; // keys that are shown before anybody asks
  const POINTS = 24; // of a small curve
  const NARROW = 18; // characters of a text that a result's column shows

  function copyMenu(what, node) {
    const button = gitrack.iconButton(`Copy the ${what}`, 'copy', () => {
      const { item } = gitrack.menu;
      gitrack.menu.show(
        button,
        `Copy the ${what}`,
        item('As YAML', () => gitrack.copy(gitrack.asYaml(node), button)),
        item('As JSON', () => gitrack.copy(gitrack.asJson(node), button)),
      );
    });
    return button;
  }

  const searchField = (label, oninput) => el('input', { type: 'search', class: 'gt-find', placeholder: 'Find', 'aria-label': label, autocomplete: 'off', oninput });

  /** The config's card: its first keys, or all of them as a tree. */
  gitrack.startConfig = function (section, node) {
    const head = section.querySelector('h2');
    const tools = el('span', { class: 'gt-tools' });
    head.after(tools);
    const tree = new gitrack.Tree(node, 'Config');
    section.querySelector('dl').replaceWith(tree.element);
    section.querySelector('noscript')?.remove();
    tree.showFirst(FIRST);
    if (tree.leaves.length > FIRST) {
      const words = 'All keys';
      const find = searchField('Find in the config', () => {
        if (find.value.trim() || more.getAttribute('aria-expanded') === 'true') tree.show(find.value);
        else tree.showFirst(FIRST);
      });
      const more = gitrack.button(words, null, () => {
        const open = more.getAttribute('aria-expanded') !== 'true';
        more.setAttribute('aria-expanded', String(open));
        more.textContent = open ? 'Show fewer' : words;
        find.value = '';
        if (open) tree.show();
        else tree.showFirst(FIRST);
      }, { class: 'gt-button gt-button--link gt-more', 'aria-expanded': 'false' });
      section.append(more);
      tools.append(find);
    }
    if (node.m.length) tools.append(copyMenu('config', node));
  };

  /** A curve in the box of the summary's others. */
  function sparkOf({ values }) {
    const finite = [...values].map((value, at) => ({ at, value })).filter(({ value }) => Number.isFinite(value));
    if (finite.length < 2) return '';
    const [low, high] = gitrack.scale.extent([finite.map(({ value }) => value)]);
    const stride = Math.ceil(finite.length / POINTS);
    const kept = finite.filter((_, i) => i % stride === 0 || i === finite.length - 1);
    const across = (at) => Math.round((100 * (at - kept[0].at)) / (kept[kept.length - 1].at - kept[0].at));
    const place = ({ at, value }) => `${across(at)},${high > low ? Math.round((48 * (high - value)) / (high - low)) : 24}`;
    const points = kept.map(place);
    return gitrack.svg(
      'svg',
      { class: 'gt-spark', viewBox: '-2 -4 104 56', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
      gitrack.svg('polyline', { points: points.join(' ') }),
      gitrack.svg('path', { d: `M${points[points.length - 1]}h0` }),
    );
  }

  /** Draw the curves of rows that were folded; the charts below have loaded them, or will. */
  async function drawSparks(rows, history) {
    const bare = rows.filter((row) => !row.querySelector('.gt-spark'));
    const names = bare.map((row) => row.firstElementChild.textContent);
    const known = names.filter((name) => history.project.metricByName.has(name));
    await history.fetch([0], known);
    bare.forEach((row, i) => {
      const series = known.includes(names[i]) ? history.get(0, names[i]) : null;
      if (series) row.children[1].replaceChildren(sparkOf(series));
    });
  }

  /** The summary's card: a search over its rows, texts that unfold, and copies. */
  gitrack.startSummary = function (section, node, history) {
    const rows = [...section.querySelectorAll('tbody tr')];
    const texts = new Map(gitrack.leavesOf(node).filter(({ kind }) => kind !== 'number').map(({ name, text }) => [name, text]));
    for (const row of rows) {
      const text = texts.get(row.firstElementChild.textContent);
      if (text !== undefined) row.querySelector('.gt-key').replaceChildren(...gitrack.longText(text, NARROW));
    }
    const folded = rows.filter((row) => row.classList.contains('gt-rest'));
    const bring = () => history && drawSparks(folded, history);
    section.querySelector('.gt-more')?.addEventListener('click', bring, { once: true });
    if (folded.length) {
      const find = searchField('Find in the summary', () => {
        bring();
        const wanted = find.value.trim().toLowerCase();
        section.classList.toggle('gt-finding', Boolean(wanted));
        for (const row of rows) row.hidden = Boolean(wanted) && !row.firstElementChild.textContent.toLowerCase().includes(wanted);
      });
      section.append(el('span', { class: 'gt-tools' }, find));
    }
    if (node.m.length) section.querySelector('thead th').append(el('span', { class: 'gt-tools' }, copyMenu('summary', node)));
  };

  /** What is cut off tells all of itself to who points at it. */
  gitrack.startHints = function (root) {
    root.addEventListener('pointerover', ({ target }) => {
      const cell = target instanceof Element ? target.closest('th, td, dt, dd, .gt-reproduce code') : null;
      if (cell && !cell.title && cell.scrollWidth > cell.clientWidth) cell.title = cell.textContent;
    });
  };
})();
