// Turning a scene: a drag turns (a flat one moves), shift or the right button or two fingers move,
// the wheel and pinching zoom. A page is scrolled past a scene until that is pressed.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const TURN = 0.008; // radians a pixel
  const STEP = { turn: 0.12, pan: 24 };
  const STILL = 4; // pixels that a press may move and still be a click

  gitrack.sceneHands = function (scene) {
    const { element, canvas } = scene;
    const held = new Map(); // pointer → where it is
    let moved = 0;
    let begun = null;

    canvas.addEventListener('contextmenu', (event) => event.preventDefault());
    canvas.addEventListener('pointerdown', (event) => {
      element.focus({ preventScroll: true });
      held.set(event.pointerId, { x: event.clientX, y: event.clientY });
      begun = { x: event.clientX, y: event.clientY };
      moved = held.size > 1 ? Infinity : 0;
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener('pointermove', (event) => {
      const before = held.get(event.pointerId);
      if (!before) return;
      const by = { x: event.clientX - before.x, y: event.clientY - before.y };
      if (held.size === 2) {
        const other = [...held].find(([pointer]) => pointer !== event.pointerId)[1];
        const was = Math.hypot(before.x - other.x, before.y - other.y);
        const is = Math.hypot(event.clientX - other.x, event.clientY - other.y);
        scene.pan(by.x / 2, by.y / 2);
        if (was && is) scene.zoom(was / is);
      } else if (scene.flat || event.shiftKey || event.buttons === 2) scene.pan(by.x, by.y);
      else scene.turn(-by.x * TURN, by.y * TURN);
      held.set(event.pointerId, { x: event.clientX, y: event.clientY });
      moved = Math.max(moved, Math.hypot(event.clientX - begun.x, event.clientY - begun.y));
    });
    const leave = (event) => {
      if (!held.delete(event.pointerId) || held.size) return;
      if (event.type === 'pointerup' && moved < STILL && scene.onpick) {
        const box = canvas.getBoundingClientRect();
        scene.onpick(scene.pick(event.clientX - box.left, event.clientY - box.top));
      }
    };
    canvas.addEventListener('pointerup', leave);
    canvas.addEventListener('pointercancel', leave);
    canvas.addEventListener('dblclick', () => scene.fit());
    canvas.addEventListener(
      'wheel',
      (event) => {
        if (!(event.ctrlKey || document.activeElement === element)) return;
        event.preventDefault();
        scene.zoom(Math.exp(Math.max(-1, Math.min(1, event.deltaY * 0.0015))));
      },
      { passive: false },
    );

    const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    element.addEventListener('keydown', (event) => {
      if (event.target !== element || event.ctrlKey || event.metaKey || event.altKey) return;
      const arrow = arrows[event.key];
      if (arrow && (event.shiftKey || scene.flat)) scene.pan(-arrow[0] * STEP.pan, -arrow[1] * STEP.pan);
      else if (arrow) scene.turn(-arrow[0] * STEP.turn, arrow[1] * STEP.turn);
      else if (event.key === '+' || event.key === '=') scene.zoom(1 / 1.2);
      else if (event.key === '-') scene.zoom(1.2);
      else if (event.key === '0' || event.key === 'Home') scene.fit();
      else return;
      event.preventDefault();
    });
  };
})();
