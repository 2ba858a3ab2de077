// A project's index with names for what lies in it: runs are numbers 0 … n-1, oldest first.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});

  class Project {
    constructor(index, path) {
      this.name = index.project;
      this.folder = path.slice(0, path.lastIndexOf('/') + 1);
      this.runs = index.runs;
      this.columns = index.columns;
      this.chunks = index.chunks;
      this.size = index.runs.id.length;
      this.metrics = index.metrics.filter((metric) => !metric.name.startsWith('_'));
      this.metricByName = new Map(index.metrics.map((metric) => [metric.name, metric]));
      this.columnByKey = new Map(index.columns.map((column) => [column.key, column]));
      this.byId = new Map(index.runs.id.map((id, run) => [id, run]));
      this.index = index;
      this.bests = new Map();
    }

    static async open(path) {
      return new Project(await gitrack.loadIndex(path), path);
    }

    /** The number of the chunk that a run's curves lie in. */
    chunkOf(run) {
      const { first } = this.chunks;
      let low = 0;
      let high = first.length - 1;
      while (low < high) {
        const middle = Math.ceil((low + high) / 2);
        if (first[middle] <= run) low = middle;
        else high = middle - 1;
      }
      return low;
    }

    /** The script of a metric of a chunk; null where none of its runs logged it. */
    script(metric, chunk) {
      const found = this.metricByName.get(metric);
      if (!found || !this.chunks.name[chunk] || (found.in && !found.in.includes(chunk))) return null;
      return `${this.folder}${this.chunks.name[chunk]}/${found.key}.js`;
    }

    nameOf(run) {
      return this.runs.name[run] || this.runs.id[run];
    }

    href(run) {
      return `runs/${encodeURIComponent(this.runs.id[run])}.html`;
    }

    /** Which way is better for a metric or a summary column: "min", "max" or null. */
    goal(metric) {
      const found = this.metricByName.get(metric) || this.columnByKey.get(`summary.${metric}`);
      return found ? found.goal : null;
    }

    /** The run with the best value of a summary column among `runs`; null where nobody can say. */
    best(column, runs) {
      if (!column.goal || column.kind !== 'number') return null;
      let best = null;
      let several = 0;
      for (const run of runs) {
        const value = column.values[run];
        if (value === null || Number.isNaN(value)) continue;
        several += 1;
        if (best === null || (column.goal === 'min' ? value < column.values[best] : value > column.values[best])) {
          best = run;
        }
      }
      return several > 1 ? best : null;
    }

    /** The config columns whose values differ between `runs`; a value that is missing differs. */
    differing(runs) {
      return this.columns.filter((column) => {
        if (!column.key.startsWith('config.')) return false;
        const first = column.values[runs[0]];
        return runs.some((run) => !Object.is(column.values[run], first));
      });
    }
  }

  gitrack.Project = Project;

  /** The last part of a column's key for people: config.lr → lr, summary.val/acc → val/acc. */
  gitrack.columnLabel = (key) => key.slice(key.indexOf('.') + 1);
})();
