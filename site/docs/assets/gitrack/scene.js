// A view of points, lines and triangles in three dimensions, or flat ones from above: turned, moved
// and brought nearer by mouse, fingers and keys.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const ANGLE = (40 * Math.PI) / 180; // of the lens, from top to bottom
  const NEAR_POINT = 12; // pixels within which a point is meant
  const HOME = { turn: 0.7, tilt: 0.45 };
  const KEYS = 'ArrowLeft ArrowRight ArrowUp ArrowDown + = - 0 Home';

  const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];

  /** A colour of the page as three numbers from 0 to 1. */
  function rgb(css) {
    const hex = gitrack.resolveColour(css).replace('#', '');
    return [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255);
  }

  /** The middle of all that is shown, how far it reaches from there, and along each axis. */
  function boundsOf({ points, lines, mesh }) {
    const parts = [points, lines, mesh].filter(Boolean).map(({ at }) => at);
    const low = [Infinity, Infinity, Infinity];
    const high = [-Infinity, -Infinity, -Infinity];
    for (const at of parts) {
      for (let i = 0; i < at.length; i += 1) {
        const axis = i % 3;
        if (at[i] < low[axis]) low[axis] = at[i];
        if (at[i] > high[axis]) high[axis] = at[i];
      }
    }
    if (low[0] > high[0]) return { middle: [0, 0, 0], radius: 1, half: [1, 1, 1] };
    const middle = low.map((one, axis) => (one + high[axis]) / 2);
    let furthest = 0;
    for (const at of parts) {
      for (let i = 0; i < at.length; i += 3) {
        furthest = Math.max(furthest, (at[i] - middle[0]) ** 2 + (at[i + 1] - middle[1]) ** 2 + (at[i + 2] - middle[2]) ** 2);
      }
    }
    const ball = points && points.ball ? Math.max(...points.sizes.subarray(0, 1000)) : 0;
    return { middle, radius: Math.sqrt(furthest) + ball || 1, half: low.map((one, axis) => (high[axis] - one) / 2 || 0.5) };
  }

  class Scene {
    /** `label` is what it is called; `flat` looks at x and y from above. */
    constructor({ label, flat = false, onpick = null }) {
      this.flat = flat;
      this.onpick = onpick;
      this.frame = 0;
      this.up = 'z';
      this.camera = { ...HOME };
      this.bounds = boundsOf({});
      this.canvas = el('canvas', { class: 'gt-scene__canvas' });
      this.message = el('p', { class: 'gt-scene__message', hidden: true });
      const zoom = (by) => () => this.zoom(by);
      this.element = el(
        'div',
        { class: 'gt-scene', role: 'application', tabindex: '0', 'aria-label': `${label}. Arrow keys turn, shift and arrow keys move, plus and minus zoom, 0 resets.`, 'data-gt-keys': KEYS },
        this.canvas,
        this.message,
        el(
          'div',
          { class: 'gt-scene__tools' },
          gitrack.iconButton('Nearer', 'plus', zoom(1 / 1.4)),
          gitrack.iconButton('Further', 'minus', zoom(1.4)),
          gitrack.iconButton('Back to the whole', 'fit', () => this.fit()),
        ),
      );
      gitrack.sceneHands(this);
      gitrack.sight.resized(this.element, () => this.draw());
    }

    /** Show a shape: {points: {at, colours, sizes, ball}, lines: {at, colours}, mesh: {at, corners, normals, colours}, labels: [{at, text}], up}. */
    show(shape, { keep = false } = {}) {
      this.shape = shape;
      this.up = shape.up || 'z';
      this.release();
      if (!keep || !this.camera.distance) {
        this.bounds = boundsOf(shape);
        this.fit();
      } else this.draw();
    }

    /** Change the points' colours and sizes alone. */
    recolour(colours, sizes) {
      Object.assign(this.shape.points, { colours, sizes });
      this.release();
      this.draw();
    }

    release() {
      if (this.made) this.made.free();
      this.made = null;
    }

    fit() {
      const { width, height } = this.canvas.getBoundingClientRect();
      const wide = width && height ? width / height : 1;
      const { half, middle, radius } = this.bounds;
      const distance = this.flat ? 1.08 * Math.max(half[1], half[0] / wide) : radius / Math.sin(ANGLE / 2) / Math.min(1, wide);
      this.camera = { ...HOME, target: [...middle], distance };
      this.draw();
    }

    zoom(by) {
      const { radius } = this.bounds;
      this.camera.distance = Math.min(radius * 100, Math.max(radius * 1e-3, this.camera.distance * by));
      this.soon();
    }

    turn(byTurn, byTilt) {
      this.camera.turn += byTurn;
      this.camera.tilt = Math.max(-1.55, Math.min(1.55, this.camera.tilt + byTilt));
      this.soon();
    }

    /** Move by pixels. */
    pan(x, y) {
      const { right, over } = this.axes();
      const { height } = this.canvas.getBoundingClientRect();
      const unit = ((this.flat ? 2 : 2 * Math.tan(ANGLE / 2)) * this.camera.distance) / (height || 1);
      this.camera.target = this.camera.target.map((part, axis) => part - right[axis] * x * unit + over[axis] * y * unit);
      this.soon();
    }

    /** Right, up and towards the eye, in the shape's own coordinates. */
    axes() {
      if (this.flat) return { right: [1, 0, 0], over: [0, 1, 0], back: [0, 0, 1] };
      const { turn, tilt } = this.camera;
      const [a, b, c] = [Math.cos(tilt) * Math.sin(turn), Math.sin(tilt), Math.cos(tilt) * Math.cos(turn)];
      const back = this.up === 'y' ? [a, b, c] : [a, -c, b];
      const side = this.up === 'y' ? cross([0, 1, 0], back) : cross([0, 0, 1], back);
      const size = Math.hypot(...side);
      const right = side.map((part) => part / size);
      return { right, over: cross(back, right), back };
    }

    /** The view and the lens, each 4 x 4, column by column. */
    matrices(width, height) {
      const { right, over, back } = this.axes();
      const { target, distance } = this.camera;
      const { radius, middle } = this.bounds;
      const eye = this.flat ? [target[0], target[1], 0] : target.map((part, axis) => part + back[axis] * distance);
      const view = [];
      for (let axis = 0; axis < 3; axis += 1) view.push(right[axis], over[axis], back[axis], 0);
      view.push(-dot(right, eye), -dot(over, eye), -dot(back, eye), 1);
      const wide = width / height;
      if (this.flat) {
        const deep = Math.abs(middle[2]) + radius + 1;
        return { view, lens: [1 / (distance * wide), 0, 0, 0, 0, 1 / distance, 0, 0, 0, 0, -1 / deep, 0, 0, 0, 0, 1] };
      }
      const away = Math.hypot(...eye.map((part, axis) => part - middle[axis]));
      const near = Math.max(distance * 0.01, away - radius * 1.1);
      const far = away + radius * 1.1;
      const f = 1 / Math.tan(ANGLE / 2);
      return { view, lens: [f / wide, 0, 0, 0, 0, f, 0, 0, 0, 0, (far + near) / (near - far), -1, 0, 0, (2 * far * near) / (near - far), 0] };
    }

    /** Draw in the next frame, once however much is turned until then. */
    soon() {
      if (this.frame) return;
      this.frame = requestAnimationFrame(() => {
        this.frame = 0;
        this.draw();
      });
    }

    draw() {
      const box = this.canvas.getBoundingClientRect();
      if (!this.shape || !box.width || !this.camera.distance) return;
      const painter = gitrack.scenePainter();
      if (!painter) {
        this.tell('This browser has no WebGL2: three dimensions cannot be drawn here.');
        return;
      }
      const scale = Math.min(devicePixelRatio || 1, 2);
      const [width, height] = [Math.round(box.width * scale), Math.round(box.height * scale)];
      if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
      if (!this.made || this.made.painter !== painter) this.made = painter.upload(this.shape);
      const { view, lens } = this.matrices(width, height);
      painter.paint(this.made, { view, lens, scale: (lens[5] * height) / 2, width, height, background: rgb('var(--gt-surface)') });
      const context = this.canvas.getContext('2d');
      context.drawImage(painter.canvas, 0, painter.canvas.height - height, width, height, 0, 0, width, height);
      this.label(context, scale);
    }

    /** Write the shape's labels over what was painted, and a ring around what is marked. */
    label(context, scale) {
      const { labels = [], marked = null } = this.shape;
      context.font = `${11 * scale}px ${getComputedStyle(this.element).fontFamily}`;
      context.lineWidth = 3 * scale;
      context.strokeStyle = gitrack.resolveColour('var(--gt-surface)');
      context.fillStyle = gitrack.resolveColour('var(--gt-fg)');
      for (const { at, text } of labels) {
        const seen = this.project(at);
        if (!seen) continue;
        context.strokeText(text, seen.x * scale + 4, seen.y * scale - 4);
        context.fillText(text, seen.x * scale + 4, seen.y * scale - 4);
      }
      for (const place of marked || []) {
        const seen = this.project(this.shape.points.at.subarray(3 * place, 3 * place + 3));
        if (!seen) continue;
        context.strokeStyle = gitrack.resolveColour('var(--gt-fg)');
        context.lineWidth = 2 * scale;
        context.beginPath();
        context.arc(seen.x * scale, seen.y * scale, (place === marked[0] ? 8 : 6) * scale, 0, 2 * Math.PI);
        context.stroke();
      }
    }

    tell(text) {
      this.message.textContent = text;
      this.message.hidden = !text;
    }

    /** Where a place is on the screen, in pixels from the canvas's corner; null behind the eye. */
    project(at) {
      const box = this.canvas.getBoundingClientRect();
      return this.projector(box)(at[0], at[1], at[2]);
    }

    projector({ width, height }) {
      const { view: v, lens: l } = this.matrices(width, height);
      return (x, y, z) => {
        const depth = v[2] * x + v[6] * y + v[10] * z + v[14];
        const w = this.flat ? 1 : -depth;
        if (w <= 0) return null;
        const across = (l[0] * (v[0] * x + v[4] * y + v[8] * z + v[12])) / w;
        const upward = (l[5] * (v[1] * x + v[5] * y + v[9] * z + v[13])) / w;
        return { x: ((across + 1) / 2) * width, y: ((1 - upward) / 2) * height, depth: w };
      };
    }

    /** The point nearest to a place on the screen, the foremost of those near it; null for none. */
    pick(x, y) {
      const { points } = this.shape || {};
      if (!points) return null;
      const project = this.projector(this.canvas.getBoundingClientRect());
      let best = null;
      let least = Infinity;
      for (let i = 0; i < points.sizes.length; i += 1) {
        if (points.sizes[i] <= 0) continue;
        const seen = project(points.at[3 * i], points.at[3 * i + 1], points.at[3 * i + 2]);
        if (!seen) continue;
        const distance = Math.hypot(seen.x - x, seen.y - y);
        if (distance > NEAR_POINT) continue;
        const score = distance + seen.depth / this.camera.distance;
        if (score < least) [best, least] = [i, score];
      }
      return best;
    }
  }

  gitrack.Scene = Scene;
})();
