// How busy the machine was: the charts of every page, with devices as lines and time across.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const SLOTS = 10;
  const NAMED = 4; // lines whose names have room beside a title
  const TIMES = ['_runtime', '_timestamp'];

  /** Lines stand where other pages have runs: a device is one line on all charts. */
  function linesOf(charts) {
    const names = [...new Set(charts.flatMap(({ lines }) => lines.map(([name]) => name)))];
    const number = new Map(names.map((name, i) => [name, i]));
    return new Map(
      charts.map(({ title, lines }) => [
        title,
        lines.map(([name, place], slot) => ({
          run: number.get(name),
          id: name,
          name,
          state: 'finished',
          colour: lines.length > 1 ? `var(--gt-run-${(slot % SLOTS) + 1})` : 'var(--gt-fg2)',
          dash: slot < SLOTS ? [] : [6, 3],
          place,
        })),
      ]),
    );
  }

  /** Here no table says which line is which. */
  function legend(lines) {
    const named = lines.length > 1 && lines.length <= NAMED ? lines : [];
    return el('span', { class: 'gt-system__legend' }, ...named.map(({ name, colour }) => el('span', {}, gitrack.dot(colour), name)));
  }

  /** The series as charts ask for them: by line and chart, or by line and time. */
  class Samples {
    constructor(series, lines) {
      this.series = series;
      this.lines = lines;
    }

    get(number, name) {
      const time = TIMES.indexOf(name);
      if (time >= 0) return this.series[time];
      const line = this.lines.get(name).find(({ run }) => run === number);
      return line ? this.series[line.place] : null;
    }

    async fetch() {
      return [];
    }
  }

  gitrack.sections.system = async function (body, data) {
    const { charts } = data;
    const lines = linesOf(charts);
    const history = new Samples(await gitrack.unpackSeries(data), lines);
    const all = [...lines.values()].flat();
    const metrics = [...charts.map(({ title }) => title), ...TIMES].map((name) => ({ name, key: '', goal: null, logged: 1, in: null }));
    const runs = { id: all.map(({ id }) => id), name: all.map(({ name }) => name), state: all.map(({ state }) => state) };
    const project = new gitrack.Project({ project: gitrack.page.project, runs, columns: [], metrics, chunks: { first: [0], name: [''] } }, '');
    const state = new gitrack.State(null, new URLSearchParams('x=_runtime'));
    const root = el('div', { class: 'gt-charts gt-system' });
    body.append(root);
    const drawn = new gitrack.Charts({ root, project, history, state, linesOf: (title) => lines.get(title) });
    const units = new Map(charts.map(({ title, unit }) => [title, unit]));
    for (const { metric, element } of drawn.panels) {
      const title = element.querySelector('h3');
      if (units.get(metric)) title.append(el('span', { class: 'gt-prefix' }, ` ${units.get(metric)}`));
      title.after(legend(lines.get(metric)));
    }
    drawn.setRuns(all);
    gitrack.systemCharts = drawn;
  };
})();
