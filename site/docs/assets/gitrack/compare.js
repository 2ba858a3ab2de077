// The comparison of a few runs: they are columns, aligned from the head to the charts.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const USUAL = 8; // metrics shown before somebody asks for all
  const FULL = 0.08; // the relative change that fills a bar, at least

  class Comparison {
    constructor(project, state, root) {
      Object.assign(this, { project, state, root });
      this.palette = new gitrack.Palette();
      this.table = el('div', { class: 'gt-sheet gt-versus' });
      this.head = el('header', { class: 'gt-compare__head' });
      this.foot = el('section', { class: 'gt-compare__charts', 'aria-label': 'Charts' });
      root.replaceChildren(this.head, this.table, this.foot);
      this.read();
      state.watch((changed) => {
        if (['runs', 'base', 'equal', 'metrics', 'patterns'].some((name) => changed.has(name))) this.update();
      });
      this.update();
    }

    read() {
      const { project, state } = this;
      const wanted = state.runs || [];
      this.unknown = wanted.filter((id) => !project.byId.has(id));
      this.runs = [...new Set(wanted.map((id) => project.byId.get(id)).filter((run) => run !== undefined))];
      const base = project.byId.get(state.base);
      this.base = this.runs.includes(base) ? base : this.runs[0];
      this.runs.sort((a, b) => (b === this.base) - (a === this.base));
      this.palette.deal(this.runs.filter((run) => run !== this.base), new Map());
    }

    colour(run) {
      return run === this.base && this.runs.length > 1 ? 'var(--gt-fg2)' : this.palette.colour(run);
    }

    update() {
      this.read();
      if (this.runs.length < 2 && this.base !== undefined) this.palette.deal(this.runs, new Map());
      this.drawHead();
      this.table.hidden = this.foot.hidden = !this.runs.length;
      if (!this.runs.length) return;
      this.drawTable();
      this.drawCharts();
    }

    drawHead() {
      const { runs, state } = this;
      const add = gitrack.button('Add run', 'plus', () => this.openAdd(add));
      const children = [
        el(
          'div',
          { class: 'gt-compare__title' },
          el('h1', {}, runs.length ? `Compare ${gitrack.format.plural(runs.length, 'run')}` : 'Compare runs'),
          runs.length > 1 ? el('span', { class: 'gt-dim' }, 'deltas are against the pinned baseline') : null,
          el('span', { class: 'gt-spring' }),
          add,
          gitrack.button('Copy link', 'link', (event) => gitrack.copy(state.link(), event.currentTarget)),
        ),
      ];
      if (this.unknown.length) {
        const one = this.unknown.length === 1;
        children.push(
          el(
            'p',
            { class: 'gt-failed', role: 'note' },
            `${one ? 'This run is' : 'These runs are'} not in ${this.project.name}: `,
            el('code', { class: 'gt-mono' }, this.unknown.join(', ')),
            `. ${one ? 'It was' : 'They were'} removed, or recorded on a branch that this site was not built from.`,
          ),
        );
      }
      if (!runs.length) children.push(this.emptiness());
      this.head.replaceChildren(...children);
    }

    emptiness() {
      const { project } = this;
      const latest = project.runs.id.map((_, run) => run).slice(-2).reverse();
      return el(
        'div',
        { class: 'gt-empty' },
        el('h2', {}, 'No run is chosen yet'),
        el('p', {}, 'Select two or more runs in the workspace and press Compare, or start here.'),
        latest.length > 1
          ? gitrack.button('Compare the two latest runs', null, () => this.choose(latest))
          : el('a', { class: 'gt-button', href: 'index.html' }, 'Open the workspace'),
      );
    }

    choose(runs) {
      this.state.set({ runs: runs.map((run) => this.project.runs.id[run]) });
    }

    openAdd(anchor) {
      const { project } = this;
      const box = el('div', { class: 'gt-columns' });
      const fill = () => {
        const query = gitrack.query.compile(find.value, project.index);
        const found = [];
        for (let run = project.size - 1; run >= 0 && found.length < 40; run -= 1) {
          if (!this.runs.includes(run) && query.match(run)) found.push(run);
        }
        box.replaceChildren(
          ...found.map((run) =>
            gitrack.menu.item(
              el('span', { class: 'gt-add' }, gitrack.stateMark(project.runs.state[run]), el('span', {}, project.nameOf(run)), el('small', {}, gitrack.format.age(project.runs.created[run]))),
              () => this.choose([...this.runs, run]),
            ),
          ),
        );
        if (!found.length) box.append(el('p', { class: 'gt-dim' }, 'No other run matches.'));
      };
      const find = el('input', { type: 'search', placeholder: 'Name, tag or lr<0.01', 'aria-label': 'Find a run', oninput: fill });
      fill();
      gitrack.menu.show(anchor, 'Add a run', find, box);
    }

    drawTable() {
      const settings = this.project.columns.filter((column) => column.key.startsWith('config.') && this.has(column));
      const differing = this.runs.length > 1 ? new Set(this.project.differing(this.runs)) : new Set(settings);
      const results = this.results();
      const shownResults = this.state.metrics ? results : results.slice(0, USUAL);
      const shownSettings = this.state.equal ? settings : settings.filter((column) => differing.has(column));
      const changes = new Map(shownResults.map((column) => [column, this.changes(column)]));
      const told = shownResults.filter((column) => column.goal).flatMap((column) => changes.get(column));
      const most = Math.max(FULL, ...told.map((change) => Math.min(1, Math.abs(change.share) || 0)));
      const equal = settings.length - differing.size;
      this.table.replaceChildren(
        el(
          'table',
          { class: 'gt-versus__table', 'aria-label': 'Comparison', style: { '--runs': String(this.runs.length) } },
          el('thead', {}, this.headRow()),
          this.bodyOf(
            [
              el('b', {}, 'Summary'),
              ` ${shownResults.length} of ${gitrack.format.plural(results.length, 'metric')}`,
              results.length > USUAL ? [' · ', this.link(this.state.metrics ? 'show fewer' : 'show all', () => this.state.set({ metrics: !this.state.metrics }))] : null,
            ],
            this.runs.length > 1 ? [el('i', { class: 'gt-best' }), `best · bars: relative change to the baseline, full width ${gitrack.format.number(most * 100, 2)} %`] : null,
            shownResults.map((column) => this.resultRow(column, changes.get(column), most)),
          ),
          this.bodyOf(
            [
              el('b', {}, 'Config'),
              this.runs.length > 1 ? ` ${gitrack.format.plural(differing.size, 'key')} ${differing.size === 1 ? 'differs' : 'differ'}` : ` ${gitrack.format.plural(settings.length, 'key')}`,
              equal > 0 && this.runs.length > 1 ? [' · ', this.link(this.state.equal ? 'hide the equal ones' : `show the ${equal} equal`, () => this.state.set({ equal: !this.state.equal }))] : null,
            ],
            null,
            shownSettings.map((column) => this.settingRow(column)),
          ),
        ),
      );
    }

    link(words, onclick) {
      return el('button', { type: 'button', class: 'gt-button gt-button--link', onclick }, words);
    }

    has(column) {
      return this.runs.some((run) => column.values[run] !== null && column.values[run] !== undefined);
    }

    /** Summary columns that any of the runs has; numbers with a known direction first. */
    results() {
      const rank = (column) =>
        (column.goal ? 0 : column.kind === 'number' ? 2 : 4) + (/^summary\.(val|valid|eval|test)/.test(column.key) ? 0 : 1);
      return this.project.columns
        .filter((column) => column.key.startsWith('summary.') && this.has(column))
        .sort((a, b) => rank(a) - rank(b));
    }

    headRow() {
      const { project } = this;
      return el(
        'tr',
        {},
        el('th', { scope: 'col' }, el('span', { class: 'gt-dim' }, `${this.runs.length} of ${gitrack.format.plural(project.size, 'run')}`)),
        ...this.runs.map((run) => this.runHead(run)),
      );
    }

    runHead(run) {
      const { project } = this;
      const { runs } = project;
      const name = project.nameOf(run);
      const word = runs.state[run].charAt(0).toUpperCase() + runs.state[run].slice(1);
      const code = runs.commit[run] ? ` · ${runs.branch[run] || 'detached'} @ ${runs.commit[run].slice(0, 7)}` : '';
      const pinned = run === this.base && this.runs.length > 1;
      return el(
        'th',
        { scope: 'col' },
        el(
          'div',
          { class: 'gt-versus__name' },
          gitrack.dot(this.colour(run)),
          el('a', { href: project.href(run), title: name }, name),
          pinned ? el('span', { class: 'gt-tag gt-tag--accent', title: 'Baseline' }, gitrack.icon('pin'), el('span', {}, 'baseline')) : null,
          el('span', { class: 'gt-spring' }),
          pinned || this.runs.length < 2 ? null : gitrack.iconButton(`Make ${name} the baseline`, 'pin', () => this.state.set({ base: runs.id[run] })),
          gitrack.iconButton(`Remove ${name}`, 'close', () => this.choose(this.runs.filter((one) => one !== run))),
        ),
        el(
          'div',
          { class: 'gt-versus__facts' },
          gitrack.stateMark(runs.state[run]),
          ` ${word} · ${gitrack.format.duration(runs.duration[run])}${code}`,
          runs.dirty[run] ? el('span', { class: 'gt-dirty' }, ' ● uncommitted') : null,
        ),
      );
    }

    bodyOf(title, note, rows) {
      return el(
        'tbody',
        {},
        el(
          'tr',
          { class: 'gt-versus__group' },
          el('th', { scope: 'rowgroup', colspan: String(this.runs.length + 1) }, el('div', {}, el('span', {}, ...title.flat().filter(Boolean)), note ? el('span', { class: 'gt-dim' }, ...note) : null)),
        ),
        ...rows,
      );
    }

    changes(column) {
      const from = column.values[this.base];
      return this.runs.map((run) => {
        const to = column.values[run];
        if (run === this.base || typeof from !== 'number' || typeof to !== 'number' || !Number.isFinite(to - from)) return {};
        const delta = to - from;
        const verdict = !column.goal || !delta ? '' : (column.goal === 'max') === delta > 0 ? 'good' : 'bad';
        return { delta, share: from ? delta / Math.abs(from) : NaN, verdict };
      });
    }

    resultRow(column, changes, most) {
      const best = this.project.best(column, this.runs);
      const arrow = column.goal === 'max' ? ' ↑' : column.goal === 'min' ? ' ↓' : '';
      const format = column.kind === 'number' ? gitrack.format.columnFormat(this.runs.map((run) => column.values[run])) : String;
      return el(
        'tr',
        {},
        el('th', { scope: 'row', title: gitrack.columnLabel(column.key) }, gitrack.columnLabel(column.key) + arrow),
        ...this.runs.map((run, i) => el('td', {}, this.result(column.values[run], format, run === best, changes[i], most))),
      );
    }

    result(value, format, best, change, most) {
      const missing = value === null || value === undefined;
      const cells = [
        el(
          'span',
          { class: best ? 'gt-key' : null },
          best ? el('i', { class: 'gt-best', role: 'img', 'aria-label': 'best' }) : el('i', { class: 'gt-best gt-best--none' }),
          missing ? '–' : format(value),
        ),
      ];
      if (change.delta === undefined) cells.push(el('span', { class: 'gt-dim' }, '–'));
      else {
        const { delta, share, verdict } = change;
        const mark = !delta ? '' : delta > 0 ? '▲ ' : '▼ ';
        cells.push(
          el('span', { class: verdict ? `gt-${verdict}` : 'gt-dim' }, mark + gitrack.format.signed(delta, format)),
          el('span', { class: 'gt-dim' }, percent(share)),
          bar(share, verdict, most),
        );
      }
      return el('div', { class: 'gt-result' }, ...cells);
    }

    settingRow(column) {
      const from = column.values[this.base];
      const write = column.kind === 'number' ? gitrack.format.short : String;
      return el(
        'tr',
        { class: 'gt-setting' },
        el('th', { scope: 'row', title: gitrack.columnLabel(column.key) }, gitrack.columnLabel(column.key)),
        ...this.runs.map((run) => {
          const value = column.values[run];
          const missing = value === null || value === undefined;
          const unlike = this.runs.length > 1 && !Object.is(value, from);
          return el('td', {}, el(unlike ? 'mark' : 'span', {}, missing ? '–' : write(value)));
        }),
      );
    }

    drawCharts() {
      if (!this.charts) {
        const root = el('div', { class: 'gt-charts' });
        this.charts = new gitrack.Charts({ root, project: this.project, history: new gitrack.History(this.project), state: this.state });
        this.foot.append(el('h2', { class: 'gt-head' }, 'Charts'), new gitrack.Toolbar(this.charts).element, root);
      }
      const { project } = this;
      this.charts.setRuns(
        this.runs.map((run) => ({
          run,
          id: project.runs.id[run],
          name: project.nameOf(run),
          state: project.runs.state[run],
          colour: this.colour(run),
          dash: run === this.base && this.runs.length > 1 ? [] : this.palette.dash(run, this.state.patterns),
        })),
      );
    }
  }

  function percent(share) {
    if (!Number.isFinite(share)) return '';
    if (Math.abs(share) >= 10) return `${share > 0 ? '> +' : '< −'}999 %`;
    return `${gitrack.format.signed(share * 100, (size) => size.toFixed(size < 10 ? 1 : 0))} %`;
  }

  function bar(share, verdict, most) {
    if (!Number.isFinite(share)) return el('span', {});
    const size = Math.min(1, Math.abs(share) / most) * 50;
    return el(
      'span',
      { class: `gt-bar${verdict ? ` gt-bar--${verdict}` : ''}`, 'aria-hidden': 'true' },
      el('i', { style: { left: `${share < 0 ? 50 - size : 50}%`, width: `${size}%` } }),
    );
  }

  async function start(root) {
    try {
      const project = await gitrack.Project.open(gitrack.page.data);
      gitrack.comparison = new Comparison(project, new gitrack.State(gitrack.page), root);
    } catch (error) {
      if (!(error instanceof gitrack.LoadError)) throw error;
      root.replaceChildren(
        el('div', { class: 'gt-empty gt-failed' }, el('p', {}, error.message), gitrack.button('Retry', null, () => start(root))),
      );
    }
  }

  start(document.getElementById('gt-compare'));
})();
