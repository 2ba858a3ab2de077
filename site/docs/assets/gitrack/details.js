// What a comparison asks of single runs beyond the index: where the data of their sections lies,
// their machine and packages, and which files changed between their codes.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});

  class Details {
    constructor(project) {
      this.project = project;
    }

    /** {sections: Map of name to script, packages, package_count, facts, texts: Set, snapshot} of a run. */
    async of(run) {
      const { chunks } = this.project;
      const chunk = this.project.chunkOf(run);
      const { runs } = await gitrack.load(chunks.details[chunk]);
      const found = runs[run - chunks.first[chunk]];
      return { ...found, sections: new Map(found.sections), texts: new Set(found.texts) };
    }

    /** The data of a section of a run; null where it has none. */
    async section(run, name) {
      const place = (await this.of(run)).sections.get(name);
      return place ? gitrack.load(place) : null;
    }

    /** The lines of a run's requirements.txt; null where nobody took them down. */
    async packages(run) {
      const { packages } = await this.of(run);
      return packages ? (await gitrack.load(packages)).text.split('\n') : null;
    }

    /** Which files differ between two commits: [{path, kind}]; null where nobody can say. */
    async filesBetween(from, to) {
      const { commits } = this.project.index;
      return commits ? gitrack.filesBetween(await gitrack.load(commits), from, to) : null;
    }
  }

  /**
   * Add up the steps that lead from one commit to another. A step lists [path, before, after]:
   * numbers of versions, 0 where the file is not there; null where too much changed to list.
   */
  gitrack.filesBetween = function ({ commits, paths, steps }, from, to) {
    const ends = [commits.indexOf(from), commits.indexOf(to)];
    if (ends.includes(-1)) return from === to ? [] : null;
    const [low, high] = ends[0] <= ends[1] ? ends : [ends[1], ends[0]];
    const back = ends[0] > ends[1];
    const found = new Map();
    for (const step of steps.slice(low, high)) {
      if (step === null) return null;
      for (const [path, before, after] of step) {
        if (found.has(path)) found.get(path)[1] = after;
        else found.set(path, [before, after]);
      }
    }
    return [...found]
      .filter(([, [before, after]]) => before !== after)
      .map(([path, versions]) => {
        const [before, after] = back ? [versions[1], versions[0]] : versions;
        return { path: paths[path], kind: before === 0 ? 'added' : after === 0 ? 'deleted' : 'changed' };
      })
      .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  };

  gitrack.Details = Details;
})();
