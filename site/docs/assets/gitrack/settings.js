// The run page's config and summary at hand: all keys as a tree, a search in them, and copies.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const FIRST = 10; // keys that are shown before anybody asks

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
      const words = `All ${tree.leaves.length} keys`;
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

  /** The summary's card: a search over its rows, texts that unfold, and copies. */
  gitrack.startSummary = function (section, node) {
    const rows = [...section.querySelectorAll('tbody tr')];
    for (const row of rows) {
      const cell = row.querySelector('.gt-key');
      cell.replaceChildren(...gitrack.longText(cell.textContent));
    }
    const place = section.querySelector('thead th');
    const tools = el('span', { class: 'gt-tools' });
    if (rows.length > 8) {
      const find = searchField('Find in the summary', () => {
        const wanted = find.value.trim().toLowerCase();
        section.classList.toggle('gt-finding', Boolean(wanted));
        for (const row of rows) row.hidden = Boolean(wanted) && !row.firstElementChild.textContent.toLowerCase().includes(wanted);
      });
      tools.append(find);
    }
    if (node.m.length) tools.append(copyMenu('summary', node));
    place.append(tools);
  };

  /** What is cut off tells all of itself to who points at it. */
  gitrack.startHints = function (root) {
    root.addEventListener('pointerover', ({ target }) => {
      const cell = target instanceof Element ? target.closest('th, td, dt, dd, .gt-reproduce code') : null;
      if (cell && !cell.title && cell.scrollWidth > cell.clientWidth) cell.title = cell.textContent;
    });
  };
})();
