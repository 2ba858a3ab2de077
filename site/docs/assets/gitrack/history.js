// Where the curves come from: one script a metric and chunk of runs, asked for when it is drawn.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});

  class History {
    constructor(project) {
      this.project = project;
      this.known = new Map(); // metric name → Map(run → Series or null)
    }

    /** The series; null if the run did not log the metric, undefined while nobody knows. */
    get(run, metric) {
      const runs = this.known.get(metric);
      const found = runs ? runs.get(run) : undefined;
      if (found !== undefined) return found;
      return this.project.script(metric, this.project.chunkOf(run)) === null ? null : undefined;
    }

    /**
     * Bring the series of `runs` for `metrics`, calling `progress` as they land.
     * Resolves to the errors of the scripts that could not be loaded.
     */
    async fetch(runs, metrics, progress) {
      const loads = [];
      for (const metric of metrics) {
        const wanted = runs.filter((run) => this.get(run, metric) === undefined);
        for (const chunk of new Set(wanted.map((run) => this.project.chunkOf(run)))) {
          loads.push(this.fetchChunk(metric, chunk));
        }
      }
      const results = await Promise.allSettled(
        loads.map((load) =>
          load.then((value) => {
            if (progress) progress();
            return value;
          }),
        ),
      );
      return results.filter((result) => result.status === 'rejected').map((result) => result.reason);
    }

    /** Keep a metric's series, but nothing that is quickly made of them. */
    rest(metric) {
      const runs = this.known.get(metric);
      if (runs) for (const series of runs.values()) if (series) series.rest();
    }

    async fetchChunk(metric, chunk) {
      const { project } = this;
      const path = project.script(metric, chunk);
      const all = await gitrack.unpackSeries(await gitrack.load(path));
      gitrack.forget(path); // what it was packed in is not read again
      if (!this.known.has(metric)) this.known.set(metric, new Map());
      const runs = this.known.get(metric);
      all.forEach((series, i) => {
        const run = project.chunks.first[chunk] + i;
        if (!runs.get(run)) runs.set(run, series);
      });
    }
  }

  gitrack.History = History;
})();
