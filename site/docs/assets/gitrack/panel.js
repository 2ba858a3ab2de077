// One chart: its title row, what it waits for, and how what is drawn gets into its figure.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const PATIENCE = 150; // ms before a wait is shown
  const REST = 200; // ms without a change before the summary follows

  class Panel {
    constructor(metric, charts) {
      this.metric = metric;
      this.charts = charts;
      this.visible = false;
      this.large = false;
      this.stale = true;
      this.figure = null;
      this.lines = new gitrack.Lines(this);
      this.note = el('span', { class: 'gt-panel__note' });
      this.plot = el('div', { class: 'gt-plot' });
      this.state = new gitrack.PanelState(this);
      this.summary = el('p', { class: 'gt-hidden' });
      this.menuButton = gitrack.iconButton(`More for ${metric}`, 'dots', () => gitrack.panelMenu(this));
      this.gear = gitrack.iconButton(`Settings of ${metric}`, 'gear', () => this.openSettings(this.gear));
      this.own = el('button', { type: 'button', class: 'gt-own', hidden: true, onclick: () => this.openSettings(this.own) });
      this.head = el(
        'header',
        { class: 'gt-panel__head' },
        el('h3', { title: metric }, ...gitrack.metricName(metric)),
        this.own,
        this.note,
        el(
          'span',
          { class: 'gt-panel__tools' },
          this.gear,
          gitrack.iconButton(`Full screen: ${metric}`, 'expand', () => this.charts.screen.toggle(this), { class: 'gt-button gt-button--bare gt-expand' }),
          this.menuButton,
        ),
      );
      this.element = el('section', { class: 'gt-panel', tabindex: '0', 'aria-label': `Chart of ${metric}` }, this.head, this.plot, this.state.element, this.summary);
      this.element.panel = this;
      this.overlay = new gitrack.Overlay(this);
      this.readSettings();
    }

    get entries() {
      return this.lines.entries;
    }

    /** Whether somebody may see the chart: what is in full screen is outside of what scrolls. */
    get inSight() {
      return this.visible || this.large;
    }

    /** Whether the chart has an x axis or a range of its own, so that it zooms alone. */
    get alone() {
      const own = this.charts.state.chart.get(this.metric);
      return Boolean(own && (own.x || own.xrange));
    }

    readSettings() {
      const { state, project } = this.charts;
      this.settings = state.settings(this.metric);
      this.axis = gitrack.axis(this.settings.x, project);
      this.logX = this.settings.log.includes('x') && this.axis.kind !== 'moment';
      this.logY = this.settings.log.includes('y');
    }

    flipLogY() {
      const { state } = this.charts;
      const flipped = this.settings.log.includes('y') ? this.settings.log.replace('y', '') || 'none' : `${this.settings.log.replace('none', '')}y`;
      state.setOwn(this.metric, 'log', flipped === state.common.log ? undefined : flipped);
    }

    openSettings(anchor) {
      const { charts, metric } = this;
      const { state } = charts;
      gitrack.chartMenu(anchor, {
        title: `Settings of ${metric}`,
        others: 'what all charts have',
        project: charts.project,
        grouped: charts.grouped,
        get: () => state.settings(metric),
        own: () => state.chart.get(metric) || {},
        set: (word, value) => state.setOwn(metric, word, value),
      });
    }

    /** Bring the chart up to date; what is out of sight waits until it is seen. */
    async update() {
      if (!this.inSight) {
        this.stale = true;
        return;
      }
      this.stale = false;
      this.readSettings();
      const { runs, history } = this.charts;
      const { axis, settings } = this;
      const needed = axis.metric ? [this.metric, axis.metric] : [this.metric];
      const numbers = runs.flatMap((run) => run.members || [run.run]);
      const isKnown = (run) => needed.every((name) => history.get(run, name) !== undefined);
      const turn = (this.turn = (this.turn || 0) + 1);
      let failures = [];
      if (!numbers.every(isKnown)) {
        const tell = () => {
          if (turn === this.turn) this.state.loading(numbers.filter(isKnown).length, numbers.length);
        };
        let late = false;
        const timer = setTimeout(() => {
          late = true;
          tell();
        }, PATIENCE);
        failures = await history.fetch(numbers, needed, () => late && tell());
        clearTimeout(timer);
        if (turn !== this.turn) return;
      }
      const groups = runs.filter((run) => run.members);
      if (groups.length) {
        this.moments = this.moments || new Map();
        await gitrack.bands.prepare(this.moments, groups, this.metric, { history, axis, whole: settings.aggregate === 'median' });
        if (turn !== this.turn) return;
      }
      this.lines.compose(this.moments);
      this.measure();
      if (failures.length) this.state.failure(failures);
      else if (!this.entries.length) this.state.nothing();
      else this.state.clear();
      try {
        await this.draw();
      } catch (error) {
        if (!(error instanceof gitrack.LoadError)) throw error;
        this.state.failure([error]);
      }
    }

    measure() {
      const { axis, settings, logX, logY, entries } = this;
      // Smoothing changes none of this, and its slider is what must not wait.
      const shown = entries.map(({ run, band }) => (band ? [run.run, this.moments.get(run.run).basis] : run.run));
      const basis = JSON.stringify([shown, logX, logY, axis.key, settings.xrange, settings.range, settings.outliers, settings.aggregate, settings.band]);
      if (basis === this.basis) return;
      this.basis = basis;
      this.x = held(settings.xrange, logX, gitrack.scale.extent(entries.map((entry) => entry.xs)));
      const curves = entries.map((entry) => ({ x: entry.xs, y: entry.raw }));
      for (const { xs, band } of entries) if (band && band.edges) curves.push(...band.edges.map((y) => ({ x: xs, y })));
      const found = gitrack.scale.valueRange(curves, ...this.x, settings.range ? 0 : settings.outliers) || { low: 0, high: 1, cut: false };
      this.y = held(settings.range, logY, [found.low, found.high]);
      this.cut = found.cut;
    }

    /** What the figure draws as the panel stands. */
    composed() {
      const { axis, logX, logY, x, y, plot } = this;
      const { clientWidth, clientHeight } = plot;
      return {
        ...this.lines.columns(x, y, clientWidth || 400),
        x,
        y,
        xTicks: gitrack.scale.ticks(...x, { kind: axis.kind, log: logX, count: Math.max(2, Math.round(clientWidth / 90)) }),
        yTicks: gitrack.scale.ticks(...y, { log: logY, count: Math.max(3, Math.round(clientHeight / 50)) }),
      };
    }

    async draw() {
      await this.charts.figures.lend(this, () => this.composed());
      this.describe();
      clearTimeout(this.speaking);
      this.speaking = setTimeout(() => this.speak(), REST);
      this.nameLines();
      this.overlay.refresh();
      if (this.table) this.table.fill();
    }

    /** Let another chart have the figure; this one is drawn anew when it is seen again. */
    giveUp() {
      const { figure } = this;
      this.figure = null;
      this.stale = true;
      this.basis = null;
      this.moments = null;
      this.lines = new gitrack.Lines(this);
      this.charts.history.rest(this.metric);
      return figure;
    }

    nameLines() {
      const { legend } = this.settings;
      const named = legend === 'none' ? [] : this.entries.filter((entry) => entry.band || legend === 'names');
      if (!named.length && !this.names) this.figure.right = null;
      else {
        this.names = this.names || new gitrack.LineNames(this);
        this.names.show(named);
      }
    }

    /** Tell in the title row what is unlike usual; nothing is written that stands there already. */
    describe() {
      const { charts, metric, entries } = this;
      const { history, runs, state } = charts;
      const notes = [];
      const numbers = runs.flatMap((run) => run.members || [run.run]);
      const unknown = numbers.filter((run) => history.get(run, metric) === undefined).length;
      if (unknown) notes.push(`${numbers.length - unknown} of ${numbers.length} loaded`);
      else if (entries.length && entries.length < runs.length) notes.push(`logged by ${entries.length} of ${runs.length}`);
      if (entries.length && entries[0].band) notes.push(gitrack.bands.about(this.settings, entries[0].run));
      if (this.axis.key !== charts.x.key) notes.push(`by ${this.axis.name}`);
      if (this.logX) notes.push('log x');
      if (this.logY) notes.push('log y');
      const own = Object.keys(state.chart.get(metric) || {}).map(gitrack.chartMenu.nameOf).join(', ');
      const told = JSON.stringify([notes, this.cut, own]);
      if (told === this.told && !this.note.dataset.waits) return;
      this.told = told;
      delete this.note.dataset.waits;
      const whole = () => state.setOwn(metric, 'outliers', 0);
      const cut = { class: 'gt-button gt-button--link', title: 'Values outside of the axis are cut off: show the full range' };
      this.note.replaceChildren(notes.join(' · '), ...(this.cut ? [notes.length ? ' · ' : '', gitrack.button('cut', null, whole, cut)] : []));
      this.own.hidden = !own;
      this.own.title = `Settings of its own: ${own}`;
      this.own.setAttribute('aria-label', `${metric} has settings of its own: ${own}`);
    }

    /** Say what is drawn to those who cannot see it, once it rests. */
    speak() {
      this.summary.textContent = this.spoken();
    }

    spoken() {
      const { entries } = this;
      if (!entries.length) return `No shown run logged ${this.metric}.`;
      const ends = entries.map(({ run, smooth }) => [run.name, smooth[gitrack.Lines.lastFinite(smooth)]]);
      const told = ends
        .slice(0, 10)
        .map(([name, value]) => `${name} ${value === undefined ? 'no number' : gitrack.format.number(value)}`)
        .join('; ');
      return `${this.metric} against ${this.axis.label} for ${gitrack.format.plural(ends.length, entries[0].band ? 'group' : 'run')}. Last values: ${told}.`;
    }

    toggleTable() {
      this.table = this.table ? this.table.remove() : new gitrack.PanelTable(this);
    }
  }

  /** The ends that somebody set, on the axis' terms, and those of the data for the others. */
  function held(wanted, log, [low, high]) {
    const written = (end) => (log ? Math.log10(Math.max(end, 1e-12)) : end);
    const [first, last] = wanted || [null, null];
    const from = first === null ? low : written(first);
    const to = last === null ? high : written(last);
    if (from < to) return [from, to];
    return Number.isFinite(from) && Number.isFinite(to) ? gitrack.scale.widened(Math.min(from, to), Math.min(from, to), 0) : [0, 1];
  }

  gitrack.Panel = Panel;
})();
