// One chart over the whole window: arrow keys turn to the next one, Escape goes back.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;

  class Screen {
    constructor(charts) {
      this.charts = charts;
      this.panel = null;
      this.asleep = []; // what lies behind
      this.place = el('span', { class: 'gt-panel__note' });
      this.tools = el(
        'span',
        { class: 'gt-screen' },
        this.place,
        gitrack.iconButton('Previous chart', 'left', () => this.turn(-1)),
        gitrack.iconButton('Next chart', 'right', () => this.turn(1)),
        gitrack.iconButton('Leave full screen', 'close', () => this.show(null)),
      );
      document.addEventListener('keydown', (event) => this.key(event));
    }

    toggle(panel) {
      this.show(panel === this.panel ? null : panel);
    }

    show(panel) {
      const before = this.panel;
      if (before === panel) return;
      this.panel = panel;
      this.charts.crosshair.freeze(false);
      for (const one of this.asleep) one.inert = false;
      this.asleep = [];
      if (before) {
        before.large = false;
        before.element.classList.remove('gt-panel--large');
        before.element.removeAttribute('aria-modal');
        this.tools.remove();
        if (!panel) before.element.scrollIntoView({ block: 'nearest' });
      }
      if (panel) {
        panel.large = true;
        panel.element.classList.add('gt-panel--large');
        panel.head.append(this.tools);
        const { panels } = this.charts;
        this.place.textContent = `${panels.indexOf(panel) + 1} of ${panels.length}`;
        this.sleep(panel.element);
      }
      (panel || before).element.focus({ preventScroll: true });
      if (panel) panel.stale = true;
      requestAnimationFrame(() => this.charts.schedule());
    }

    /** Take the focus and the pointer from all that lies behind. */
    sleep(element) {
      for (let one = element; one !== document.body && one.parentElement; one = one.parentElement) {
        for (const other of one.parentElement.children) {
          if (other === one || other.inert || other.matches('.gt-tooltip, #gt-live, script, style')) continue;
          other.inert = true;
          this.asleep.push(other);
        }
      }
    }

    turn(by) {
      const { panels } = this.charts;
      const next = panels[panels.indexOf(this.panel) + by];
      if (!next) return;
      this.show(next);
      gitrack.say(`Chart of ${next.metric}, ${this.place.textContent}`);
    }

    key(event) {
      if (!this.panel || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
      if (event.target.closest && event.target.closest('input, select, textarea, .gt-popover')) return;
      if (event.key === 'Escape') this.show(null);
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (by) {
        event.preventDefault();
        this.turn(by);
      }
    }
  }

  gitrack.Screen = Screen;
})();
