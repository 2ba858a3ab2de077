// The embeddings of a run: a projection in two or three dimensions, coloured by a label; a search
// that marks, a point's label and its nearest neighbours in the space of the vectors.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const NEIGHBOURS = 10;
  const LISTED = 20; // matches of a search that can be chosen from
  const TITLES = new Map([['pca', 'PCA'], ['umap', 'UMAP'], ['tsne', 't-SNE']]);

  const titleOf = (name) => TITLES.get(name) || name;

  function segments(label, choices, chosen, choose) {
    const buttons = choices.map(([value, word]) =>
      el('button', { type: 'button', 'aria-pressed': String(value === chosen), onclick: () => {
        buttons.forEach((button, i) => button.setAttribute('aria-pressed', String(choices[i][0] === value)));
        choose(value);
      } }, word),
    );
    return el('div', { class: 'gt-segments', role: 'group', 'aria-label': label }, ...buttons);
  }

  class Embedding {
    constructor({ key, items }) {
      this.key = key;
      this.flat = true;
      this.measure = 'cosine';
      this.hidden = new Set();
      this.scene = new gitrack.Scene({ label: key, flat: true, onpick: (place) => this.choose(place) });
      this.bar = el('div', { class: 'gt-embedding__bar' });
      this.legend = el('div', {});
      this.side = el('aside', { class: 'gt-embedding__side', 'aria-label': `Points of ${key}`, 'aria-live': 'polite' });
      this.caption = el('figcaption', {});
      this.tip = el('div', { class: 'gt-embedding__tip', hidden: true });
      this.scene.element.append(this.tip);
      this.scene.canvas.addEventListener('pointermove', (event) => this.hover(event));
      this.scene.canvas.addEventListener('pointerleave', () => (this.tip.hidden = true));
      this.walk = new gitrack.StepWalk(key, items, (shown) => this.load(shown[0]));
      this.element = el(
        'section',
        { class: 'gt-media', 'aria-label': key },
        el('header', { class: 'gt-media__head' }, el('h3', {}, ...gitrack.metricName(key)), el('span', { class: 'gt-spring' }), this.bar),
        this.walk.element,
        el('div', { class: 'gt-embedding' }, el('figure', { class: 'gt-object' }, this.scene.element, this.legend, this.caption), this.side),
      );
      gitrack.sight.once(this.element, () => this.walk.go());
    }

    async load(item) {
      this.item = item;
      this.scene.canvas.hidden = Boolean(item.why);
      this.scene.tell(item.why ? `This embedding cannot be shown: ${item.why}.` : '');
      if (item.why) return;
      let data;
      try {
        data = await gitrack.load(item.script);
      } catch (error) {
        if (!(error instanceof gitrack.LoadError)) throw error;
        this.scene.tell(error.message);
        this.scene.message.append(' ', gitrack.button('Retry', null, () => this.load(item)));
        return;
      }
      const places = await Promise.all(data.projections.map(({ at }) => gitrack.unpackArray(at)));
      if (this.item !== item) return;
      this.data = data;
      this.projections = data.projections.map((one, i) => ({ ...one, at: places[i] })).filter((one) => one.at);
      this.columns = data.columns.map((column) => ({ ...column, values: gitrack.unpack(column.values) }));
      this.count = this.projections[0].at.length / 3;
      if (!this.projections.some(({ name }) => name === this.projection)) this.projection = this.projections[0].name;
      const colourable = this.columns.filter(({ kind }) => kind !== 'image');
      if (!colourable.some(({ name }) => name === this.colour)) this.colour = colourable.length ? (colourable.find(({ name }) => name === 'label') || colourable[0]).name : '';
      this.texts = null;
      this.vectors = null;
      this.chosen = null;
      this.fillBar(colourable);
      this.show(false);
    }

    fillBar(colourable) {
      const colour = el(
        'select',
        { 'aria-label': 'Colour by', onchange: () => {
          this.colour = colour.value;
          this.hidden = new Set();
          this.show(true);
        } },
        el('option', { value: '' }, 'One colour'),
        ...colourable.map(({ name }) => el('option', { value: name, selected: name === this.colour }, name)),
      );
      this.search = el('input', { type: 'search', class: 'gt-field', placeholder: 'Search labels', 'aria-label': `Search the labels of ${this.key}`, value: this.wanted || null, oninput: () => this.find(this.search.value) });
      this.bar.replaceChildren(
        this.columns.length ? this.search : '',
        el('label', { class: 'gt-label', hidden: !colourable.length }, 'Colour ', colour),
        segments('Projection', this.projections.map(({ name }) => [name, titleOf(name)]), this.projection, (name) => {
          this.projection = name;
          this.show(false);
        }),
        segments('Dimensions', [[true, '2D'], [false, '3D']], this.flat, (flat) => {
          this.flat = flat;
          this.show(false);
        }),
      );
    }

    /** Draw the chosen projection in the chosen colours. */
    show(keep) {
      if (!this.data) return;
      const { at: whole, facts } = this.projections.find(({ name }) => name === this.projection);
      const at = this.flat ? whole.map((part, i) => (i % 3 === 2 ? 0 : part)) : whole;
      this.scene.flat = this.flat;
      this.coloured = gitrack.embeddingColours(this.columns.find(({ name }) => name === this.colour), this.count);
      const { legend, bar } = this.coloured;
      this.legend.replaceChildren(
        legend ? gitrack.legendOf(legend, (hidden) => {
          this.hidden = hidden;
          this.mark();
        }) : bar || '',
      );
      this.scene.show({ points: { at, colours: this.coloured.colours, sizes: new Float32Array(this.count).fill(1) }, up: 'z' }, { keep });
      this.find(this.wanted || '');
      const missing = this.data.projections.filter(({ why }) => why).map(({ name, why }) => `${titleOf(name)}: ${why}`);
      const ratio = facts && facts.explained_variance_ratio;
      const share = ratio && ratio.slice(0, this.flat ? 2 : 3).reduce((sum, part) => sum + part, 0);
      this.caption.textContent = [
        this.item.name,
        `${gitrack.format.plural(this.item.vectors || this.count, 'vector')}${this.item.dimensions ? ` of ${this.item.dimensions.toLocaleString('en-US')} dimensions` : ''}`,
        share ? `${gitrack.format.number(share * 100, 3)} % of the variance` : null,
        this.data.every > 1 ? `every ${this.data.every}. drawn` : null,
        ...missing,
      ].filter(Boolean).join(' · ');
    }

    /** Sizes and colours of the points as legend, search and choice want them. */
    mark() {
      const size = gitrack.shapes.pointSize(this.count);
      const { colours, group } = this.coloured;
      const dim = gitrack.shapes.bytes('var(--gt-line2)');
      const sizes = new Float32Array(this.count).fill(size);
      let drawn = colours;
      if (this.matches) {
        drawn = new Uint8Array(3 * this.count);
        for (let i = 0; i < this.count; i += 1) drawn.set(dim, 3 * i);
        for (const i of this.matches) {
          drawn.set(colours.subarray(3 * i, 3 * i + 3), 3 * i);
          sizes[i] = size * 1.5;
        }
      }
      if (group) group.forEach((one, i) => this.hidden.has(one) && (sizes[i] = 0));
      this.scene.shape.marked = this.chosen === null ? null : [this.chosen, ...(this.near || []).map(({ place }) => place)];
      this.scene.recolour(drawn, sizes);
    }

    textAt(place) {
      return this.columns.filter(({ kind }) => kind !== 'image').map(({ values }) => gitrack.labelText(values[place])).join(' · ');
    }

    nameAt(place) {
      const column = this.columns.find(({ name }) => name === this.colour) || this.columns.find(({ kind }) => kind !== 'image');
      const number = (place * this.data.every).toLocaleString('en-US');
      return column ? `${gitrack.labelText(column.values[place])} · #${number}` : `#${number}`;
    }

    find(text) {
      this.wanted = text;
      const wanted = text.trim().toLowerCase();
      this.matches = null;
      if (wanted) {
        if (!this.texts) this.texts = Array.from({ length: this.count }, (_, i) => this.textAt(i).toLowerCase());
        this.matches = [];
        this.texts.forEach((one, i) => one.includes(wanted) && this.matches.push(i));
      }
      this.mark();
      this.fillSide();
    }

    hover(event) {
      if (event.buttons || !this.data) return;
      const box = this.scene.canvas.getBoundingClientRect();
      const [x, y] = [event.clientX - box.left, event.clientY - box.top];
      const place = this.scene.pick(x, y);
      this.tip.hidden = place === null;
      if (place === null) return;
      const picture = this.columns.find(({ kind }) => kind === 'image');
      const src = picture && picture.values[place];
      this.tip.replaceChildren(src ? el('img', { src: gitrack.fileUrl(src), alt: '' }) : '', this.nameAt(place));
      this.tip.style.left = `${Math.min(x + 12, Math.max(0, box.width - 170))}px`;
      this.tip.style.top = `${y + 12}px`;
    }

    async choose(place) {
      this.chosen = place;
      this.near = null;
      this.mark();
      this.fillSide();
      if (place === null || !this.data.vectors) return;
      if (!this.vectors) {
        try {
          const { values } = await gitrack.load(this.data.vectors);
          this.vectors = await gitrack.unpackArray(values);
        } catch (error) {
          if (!(error instanceof gitrack.LoadError)) throw error;
          this.side.append(el('p', { class: 'gt-failed' }, error.message));
          return;
        }
      }
      if (this.chosen !== place) return;
      this.near = gitrack.nearestVectors(this.vectors, this.data.dimensions, place, NEIGHBOURS, this.measure);
      this.mark();
      this.fillSide();
    }

    entry(place, extra) {
      return el('li', {}, el('button', { type: 'button', class: 'gt-embedding__entry', onclick: () => this.choose(place) }, el('span', {}, this.nameAt(place)), extra ? el('small', {}, extra) : null));
    }

    /** What stands beside the picture: matches, the chosen point, its neighbours. */
    fillSide() {
      const parts = [];
      if (this.matches) {
        parts.push(
          el('h4', {}, `${this.matches.length.toLocaleString('en-US')} of ${this.count.toLocaleString('en-US')} match`),
          el('ul', {}, ...this.matches.slice(0, LISTED).map((place) => this.entry(place))),
        );
      }
      if (this.chosen !== null) {
        const place = this.chosen;
        const picture = this.columns.find(({ kind }) => kind === 'image');
        const src = picture && picture.values[place];
        parts.push(
          el('h4', {}, this.nameAt(place)),
          src ? el('img', { src: gitrack.fileUrl(src), alt: this.textAt(place) }) : '',
          el('dl', {}, ...this.columns.filter(({ kind }) => kind !== 'image').map(({ name, values }) => el('div', {}, el('dt', {}, name), el('dd', {}, gitrack.labelText(values[place]))))),
        );
        if (this.near) {
          const measures = [['cosine', 'Cosine'], ['euclidean', 'Euclidean']];
          parts.push(
            el('h4', {}, 'Nearest vectors'),
            segments('Distance', measures, this.measure, (measure) => {
              this.measure = measure;
              this.choose(place);
            }),
            el('ol', {}, ...this.near.map((one) => this.entry(one.place, gitrack.format.number(one.distance, 3)))),
          );
        } else if (!this.data.vectors) parts.push(el('p', { class: 'gt-dim' }, 'The vectors are too large for a page, so their neighbours are not told.'));
      }
      if (!parts.length) parts.push(el('p', { class: 'gt-dim' }, 'Click a point to see what it is and what is near it. Drag to move, or to turn in 3D; the wheel zooms once the picture has the focus.'));
      this.side.replaceChildren(...parts);
    }
  }

  gitrack.sections.embeddings = function (body, { keys }) {
    const shown = keys.map((one) => new Embedding(one));
    body.append(...shown.map((one) => one.element));
    gitrack.embeddingsShown = shown;
    gitrack.sight.recoloured(() => shown.forEach((one) => one.show(true)));
  };
})();
