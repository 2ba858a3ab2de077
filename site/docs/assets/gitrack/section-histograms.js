// The histograms of a run: a picture a name, by groups; a cursor reads one step's quantiles, and a
// larger view shows that step's histogram.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const SHARES = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1];
  const FIRST = 8; // pictures of a group that are shown before more are asked for
  const VIEWS = [
    ['heat', 'Heatmap'],
    ['ridges', 'Offset'],
  ];
  const number = (value) => gitrack.format.number(value, 3);

  /** One name: loaded and drawn when it comes into sight. */
  class Picture {
    constructor(section, [name, script, logged], tall) {
      this.section = section;
      this.name = name;
      this.script = script;
      this.isWhole = false;
      this.canvas = el('canvas', { class: 'gt-histogram__canvas', 'aria-hidden': 'true' });
      this.line = el('i', { class: 'gt-histogram__line', hidden: true });
      this.high = el('span', {});
      this.low = el('span', {});
      this.left = el('span', {});
      this.right = el('span', {});
      this.note = el('button', { type: 'button', class: 'gt-button gt-button--link gt-histogram__cut', hidden: true, onclick: () => this.unfold() });
      this.reading = el('p', { class: 'gt-histogram__reading' }, gitrack.format.plural(logged, 'histogram'));
      this.plot = el(
        'div',
        {
          class: tall ? 'gt-histogram__plot gt-histogram__plot--tall' : 'gt-histogram__plot',
          role: 'slider',
          tabindex: '0',
          'aria-label': `Step of ${name}`,
          'aria-valuemin': 0,
          'aria-valuenow': 0,
          'data-gt-keys': 'ArrowLeft ArrowRight ArrowUp ArrowDown Home End Enter',
          onpointermove: (event) => this.point(event),
          onpointerdown: (event) => this.point(event),
          onkeydown: (event) => this.press(event),
        },
        this.canvas,
        this.line,
        this.high,
        this.low,
      );
      this.element = el(
        'article',
        { class: 'gt-histogram', 'data-name': name },
        el('header', {}, el('h4', { title: name }, name), this.note, tall ? null : gitrack.iconButton(`Enlarge ${name}`, 'expand', () => this.enlarge())),
        this.plot,
        el('div', { class: 'gt-histogram__axis' }, this.left, this.right),
        this.reading,
      );
    }

    async load() {
      if (this.data) return;
      try {
        this.data = await gitrack.Histograms.from(await gitrack.load(this.script));
      } catch (error) {
        if (!(error instanceof gitrack.LoadError)) throw error;
        this.reading.replaceChildren(error.message, ' ', gitrack.button('Retry', null, () => this.load()));
        this.reading.classList.add('gt-failed');
        return;
      }
      this.reading.classList.remove('gt-failed');
      this.plot.setAttribute('aria-valuemax', this.data.length - 1);
      this.rest();
      this.draw();
    }

    /** The values that its height spans: its own, or those of pictures that stand beside it. */
    get range() {
      const { rangeOf } = this.section;
      return rangeOf ? rangeOf(this.isWhole) : this.data.range(this.isWhole);
    }

    /** What is said of the picture while no step is pointed at. */
    rest() {
      const { logged, together, skipped, length } = this.data;
      const words = [gitrack.format.plural(length, 'step')];
      if (together > 1) words[0] = `${logged.toLocaleString('en-US')} histograms, ${together} steps added up in each column`;
      if (skipped) words.push(`${skipped.toLocaleString('en-US')} could not be drawn`);
      this.reading.textContent = words.join(' · ');
    }

    unfold() {
      this.isWhole = !this.isWhole;
      if (this.section.unfold) this.section.unfold(this.isWhole);
      else this.draw();
    }

    draw() {
      const box = this.plot.getBoundingClientRect();
      if (!this.data || !box.width) return;
      const scale = Math.min(devicePixelRatio || 1, 2);
      const size = { width: Math.round(box.width * scale), height: Math.round(box.height * scale) };
      Object.assign(this.canvas, size);
      const context = this.canvas.getContext('2d');
      const [low, high] = this.range;
      const isHeat = this.section.view === 'heat';
      const { first, last } = this.data;
      if (isHeat) gitrack.histogramPictures.drawHeat(context, this.data, this.range, size);
      else gitrack.histogramPictures.drawRidges(context, this.data, this.range, size, this.at);
      this.high.textContent = isHeat ? number(high) : `step ${first[0].toLocaleString('en-US')}`;
      this.low.textContent = isHeat ? number(low) : `step ${last.at(-1).toLocaleString('en-US')}`;
      this.left.textContent = isHeat ? first[0].toLocaleString('en-US') : number(low);
      this.right.textContent = isHeat ? last.at(-1).toLocaleString('en-US') : number(high);
      this.note.hidden = !this.data.isCut;
      this.note.textContent = this.isWhole ? 'cut again' : 'cut · full range';
      this.plot.classList.toggle('gt-histogram__plot--ridges', !isHeat);
    }

    point(event) {
      if (!this.data) return;
      const box = this.plot.getBoundingClientRect();
      if (this.section.view === 'heat') {
        const borders = this.data.borders(box.width);
        const x = event.clientX - box.left;
        this.go(borders.findIndex((border, i) => i > 0 && x < border) - 1);
      } else {
        const shown = gitrack.histogramPictures.ridges(this.data, box.height);
        const y = event.clientY - box.top;
        const near = shown.reduce((best, one) => (Math.abs(one.base - y) < Math.abs(best.base - y) ? one : best));
        this.go(near.column);
      }
    }

    press(event) {
      if (!this.data) return;
      const now = this.at === undefined ? this.data.length : this.at;
      const to = { ArrowLeft: now - 1, ArrowDown: now - 1, ArrowRight: now + 1, ArrowUp: now + 1, Home: 0, End: this.data.length - 1 }[event.key];
      if (event.key === 'Enter' && this.element.querySelector('header .gt-button--bare')) this.enlarge();
      else if (to !== undefined) this.go(to);
      else return;
      event.preventDefault();
    }

    /** Put the cursor on a column and read it. */
    go(place) {
      const at = Math.max(0, Math.min(this.data.length - 1, place));
      if (at === this.at) return;
      this.at = at;
      const [low, , , middle] = SHARES.map((share) => this.data.quantile(at, share));
      const text = Number.isNaN(low)
        ? `${this.data.stepText(at)} · nothing counted`
        : `${this.data.stepText(at)} · median ${number(middle)} · 5–95 % ${number(this.data.quantile(at, 0.05))} to ${number(this.data.quantile(at, 0.95))}`;
      this.reading.textContent = text;
      this.plot.setAttribute('aria-valuenow', at);
      this.plot.setAttribute('aria-valuetext', text);
      const borders = this.data.borders(100);
      this.line.style.left = `${(borders[at] + borders[at + 1]) / 2}%`;
      this.line.hidden = this.section.view !== 'heat';
      if (this.section.view !== 'heat') this.draw();
      if (this.onread) this.onread(at);
    }

    /** The same picture as wide as the window, beside the histogram of the step that is read. */
    enlarge() {
      const large = new Picture(this.section, [this.name, this.script, 0], true);
      const bars = el('canvas', { class: 'gt-histogram__bars', 'aria-hidden': 'true' });
      const rows = el('tbody', {});
      const ends = [el('span', {}), el('span', {})];
      const dialog = el(
        'dialog',
        { class: 'gt-dialog gt-histogram__dialog', 'aria-label': this.name, onclose: () => dialog.remove() },
        large.element,
        el(
          'div',
          { class: 'gt-histogram__one' },
          el('div', {}, bars, el('div', { class: 'gt-histogram__axis' }, ...ends)),
          el('table', { class: 'gt-table' }, el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, 'Quantile'), el('th', { scope: 'col', class: 'gt-num' }, 'Value'))), rows),
        ),
        el('form', { method: 'dialog' }, el('button', { class: 'gt-button' }, 'Close')),
      );
      large.onread = (at) => {
        const box = bars.getBoundingClientRect();
        const scale = Math.min(devicePixelRatio || 1, 2);
        Object.assign(bars, { width: Math.round(box.width * scale), height: Math.round(box.height * scale) });
        gitrack.histogramPictures.drawBars(bars.getContext('2d'), large.data, at, large.range, bars);
        ends.forEach((end, i) => (end.textContent = number(large.range[i])));
        const words = ['least', '5 %', '25 %', 'median', '75 %', '95 %', 'greatest'];
        rows.replaceChildren(
          ...SHARES.map((share, i) => el('tr', {}, el('th', { scope: 'row' }, words[i]), el('td', { class: 'gt-num' }, number(large.data.quantile(at, share))))),
          el('tr', {}, el('th', { scope: 'row' }, 'counted'), el('td', { class: 'gt-num' }, number(large.data.columns[at].total, 6))),
        );
      };
      document.body.append(dialog);
      dialog.showModal();
      large.load().then(() => large.data && large.go(this.at === undefined ? large.data.length - 1 : this.at));
    }
  }

  /** The pictures of one prefix: the first of them, and the others when they are asked for. */
  class Fold {
    constructor(prefix, members) {
      this.members = members;
      this.found = members;
      this.isWhole = false;
      this.count = el('small', {});
      this.grid = el('div', { class: 'gt-histograms__grid' }, ...members.map((picture) => picture.element));
      this.more = gitrack.button('', null, () => {
        this.isWhole = true;
        this.fill();
      });
      this.element = el('details', { class: 'gt-histograms__group', open: true }, el('summary', {}, el('h3', {}, prefix || 'others'), this.count), this.grid, this.more);
      this.fill();
    }

    /** Keep the names that hold `wanted`, in small letters. */
    find(wanted) {
      this.found = this.members.filter((picture) => picture.name.toLowerCase().includes(wanted));
      this.fill();
    }

    fill() {
      const shown = new Set(this.isWhole ? this.found : this.found.slice(0, FIRST));
      for (const picture of this.members) picture.element.hidden = !shown.has(picture);
      this.element.hidden = !this.found.length;
      this.count.textContent = this.found.length < this.members.length ? `${this.found.length} of ${this.members.length}` : String(this.members.length);
      this.more.hidden = shown.size === this.found.length;
      this.more.textContent = `${this.found.length - shown.size} more`;
    }
  }

  /** What stands before the first slash: gradients, parameters, activations, or nothing. */
  const prefixOf = (name) => (name.includes('/') ? name.slice(0, name.indexOf('/')) : '');

  gitrack.HistogramPicture = Picture;
  gitrack.sections.histograms = function (body, { names }) {
    const state = { view: 'heat' };
    const pictures = [];
    const groups = new Map();
    for (const one of names) {
      const prefix = prefixOf(one[0]);
      if (!groups.has(prefix)) groups.set(prefix, []);
      const picture = new Picture(state, one, false);
      groups.get(prefix).push(picture);
      pictures.push(picture);
      gitrack.sight.once(picture.element, () => picture.load());
    }
    const folds = [...groups].map(([prefix, members]) => new Fold(prefix, members));
    const nothing = el('p', { class: 'gt-dim', hidden: true }, 'No histogram has such a name.');
    const search = el('input', {
      type: 'search',
      class: 'gt-field',
      placeholder: 'Search names',
      'aria-label': 'Search histograms by name',
      oninput: () => {
        for (const fold of folds) fold.find(search.value.trim().toLowerCase());
        nothing.hidden = folds.some((fold) => fold.found.length);
      },
    });
    const redraw = () => {
      for (const picture of pictures) {
        picture.line.hidden = true;
        picture.draw();
      }
    };
    const show = (view) => {
      state.view = view;
      switches.forEach((button, i) => button.setAttribute('aria-pressed', String(VIEWS[i][0] === view)));
      redraw();
    };
    const switches = VIEWS.map(([view, word]) =>
      el('button', { type: 'button', 'aria-pressed': String(state.view === view), onclick: () => show(view) }, word),
    );
    body.append(
      el('div', { class: 'gt-histograms__bar' }, search, el('div', { class: 'gt-segments', role: 'group', 'aria-label': 'How histograms are drawn' }, ...switches)),
      nothing,
      ...folds.map((fold) => fold.element),
    );
    gitrack.sight.resized(body, redraw);
    gitrack.sight.recoloured(redraw);
    gitrack.histogramsShown = pictures;
  };
})();
