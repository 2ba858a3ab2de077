// Where the curves come from: for a few runs their own scripts, for many the metric's chunks.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const FEW = 24; // up to here one script a run costs less than the chunks of every metric

  class History {
    constructor(project) {
      this.project = project;
      this.known = new Map(); // metric name → Map(run → Series or null)
    }

    /** The series; null if the run did not log the metric, undefined while nobody knows. */
    get(run, metric) {
      const found = this.project.metricByName.get(metric);
      if (!found || found.chunks[Math.floor(run / this.project.chunk)] === null) return null;
      if (this.project.shards[run] === null) return null;
      const runs = this.known.get(metric);
      return runs ? runs.get(run) : undefined;
    }

    keep(run, metric, packed) {
      if (!this.known.has(metric)) this.known.set(metric, new Map());
      const runs = this.known.get(metric);
      if (!runs.get(run)) runs.set(run, packed ? new gitrack.Series(packed) : null);
    }

    /**
     * Bring the series of `runs` for `metrics`, calling `progress` as they land.
     * Resolves to the errors of the scripts that could not be loaded.
     */
    async fetch(runs, metrics, progress) {
      const wanted = runs.filter((run) => metrics.some((metric) => this.get(run, metric) === undefined));
      if (!wanted.length) return [];
      const few = runs.length <= FEW;
      const loads = few ? wanted.map((run) => this.fetchRun(run)) : this.fetchChunks(wanted, metrics);
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

    async fetchRun(run) {
      const shard = await gitrack.load(this.project.folder + this.project.shards[run]);
      const packed = new Map(shard.metrics.map((name, i) => [name, shard.series[i]]));
      for (const name of this.project.metricByName.keys()) this.keep(run, name, packed.get(name));
    }

    fetchChunks(runs, metrics) {
      const size = this.project.chunk;
      const chunks = new Set(runs.map((run) => Math.floor(run / size)));
      const loads = [];
      for (const name of metrics) {
        const metric = this.project.metricByName.get(name);
        for (const chunk of metric ? chunks : []) {
          if (metric.chunks[chunk] !== null) loads.push(this.fetchChunk(metric, chunk));
        }
      }
      return loads;
    }

    async fetchChunk(metric, chunk) {
      const data = await gitrack.load(this.project.folder + metric.chunks[chunk]);
      data.series.forEach((packed, i) => this.keep(data.first + i, metric.name, packed));
    }
  }

  gitrack.History = History;
})();
