// Which dashboard is looked at, and the door to a panel of one's own: over the charts.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const ALL = 'All charts';

  gitrack.boardMenu = function (board) {
    const { state } = board;
    const name = el('b', {});
    const button = gitrack.button(name, 'columns', () => open(), { class: 'gt-button gt-boardmenu', 'aria-haspopup': 'dialog' });
    const add = gitrack.button(el('span', { class: 'gt-boardmenu__word' }, 'Add panel'), 'plus', () => board.add(add), { 'aria-label': 'Add panel', title: 'Add panel' });

    function open() {
      const { item } = gitrack.menu;
      const { chosen, dashboards } = board;
      const find = el('input', { type: 'search', placeholder: 'Find dashboards', 'aria-label': 'Find dashboards', oninput: () => fill() });
      const list = el('div', { class: 'gt-boardmenu__list' });
      const fill = () => {
        const wanted = find.value.toLowerCase();
        list.replaceChildren(...dashboards.filter((one) => one.name.toLowerCase().includes(wanted)).map((one) => item(one.name, () => board.choose(one), { pressed: one === chosen })));
      };
      fill();
      gitrack.menu.show(
        button,
        'Dashboards',
        ...(dashboards.length > 8 ? [find] : []),
        item(ALL, () => board.choose(null), { pressed: !chosen }),
        list,
        dashboards.length ? '' : el('p', { class: 'gt-boardmenu__note' }, 'Dashboards of the repository stand here: files in dashboards/, or [[dashboard]] in gitrack.toml. “Copy as YAML” over your own panels writes one.'),
      );
    }

    const write = () => {
      name.textContent = board.chosen ? board.chosen.name : ALL;
      button.title = 'Dashboards';
    };
    state.watch((changed) => changed.has('board') && write());
    write();
    return { elements: [button, add], write };
  };
})();
