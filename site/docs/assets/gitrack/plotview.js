// A panel's chart on Bokeh's canvas: marks that a kind of panel lays out, and over them what moves
// with the pointer (the run that is pointed at, the box that is being chosen, the tooltip).
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el, svg } = gitrack;
  const REACH = 18; // pixels within which a mark counts as pointed at
  const SLACK = 5; // pixels that a click may slip
  const MANY = 1000; // points
  const LAYERS = {
    quads: ['left', 'right', 'bottom', 'top', 'color', 'alpha'],
    areas: ['xs', 'ys', 'color', 'alpha'],
    lines: ['xs', 'ys', 'color', 'width', 'alpha', 'dash'],
    points: ['x', 'y', 'color', 'alpha', 'size', 'marker'],
  };

  /** The marks of one drawing; colours as CSS writes them, resolved once each. */
  class Marks {
    constructor() {
      for (const [layer, columns] of Object.entries(LAYERS)) this[layer] = Object.fromEntries(columns.map((column) => [column, []]));
      this.known = new Map();
    }

    hex(css) {
      if (!this.known.has(css)) this.known.set(css, gitrack.resolveColour(css));
      return this.known.get(css);
    }

    put(layer, values) {
      const columns = this[layer];
      for (const name of LAYERS[layer]) columns[name].push(values[name]);
    }

    quad(left, right, bottom, top, { color, alpha = 1 }) {
      this.put('quads', { left, right, bottom, top, color: this.hex(color), alpha });
    }

    /** A shape and its outline. */
    area(xs, ys, { color, alpha = 0.22 }) {
      this.put('areas', { xs, ys, color: this.hex(color), alpha });
      this.line([...xs, xs[0]], [...ys, ys[0]], { color });
    }

    line(xs, ys, { color, width = 1.25, alpha = 1, dash = [] }) {
      this.put('lines', { xs, ys, color: this.hex(color), width, alpha, dash: dash.join(' ') || 'solid' });
    }

    point(x, y, { color, size = 6, alpha = 1, marker = 'circle' }) {
      this.put('points', { x, y, color: this.hex(color), size, alpha, marker });
    }

    /** A layer as its source takes it, colours as bytes: Bokeh would read each text anew. */
    data(layer) {
      const { color, ...rest } = this[layer];
      const known = new Map();
      for (const hex of this.known.values()) {
        if (!/^#[0-9a-f]{6}$/i.test(hex)) return this[layer];
        known.set(hex, [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)));
      }
      const bytes = new Uint8Array(4 * color.length).fill(255);
      color.forEach((hex, i) => bytes.set(known.get(hex), 4 * i));
      const { ndarray } = Bokeh.require('core/util/ndarray');
      // Bokeh compares with what it has until something differs: places do sooner than colours.
      return { ...rest, color: ndarray(bytes, { dtype: 'uint8', shape: [color.length, 4] }) };
    }
  }

  /**
   * Let a figure paint its points with as few changes of the brush as there are looks. Bokeh sets
   * the brush anew for each point, which of thousands takes longer than the circles themselves.
   */
  function paintsCircles(model) {
    const { glyph } = model.renderers.find((one) => one.data_source.name === 'points');
    glyph.default_view = class extends glyph.default_view {
      _paint(context, indices, data) {
        const { sx, sy, size, marker } = { ...this, ...data };
        const { fill, line } = this.visuals;
        if (!fill.doit || !line.doit || Array.from(indices).some((i) => marker.get(i) !== 'circle')) {
          super._paint(context, indices, data);
          return;
        }
        let [color, alpha] = [null, null];
        for (const i of indices) {
          const across = size.get(i);
          if (!Number.isFinite(sx[i] + sy[i] + across)) continue;
          if (fill.fill_color.get(i) !== color || fill.fill_alpha.get(i) !== alpha) {
            [color, alpha] = [fill.fill_color.get(i), fill.fill_alpha.get(i)];
            fill.set_vectorize(context, i); // of one colour with its line
            line.set_vectorize(context, i);
          }
          context.beginPath();
          context.arc(sx[i], sy[i], across / 2, 0, 2 * Math.PI);
          context.fill();
          context.stroke();
        }
      }
    };
  }

  class PlotView {
    constructor(tile) {
      this.tile = tile;
      this.context = tile.context;
      this.host = el('div', { class: 'gt-plot__canvas', 'aria-hidden': 'true', inert: true });
      this.ring = svg('circle', { class: 'gt-tile__ring', r: 6 });
      this.path = svg('path', { class: 'gt-focus' });
      this.span = svg('rect', { class: 'gt-span' });
      this.layer = svg('svg', { class: 'gt-overlay', 'aria-hidden': 'true' }, this.span, this.path, this.ring);
      this.element = el('div', { class: 'gt-tile__plot', tabindex: '0', role: 'group', 'aria-label': 'Chart' }, this.host, this.layer);
      this.hits = [];
      this.at = -1;
      this.bind();
      this.clear();
      new ResizeObserver(() => this.settle()).observe(this.element);
    }

    bind() {
      const { element } = this;
      element.addEventListener('pointerdown', (event) => this.down(event));
      element.addEventListener('pointermove', (event) => this.move(event));
      element.addEventListener('pointerup', (event) => this.up(event));
      element.addEventListener('pointercancel', () => this.cancel());
      element.addEventListener('pointerleave', () => !this.from && this.leave());
      element.addEventListener('blur', () => this.leave());
      element.addEventListener('keydown', (event) => this.key(event));
    }

    /**
     * Draw what the kind composed: {x, y: axes, marks, hits, brush, corner}. A hit is {x, y, run,
     * colour, head, rows}; `brush` names the columns that a chosen box filters by.
     */
    async show(drawn) {
      const turn = (this.turns = (this.turns || 0) + 1);
      const first = !this.making;
      if (first) {
        const fill = (model) => {
          paintsCircles(model);
          this.fill(model, drawn);
        };
        this.making = this.tile.queue(() => gitrack.Figure.embed('marks', this.host, fill));
        this.making.catch(() => {
          this.making = null;
        });
      }
      this.view = await this.making;
      // What many marks cost to compose, to hand over and to paint is three times, not one.
      if (!first && drawn.marks.points.x.length > MANY) await gitrack.statistics.breath();
      if (turn !== this.turns) return;
      Object.assign(this, { x: drawn.x, y: drawn.y, hits: drawn.hits || [], brush: drawn.brush || null });
      if (!first) {
        this.fill(this.view.model, drawn);
        this.view.request_paint();
      }
      this.highlight(this.context.pointed);
    }

    fill(model, { x, y, marks }) {
      gitrack.Figure.setAxes(model, {
        x: [x.low, x.high],
        y: [y.low, y.high],
        xTicks: x.ticks(this.across),
        yTicks: y.ticks(Math.max(3, Math.round(this.host.clientHeight / (y.kind === 'names' ? 15 : 50)))),
      });
      for (const layer of Object.keys(LAYERS)) model.document.get_model_by_name(layer).data = marks.data(layer);
    }

    /** How many ticks there is room for below. */
    get across() {
      return Math.max(2, Math.round(this.host.clientWidth / 90));
    }

    /** A new size has room for other ticks; what moves is placed anew. */
    settle() {
      this.leave();
      if (!this.view || !this.x) return;
      gitrack.Figure.setTicks(this.view.model.below[0], this.x.ticks(this.across));
    }

    get frame() {
      const { left, top, width, height } = this.view.frame.bbox;
      return { left, top, width, height };
    }

    toPixel(x, y) {
      const { frame } = this;
      return [
        frame.left + ((x - this.x.low) / (this.x.high - this.x.low)) * frame.width,
        frame.top + (1 - (y - this.y.low) / (this.y.high - this.y.low)) * frame.height,
      ];
    }

    toValue(px, py) {
      const { frame } = this;
      const share = (value, from, size) => Math.min(1, Math.max(0, (value - from) / size));
      return [
        this.x.low + share(px, frame.left, frame.width) * (this.x.high - this.x.low),
        this.y.low + (1 - share(py, frame.top, frame.height)) * (this.y.high - this.y.low),
      ];
    }

    spot(event) {
      const box = this.element.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    }

    /** The hit nearest to a pixel; -1 where none is near. A hit may be a box: {x0, x1, y0, y1}. */
    nearest(px, py) {
      const [x, y] = this.toValue(px, py);
      const { frame } = this;
      const [wide, high] = [frame.width / (this.x.high - this.x.low), frame.height / (this.y.high - this.y.low)];
      let best = -1;
      let distance = REACH;
      this.hits.forEach((hit, i) => {
        // A point within a box comes before the box.
        const inside = hit.x0 !== undefined && x >= hit.x0 && x <= hit.x1 && y >= hit.y0 && y <= hit.y1;
        const apart = hit.x0 === undefined ? Math.hypot((hit.x - x) * wide, (hit.y - y) * high) : inside ? REACH - 1 : Infinity;
        if (apart < distance) {
          best = i;
          distance = apart;
        }
      });
      return best;
    }

    down(event) {
      if (!this.view || event.button !== 0) return;
      this.from = this.spot(event);
      if (event.pointerType === 'mouse') this.element.setPointerCapture(event.pointerId);
    }

    move(event) {
      if (!this.view || !this.x) return;
      const at = this.spot(event);
      if (this.from && this.brush && event.pointerType === 'mouse' && apart(this.from, at) > SLACK) this.choose(this.from, at);
      else this.tell(this.nearest(...at));
    }

    up(event) {
      const { from } = this;
      this.cancel();
      if (!from || !this.view) return;
      const at = this.spot(event);
      if (apart(from, at) > SLACK) {
        if (this.brush && event.pointerType === 'mouse') this.filterBy(from, at);
        return;
      }
      const hit = this.hits[this.nearest(...at)];
      if (hit) this.press(hit, event.altKey);
    }

    cancel() {
      this.from = null;
      this.span.style.display = 'none';
    }

    /** As a dot of the run table does: show or hide, with Alt this one alone. */
    press(hit, alone) {
      if (hit.terms) this.context.filter(hit.terms, hit.keys);
      else if (typeof hit.run === 'number') {
        if (alone) this.context.list.show([hit.run]);
        else this.context.list.toggle(hit.run);
      }
    }

    choose([x0, y0], [x1, y1]) {
      const { frame } = this;
      const whole = { x: [x0, x1], y: [y0, y1] };
      if (!this.brush.x) whole.x = [frame.left, frame.left + frame.width];
      if (!this.brush.y) whole.y = [frame.top, frame.top + frame.height];
      this.span.style.display = '';
      const sizes = { x: Math.min(...whole.x), y: Math.min(...whole.y), width: Math.abs(whole.x[1] - whole.x[0]), height: Math.abs(whole.y[1] - whole.y[0]) };
      for (const [name, value] of Object.entries(sizes)) this.span.setAttribute(name, value);
    }

    filterBy(from, to) {
      const [a, b] = [this.toValue(...from), this.toValue(...to)];
      const terms = [];
      const keys = [];
      ['x', 'y'].forEach((name, i) => {
        const column = this.brush[name];
        const key = column && gitrack.PanelContext.key(column);
        if (!key) return;
        const plain = (value) => (this[name].log ? 10 ** value : value);
        const [low, high] = [a[i], b[i]].sort((p, q) => p - q).map(plain);
        keys.push(column.key);
        terms.push(`${key}>=${gitrack.PanelContext.bound(low, false)}`, `${key}<=${gitrack.PanelContext.bound(high, true)}`);
      });
      if (terms.length) this.context.filter(terms, keys);
    }

    key(event) {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (event.ctrlKey || event.metaKey || event.altKey || !this.hits.length) return;
      if (by) {
        this.tell((this.at + by + this.hits.length) % this.hits.length, true);
        event.preventDefault();
        event.stopPropagation();
      } else if (event.key === 'Enter' && this.hits[this.at]) {
        this.press(this.hits[this.at], false);
        event.stopPropagation();
      } else if (event.key === 'Escape') this.leave();
    }

    /** Let one hit stand out, here and on the whole page. */
    tell(i, aloud = false) {
      if (i === this.at) return;
      this.at = i;
      const hit = this.hits[i];
      if (!hit) {
        this.leave();
        return;
      }
      this.context.point(hit.run === undefined ? null : hit.run);
      this.ringAt(hit);
      gitrack.tileTip.show(this.element, this.toPixel(hit.x, hit.y), hit);
      if (aloud) gitrack.say([hit.head, ...hit.rows.map((row) => row.join(' '))].join(', '));
    }

    leave() {
      const was = this.at;
      this.at = -1;
      this.clear();
      gitrack.tileTip.hide(this.element);
      if (was >= 0) this.context.point(null);
    }

    clear() {
      this.ring.style.display = 'none';
      this.span.style.display = 'none';
      this.path.removeAttribute('d');
    }

    ringAt(hit) {
      if (hit.x0 !== undefined) {
        this.ring.style.display = 'none';
        return;
      }
      const [x, y] = this.toPixel(hit.x, hit.y);
      this.ring.style.display = '';
      this.ring.setAttribute('cx', x);
      this.ring.setAttribute('cy', y);
      this.ring.style.stroke = hit.colour || 'var(--gt-fg)';
    }

    /** A run is pointed at somewhere else. */
    highlight(run) {
      if (this.at >= 0 || !this.view || !this.x) return;
      const hit = run === null || run === undefined ? null : this.hits.find((one) => one.run === run);
      if (hit) this.ringAt(hit);
      else this.ring.style.display = 'none';
    }
  }

  const apart = ([x0, y0], [x1, y1]) => Math.hypot(x1 - x0, y1 - y0);

  /** One tooltip for all panels, beside what is pointed at. */
  const tip = el('div', { class: 'gt-tooltip gt-tile__tip', hidden: true });
  let owner = null;
  gitrack.tileTip = {
    show(element, [x, y], { colour, head, rows }) {
      owner = element;
      tip.replaceChildren(
        el('header', {}, el('b', {}, colour ? [gitrack.dot(colour), ' '] : null, head)),
        el('ol', {}, ...rows.map(([name, value]) => el('li', {}, el('span', { class: 'gt-tooltip__name' }, name), el('span', {}, value)))),
      );
      if (!tip.isConnected) document.body.append(tip);
      tip.hidden = false;
      const box = element.getBoundingClientRect();
      const right = box.left + x + 14;
      const left = right + tip.offsetWidth < innerWidth - 4 ? right : box.left + x - tip.offsetWidth - 14;
      tip.style.left = `${Math.max(4, left)}px`;
      tip.style.top = `${Math.max(4, Math.min(box.top + y - tip.offsetHeight / 2, innerHeight - tip.offsetHeight - 4))}px`;
    },
    hide(element) {
      if (owner === element) tip.hidden = true;
    },
  };

  gitrack.Marks = Marks;
  gitrack.PlotView = PlotView;
  gitrack.panelViews = new Map(); // kind → class of its view
})();
