// What was logged under a key, step by step: of each step the items in the order of their places.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});

  class StepWalk {
    /** `show(items)` is called with the items of the step that is chosen; `go` shows the first. */
    constructor(key, items, show) {
      this.items = items;
      this.show = show;
      const steps = [...new Set(items.map((item) => item.step))].sort((a, b) => a - b);
      this.slider = new gitrack.StepSlider({ steps, label: key, changed: () => this.go() });
      this.element = this.slider.element;
    }

    go() {
      const step = this.slider.steps[this.slider.at];
      return this.show(this.items.filter((item) => item.step === step).sort((a, b) => (a.index || 0) - (b.index || 0)));
    }
  }

  gitrack.StepWalk = StepWalk;
})();
