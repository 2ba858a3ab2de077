// The sections of charts on the page: their heads fold, their charts are dragged, or moved by Alt
// and an arrow key, and a corner of any of them makes all of them larger.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const SLIP = 6; // px that a click may slip
  const LOWEST = 100; // px of a plot
  const HIGHEST = 1000;
  const MOST = 12; // charts a row
  const STEPS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

  class ChartGrid {
    constructor(charts) {
      this.charts = charts;
      this.panels = new Map(); // metric → its panel, hidden or not
      const { root, state } = charts;
      root.addEventListener('pointerdown', (event) => this.down(event));
      root.addEventListener('pointermove', (event) => this.move(event));
      root.addEventListener('pointerup', (event) => this.up(event));
      root.addEventListener('pointercancel', () => this.drop(null));
      root.addEventListener('keydown', (event) => this.key(event));
      state.watch((changed) => (changed.has('per') || changed.has('height')) && this.resize());
      this.resize();
    }

    panelOf(metric) {
      if (!this.panels.has(metric)) {
        const panel = new gitrack.Panel(metric, this.charts.seenBy(metric));
        panel.element.append(el('i', { class: 'gt-corner', title: 'Drag to resize all charts, double click for the usual size', 'aria-hidden': 'true' }));
        this.panels.set(metric, panel);
      }
      return this.panels.get(metric);
    }

    /** Lay out all sections; returns the panels that are open to sight, in their order. */
    build() {
      const { root, arrangement } = this.charts;
      const held = root.contains(document.activeElement) ? document.activeElement : null;
      const { sections } = arrangement;
      const open = [];
      root.replaceChildren(
        ...sections.map((section) => {
          const panels = section.folded ? [] : section.metrics.map((metric) => this.panelOf(metric));
          open.push(...panels);
          return this.section(section, panels);
        }),
      );
      if (!sections.length) root.append(this.emptiness());
      this.refocus(held);
      return open;
    }

    /** Moving an element takes the focus from it. */
    refocus(held) {
      if (!held || held === document.activeElement) return;
      const again = held.isConnected ? held : this.charts.root.querySelector(`.gt-section__head[data-name="${CSS.escape(held.dataset.name || '')}"]`);
      if (again) again.focus({ preventScroll: true });
    }

    section({ name, title, all, metrics, hidden, folded }, panels) {
      const { arrangement, state } = this.charts;
      const count = metrics.length + hidden.length < all ? `${metrics.length} of ${gitrack.format.plural(all, 'chart')}` : gitrack.format.plural(metrics.length, 'chart');
      const head = el(
        'button',
        {
          type: 'button',
          class: 'gt-section__head',
          'aria-expanded': String(!folded),
          'data-name': name,
          title: 'Alt and an arrow key move the section',
          onclick: () => arrangement.fold(name),
        },
        gitrack.icon('chevron'),
        el('b', {}, title),
        el('span', {}, state.charts || !hidden.length ? count : gitrack.format.plural(metrics.length, 'chart')),
      );
      const back = hidden.length ? gitrack.button(`${hidden.length} hidden: show`, null, () => arrangement.unhide(hidden), { class: 'gt-button gt-button--link' }) : null;
      return el(
        'section',
        { class: 'gt-section', 'aria-label': `${title} charts` },
        el('div', { class: 'gt-section__row' }, head, back),
        el('div', { class: 'gt-grid' }, ...panels.map((panel) => panel.element)),
      );
    }

    emptiness() {
      const { state } = this.charts;
      return el(
        'div',
        { class: 'gt-empty' },
        el('p', {}, state.charts ? `No chart's name contains “${state.charts}”.` : 'No run of this project has logged a metric yet.'),
        state.charts ? gitrack.button('Show all charts', null, () => state.set({ charts: '' })) : null,
      );
    }

    resize() {
      const { root, state } = this.charts;
      root.classList.toggle('gt-charts--per', state.per > 0);
      if (state.per) root.style.setProperty('--per', state.per);
      if (state.height) root.style.setProperty('--gt-plot', `${state.height}px`);
      else root.style.removeProperty('--gt-plot');
    }

    down(event) {
      if (event.button !== 0 || event.pointerType === 'touch') return;
      const corner = event.target.closest('.gt-corner');
      const head = event.target.closest('.gt-panel__head');
      const panel = event.target.closest('.gt-panel');
      if (!panel || panel.panel.large || event.target.closest('button') || (!corner && !head)) return;
      const box = panel.getBoundingClientRect();
      this.drag = { panel: panel.panel, corner: Boolean(corner), x: event.clientX, y: event.clientY, box, height: panel.panel.plot.clientHeight, moved: false };
    }

    move(event) {
      const { drag } = this;
      if (!drag) return;
      const apart = [event.clientX - drag.x, event.clientY - drag.y];
      if (!drag.moved) {
        if (Math.hypot(...apart) < SLIP) return;
        drag.moved = true;
        this.charts.root.setPointerCapture(event.pointerId);
        if (!drag.corner) drag.panel.element.classList.add('gt-panel--moving');
      }
      event.preventDefault();
      if (drag.corner) this.pull(drag, apart);
      else this.aim(this.under(event, drag.panel));
    }

    /** Make all charts as large as the pulled one. */
    pull({ panel, box, height }, [right, down]) {
      const grid = panel.element.parentNode.clientWidth;
      const wanted = Math.round(Math.max(LOWEST, Math.min(HIGHEST, height + down)));
      const changes = { height: wanted };
      if (Math.abs(right) > box.width / 4 || this.charts.state.per) {
        changes.per = Math.max(1, Math.min(MOST, Math.round(grid / Math.max(80, box.width + right))));
      }
      this.charts.state.set(changes);
    }

    /** The panel of the same section below the pointer. */
    under(event, panel) {
      const over = document.elementsFromPoint(event.clientX, event.clientY).find((one) => one.classList.contains('gt-panel'));
      return over && over !== panel.element && over.parentNode === panel.element.parentNode ? over : null;
    }

    aim(over) {
      if (over === this.over) return;
      if (this.over) this.over.classList.remove('gt-panel--drop', 'gt-panel--after');
      this.over = over;
      if (!over) return;
      const after = this.drag.panel.element.compareDocumentPosition(over) & Node.DOCUMENT_POSITION_FOLLOWING;
      over.classList.add('gt-panel--drop');
      over.classList.toggle('gt-panel--after', Boolean(after));
    }

    up(event) {
      this.drop(this.drag && this.drag.moved && !this.drag.corner ? this.under(event, this.drag.panel) : null);
    }

    drop(over) {
      const { drag } = this;
      if (!drag) return;
      drag.panel.element.classList.remove('gt-panel--moving');
      this.aim(null);
      this.drag = null;
      if (over) this.charts.arrangement.move(drag.panel.metric, over.panel.metric);
    }

    key(event) {
      if (!event.altKey || event.ctrlKey || event.metaKey || !STEPS[event.key]) return;
      const head = event.target.closest('.gt-section__head');
      if (head) this.charts.arrangement.moveSection(head.dataset.name, STEPS[event.key]);
      else if (!event.target.panel || event.target.panel.large) return;
      else this.shift(event.target.panel, STEPS[event.key]);
      event.preventDefault();
      event.stopPropagation();
    }

    /** Put a chart before the one before it, or after the one after it. */
    shift(panel, by) {
      const all = [...panel.element.parentNode.children];
      const at = all.indexOf(panel.element) + by;
      if (!all[at]) return;
      this.charts.arrangement.move(panel.metric, all[at].panel.metric);
      gitrack.say(`${panel.metric} is chart ${at + 1} of ${all.length}`);
      panel.element.scrollIntoView({ block: 'nearest' });
    }
  }

  gitrack.ChartGrid = ChartGrid;
})();
