// Ten colours dealt to the shown runs: a run keeps its slot while it is shown, the eleventh run
// repeats the first colour dashed, the twenty-first dotted.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const COUNT = 10;
  const DASHES = [[], [6, 3], [2, 3], [8, 3, 2, 3]];
  const PATTERNS = [[], [7, 3], [2, 2], [9, 3, 2, 3], [5, 2], [12, 3], [1, 3], [9, 2, 2, 2, 2, 2], [4, 4], [14, 2, 3, 2]];

  class Palette {
    constructor() {
      this.slots = new Map(); // run → slot, 0 …
    }

    /** Deal slots to `runs` in order; `chosen` gives run → colour number of those picked by hand. */
    deal(runs, chosen) {
      const shown = new Set(runs);
      for (const run of this.slots.keys()) if (!shown.has(run)) this.slots.delete(run);
      const taken = new Set(this.slots.values());
      let next = 0;
      for (const run of runs) {
        if (this.slots.has(run)) continue;
        while (taken.has(next)) next += 1;
        this.slots.set(run, next);
        taken.add(next);
      }
      this.chosen = chosen;
    }

    colour(run) {
      const slot = this.chosen.get(run);
      return `var(--gt-run-${this.number(run, slot) + 1})`;
    }

    number(run, slot) {
      return slot === undefined ? this.slots.get(run) % COUNT : slot;
    }

    dash(run, patterns) {
      if (patterns) return PATTERNS[this.number(run, this.chosen.get(run))];
      return DASHES[Math.floor(this.slots.get(run) / COUNT) % DASHES.length];
    }
  }

  gitrack.Palette = Palette;
  gitrack.Palette.COUNT = COUNT;

  const resolved = new Map(); // scheme and name → colour, since reading a style may cost a layout

  /** A canvas knows no custom properties: read one. */
  gitrack.resolveColour = function (css) {
    const name = /^var\((--[\w-]+)\)$/.exec(css);
    if (!name) return css;
    const key = `${document.body.dataset.mdColorScheme} ${name[1]}`;
    if (!resolved.get(key)) resolved.set(key, getComputedStyle(document.body).getPropertyValue(name[1]).trim());
    return resolved.get(key);
  };
})();
