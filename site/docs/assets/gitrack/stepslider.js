// A slider over the steps at which something was logged; one step alone needs none.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;

  class StepSlider {
    /** `steps` in order, `changed(at)` after a move; begins at a place, the last unless told. */
    constructor({ steps, label, changed, at = Infinity }) {
      Object.assign(this, { steps, changed, at: Math.min(at, steps.length - 1) });
      this.where = el('span', { class: 'gt-dim gt-mono', 'aria-live': 'polite' });
      this.slider = el('input', { type: 'range', min: 0, max: steps.length - 1, value: this.at, 'aria-label': `Step of ${label}`, 'data-gt-keys': 'ArrowLeft ArrowRight', oninput: () => this.go(Number(this.slider.value)) });
      this.element = el(
        'div',
        { class: 'gt-slider gt-steps', hidden: steps.length < 2 },
        gitrack.iconButton('Earlier step', 'left', () => this.go(this.at - 1)),
        this.slider,
        gitrack.iconButton('Later step', 'right', () => this.go(this.at + 1)),
        this.where,
      );
      this.tell();
    }

    go(at) {
      const next = Math.max(0, Math.min(this.steps.length - 1, at));
      if (next === this.at) return;
      this.at = next;
      this.tell();
      this.changed(next);
    }

    tell() {
      this.slider.value = this.at;
      this.slider.style.setProperty('--fill', `${(100 * this.at) / Math.max(1, this.steps.length - 1)}%`);
      const step = this.steps[this.at].toLocaleString('en-US');
      this.slider.setAttribute('aria-valuetext', `step ${step}`);
      this.where.textContent = `step ${step} · ${this.at + 1} of ${this.steps.length}`;
    }
  }

  gitrack.StepSlider = StepSlider;
})();
