// One chart: its title row, its states (loading, empty, failed), and what goes into its figure.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const PATIENCE = 150; // ms before a wait is shown
  // Pixels of a bin in which a line keeps its lowest and its highest point.
  const FINE = 2;
  const FAINT = 4;
  const CLEAR = 'rgba(0,0,0,0)';

  class Panel {
    constructor(metric, charts) {
      this.metric = metric;
      this.charts = charts;
      this.visible = false;
      this.stale = true;
      this.entries = [];
      this.note = el('span', { class: 'gt-panel__note' });
      // What Bokeh draws is a picture here: the overlay listens, the summary speaks.
      this.host = el('div', { class: 'gt-plot__canvas', 'aria-hidden': 'true', inert: true });
      this.plot = el('div', { class: 'gt-plot' }, this.host);
      this.message = el('div', { class: 'gt-panel__message', hidden: true });
      this.summary = el('p', { class: 'gt-hidden' });
      this.menuButton = gitrack.iconButton(`More for ${metric}`, 'dots', () => this.openMenu());
      this.element = el(
        'section',
        { class: 'gt-panel', tabindex: '0', 'aria-label': `Chart of ${metric}` },
        el(
          'header',
          { class: 'gt-panel__head' },
          el('h3', { title: metric }, ...gitrack.metricName(metric)),
          this.note,
          el(
            'span',
            { class: 'gt-panel__tools' },
            gitrack.iconButton(`Full screen: ${metric}`, 'expand', () => this.charts.enlarge(this)),
            this.menuButton,
          ),
        ),
        this.plot,
        this.message,
        this.summary,
      );
      this.element.panel = this;
      this.overlay = new gitrack.Overlay(this);
    }

    openMenu() {
      const { state } = this.charts;
      const flip = (name) => () => {
        const next = new Set(state[name]);
        if (!next.delete(this.metric)) next.add(this.metric);
        state.set({ [name]: next });
      };
      const { item } = gitrack.menu;
      gitrack.menu.show(
        this.menuButton,
        `Chart of ${this.metric}`,
        item('Logarithmic y axis', flip('logy'), { pressed: state.isLogY(this.metric) }),
        item('Full range of y', flip('whole'), { pressed: state.whole.has(this.metric) }),
        item('As table', () => this.toggleTable(), { pressed: Boolean(this.table) }),
        item('Full screen', () => this.charts.enlarge(this)),
      );
    }

    /** Bring the chart up to date; what is out of sight waits until it is seen. */
    async update() {
      if (!this.visible) {
        this.stale = true;
        return;
      }
      this.stale = false;
      const { runs, history } = this.charts;
      const x = this.charts.x;
      const needed = x.metric ? [this.metric, x.metric] : [this.metric];
      const numbers = runs.flatMap((run) => run.members || [run.run]);
      const isKnown = (run) => needed.every((name) => history.get(run, name) !== undefined);
      const turn = (this.turn = (this.turn || 0) + 1);
      let failures = [];
      if (!numbers.every(isKnown)) {
        const tell = () => {
          if (turn === this.turn) this.showLoading(numbers.filter(isKnown).length, numbers.length);
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
        await gitrack.bands.prepare(this.moments, groups, this.metric, this.charts);
        if (turn !== this.turn) return;
      }
      this.compose();
      if (failures.length) this.showFailure(failures);
      else if (!this.entries.length) this.showNothing();
      else this.message.hidden = true;
      try {
        await this.draw();
      } catch (error) {
        if (!(error instanceof gitrack.LoadError)) throw error;
        this.showFailure([error]);
      }
    }

    /** Collect the curves of the shown runs, transformed to what the axes show. */
    compose() {
      const { runs, history, state, x } = this.charts;
      const logY = state.isLogY(this.metric);
      this.entries = [];
      for (const run of runs) {
        if (run.members) {
          const { moments } = this.moments.get(run.run);
          if (moments) this.entries.push(gitrack.bands.entry(run, moments, { smooth: state.smooth, logX: state.logx, logY }));
          continue;
        }
        const series = history.get(run.run, this.metric);
        const against = x.metric ? history.get(run.run, x.metric) : null;
        if (!series || !series.n || (x.metric && !against)) continue;
        const curve = gitrack.curve(series, x.key, against);
        const smooth = gitrack.smooth(curve, state.smooth);
        this.entries.push({
          run,
          curve,
          smooth,
          xs: state.logx ? curve.x.map(Math.log10) : curve.x,
          ys: logY ? smooth.map(logarithm) : smooth,
          raw: logY ? curve.y.map(logarithm) : curve.y,
        });
      }
      this.logY = logY;
      this.measure();
    }

    measure() {
      const { state, x } = this.charts;
      // Smoothing changes none of this, and its slider is what must not wait.
      const flags = [state.zoom, state.logx, this.logY, state.whole.has(this.metric), x.key];
      const basis = JSON.stringify([this.entries.map(({ run, band }) => (band ? [run.run, run.spread, this.moments.get(run.run).basis] : run.run)), ...flags]);
      if (basis === this.basis) return;
      this.basis = basis;
      let [from, to] = gitrack.scale.extent(this.entries.map((entry) => entry.xs));
      if (state.zoom) [from, to] = state.logx ? state.zoom.map((end) => Math.log10(Math.max(end, 1e-12))) : state.zoom;
      if (!(from < to)) [from, to] = from === to ? gitrack.scale.widened(from, to, 0) : [0, 1];
      this.x = [from, to];
      const shown = this.entries.map((entry) => ({ x: entry.xs, y: entry.raw }));
      for (const { xs, band } of this.entries) if (band) shown.push(...band.edges.map((y) => ({ x: xs, y })));
      const range = gitrack.scale.valueRange(shown, from, to, state.whole.has(this.metric)) || { low: 0, high: 1, cut: false };
      this.y = [range.low, range.high];
      this.cut = range.cut;
      this.xKind = x.kind;
    }

    async draw() {
      if (!this.figure) {
        if (!this.making) this.making = this.charts.makeFigure(this.host);
        try {
          this.figure = await this.making;
        } finally {
          this.making = null;
        }
      }
      const { state } = this.charts;
      const smoothed = state.smooth > 0;
      const width = this.entries.length > 5 ? 1.25 : 1.5;
      const faint = this.entries.length === 1 ? 0.34 : 0.15;
      this.figure.draw({
        bands: this.bands(),
        raw: smoothed ? this.linesOf('raw', width, faint) : this.linesOf(null),
        lines: this.linesOf('ys', width, 1),
        marks: this.marks(),
        x: this.x,
        y: this.y,
        xTicks: gitrack.scale.ticks(...this.x, { kind: this.xKind, log: state.logx, count: Math.max(2, Math.round(this.host.clientWidth / 90)) }),
        yTicks: gitrack.scale.ticks(...this.y, { log: this.logY, count: Math.max(3, Math.round(this.host.clientHeight / 50)) }),
      });
      this.describe();
      this.nameLines();
      this.overlay.refresh();
      if (this.table) this.fillTable();
    }

    bands() {
      const drawn = this.entries.filter((entry) => entry.band);
      if (!drawn.length) return { xs: [], ys: [], color: [], alpha: [] };
      return gitrack.bands.patches(drawn, 2 * this.y[0] - this.y[1]);
    }

    nameLines() {
      const named = this.entries.filter((entry) => entry.band);
      if (!named.length && !this.names) return;
      this.names = this.names || new gitrack.LineNames(this);
      this.names.show(named);
    }

    linesOf(values, width, alpha) {
      const entries = values ? this.entries : [];
      const bins = Math.ceil(this.host.clientWidth / (alpha < 1 ? FAINT : FINE)) || 200;
      const lines = entries.map((entry) =>
        entry.curve.rising && entry.xs.length > bins ? gitrack.thin(entry.xs, entry[values], ...this.x, bins) : { xs: entry.xs, ys: entry[values] },
      );
      return {
        xs: lines.map((line) => line.xs),
        ys: lines.map((line) => line.ys),
        color: entries.map((entry) => entry.run.hex),
        width: entries.map((entry) => entry.run.width || width),
        alpha: entries.map(() => alpha),
        dash: entries.map((entry) => entry.run.dash.join(' ') || 'solid'),
      };
    }

    /** Ends that mean something, and a hollow triangle where values that are no numbers begin. */
    marks() {
      const marks = { x: [], y: [], color: [], fill: [], marker: [], size: [] };
      const put = (x, y, colour, fill, marker, size) => {
        const values = { x, y, color: colour, fill, marker, size };
        for (const name of Object.keys(values)) marks[name].push(values[name]);
      };
      for (const { run, curve, xs, ys } of this.entries) {
        const end = lastFinite(ys);
        if (end >= 0 && isLone(ys, end)) put(xs[end], ys[end], run.hex, run.hex, 'circle', 5); // no line leads to it
        if (end >= 0 && run.state === 'running') put(xs[end], ys[end], run.hex, run.hex, 'circle', 5);
        if (end >= 0 && (run.state === 'crashed' || run.state === 'failed')) put(xs[end], ys[end], run.hex, CLEAR, 'x', 7);
        let lost = false;
        curve.raw.forEach((value, i) => {
          if (Number.isFinite(value)) lost = false;
          else if (!lost) {
            lost = true;
            put(xs[i], this.y[0] + (this.y[1] - this.y[0]) * 0.025, run.hex, CLEAR, 'inverted_triangle', 7);
          }
        });
      }
      return marks;
    }

    describe() {
      const { history, runs } = this.charts;
      const notes = [];
      const numbers = runs.flatMap((run) => run.members || [run.run]);
      const unknown = numbers.filter((run) => history.get(run, this.metric) === undefined).length;
      if (unknown) notes.push(`${numbers.length - unknown} of ${numbers.length} loaded`);
      else if (this.entries.length && this.entries.length < runs.length) {
        notes.push(`logged by ${this.entries.length} of ${runs.length}`);
      }
      if (this.entries.length && this.entries[0].band) notes.push(this.entries[0].run.about);
      if (this.logY) notes.push('log y');
      this.note.replaceChildren(notes.join(' · '));
      if (this.cut) {
        this.note.append(
          notes.length ? ' · ' : '',
          el(
            'button',
            {
              type: 'button',
              class: 'gt-button gt-button--link',
              title: 'Values outside of the axis are cut off: show the full range',
              onclick: () => this.charts.state.set({ whole: new Set([...this.charts.state.whole, this.metric]) }),
            },
            'cut',
          ),
        );
      }
      this.summary.textContent = this.spoken();
    }

    spoken() {
      if (!this.entries.length) return `No shown run logged ${this.metric}.`;
      const ends = this.entries.map(({ run, smooth }) => [run.name, smooth[lastFinite(smooth)]]);
      const told = ends
        .slice(0, 10)
        .map(([name, value]) => `${name} ${value === undefined ? 'no number' : gitrack.format.number(value)}`)
        .join('; ');
      return `${this.metric} against ${this.charts.x.label} for ${gitrack.format.plural(ends.length, this.entries[0].band ? 'group' : 'run')}. Last values: ${told}.`;
    }

    showLoading(have, all) {
      this.message.hidden = false;
      this.message.className = 'gt-panel__message gt-panel__message--loading';
      this.message.replaceChildren(
        gitrack.svg(
          'svg',
          { viewBox: '0 0 100 40', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
          gitrack.svg('path', { d: 'M0 0H100M0 10H100M0 20H100M0 30H100M0 40H100' }),
          gitrack.svg('path', { class: 'gt-ghost', d: 'M0 4C8 22 18 32 45 34S80 35.500 100 36' }),
        ),
      );
      this.note.textContent = `loading ${have} of ${gitrack.format.plural(all, 'run')}`;
    }

    showNothing() {
      const shown = this.charts.runs.length;
      const logged = this.charts.project.metricByName.get(this.metric);
      const others = logged ? logged.logged : 0;
      const whose = shown === 1 ? 'The shown run did not log ' : `None of the ${shown} shown runs logged `;
      const children = shown
        ? [el('p', {}, whose, el('b', {}, this.metric), others ? `; ${gitrack.format.plural(others, 'other run')} did.` : '.')]
        : [el('p', {}, 'No run is shown.')];
      if (others && this.charts.showWhoLogged) {
        children.push(gitrack.button(shown ? 'Show them' : 'Show the runs that logged it', null, () => this.charts.showWhoLogged(this.metric)));
      }
      this.message.hidden = false;
      this.message.className = 'gt-panel__message';
      this.message.replaceChildren(...children);
    }

    showFailure(failures) {
      const path = failures[0].path || String(failures[0]);
      this.message.hidden = false;
      this.message.className = `gt-panel__message gt-failed${this.entries.length ? ' gt-panel__message--below' : ''}`;
      this.message.replaceChildren(
        el('p', {}, `${path} could not be loaded${failures.length > 1 ? `, nor ${failures.length - 1} more` : ''}.`),
        gitrack.button('Retry', null, () => this.charts.schedule()),
      );
    }

    toggleTable() {
      if (this.table) {
        this.table.remove();
        this.table = null;
        this.plot.hidden = false;
        return;
      }
      this.table = el('div', { class: 'gt-panel__table' });
      this.plot.hidden = true;
      this.plot.after(this.table);
      this.fillTable();
    }

    fillTable() {
      const head = ['Run', 'Points', 'First', 'Lowest', 'Highest', 'Last'];
      const write = gitrack.format.columnFormat(this.entries.flatMap(({ curve }) => [curve.y[0], curve.y[curve.y.length - 1]]));
      const rows = this.entries.map(({ run, curve }) => {
        const values = finite(curve.y);
        const [low, high] = gitrack.scale.extent([values]);
        const cells = values.length ? [values[0], low, high, values[values.length - 1]].map(write) : ['–', '–', '–', '–'];
        return el(
          'tr',
          {},
          el('th', { scope: 'row' }, gitrack.dot(run.colour), ' ', run.name),
          ...[curve.y.length.toLocaleString('en-US'), ...cells].map((cell) => el('td', { class: 'gt-num' }, cell)),
        );
      });
      this.table.replaceChildren(
        el(
          'table',
          { class: 'gt-table' },
          el('thead', {}, el('tr', {}, ...head.map((word, i) => el('th', { scope: 'col', class: i ? 'gt-num' : null }, word)))),
          el('tbody', {}, ...rows),
        ),
      );
    }
  }

  const logarithm = (value) => (value > 0 ? Math.log10(value) : NaN);
  const finite = (values) => values.filter(Number.isFinite);

  /** Whether the last finite value is the only one. */
  const isLone = (values, end) => values.findIndex(Number.isFinite) === end;

  function lastFinite(values) {
    let end = values.length - 1;
    while (end >= 0 && !Number.isFinite(values[end])) end -= 1;
    return end;
  }

  gitrack.Panel = Panel;
})();
