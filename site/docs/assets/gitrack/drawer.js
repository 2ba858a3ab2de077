// Where the window is too narrow for both, the run table is a drawer over the charts.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});

  /** The button that opens the drawer; the drawer closes by Escape and by a click beside it. */
  gitrack.drawer = function (root, pane, list, state) {
    const button = gitrack.button(null, null, () => set(root.dataset.drawer !== 'open'), { 'aria-haspopup': 'dialog' });
    button.classList.add('gt-drawer');
    const set = (open) => {
      state.set({ pane: open ? 'runs' : '' });
      (open ? pane.querySelector('.gt-runs__scroll') : button).focus();
    };
    const write = () => {
      const open = state.pane === 'runs';
      root.dataset.drawer = open ? 'open' : 'closed';
      button.setAttribute('aria-expanded', String(open));
      button.textContent = `Runs ${list.rows.length.toLocaleString('en-US')}`;
    };
    const isDrawer = () => getComputedStyle(button).display !== 'none';
    root.addEventListener('pointerdown', (event) => event.target === root && isDrawer() && set(false));
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && root.dataset.drawer === 'open' && isDrawer() && pane.contains(document.activeElement)) set(false);
    });
    state.watch((changed) => changed.has('pane') && write());
    list.watch(write);
    write();
    return button;
  };
})();
