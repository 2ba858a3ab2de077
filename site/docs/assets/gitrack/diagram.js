// A drawing of boxes and lines that is moved and zoomed by mouse, fingers and keys.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el, svg } = gitrack;
  const KEYS = 'ArrowLeft ArrowRight ArrowUp ArrowDown + = - 0 Home';
  const SCALES = [0.1, 3];
  const MARGIN = 16;
  const STEP = 48;
  const ELLIPSIS = 12; // px that one takes
  const ARROWS = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

  class Diagram {
    /** `legible` is the scale below which nothing is fitted unless it is asked for. */
    constructor(label, legible) {
      this.legible = legible;
      this.view = { x: 0, y: 0, scale: 1 };
      this.size = { width: 0, height: 0 };
      this.held = new Map();
      this.content = svg('g', {});
      this.picture = svg('svg', { class: 'gt-diagram__picture', role: 'group', 'aria-label': label }, this.content);
      this.element = el(
        'div',
        { class: 'gt-diagram', tabindex: '0', role: 'region', 'aria-label': `${label}. Arrow keys move, plus and minus zoom, 0 shows the whole.`, 'data-gt-keys': KEYS },
        this.picture,
        el(
          'div',
          { class: 'gt-scene__tools' },
          gitrack.iconButton('Nearer', 'plus', () => this.zoom(1.25)),
          gitrack.iconButton('Further', 'minus', () => this.zoom(0.8)),
          gitrack.iconButton('Back to the whole', 'fit', () => this.fit(true)),
        ),
      );
      this.listen();
    }

    /** Put nodes of SVG there, `width` x `height` large; the view stays where it was if `keep`. */
    show(nodes, size, keep) {
      this.size = size;
      this.content.replaceChildren(...nodes);
      cut([...this.content.querySelectorAll('text')].filter((one) => one.room));
      if (keep) this.place();
      else this.fit(false);
    }

    /** Show the whole; unless it is asked for, no smaller than can be read. */
    fit(whole) {
      const { clientWidth, clientHeight } = this.element;
      const { width, height } = this.size;
      const scale = Math.min(1, (clientWidth - 2 * MARGIN) / width, (clientHeight - 2 * MARGIN) / height);
      this.view.scale = Math.max(SCALES[0], whole ? scale : Math.max(scale, this.legible));
      this.view.x = (clientWidth - width * this.view.scale) / 2;
      this.view.y = MARGIN;
      this.place();
    }

    place() {
      const { x, y, scale } = this.view;
      this.content.setAttribute('transform', `translate(${x} ${y}) scale(${scale})`);
    }

    move(x, y) {
      this.view.x += x;
      this.view.y += y;
      this.place();
    }

    /** Zoom about a place of the picture, its middle unless told. */
    zoom(by, at = { x: this.element.clientWidth / 2, y: this.element.clientHeight / 2 }) {
      const scale = Math.min(SCALES[1], Math.max(SCALES[0], this.view.scale * by));
      const share = scale / this.view.scale;
      this.view = { scale, x: at.x - (at.x - this.view.x) * share, y: at.y - (at.y - this.view.y) * share };
      this.place();
    }

    /** Bring a place of the drawing to the middle. */
    centre(x, y) {
      this.view.x = this.element.clientWidth / 2 - x * this.view.scale;
      this.view.y = this.element.clientHeight / 2 - y * this.view.scale;
      this.place();
    }

    listen() {
      const { picture, element, held } = this;
      const at = (event) => {
        const box = element.getBoundingClientRect();
        return { x: event.clientX - box.left, y: event.clientY - box.top };
      };
      const drag = (event) => {
        const before = held.get(event.pointerId);
        if (!before) return;
        const now = at(event);
        if (held.size === 2) {
          const other = [...held].find(([pointer]) => pointer !== event.pointerId)[1];
          const was = Math.hypot(before.x - other.x, before.y - other.y);
          const is = Math.hypot(now.x - other.x, now.y - other.y);
          if (was && is) this.zoom(is / was, other);
        } else this.move(now.x - before.x, now.y - before.y);
        held.set(event.pointerId, now);
      };
      const drop = (event) => {
        held.delete(event.pointerId);
        if (held.size) return;
        removeEventListener('pointermove', drag);
        for (const name of ['pointerup', 'pointercancel']) removeEventListener(name, drop);
      };
      // On the window: capturing the pointer would take clicks away from the boxes.
      picture.addEventListener('pointerdown', (event) => {
        held.set(event.pointerId, at(event));
        addEventListener('pointermove', drag);
        for (const name of ['pointerup', 'pointercancel']) addEventListener(name, drop);
      });
      picture.addEventListener(
        'wheel',
        (event) => {
          if (!(event.ctrlKey || element.contains(document.activeElement))) return;
          event.preventDefault();
          this.zoom(Math.exp(-Math.max(-1, Math.min(1, event.deltaY * 0.0015))), at(event));
        },
        { passive: false },
      );
      element.addEventListener('keydown', (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        const arrow = ARROWS[event.key];
        if (arrow) this.move(arrow[0] * STEP, arrow[1] * STEP);
        else if (event.key === '+' || event.key === '=') this.zoom(1.25);
        else if (event.key === '-') this.zoom(0.8);
        else if (event.key === '0' || event.key === 'Home') this.fit(true);
        else return;
        event.preventDefault();
      });
    }
  }

  /** A box that is pressed by mouse or keys to unfold or fold what is in it. */
  function foldable(node, label, isOpen, press) {
    node.setAttribute('role', 'button');
    node.setAttribute('tabindex', '0');
    node.setAttribute('aria-label', label);
    node.setAttribute('aria-expanded', String(isOpen));
    let from = null;
    node.addEventListener('pointerdown', (event) => (from = [event.clientX, event.clientY]));
    node.addEventListener('click', (event) => {
      if (from && Math.hypot(event.clientX - from[0], event.clientY - from[1]) > 4) return; // it was moved
      press();
    });
    node.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      press();
    });
    return node;
  }

  const shortened = (words, most) => (words.length > most ? `${words.slice(0, Math.max(0, most - 1)).replace(/[\ud800-\udbff]$/, '')}…` : words);

  /**
   * A text in SVG, cut to so many characters, and to `room` pixels once it is shown. Its `tail` is
   * never cut.
   */
  function text(x, y, words, most, properties, { room = 0, tail = '' } = {}) {
    const shown = shortened(words, most - tail.length);
    const node = svg('text', { x, y, ...properties }, shown + tail);
    if (room) Object.assign(node, { room, words: shown, tail });
    return node;
  }

  /** Cut texts to the room that they have: all are measured before one is changed. */
  function cut(texts) {
    const lengths = texts.map(lengthWithin);
    texts.forEach((one, i) => {
      if (lengths[i] < one.words.length) one.textContent = shortened(one.words, lengths[i] + 1) + one.tail;
    });
  }

  /** How many characters of a text's words have room, a place for the ellipsis kept. */
  function lengthWithin(node) {
    const { words, room } = node;
    const whole = node.getComputedTextLength();
    if (whole <= room || !words) return words.length;
    const beside = whole - node.getSubStringLength(0, words.length) + ELLIPSIS;
    let most = words.length;
    while (most > 1 && node.getSubStringLength(0, most) + beside > room) most -= 1;
    return most;
  }

  gitrack.Diagram = Diagram;
  gitrack.diagram = { foldable, text };
})();
