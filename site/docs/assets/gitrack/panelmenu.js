// What can be done with one chart: keep it as a file, read it as a table, move it, hide it.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});

  gitrack.panelMenu = function (panel) {
    const { charts, metric } = panel;
    const { item } = gitrack.menu;
    const { files } = gitrack;
    const all = panel.element.parentNode.classList.contains('gt-grid') ? [...panel.element.parentNode.children] : [];
    const at = all.indexOf(panel.element);
    const hide = () => {
      const next = all[at + 1] || all[at - 1];
      charts.arrangement.hide(metric);
      if (next) next.focus();
      gitrack.say(`${metric} is hidden`);
    };
    const drawn = panel.entries.length > 0;
    gitrack.menu.show(
      panel.menuButton,
      `Chart of ${metric}`,
      drawn ? item('Save as PNG', () => files.png(panel)) : null,
      drawn ? item('Save as SVG', () => files.svg(panel)) : null,
      drawn ? item('Save what is drawn as CSV', () => files.csv(panel)) : null,
      item('As table', () => panel.toggleTable(), { pressed: Boolean(panel.table) }),
      item('Logarithmic y axis', () => panel.flipLogY(), { pressed: panel.logY }),
      item('Full range of y', () => charts.state.setOwn(metric, 'outliers', panel.settings.outliers ? 0 : undefined), { pressed: !panel.settings.outliers }),
      item('Full screen', () => charts.screen.toggle(panel), { pressed: panel.large }),
      at > 0 && !panel.large ? item('Move before', () => charts.grid.shift(panel, -1)) : null,
      at < all.length - 1 && !panel.large ? item('Move after', () => charts.grid.shift(panel, 1)) : null,
      panel.large || !all.length ? null : item('Hide', hide),
      ...(panel.edits || []).map(([label, act]) => item(label, act)),
    );
  };
})();
