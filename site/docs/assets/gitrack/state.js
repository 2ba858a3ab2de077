// Everything that was chosen on a page, kept in its address, so that a copied link shows the same.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});

  const text = { read: (all) => all[0] || '', write: (value) => (value ? [value] : []) };
  const flag = { read: (all) => all[0] === '1', write: (value) => (value ? ['1'] : []) };
  const list = { read: (all) => all, write: (value) => value };
  const set = { read: (all) => new Set(all), write: (value) => [...value] };
  const fraction = {
    read: (all) => Math.min(0.99, Math.max(0, Number(all[0]) || 0)),
    write: (value) => (value ? [String(value)] : []),
  };
  const interval = {
    read(all) {
      const ends = (all[0] || '').split('~').map(Number);
      return ends.length === 2 && ends.every(Number.isFinite) && ends[0] < ends[1] ? ends : null;
    },
    write: (value) => (value ? [value.map((end) => Number(end.toPrecision(10))).join('~')] : []),
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
    smooth: fraction,
    logx: flag,
    logy: set, // metrics; "*" for all
    whole: set, // metrics whose y range leaves nothing out
    zoom: interval,
    fold: set, // section names
    unfold: set,
    charts: text, // filter of charts by name
    patterns: flag,
    pane: text, // runs or charts, on a phone
    width: text, // of the table, px
    runs: ids, // of a comparison
    base: text,
    equal: flag,
    metrics: flag, // a comparison's every metric
  };

  class State {
    /** `own` are parameters of a part of a page, which leaves the page's address alone. */
    constructor(own) {
      this.isOwn = Boolean(own);
      const address = own || new URLSearchParams(location.search);
      const fragment = !own && location.hash.startsWith('#?') ? new URLSearchParams(location.hash.slice(1)) : null;
      for (const [name, kind] of Object.entries(FIELDS)) {
        this[name] = kind.read((fragment || address).getAll(name));
      }
      this.listeners = [];
      this.timer = 0;
    }

    /** Call `listener` with the names of what changed. */
    watch(listener) {
      this.listeners.push(listener);
    }

    set(changes) {
      const names = Object.keys(changes);
      for (const name of names) this[name] = changes[name];
      // Browsers allow few address changes a second; a slider makes many.
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.write(), 200);
      for (const listener of this.listeners) listener(new Set(names));
    }

    search() {
      const parameters = new URLSearchParams();
      for (const [name, kind] of Object.entries(FIELDS)) {
        for (const value of kind.write(this[name])) parameters.append(name, value);
      }
      const written = parameters.toString().replace(/%2C/g, ',').replace(/%2F/g, '/').replace(/%3A/g, ':').replace(/%7E/g, '~');
      return written ? `?${written}` : '';
    }

    write() {
      clearTimeout(this.timer);
      if (this.isOwn) return;
      const search = this.search();
      try {
        const anchor = location.hash.startsWith('#?') ? '' : location.hash;
        const written = search.length > LONGEST ? `#${search}` : search + anchor;
        history.replaceState(history.state, '', location.pathname + written);
      } catch {
        // Pages from a disk may not change their query everywhere; the fragment is always free.
        location.replace(search ? `#${search}` : '#');
      }
    }

    link() {
      this.write();
      return location.href;
    }

    isLogY(metric) {
      return this.logy.has('*') !== this.logy.has(metric);
    }
  }

  gitrack.State = State;
})();
