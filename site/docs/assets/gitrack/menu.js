// A popover beside the button that opened it: closed by Escape, by a click elsewhere, and when
// the focus leaves it.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  let open = null;

  function close(giveBack) {
    if (!open) return;
    const { anchor, element } = open;
    open = null;
    element.remove();
    anchor.setAttribute('aria-expanded', 'false');
    if (giveBack) anchor.focus();
  }

  function place(element, anchor) {
    const at = anchor.getBoundingClientRect();
    const box = element.getBoundingClientRect();
    const left = Math.min(at.left, innerWidth - box.width - 8);
    const below = at.bottom + 4;
    const top = below + box.height > innerHeight - 8 ? Math.max(8, at.top - box.height - 4) : below;
    element.style.left = `${Math.max(8, left)}px`;
    element.style.top = `${top}px`;
  }

  /** Open a popover with `children` beside `anchor`; a second call closes it. */
  function show(anchor, label, ...children) {
    const again = open && open.anchor === anchor;
    close(false);
    if (again) return;
    const element = gitrack.el('div', { class: 'gt-popover', role: 'dialog', 'aria-label': label }, ...children);
    (anchor.closest('.gt-page') || document.body).append(element);
    anchor.setAttribute('aria-expanded', 'true');
    open = { anchor, element };
    place(element, anchor);
    const first = element.querySelector('input, button, a');
    if (first) first.focus({ preventScroll: true });
  }

  function item(label, onclick, { pressed, icon } = {}) {
    return gitrack.el(
      'button',
      {
        type: 'button',
        'aria-pressed': pressed === undefined ? null : String(pressed),
        onclick: () => {
          close(true);
          onclick();
        },
      },
      icon ? gitrack.icon(icon) : null,
      pressed === undefined ? null : gitrack.el('span', { 'aria-hidden': 'true' }, pressed ? '✓' : ' '),
      label,
    );
  }

  document.addEventListener('pointerdown', (event) => {
    if (open && !open.element.contains(event.target) && !open.anchor.contains(event.target)) close(false);
  });
  document.addEventListener('keydown', (event) => {
    if (!open) return;
    if (event.key === 'Escape') {
      close(true);
      event.preventDefault();
    }
    if (event.target instanceof Element && event.target.matches('select, input[type="number"], input[type="range"]')) return;
    const moves = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!moves) return;
    const stops = [...open.element.querySelectorAll('button, input, a')];
    const next = stops[(stops.indexOf(document.activeElement) + moves + stops.length) % stops.length];
    if (next) next.focus();
    event.preventDefault();
  });

  /** After the open popover changed its size. */
  const placeAgain = () => open && place(open.element, open.anchor);

  gitrack.menu = { show, close, item, place: placeAgain };
})();
