// How the charts are drawn: x axis, smoothing, log axes, which charts, and the link to all that.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const STEP = 0.05;

  class Toolbar {
    constructor(charts) {
      this.charts = charts;
      const { state, project } = charts;
      this.x = el(
        'select',
        { 'aria-label': 'X axis', onchange: () => state.set({ x: this.x.value === '_step' ? '' : this.x.value, zoom: null }) },
        ...gitrack.axis.choices(project).map((choice) => el('option', { value: choice.key }, choice.name)),
      );
      this.smooth = el('input', {
        type: 'range',
        min: '0',
        max: '0.99',
        step: '0.01',
        'aria-label': 'Smoothing',
        oninput: () => state.set({ smooth: Number(this.smooth.value) }),
      });
      this.weight = el('output', {});
      this.logX = gitrack.button('Log x', null, () => state.set({ logx: !state.logx, zoom: null }));
      this.logY = gitrack.button('Log y', null, () => state.set({ logy: state.logy.size ? new Set() : new Set(['*']) }));
      this.whole = gitrack.button('Reset zoom', null, () => state.set({ zoom: null }));
      this.find = el('input', {
        type: 'search',
        class: 'gt-find',
        placeholder: 'Find charts',
        'aria-label': 'Find charts by name',
        oninput: () => state.set({ charts: this.find.value.trim() }),
      });
      this.more = gitrack.iconButton('More about the charts', 'dots', () => this.openMore());
      this.element = el(
        'div',
        { class: 'gt-toolbar', role: 'toolbar', 'aria-label': 'Charts' },
        el('label', { class: 'gt-choice' }, el('span', { class: 'gt-label' }, 'X'), this.x),
        el('label', { class: 'gt-slider' }, el('span', { class: 'gt-label' }, 'Smooth'), this.smooth, this.weight),
        this.logX,
        this.logY,
        this.whole,
        el('span', { class: 'gt-spring' }),
        this.find,
        gitrack.iconButton('Copy a link to this view', 'link', (event) => gitrack.copy(state.link(), event.currentTarget)),
        this.more,
      );
      state.watch(() => this.follow());
      this.follow();
      this.bindKeys();
    }

    follow() {
      const { state, x } = this.charts;
      this.x.value = x.key;
      if (Number(this.smooth.value) !== state.smooth) this.smooth.value = state.smooth;
      this.smooth.style.setProperty('--fill', `${(state.smooth / 0.99) * 100}%`);
      this.weight.textContent = state.smooth.toFixed(2);
      this.logX.setAttribute('aria-pressed', String(state.logx));
      this.logY.setAttribute('aria-pressed', String(state.logy.has('*')));
      this.logX.hidden = x.kind === 'moment';
      this.whole.hidden = !state.zoom;
      if (this.find.value.trim() !== state.charts) this.find.value = state.charts;
    }

    openMore() {
      const { state } = this.charts;
      const { item } = gitrack.menu;
      gitrack.menu.show(
        this.more,
        'More about the charts',
        item('Line patterns', () => state.set({ patterns: !state.patterns }), { pressed: state.patterns }),
        item('Single-key shortcuts', () => gitrack.keys.toggle(), { pressed: gitrack.keys.on }),
        item('List of shortcuts', () => gitrack.keys.help()),
      );
    }

    bindKeys() {
      const { charts } = this;
      const { state } = charts;
      const slide = (by) => state.set({ smooth: Math.min(0.99, Math.max(0, Number((state.smooth + by).toFixed(2)))) });
      gitrack.keys.bind('x', 'Choose the x axis', () => this.x.focus());
      gitrack.keys.bind('[', 'Smooth less', () => slide(-STEP));
      gitrack.keys.bind(']', 'Smooth more', () => slide(STEP));
      gitrack.keys.bind('l', 'Logarithmic y axis of this chart', () => {
        const panel = charts.current();
        if (!panel) return;
        const next = new Set(state.logy);
        if (!next.delete(panel.metric)) next.add(panel.metric);
        state.set({ logy: next });
      });
      gitrack.keys.bind('f', 'Full-screen chart', () => charts.enlarge(charts.current()));
    }
  }

  gitrack.Toolbar = Toolbar;
})();
