// The media of a run: a key each, with a slider over the steps at which it was logged.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const MOST = 48; // items of one step that are drawn at once

  class Gallery {
    constructor({ key, items }) {
      this.key = key;
      this.grid = el('div', { class: 'gt-media__grid' });
      this.layers = new gitrack.MediaLayers(items, () => this.draw());
      this.walk = new gitrack.StepWalk(key, items, (shown) => {
        this.shown = shown;
        this.most = MOST;
        this.draw();
      });
      this.steps = this.walk.slider;
      this.element = el(
        'section',
        { class: 'gt-media', 'aria-label': key },
        el('header', { class: 'gt-media__head' }, el('h3', {}, ...gitrack.metricName(key)), el('span', { class: 'gt-spring' }), ...this.layers.buttons),
        this.walk.element,
        this.grid,
      );
      this.walk.go();
    }

    draw() {
      const { shown } = this;
      this.grid.replaceChildren(
        ...shown.slice(0, this.most).map((item) =>
          el(
            'figure',
            { class: `gt-media__item gt-media__item--${item.type}` },
            gitrack.mediaOf(item, this.layers.isOn),
            el(
              'figcaption',
              {},
              el('span', { title: item.caption || null }, item.caption || (shown.length > 1 ? String(item.index || 0) : '')),
              item.type === 'image' && !item.why ? gitrack.iconButton('Enlarge', 'expand', () => this.enlarge(item)) : null,
            ),
          ),
        ),
      );
      if (shown.length > this.most) {
        const more = () => {
          this.most = Infinity;
          this.draw();
        };
        this.grid.append(gitrack.button(`${(shown.length - this.most).toLocaleString('en-US')} more`, null, more));
      }
    }

    /** One image as large as the window; arrow keys lead through its steps. */
    enlarge(item) {
      const place = el('div', { class: 'gt-media__large' });
      const label = el('p', { 'aria-live': 'polite' });
      const dialog = el('dialog', { class: 'gt-media__dialog', 'aria-label': this.key }, place, el('footer', {}, label, el('span', { class: 'gt-spring' }), gitrack.button('Close', 'close', () => dialog.close())));
      const show = () => {
        const now = this.shown.find((one) => one.index === item.index) || this.shown[0];
        place.replaceChildren(gitrack.mediaOf(now, this.layers.isOn));
        label.textContent = [this.key, `step ${now.step}`, now.caption].filter(Boolean).join(' · ');
      };
      dialog.addEventListener('keydown', (event) => {
        const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        if (!by) return;
        event.preventDefault();
        this.steps.go(this.steps.at + by);
        show();
      });
      dialog.addEventListener('close', () => dialog.remove());
      document.body.append(dialog);
      show();
      dialog.showModal();
    }
  }

  gitrack.sections.media = function (body, { keys }) {
    const galleries = keys.map((one) => new Gallery(one));
    body.append(...galleries.map((gallery) => gallery.element));
    const inSight = () =>
      galleries.find((gallery) => {
        const box = gallery.element.getBoundingClientRect();
        return box.bottom > 120 && box.top < innerHeight - 40 && gallery.steps.steps.length > 1;
      });
    const walk = (by) => () => {
      const gallery = inSight();
      if (!gallery) return false;
      gallery.steps.go(gallery.steps.at + by);
      return true;
    };
    gitrack.keys.bind('ArrowLeft', 'Earlier media step', walk(-1));
    gitrack.keys.bind('ArrowRight', 'Later media step', walk(1));
  };
})();
