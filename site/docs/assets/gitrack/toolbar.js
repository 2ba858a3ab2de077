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
      this.logY = gitrack.button('Log y', null, () => state.set({ logy: !state.logy }));
      this.whole = gitrack.iconButton('Reset zoom', 'undo', () => state.set({ zoom: null }));
      this.find = el('input', {
        type: 'search',
        class: 'gt-find',
        placeholder: 'Find charts',
        'aria-label': 'Find charts by name',
        oninput: () => state.set({ charts: this.find.value.trim() }),
      });
      this.gear = gitrack.iconButton('Settings of all charts', 'gear', () => this.openSettings());
      this.more = gitrack.iconButton('More about the charts', 'dots', () => this.openMore());
      this.element = el(
        'div',
        { class: 'gt-toolbar', role: 'toolbar', 'aria-label': 'Charts' },
        el('label', { class: 'gt-choice' }, el('span', { class: 'gt-label' }, 'X'), this.x),
        el('label', { class: 'gt-slider' }, el('span', { class: 'gt-label' }, 'Smooth'), this.smooth, this.weight),
        this.logY,
        this.whole,
        el('span', { class: 'gt-spring' }),
        this.find,
        this.gear,
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
      this.logY.setAttribute('aria-pressed', String(state.logy));
      this.whole.hidden = !state.zoom;
      if (this.find.value.trim() !== state.charts) this.find.value = state.charts;
    }

    openSettings() {
      const { state, project, grouped } = this.charts;
      const { DEFAULTS } = gitrack.settings;
      const isChosen = ([word, value]) => JSON.stringify(value) !== JSON.stringify(DEFAULTS[word]);
      gitrack.chartMenu(this.gear, {
        title: 'Settings of all charts',
        others: 'the usual',
        project,
        grouped,
        get: () => state.common,
        own: () => Object.fromEntries(Object.entries(state.common).filter(isChosen)),
        set: (word, value) => state.setCommon({ [word]: value === undefined ? DEFAULTS[word] : value }),
        more: this.single(),
      });
    }

    /** Which charts have settings of their own, and the way back. */
    single() {
      const { state } = this.charts;
      const count = state.chart.size;
      if (!count) return [];
      const words = `${gitrack.format.plural(count, 'chart')} with settings of ${count === 1 ? 'its' : 'their'} own: reset`;
      return [gitrack.menu.item(words, () => state.set({ chart: new Map() }))];
    }

    openMore() {
      const { state, arrangement } = this.charts;
      const { item } = gitrack.menu;
      gitrack.menu.show(
        this.more,
        'More about the charts',
        ...this.sizes(),
        state.hide.size ? item(`Show the ${gitrack.format.plural(state.hide.size, 'hidden chart')}`, () => arrangement.unhide()) : null,
        state.order.length || state.sections.length ? item('Put the charts in their usual order', () => state.set({ order: [], sections: [] })) : null,
        item('Line patterns', () => state.set({ patterns: !state.patterns }), { pressed: state.patterns }),
        item('Reset all about the charts', () => state.reset()),
        el('hr', {}),
        item('Single-key shortcuts', () => gitrack.keys.toggle(), { pressed: gitrack.keys.on }),
        item('List of shortcuts', () => gitrack.keys.help()),
      );
    }

    /** How many charts stand in a row, and how high they are. */
    sizes() {
      const { state } = this.charts;
      const per = el(
        'select',
        { 'aria-label': 'Charts a row', onchange: () => state.set({ per: per.selectedIndex }) },
        ...['as many as fit', 1, 2, 3, 4, 5, 6].map((words) => el('option', {}, String(words))),
      );
      per.selectedIndex = Math.min(6, state.per);
      const height = el('input', {
        type: 'range',
        min: '100',
        max: '600',
        step: '4',
        value: String(state.height || 172),
        'aria-label': 'Height of the charts',
        oninput: () => state.set({ height: Number(height.value) }),
      });
      return [el('label', { class: 'gt-setting' }, el('span', {}, 'Charts a row'), per), el('label', { class: 'gt-setting gt-slider' }, el('span', {}, 'Height'), height)];
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
        if (panel) panel.flipLogY();
      });
      gitrack.keys.bind('f', 'Full-screen chart', () => charts.current() && charts.screen.toggle(charts.current()));
    }
  }

  gitrack.Toolbar = Toolbar;
})();
