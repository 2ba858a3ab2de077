// Everything that was chosen on a page, kept in its address, so that a copied link shows the same.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});

  const text = { read: (all) => all[0] || '', write: (value) => (value ? [value] : []) };
  const flag = { read: (all) => all[0] === '1', write: (value) => (value ? ['1'] : []) };
  const list = { read: (all) => all, write: (value) => value };
  const set = { read: (all) => new Set(all), write: (value) => [...value] };
  const star = { read: (all) => all.includes('*'), write: (value) => (value ? ['*'] : []) };

  /** A word of the settings, for all charts; its default is not written. */
  const setting = (word) => {
    const kind = gitrack.settings.WORDS[word];
    const usual = gitrack.settings.DEFAULTS[word];
    return {
      read(all) {
        const value = kind.read(all[0] || '');
        return value === undefined ? usual : value;
      },
      write: (value) => (value === usual ? [] : [kind.write(value)]),
    };
  };
  const band = { read: (all) => gitrack.settings.WORDS.band.read(all[0] || '') || '', write: text.write };
  const whole = (low, high) => ({
    read(all) {
      const value = Math.round(Number(all[0]));
      return value >= low && value <= high ? value : 0;
    },
    write: (value) => (value ? [String(value)] : []),
  });
  const settings = {
    read: (all) => new Map(all.map(gitrack.settings.read).filter(Boolean)),
    write: (value) => [...value].map(([name, own]) => gitrack.settings.write(name, own)),
  };
  const ids = {
    read: (all) => (all.length ? all[0].split(',').filter(Boolean) : null),
    write: (value) => (value ? [value.join(',')] : []),
  };
  const slots = {
    read: (all) =>
      new Map(
        all
          .map((entry) => entry.split(':'))
          .filter(([, slot]) => /^\d$/.test(slot))
          .map(([id, slot]) => [id, Number(slot)]),
      ),
    write: (value) => [...value].map(([id, slot]) => `${id}:${slot}`),
  };

  const SHARED = ['smooth', 'smoothing', 'range', 'outliers', 'aggregate', 'tooltip', 'legend']; // one name here and in the settings
  const LONGEST = 3000; // characters of a query that any server takes; more goes to the fragment

  const FIELDS = {
    q: text, // the search line
    sort: list, // column keys, "-" before descending ones
    columns: list, // column keys; none: the page chooses, "-": no column
    pins: list, // column keys that stay in sight
    group: list, // keys that the runs are grouped by, the outermost first
    closed: set, // paths of folded groups
    means: flag, // one line a group
    spread: text, // stderr or minmax; empty: std
    lame: flag, // crashed and failed runs count in means
    shown: ids, // run ids, or "*" and those that are hidden; null: the first ten
    colours: slots,
    x: text, // _step, _runtime, _timestamp or a metric; empty: _step
    smooth: setting('smooth'),
    smoothing: setting('smoothing'),
    logx: flag,
    logy: star,
    zoom: setting('xrange'),
    range: setting('range'),
    outliers: setting('outliers'),
    aggregate: setting('aggregate'),
    band, // empty: the table's spread
    tooltip: setting('tooltip'),
    legend: setting('legend'),
    chart: settings, // what single charts have of their own
    charts: text, // filter of charts by name
    fold: set, // section names
    unfold: set,
    order: list, // metrics that were moved, in their new order
    sections: list, // names of sections that were moved
    hide: set, // metrics
    per: whole(1, 12), // charts a row; 0: as many as fit
    height: whole(100, 1000), // of a plot, px; 0: as usual
    patterns: flag,
    board: text, // the dashboard that is looked at; empty: all charts
    panel: list, // panels of one's own, a description each as JSON
    pane: text, // runs or charts, on a phone
    width: text, // of the table, px
    runs: ids, // of a comparison
    base: text,
    equal: set, // parts of a comparison that show what is equal too; "*" for all
    metrics: flag, // a comparison's every metric
    rank: text, // the order of its results: name, change or change:<run>
    bykey: flag, // three runs' settings by key, rather than by who changed them
    shut: set, // folded branches of its keys, "<part>:<branch>"
    versus: text, // the run whose code stands beside the baseline's
    step: text, // of its media
    contrast: flag, // images as their difference to the baseline's
    join: list, // ["<table>", "<column>" …] as JSON: the columns by which its tables are joined
  };

  // How the charts look is found again by who comes back to a page by its bare address.
  const REMEMBERED = [
    ...['x', 'smooth', 'smoothing', 'logx', 'logy', 'outliers', 'aggregate', 'band', 'tooltip', 'legend', 'chart'],
    ...['fold', 'unfold', 'order', 'sections', 'hide', 'per', 'height', 'patterns'],
  ];
  const PLAIN = 'plain'; // an address that asks for nothing, not even for what was remembered

  class State {
    /**
     * `page` is what the page says of itself; without it nothing is remembered. `own` are parameters
     * of a part of a page, which leaves the page's address alone.
     */
    constructor(page, own) {
      this.isOwn = Boolean(own);
      this.listeners = [];
      this.timer = 0;
      this.leave = () => this.write();
      this.place = page ? `gitrack.view ${page.root.pathname} ${page.kind} ${page.project}` : null;
      const address = new URLSearchParams(location.search);
      const fragment = location.hash.startsWith('#?') ? new URLSearchParams(location.hash.slice(1)) : null;
      const given = own || fragment || address;
      const bare = !own && !String(given);
      const asked = bare ? new URLSearchParams(this.recall()) : given;
      for (const [name, kind] of Object.entries(FIELDS)) this[name] = kind.read(asked.getAll(name));
      this.adopt(asked);
      if (bare && String(asked)) this.write();
    }

    /** Older links name single charts with a logarithmic axis, or with their full range. */
    adopt(asked) {
      for (const name of asked.getAll('logy')) if (name !== '*') this.chart.set(name, { ...this.chart.get(name), log: this.logy ? 'none' : 'y' });
      for (const name of asked.getAll('whole')) this.chart.set(name, { ...this.chart.get(name), outliers: 0 });
    }

    recall() {
      try {
        return (this.place && localStorage.getItem(this.place)) || '';
      } catch {
        return '';
      }
    }

    remember() {
      if (!this.place || !this.touched) return;
      const written = String(this.parameters(REMEMBERED));
      try {
        if (written) localStorage.setItem(this.place, written);
        else localStorage.removeItem(this.place);
      } catch {
        // Without storage the address alone knows.
      }
    }

    /** Call `listener` with the names of what changed. */
    watch(listener) {
      this.listeners.push(listener);
    }

    set(changes) {
      const names = Object.keys(changes);
      for (const name of names) this[name] = changes[name];
      // What somebody else's link brought is not remembered before it was changed.
      this.touched = this.touched || names.some((name) => REMEMBERED.includes(name));
      // Browsers allow few address changes a second; a slider makes many.
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.write(), 200);
      // Who leaves before that finds it again when they come back.
      addEventListener('pagehide', this.leave);
      for (const listener of this.listeners) listener(new Set(names));
    }

    parameters(names) {
      const parameters = new URLSearchParams();
      for (const name of names) for (const value of FIELDS[name].write(this[name])) parameters.append(name, value);
      return parameters;
    }

    search() {
      const written = String(this.parameters(Object.keys(FIELDS)));
      return written ? `?${written.replace(/%(2C|2F|3A|3B|7E)/g, decodeURIComponent)}` : '';
    }

    write() {
      clearTimeout(this.timer);
      removeEventListener('pagehide', this.leave);
      if (this.isOwn) return;
      const search = this.search();
      this.remember();
      try {
        const anchor = location.hash.startsWith('#?') ? '' : location.hash;
        const written = search.length > LONGEST ? `#${search}` : search + anchor;
        history.replaceState(history.state, '', location.pathname + written);
      } catch {
        // Pages from a disk may not change their query everywhere; the fragment is always free.
        location.replace(search ? `#${search}` : '#');
      }
    }

    /** An address that shows this to anybody, whatever their browser remembers. */
    link() {
      this.write();
      return this.search() ? location.href : `${location.href.split('#')[0]}?${PLAIN}`;
    }

    /** What holds for all charts that say nothing else. */
    get common() {
      return {
        x: this.x || '_step',
        log: `${this.logx ? 'x' : ''}${this.logy ? 'y' : ''}` || 'none',
        xrange: this.zoom,
        band: this.band || gitrack.settings.WORDS.band.read(this.spread) || 'std',
        ...Object.fromEntries(SHARED.map((word) => [word, this[word]])),
      };
    }

    /** How a chart is drawn: its own settings over those of all charts. */
    settings(name) {
      return { ...this.common, ...this.chart.get(name) };
    }

    /** Give a chart a setting of its own; undefined takes it away. */
    setOwn(name, word, value) {
      const { [word]: _, ...rest } = this.chart.get(name) || {};
      const own = value === undefined ? rest : { ...rest, [word]: value };
      const chart = new Map(this.chart);
      if (Object.keys(own).length) chart.set(name, own);
      else chart.delete(name);
      this.set({ chart });
    }

    /** Settings in the words of a panel's description, for all charts. */
    setCommon({ log, xrange, ...rest }) {
      const changes = { ...rest };
      if (log !== undefined) Object.assign(changes, { logx: log.includes('x'), logy: log.includes('y') });
      if (xrange !== undefined) changes.zoom = xrange;
      if (rest.x !== undefined) changes.x = rest.x === '_step' ? '' : rest.x;
      this.set(changes);
    }

    /** Draw and arrange the charts as if nobody had chosen anything. */
    reset() {
      const nothing = [];
      this.set(Object.fromEntries([...REMEMBERED, 'zoom', 'range', 'charts'].map((name) => [name, FIELDS[name].read(nothing)])));
    }
  }

  gitrack.State = State;
})();
