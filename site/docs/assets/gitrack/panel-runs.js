// What runs logged, side by side: media of one key, tables, charts, histograms, the difference of codes. The
// parts of their own pages' scripts are read, so that nothing is kept twice.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const MOST = 10; // runs side by side
  const ITEMS = 8; // of one run and step
  const ROWS = 200;
  const NEAR = 200; // runs that are looked through for one that logged what none of the shown ones did

  /** What a section holds of each run: [{run, data}], runs without it left out. */
  async function partsOf(context, name, runs) {
    const details = new gitrack.Details(context.project);
    const found = await Promise.all(runs.map((run) => details.section(run, name)));
    return runs.map((run, i) => ({ run, data: found[i] })).filter(({ data }) => data !== null);
  }

  /**
   * What the first runs logged under a key: {found: [{run, data, items}], keys: all that were met,
   * whole: whether no run is left that may have some}. `listOf` gives a section's [{key, items}].
   */
  async function keptUnder(context, name, runs, key, listOf) {
    const details = new gitrack.Details(context.project);
    const near = runs.slice(0, NEAR);
    const has = await Promise.all(near.map(async (run) => (await details.of(run)).sections.has(name)));
    const left = near.filter((run, i) => has[i]);
    const found = [];
    const keys = new Set();
    while (left.length && found.length < MOST) {
      for (const part of await partsOf(context, name, left.splice(0, MOST))) {
        const all = listOf(part.data);
        for (const one of all) keys.add(one.key);
        const items = all.filter((one) => one.key === key).flatMap((one) => one.items);
        if (items.length) found.push({ ...part, items });
      }
    }
    return { found: found.slice(0, MOST), keys: [...keys], whole: !left.length && found.length <= MOST && near.length === runs.length };
  }

  const noneOf = (shown) => (shown.length > NEAR ? `None of the first ${NEAR} shown runs` : `None of the ${gitrack.format.plural(shown.length, 'shown run')}`);

  const orNearest = (key, keys) => (keys.length ? `; the nearest is “${gitrack.nearest(key, keys)}”` : '');

  /** How many of the shown runs logged something. */
  const byHowMany = (found, whole, shown) => (whole ? `logged by ${found.length} of ${shown.length}` : `first ${found.length} that logged it`);

  /** That no shown run logged something, with a button for those that may have. */
  async function nobody(context, spec, name, text) {
    const error = new gitrack.PanelError(text);
    const details = new gitrack.Details(context.project);
    const shown = new Set(context.list.shown);
    const near = context.runs(spec).filter((run) => !shown.has(run)).slice(0, NEAR);
    const found = await Promise.all(near.map((run) => details.of(run)));
    const others = near.filter((run, i) => found[i].sections.has(name));
    if (others.length) error.action = ['Show runs that logged any', () => context.list.show(others.slice(0, MOST))];
    return error;
  }

  function runName(context, run) {
    return [gitrack.dot(context.colour(run)), ' ', el('a', { class: 'gt-link', href: context.project.href(run) }, context.project.nameOf(run))];
  }

  /**
   * What the shown runs logged under a panel's key: {found, note, shown, whole} as `keptUnder` finds
   * it. `what` names it in the sentence that none of them did.
   */
  async function loggedBy(context, spec, name, what, listOf) {
    const shown = context.shown(spec);
    const { found, keys, whole } = await keptUnder(context, name, shown, spec.key, listOf);
    if (!found.length) throw await nobody(context, spec, name, `${noneOf(shown)} logged ${what}“${spec.key}”${orNearest(spec.key, keys)}.`);
    return { found, shown, whole, note: byHowMany(found, whole, shown) };
  }

  class MediaView {
    constructor(tile) {
      this.context = tile.context;
      this.steps = null;
      this.walk = el('div', { class: 'gt-media__head' });
      this.grid = el('div', { class: 'gt-beside' });
      this.element = el('div', { class: 'gt-tile__scroll' }, this.walk, this.grid);
    }

    async update(spec) {
      const { context } = this;
      const turn = (this.turn = (this.turn || 0) + 1);
      const { found, note } = await loggedBy(context, spec, 'media', '', (data) => data.keys);
      if (turn !== this.turn) return null;
      this.runs = found;
      const steps = [...new Set(this.runs.flatMap(({ items }) => items.map((item) => item.step)))].sort((a, b) => a - b);
      this.steps = new gitrack.StepSlider({ steps, label: spec.key, at: this.steps ? this.steps.at : Infinity, changed: () => this.draw() });
      this.layers = new gitrack.MediaLayers(this.runs.flatMap(({ items }) => items), () => this.draw());
      this.walk.hidden = steps.length < 2 && !this.layers.buttons.length;
      this.walk.replaceChildren(this.steps.element, ...this.layers.buttons);
      this.draw();
      return {
        note,
        summary: `${spec.key} of ${this.runs.map(({ run }) => context.project.nameOf(run)).join(', ')}.`,
      };
    }

    /** Each run's items at the step, or at its last one before. */
    draw() {
      const wanted = this.steps.steps[this.steps.at];
      this.grid.replaceChildren(
        ...this.runs.map(({ run, items }) => {
          const steps = items.map((item) => item.step).filter((step) => step <= wanted);
          const step = steps.length ? Math.max(...steps) : null;
          const there = items.filter((item) => item.step === step).sort((a, b) => (a.index || 0) - (b.index || 0));
          return el(
            'figure',
            { class: 'gt-beside__one' },
            el('figcaption', {}, ...runName(this.context, run), el('span', { class: 'gt-dim' }, step === null ? ' nothing yet' : step === wanted ? '' : ` step ${step.toLocaleString('en-US')}`)),
            ...there.slice(0, ITEMS).map((item) => gitrack.mediaOf(item, this.layers.isOn)),
            there.length > ITEMS ? el('span', { class: 'gt-dim' }, `${there.length - ITEMS} more`) : null,
          );
        }),
      );
    }
  }

  /** Columns of the listed runs, or a table that the shown ones logged. */
  class TablePanel {
    constructor(tile) {
      this.context = tile.context;
      this.element = el('div', { class: 'gt-tile__table', tabindex: '0', role: 'region', 'aria-label': tile.name });
    }

    update(spec) {
      return spec.key ? this.logged(spec) : this.listed(spec);
    }

    listed(spec) {
      const { context } = this;
      const columns = spec.columns.map((name) => context.column(name));
      const runs = context.runs(spec);
      const cell = (column, run) => el('td', { class: column.numeric ? 'gt-num' : null }, context.columns.text(column, run));
      this.element.replaceChildren(
        el(
          'table',
          { class: 'gt-table' },
          el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, 'Run'), ...columns.map((column) => el('th', { scope: 'col', class: column.numeric ? 'gt-num' : null, title: column.key }, column.label)))),
          el('tbody', {}, ...runs.slice(0, ROWS).map((run) => el('tr', {}, el('th', { scope: 'row' }, ...runName(context, run)), ...columns.map((column) => cell(column, run))))),
        ),
      );
      return { note: runs.length > ROWS ? `first ${ROWS} of ${runs.length.toLocaleString('en-US')}` : gitrack.format.plural(runs.length, 'run'), summary: `${columns.map((column) => column.label).join(', ')} of ${gitrack.format.plural(runs.length, 'run')}.` };
    }

    /** The runs' tables as one, whose first column tells the run. */
    async logged(spec) {
      const { context } = this;
      const turn = (this.turn = (this.turn || 0) + 1);
      const { found, shown, whole } = await loggedBy(context, spec, 'tables', 'a table ', (data) => data.tables);
      const there = found.map(({ run, items }) => ({ run, item: items[items.length - 1] }));
      const readable = there.filter(({ item }) => item.script);
      if (!readable.length) throw new gitrack.PanelError(`The table “${spec.key}” is not on this site: ${there[0].item.why}.`);
      const tables = await Promise.all(readable.map(({ item }) => gitrack.load(item.script)));
      if (turn !== this.turn) return null;
      const data = joined(tables, readable.map(({ run }) => context.project.nameOf(run)));
      if (this.view) this.view.setData(data);
      else {
        this.view = new gitrack.TableView({ label: spec.key, ...data });
        this.element.replaceChildren(this.view.element);
      }
      return { note: `${byHowMany(readable, whole, shown)}, the last one of each`, summary: `Table ${spec.key} of ${gitrack.format.plural(readable.length, 'run')}, ${gitrack.format.plural(data.rows, 'row')}.` };
    }
  }

  /** Tables one below the other by their columns' names; a column of two kinds is text. */
  function joined(tables, names) {
    const kinds = new Map();
    for (const { columns } of tables) {
      for (const { name, kind } of columns) kinds.set(name, kinds.has(name) && kinds.get(name) !== kind ? 'text' : kind);
    }
    const rows = tables.reduce((sum, table) => sum + table.rows, 0);
    const columns = [...kinds].map(([name, kind]) => ({
      name,
      kind,
      values: tables.flatMap((table) => {
        const column = table.columns.find((one) => one.name === name);
        if (!column) return new Array(table.rows).fill(null);
        const values = gitrack.unpack(column.values);
        return kind === column.kind ? values : values.map((value) => (value === null ? null : typeof value === 'object' ? JSON.stringify(value) : String(value)));
      }),
    }));
    const whose = tables.flatMap((table, i) => new Array(table.rows).fill(names[i]));
    return { columns: [{ name: 'run', kind: 'text', values: whose }, ...columns], rows, of: tables.reduce((sum, table) => sum + (table.of || table.rows), 0) };
  }

  /** Two runs: the baseline and the first other shown one, or the first two. */
  class CodeView {
    constructor(tile) {
      this.context = tile.context;
      this.element = el('div', { class: 'gt-tile__scroll' });
    }

    async update(spec) {
      const { context } = this;
      const { base } = context.list;
      const shown = context.shown(spec);
      const pair = (base === null ? shown : [base, ...shown.filter((run) => run !== base)]).slice(0, 2);
      if (pair.length < 2) throw new gitrack.PanelError('Show two runs to see what their codes have apart.');
      const kept = await partsOf(context, 'code', pair);
      const patches = pair.map((run) => (kept.find((part) => part.run === run) || { data: { files: [] } }).data.files);
      const commits = pair.map((run) => context.project.runs.commit[run]);
      const { only, same } = apart(patches);
      const alike = commits[0] === commits[1];
      const lines = pair.map((run, i) => el('p', {}, ...runName(context, run), ' at ', el('code', {}, commits[i] ? commits[i].slice(0, 7) : 'no commit'), patches[i].length ? ` with ${gitrack.format.plural(patches[i].length, 'changed file')}` : ''));
      const parts = [
        ...lines,
        alike ? null : el('p', { class: 'gt-dim' }, 'They began from different commits: ', command(commits)),
        ...only.flatMap((files, i) => (files.length ? [el('h4', {}, ...runName(context, pair[i]), ' alone changed so'), ...files.map((file) => gitrack.diffOf(file, true))] : [])),
        same ? el('p', { class: 'gt-dim' }, `${gitrack.format.plural(same, 'file')} changed in the same way in both.`) : null,
      ];
      this.element.replaceChildren(...parts.filter(Boolean));
      this.element.querySelectorAll(':scope > :empty').forEach((node) => node.remove());
      const differ = only.flat().length;
      return { note: !alike ? 'different commits' : differ ? `${gitrack.format.plural(differ, 'change')} apart` : 'the same code', summary: `Code of ${pair.map((run) => context.project.nameOf(run)).join(' and ')}.` };
    }
  }

  function command(commits) {
    if (!commits[0] || !commits[1]) return 'one of them has none.';
    const text = `git diff ${commits[0].slice(0, 12)} ${commits[1].slice(0, 12)}`;
    return el('span', {}, el('code', {}, text), ' ', gitrack.copyButton(text));
  }

  /** The files of two patches that are not changed in the same way, and how many are. */
  function apart(patches) {
    const signature = (file) => JSON.stringify([file.path, file.note, file.hunks]);
    const signatures = patches.map((files) => new Set(files.map(signature)));
    const only = patches.map((files, i) => files.filter((file) => !signatures[1 - i].has(signature(file))));
    return { only, same: patches[0].length - only[0].length };
  }

  /** Charts that runs logged, beside each other, as on their own pages; or one of the repository. */
  class OwnChart {
    constructor(tile) {
      this.context = tile.context;
      this.element = el('div', { class: 'gt-tile__scroll gt-beside' });
    }

    update(spec) {
      return spec.file ? this.kept(spec) : this.logged(spec);
    }

    async logged(spec) {
      const { context } = this;
      const { found, note } = await loggedBy(context, spec, 'plots', 'a chart ', (data) => data.plots.map((plot) => ({ key: plot.key, items: [plot] })));
      const there = found.map(({ run, data, items }) => ({ run, id: data.run, plots: items }));
      const signature = JSON.stringify(there.map(({ id }) => [id, context.colour(context.project.byId.get(id))]));
      if (signature !== this.signature) {
        this.signature = signature;
        this.element.replaceChildren(
          ...there.map(({ run, id, plots }) => {
            const body = el('div', {});
            gitrack.sections.plots(body, { run: id, plots });
            return el('figure', { class: 'gt-beside__one' }, el('figcaption', {}, ...runName(context, run)), body);
          }),
        );
      }
      return { note, summary: `Chart ${spec.key} of ${gitrack.format.plural(there.length, 'run')}.` };
    }

    async kept(spec) {
      const found = this.context.files.get(spec.file);
      if (!found) throw new gitrack.PanelError(`${spec.file} is not on this site: it is published once a dashboard of the repository names it.`);
      if (found.why) throw new gitrack.PanelError(`${spec.file} cannot be drawn: ${found.why}.`);
      if (this.frame) return { summary: `Chart ${spec.file}.` };
      const [{ json }, ...engines] = await Promise.all([found.script, ...found.engine].map((place) => gitrack.load(place)));
      this.frame = gitrack.figureFrame({ kind: 'bokeh', json, code: engines.map((one) => one.code) }, `Chart ${spec.file}`);
      this.element.replaceChildren(this.frame);
      try {
        await this.frame.drawn;
      } catch (error) {
        throw new gitrack.PanelError(`${spec.file} could not be drawn: ${error.message}.`);
      }
      return { summary: `Chart ${spec.file}.` };
    }
  }

  /** Histograms that runs logged under a name, over their steps: a picture a run, all of one range. */
  class HistogramsPanel {
    constructor(tile) {
      this.context = tile.context;
      this.pictures = new Map();
      this.section = { view: 'heat', rangeOf: (whole) => this.range(whole), unfold: (whole) => this.unfold(whole) };
      this.element = el('div', { class: 'gt-tile__scroll gt-beside' });
      gitrack.sight.resized(this.element, () => this.draw());
      gitrack.sight.recoloured(() => this.draw());
    }

    async update(spec) {
      const { context } = this;
      const turn = (this.turn = (this.turn || 0) + 1);
      const { found, note } = await loggedBy(context, spec, 'histograms', 'a histogram ', (data) => data.names.map((one) => ({ key: one[0], items: [one] })));
      const pictures = new Map(
        found.map(({ run, items: [one] }) => {
          const [, script, logged] = one;
          const known = this.pictures.get(run); // runs that counted alike have one script
          return [run, known && known.script === script ? known : new gitrack.HistogramPicture(this.section, [context.project.nameOf(run), script, logged], false)];
        }),
      );
      await Promise.all([...pictures.values()].map((picture) => picture.load()));
      if (turn !== this.turn) return null;
      this.pictures = pictures;
      const drawn = [...pictures.values()];
      found.forEach(({ run }, i) => drawn[i].element.querySelector('h4').replaceChildren(...runName(context, run)));
      this.element.replaceChildren(...drawn.map((picture) => picture.element));
      this.draw();
      return { note, summary: `Histograms ${spec.key} of ${found.map(({ run }) => context.project.nameOf(run)).join(', ')} over their steps.` };
    }

    draw() {
      for (const picture of this.pictures.values()) picture.draw();
    }

    unfold(whole) {
      for (const picture of this.pictures.values()) picture.isWhole = whole;
      this.draw();
    }

    /** Of pictures beside each other equal heights mean equal values. */
    range(whole) {
      const ranges = [...this.pictures.values()].filter(({ data }) => data).map(({ data }) => data.range(whole));
      return [Math.min(...ranges.map(([low]) => low)), Math.max(...ranges.map(([, high]) => high))];
    }
  }

  const OfCurves = gitrack.panelViews.get('heatmap');
  gitrack.panelViews.set('heatmap', function (tile) {
    return tile.spec.key ? new HistogramsPanel(tile) : new OfCurves(tile);
  });
  gitrack.panelViews.set('bokeh', OwnChart);
  gitrack.panelViews.set('media', MediaView);
  gitrack.panelViews.set('table', TablePanel);
  gitrack.panelViews.set('code', CodeView);
})();
