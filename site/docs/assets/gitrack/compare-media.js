// The media of compared runs: a row a key, a column a run, one slider over all steps.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const MOST = 8; // items of one step of one run that are drawn at once

  /** A key's media of all runs; `lists` has each run's items, in the order of the runs. */
  class MediaRow {
    constructor(part, key, lists) {
      Object.assign(this, { part, key, lists, drawn: [], isNear: false });
      this.layers = new gitrack.MediaLayers(lists.flat(), () => this.draw(true));
      this.cells = lists.map(() => el('div', { class: 'gt-side__media' }));
      const label = [el('h3', { title: key }, ...gitrack.metricName(key)), el('div', { class: 'gt-side__layers' }, ...this.layers.buttons)];
      this.element = part.rowOf(label, this.cells);
    }

    /** What a run had at a step: of that step, or of the last one before. */
    itemsAt(list, step) {
      const at = list.reduce((last, item) => (item.step <= step && item.step > last ? item.step : last), -Infinity);
      return list.filter((item) => item.step === at).sort((a, b) => (a.index || 0) - (b.index || 0));
    }

    draw(again = false) {
      this.isNear = true;
      const { step } = this.part;
      const shown = this.lists.map((list) => this.itemsAt(list, step));
      const contrast = this.part.comparison.state.contrast;
      this.cells.forEach((cell, i) => {
        const told = shown[i].length ? shown[i][0].step : null;
        const key = `${told} ${told === step} ${contrast ? shown[0].length && shown[0][0].step : ''}`;
        if (!again && this.drawn[i] === key) return; // a sound or a page that plays is left alone
        this.drawn[i] = key;
        cell.replaceChildren(...this.cell(this.lists[i], shown[i], i && contrast ? shown[0] : []));
      });
    }

    cell(list, items, under) {
      if (!list.length) return [el('p', { class: 'gt-dim' }, 'not logged')];
      if (!items.length) return [el('p', { class: 'gt-dim' }, `first at step ${list[0].step.toLocaleString('en-US')}`)];
      const figures = items.map((item, i) => this.figure(item, under.find((one) => (one.index || 0) === (item.index || 0)) || under[i]));
      const rest = figures.splice(MOST);
      const more = rest.length ? gitrack.button(`${rest.length.toLocaleString('en-US')} more`, null, () => more.replaceWith(...rest)) : null;
      const at = items[0].step;
      const note = at === this.part.step ? null : el('p', { class: 'gt-dim gt-side__at' }, `of step ${at.toLocaleString('en-US')}`);
      return [el('div', { class: 'gt-side__figures' }, ...figures, more), note].filter(Boolean);
    }

    figure(item, under) {
      const { isOn } = this.layers;
      const media = gitrack.mediaOf(item, isOn);
      if (under && item.type === 'image' && under.type === 'image' && !item.why && !under.why) {
        const other = gitrack.mediaOf(under, () => false).querySelector('img');
        other.classList.add('gt-media__under');
        other.alt = '';
        media.querySelector('img').after(other); // below boxes and masks
      }
      const caption = item.caption || '';
      return el('figure', { class: `gt-media__item gt-media__item--${item.type}`, 'data-step': String(item.step) }, media, caption ? el('figcaption', {}, el('span', { title: caption }, caption)) : null);
    }
  }

  class Media extends gitrack.ComparePart {
    constructor(comparison) {
      super(comparison, { name: 'media', title: 'Media', sections: ['media'] });
      comparison.state.watch((changed) => {
        if (!this.rows || this.element.hidden) return;
        if (changed.has('contrast')) {
          this.tell();
          this.each((row) => row.draw(true));
        }
      });
    }

    get step() {
      return this.steps[this.slider.at];
    }

    draw(data) {
      const keys = new Map();
      data.forEach(([media], i) => {
        for (const { key, items } of media ? media.keys : []) {
          if (!keys.has(key)) keys.set(key, data.map(() => []));
          keys.get(key)[i] = [...items].sort((a, b) => a.step - b.step);
        }
      });
      this.steps = [...new Set([...keys.values()].flat(2).map((item) => item.step))].sort((a, b) => a - b);
      const { state, runs } = this.comparison;
      const chosen = state.step === '' ? -1 : this.steps.indexOf(Number(state.step));
      this.slider = new gitrack.StepSlider({
        steps: this.steps,
        label: 'all media',
        at: chosen < 0 ? Infinity : chosen,
        changed: (at) => {
          state.set({ step: at === this.steps.length - 1 ? '' : String(this.steps[at]) });
          this.each((row) => row.draw());
        },
      });
      this.contrast = gitrack.button('Difference', null, () => state.set({ contrast: !state.contrast }), { title: 'Images as their difference to the baseline’s' });
      this.rows = [...keys].map(([key, lists]) => new MediaRow(this, key, lists));
      const hasImages = runs.length > 1 && [...keys.values()].flat(2).some((item) => item.type === 'image');
      this.tools.replaceChildren(...[hasImages ? this.contrast : null, this.slider.element].filter(Boolean));
      this.tell();
      this.body.replaceChildren(el('div', { class: 'gt-sheet gt-side__scroll', tabindex: '0', role: 'region', 'aria-label': 'Media side by side' }, this.headRow(), ...this.rows.map((row) => row.element)));
      gitrack.whenSeen(this.rows);
    }

    tell() {
      this.contrast.setAttribute('aria-pressed', String(this.comparison.state.contrast));
    }

    /** Rows that were never near are drawn when they are. */
    each(act) {
      for (const row of this.rows) if (row.isNear) act(row);
    }

    walk(by) {
      const box = this.rows && !this.element.hidden ? this.element.getBoundingClientRect() : null;
      if (!box || box.bottom < 120 || box.top > innerHeight - 40 || this.steps.length < 2) return false;
      this.slider.go(this.slider.at + by);
      return true;
    }
  }

  gitrack.CompareMedia = Media;
})();
