// Which charts there are, in which sections and in which order; what was folded and hidden.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const FIRST = ['val', 'valid', 'validation', 'eval', 'test', 'train'];
  const FOLDED = ['system'];

  function sectionOf(name) {
    const cut = name.indexOf('/');
    return cut > 0 ? name.slice(0, cut) : '';
  }

  function rankOf(section) {
    if (FOLDED.includes(section)) return 99;
    const at = FIRST.indexOf(section);
    return at < 0 ? (section ? FIRST.length + 1 : FIRST.length) : at;
  }

  /** Names in their natural order, but the chosen ones first and in theirs. */
  function arranged(natural, chosen) {
    const there = new Set(natural);
    const first = [...new Set(chosen)].filter((name) => there.has(name));
    const moved = new Set(first);
    return [...first, ...natural.filter((name) => !moved.has(name))];
  }

  /** `names` with one of them at another place, as short as it can be said to `arranged`. */
  function moved(names, natural, name, to) {
    const next = names.filter((one) => one !== name);
    next.splice(Math.max(0, Math.min(next.length, to)), 0, name);
    // What follows in its natural order need not be said.
    let end = next.length;
    while (end > 0 && arranged(natural, next.slice(0, end - 1)).every((one, i) => one === next[i])) end -= 1;
    return next.slice(0, end);
  }

  class Arrangement {
    constructor(project, state) {
      Object.assign(this, { project, state });
      this.natural = new Map(); // section → its metrics as the project has them
      for (const { name } of project.metrics) {
        const section = sectionOf(name);
        if (!this.natural.has(section)) this.natural.set(section, []);
        this.natural.get(section).push(name);
      }
      this.names = [...this.natural.keys()].sort((a, b) => rankOf(a) - rankOf(b) || a.localeCompare(b));
    }

    /** Whether a chart's name holds every word of the search; no letter of it means anything more. */
    matcher() {
      const words = this.state.charts.toLowerCase().split(/\s+/).filter(Boolean);
      return (name) => words.every((word) => name.toLowerCase().includes(word));
    }

    /** The sections to show: [{name, title, all, metrics, hidden, folded}]. */
    get sections() {
      const { state } = this;
      const matches = this.matcher();
      const found = [];
      for (const name of arranged(this.names, state.sections)) {
        const all = this.metricsOf(name);
        const matching = all.filter(matches);
        if (!matching.length) continue;
        const metrics = matching.filter((metric) => !state.hide.has(metric));
        const title = name || (this.names.length > 1 ? 'other' : 'charts');
        found.push({ name, title, all: all.length, metrics, hidden: matching.filter((metric) => state.hide.has(metric)), folded: this.isFolded(name) });
      }
      return found;
    }

    metricsOf(section) {
      return arranged(this.natural.get(section), this.state.order);
    }

    isFolded(section) {
      const { state } = this;
      return FOLDED.includes(section) ? !state.unfold.has(section) : state.fold.has(section);
    }

    fold(section) {
      const name = FOLDED.includes(section) ? 'unfold' : 'fold';
      const next = new Set(this.state[name]);
      if (!next.delete(section)) next.add(section);
      this.state.set({ [name]: next });
    }

    hide(metric) {
      this.state.set({ hide: new Set([...this.state.hide, metric]) });
    }

    /** Show hidden charts again: these, or all. */
    unhide(metrics = [...this.state.hide]) {
      const hide = new Set(this.state.hide);
      for (const metric of metrics) hide.delete(metric);
      this.state.set({ hide });
    }

    /** Put a chart where another one of its section is. */
    move(metric, target) {
      const section = sectionOf(metric);
      if (metric === target || sectionOf(target) !== section) return;
      const names = this.metricsOf(section);
      const natural = this.natural.get(section);
      const mine = new Set(natural);
      const others = this.state.order.filter((name) => !mine.has(name));
      this.state.set({ order: [...others, ...moved(names, natural, metric, names.indexOf(target))] });
    }

    moveSection(name, by) {
      const shown = this.sections.map((section) => section.name);
      const target = shown[shown.indexOf(name) + by];
      if (target === undefined) return;
      const names = arranged(this.names, this.state.sections);
      this.state.set({ sections: moved(names, this.names, name, names.indexOf(target)) });
    }
  }

  gitrack.Arrangement = Arrangement;
})();
