// Point clouds, meshes and molecules of a run: a key each, with a slider over its steps.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const MOST = 12; // objects of one step that are drawn at once
  const LEGEND = 24; // categories that are named

  /** One object of a step, in a scene that stays when the step changes. */
  class View {
    constructor(key) {
      this.key = key;
      this.scene = new gitrack.Scene({ label: key });
      this.legend = el('div', {});
      this.words = el('span', {});
      this.element = el('figure', { class: 'gt-object' }, this.scene.element, this.legend, el('figcaption', {}, this.words));
    }

    async show(item, keep) {
      this.item = item;
      this.words.textContent = [item.caption, item.words].filter(Boolean).join(' · ');
      this.legend.replaceChildren();
      this.scene.canvas.hidden = Boolean(item.why);
      this.scene.tell(item.why ? `This object cannot be shown: ${item.why}.` : '');
      if (item.why) return;
      try {
        const shape = await gitrack.shapeOf(await gitrack.load(item.script));
        if (this.item !== item) return; // another step was chosen meanwhile
        this.scene.show(shape, { keep });
        const { points } = shape;
        if (points && points.legend && points.legend.length <= LEGEND) {
          const sizes = points.sizes.slice();
          const hide = (hidden) => this.scene.recolour(points.colours, sizes.map((size, i) => (hidden.has(points.category[i]) ? 0 : size)));
          this.legend.append(gitrack.legendOf(points.legend, hide));
        }
      } catch (error) {
        if (!(error instanceof gitrack.LoadError)) throw error;
        this.scene.tell(error.message);
        this.scene.message.append(' ', gitrack.button('Retry', null, () => this.show(item, keep)));
      }
    }
  }

  class Shelf {
    constructor({ key, items }) {
      this.key = key;
      this.views = [];
      this.grid = el('div', { class: 'gt-objects__grid' });
      this.walk = new gitrack.StepWalk(key, items, (shown) => this.show(shown));
      this.more = el('p', { class: 'gt-dim' });
      this.element = el('section', { class: 'gt-media', 'aria-label': key }, el('header', { class: 'gt-media__head' }, el('h3', {}, ...gitrack.metricName(key))), this.walk.element, this.grid, this.more);
      gitrack.sight.once(this.element, () => this.walk.go());
    }

    show(items) {
      const shown = items.slice(0, MOST);
      while (this.views.length > shown.length) {
        const view = this.views.pop();
        view.scene.release();
        view.element.remove();
      }
      const before = this.views.length;
      while (this.views.length < shown.length) {
        const view = new View(this.key);
        this.views.push(view);
        this.grid.append(view.element);
      }
      this.more.textContent = items.length > MOST ? `${(items.length - MOST).toLocaleString('en-US')} more of this step are not drawn.` : '';
      return Promise.all(shown.map((item, i) => this.views[i].show(item, i < before)));
    }
  }

  gitrack.sections.objects = function (body, { keys }) {
    gitrack.shelves = keys.map((one) => new Shelf(one));
    body.append(...gitrack.shelves.map((shelf) => shelf.element));
    gitrack.sight.recoloured(() => {
      for (const shelf of gitrack.shelves) for (const view of shelf.views) if (view.scene.shape) view.show(view.item, true);
    });
  };
})();
