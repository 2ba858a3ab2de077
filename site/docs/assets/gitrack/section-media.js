// The media of a run: a key each, with a slider over the steps at which it was logged.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const MOST = 48; // items of one step that are drawn at once

  class Gallery {
    constructor({ key, items }) {
      this.key = key;
      this.items = items;
      this.steps = [...new Set(items.map((item) => item.step))].sort((a, b) => a - b);
      this.at = this.steps.length - 1;
      this.most = MOST;
      this.grid = el('div', { class: 'gt-media__grid' });
      this.where = el('span', { class: 'gt-dim gt-mono', 'aria-live': 'polite' });
      this.layers = new gitrack.MediaLayers(items, () => this.draw());
      this.slider = el('input', {
        type: 'range',
        min: 0,
        max: this.steps.length - 1,
        value: this.at,
        'aria-label': `Step of ${key}`,
        oninput: () => this.go(Number(this.slider.value)),
      });
      const walk = el(
        'div',
        { class: 'gt-media__walk', hidden: this.steps.length < 2 },
        gitrack.iconButton('Earlier step', 'left', () => this.go(this.at - 1)),
        this.slider,
        gitrack.iconButton('Later step', 'right', () => this.go(this.at + 1)),
        this.where,
      );
      this.element = el(
        'section',
        { class: 'gt-media', 'aria-label': key },
        el('header', { class: 'gt-media__head' }, el('h3', {}, ...gitrack.metricName(key)), el('span', { class: 'gt-spring' }), ...this.layers.buttons),
        walk,
        this.grid,
      );
      this.draw();
    }

    go(place) {
      this.at = Math.max(0, Math.min(this.steps.length - 1, place));
      this.most = MOST;
      this.draw();
    }

    shown() {
      return this.items.filter((item) => item.step === this.steps[this.at]).sort((a, b) => (a.index || 0) - (b.index || 0));
    }

    draw() {
      const shown = this.shown();
      this.slider.value = this.at;
      this.slider.setAttribute('aria-valuetext', `step ${this.steps[this.at]}`);
      this.where.textContent = `step ${this.steps[this.at].toLocaleString('en-US')} · ${this.at + 1} of ${this.steps.length}`;
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
        const now = this.shown().find((one) => one.index === item.index) || this.shown()[0];
        place.replaceChildren(gitrack.mediaOf(now, this.layers.isOn));
        label.textContent = [this.key, `step ${now.step}`, now.caption].filter(Boolean).join(' · ');
      };
      dialog.addEventListener('keydown', (event) => {
        const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        if (!by) return;
        event.preventDefault();
        this.go(this.at + by);
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
    gitrack.galleries = galleries;
    const inSight = () =>
      galleries.find((gallery) => {
        const box = gallery.element.getBoundingClientRect();
        return box.bottom > 120 && box.top < innerHeight - 40 && gallery.steps.length > 1;
      });
    const walk = (by) => () => {
      const gallery = inSight();
      if (!gallery) return false;
      gallery.go(gallery.at + by);
      return true;
    };
    gitrack.keys.bind('ArrowLeft', 'Earlier media step', walk(-1));
    gitrack.keys.bind('ArrowRight', 'Later media step', walk(1));
  };
})();
