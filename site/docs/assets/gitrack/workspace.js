// The workspace: the run table on the left says which runs, the charts on the right how.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const NARROW = 320;
  const USUAL = 596; // as in workspace.css
  const WIDE = 0.7; // of the window

  function sortButton(columns, state) {
    const button = gitrack.button(null, null, () => {
      const keys = ['created', 'name', 'state', ...columns.keys.filter((key) => key !== 'created')];
      const first = state.sort[0] || '-created';
      gitrack.menu.show(
        button,
        'Sort',
        ...keys.flatMap((key) => {
          const down = first === key;
          return [gitrack.menu.item(columns.all.get(key).label, () => state.set({ sort: [down ? `-${key}` : key] }), { pressed: first.replace(/^-/, '') === key })];
        }),
      );
    });
    const write = () => {
      const all = state.sort.length ? state.sort : ['-created'];
      const words = all.map((key) => {
        const column = columns.all.get(key.replace(/^-/, ''));
        return `${column ? column.label : key} ${key.startsWith('-') ? '↓' : '↑'}`;
      });
      button.textContent = words.join(', ');
    };
    state.watch((changed) => changed.has('sort') && write());
    write();
    return button;
  }

  function footer(list) {
    const counts = el('span', {});
    const hint = el('span', { class: 'gt-dim' });
    const link = el('a', { class: 'gt-button' }, 'Compare');
    const write = () => {
      const shown = list.shown.length;
      const hidden = list.rows.filter((run) => !list.isShown.has(run)).length;
      const out = list.project.size - list.rows.length;
      const few = list.selected.size;
      counts.replaceChildren(
        el('b', {}, list.draws ? `${gitrack.format.plural(list.drawn().length, 'group')} drawn` : `${shown} shown`),
        hidden ? ` · ${hidden.toLocaleString('en-US')} hidden` : '',
        out ? ` · ${out.toLocaleString('en-US')} filtered out` : '',
      );
      hint.textContent = few > 1 ? `${few} selected` : 'Select two or more to';
      link.href = compareHref(list);
    };
    list.watch(write);
    write();
    return el('footer', { class: 'gt-pane__foot' }, counts, el('span', { class: 'gt-spring' }), hint, link);
  }

  function compareHref(list) {
    const runs = list.toCompare().map((run) => list.project.runs.id[run]);
    const base = list.base === null ? '' : `&base=${encodeURIComponent(list.project.runs.id[list.base])}`;
    return `compare.html?runs=${runs.map(encodeURIComponent).join(',')}${base}`;
  }

  /** The strip between table and charts: drag it, move it by arrow keys, double click resets. */
  function grip(root, state) {
    const set = (width) => {
      const held = Math.round(Math.max(NARROW, Math.min(innerWidth * WIDE, width)));
      state.set({ width: String(held) });
    };
    const apply = () => {
      const width = Number(state.width);
      if (width) root.style.setProperty('--pane', `${width}px`);
      else root.style.removeProperty('--pane');
      strip.setAttribute('aria-valuenow', String(width || USUAL));
    };
    const strip = el('div', {
      class: 'gt-grip',
      role: 'separator',
      'aria-orientation': 'vertical',
      'aria-label': 'Width of the run table',
      'aria-valuemin': NARROW,
      tabindex: '0',
      onpointerdown: (event) => {
        strip.setPointerCapture(event.pointerId);
        event.preventDefault();
      },
      onpointermove: (event) => strip.hasPointerCapture(event.pointerId) && set(event.clientX),
      ondblclick: () => state.set({ width: '' }),
      onkeydown: (event) => {
        const by = { ArrowLeft: -24, ArrowRight: 24 }[event.key];
        if (by) set(strip.getBoundingClientRect().left + by);
      },
    });
    state.watch((changed) => changed.has('width') && apply());
    apply();
    return strip;
  }

  /** On a phone one of two panes is in sight. */
  function paneSwitch(root, state, list, project) {
    const buttons = ['runs', 'charts'].map((pane) =>
      el('button', { type: 'button', onclick: () => state.set({ pane }) }),
    );
    const write = () => {
      const pane = state.pane === 'charts' ? 'charts' : 'runs';
      root.dataset.pane = pane;
      buttons[0].textContent = `Runs ${list.rows.length}`;
      buttons[1].textContent = `Charts ${project.metrics.length}`;
      buttons.forEach((button, i) => button.setAttribute('aria-pressed', String((i ? 'charts' : 'runs') === pane)));
    };
    state.watch((changed) => changed.has('pane') && write());
    list.watch(write);
    write();
    return el('div', { class: 'gt-segments gt-panes' }, ...buttons);
  }

  function bindKeys(list, table, charts) {
    const { bind } = gitrack.keys;
    bind('j', 'Next run', () => table.moveCursor(1));
    bind('k', 'Previous run', () => table.moveCursor(-1));
    bind(' ', 'Show or hide the run or group', () => {
      if (table.line === null) return false;
      if (table.current === null) list.toggleGroup(table.line);
      else list.toggle(table.current);
      return true;
    });
    bind('Enter', 'Open the run, fold the group', () => {
      if (table.line === null) return false;
      if (table.current === null) {
        list.fold(table.line);
        return true;
      }
      location.href = list.project.href(table.current);
      return true;
    });
    bind('s', 'Select the run', () => (table.current === null ? false : list.select(table.current, { add: true })));
    bind('v', 'Filter by a value of the run', () => {
      const row = table.current === null ? null : table.rows.get(table.current);
      if (!row) return false;
      gitrack.menu.show(row.querySelector('a'), 'Filter by a value', ...gitrack.columnFilters(table, table.current));
      return true;
    });
    bind('p', 'Pin the run as baseline', () => {
      const run = table.current !== null ? table.current : charts.highlighted;
      if (typeof run === 'number') list.pin(run);
    });
    bind('c', 'Compare', () => {
      location.href = compareHref(list);
    });
  }

  function firstRun() {
    return el(
      'div',
      { class: 'gt-empty' },
      el('h2', {}, 'No run has been recorded yet'),
      el('p', {}, 'Four lines of Python record the first one:'),
      el('pre', {}, 'import gitrack\nwith gitrack.init() as run:\n    for step in range(100):\n        run.log({"loss": 1 / (step + 1)})'),
    );
  }

  async function start(root) {
    let project;
    try {
      project = await gitrack.Project.open(gitrack.page.data);
    } catch (error) {
      root.replaceChildren(
        el('div', { class: 'gt-empty gt-failed' }, el('p', {}, error.message), gitrack.button('Retry', null, () => start(root))),
      );
      return;
    }
    if (!project.size) {
      root.replaceChildren(firstRun());
      return;
    }
    const state = new gitrack.State(gitrack.page);
    const columns = new gitrack.Columns(project, state);
    const list = new gitrack.RunList(project, state, columns);
    const table = new gitrack.RunTable(list, columns, state);
    const grouping = new gitrack.GroupBar(list, columns, state);
    const query = new gitrack.QueryBox(list, state);
    const chartRoot = el('div', { class: 'gt-charts' });
    const scroller = el('div', { class: 'gt-charts__scroll' }, chartRoot);
    const right = el('section', { class: 'gt-right', 'aria-label': 'Charts' });
    const pane = el(
      'section',
      { class: 'gt-pane', 'aria-label': 'Runs' },
      query.element,
      el(
        'div',
        { class: 'gt-second' },
        grouping.element,
        el('span', { class: 'gt-label' }, 'Sort'),
        sortButton(columns, state),
        el('span', { class: 'gt-spring' }),
        new gitrack.ColumnMenu(table).button,
        gitrack.sheet.button(table),
      ),
      table.element,
      footer(list),
    );
    root.replaceChildren(paneSwitch(root, state, list, project), pane, grip(root, state), right);
    const charts = new gitrack.Charts({
      root: chartRoot,
      project,
      history: new gitrack.History(project),
      state,
      scroller: matchMedia('(max-width: 700px)').matches ? null : scroller,
      grouped: true,
      showWhoLogged: (metric) => list.showWhoLogged(metric),
    });
    const context = new gitrack.PanelContext({ project, columns, list, history: charts.history, state, charts });
    const board = new gitrack.Board({ context, scroller: charts.seen.root, charts: chartRoot });
    scroller.prepend(board.element);
    const menu = gitrack.boardMenu(board);
    const toolbar = new gitrack.Toolbar(charts);
    toolbar.element.prepend(...menu.elements);
    toolbar.logY.before(gitrack.meanSwitch(list, state, () => grouping.open()));
    toolbar.element.prepend(gitrack.drawer(root, pane, list, state));
    right.append(toolbar.element, scroller);
    table.onPoint = (run) => charts.highlight(run);
    charts.highlightListeners.push((run) => table.light(run));
    list.watch(() => charts.setRuns(list.drawn()));
    charts.setRuns(list.drawn());
    bindKeys(list, table, charts);
    table.fit();
    gitrack.workspace = { board, charts, list, state, table };
    await board.load();
    menu.write();
  }

  start(document.getElementById('gt-workspace'));
})();
