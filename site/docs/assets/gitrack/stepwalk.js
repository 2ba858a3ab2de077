// Walking through the steps at which something was logged: a slider between two buttons.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;

  class StepWalk {
    /** `show(items)` is called with the items of the step that is chosen; at first of the last. */
    constructor(key, items, show) {
      this.items = items;
      this.show = show;
      this.steps = [...new Set(items.map((item) => item.step))].sort((a, b) => a - b);
      this.where = el('span', { class: 'gt-dim gt-mono', 'aria-live': 'polite' });
      this.slider = el('input', {
        type: 'range',
        min: 0,
        max: this.steps.length - 1,
        value: this.steps.length - 1,
        'aria-label': `Step of ${key}`,
        'data-gt-keys': 'ArrowLeft ArrowRight',
        oninput: () => this.go(Number(this.slider.value)),
      });
      this.element = el(
        'div',
        { class: 'gt-media__walk', hidden: this.steps.length < 2 },
        gitrack.iconButton('Earlier step', 'left', () => this.go(this.at - 1)),
        this.slider,
        gitrack.iconButton('Later step', 'right', () => this.go(this.at + 1)),
        this.where,
      );
    }

    go(place = this.steps.length - 1) {
      this.at = Math.max(0, Math.min(this.steps.length - 1, place));
      const step = this.steps[this.at];
      this.slider.value = this.at;
      this.slider.setAttribute('aria-valuetext', `step ${step}`);
      this.where.textContent = `step ${step.toLocaleString('en-US')} · ${this.at + 1} of ${this.steps.length}`;
      return this.show(this.items.filter((item) => item.step === step).sort((a, b) => (a.index || 0) - (b.index || 0)));
    }
  }

  gitrack.StepWalk = StepWalk;
})();
