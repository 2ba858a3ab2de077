// Artifacts of one or several projects with their runs: versions and runs are the nodes of a graph.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});

  const known = (name, version, digest) => `${name}:${version}:${digest}`;

  class Catalogue {
    /** Load the artifacts of projects; those that the site has none of, or cannot load, are left out. */
    static async open(projects) {
      const there = gitrack.page.projects.filter(({ name, artifacts }) => artifacts && projects.has(name));
      const loads = await Promise.allSettled(there.map(({ name }) => gitrack.load(`data/${name}/artifacts.js`)));
      const catalogue = new Catalogue();
      for (const load of loads) if (load.status === 'fulfilled') catalogue.add(load.value);
      catalogue.failed = loads.filter((load) => load.status === 'rejected').map((load) => load.reason);
      return catalogue;
    }

    constructor() {
      this.artifacts = [];
      this.versions = new Map(); // id → version
      this.byContent = new Map(); // name, number and digest → version, where two ids met
      this.runs = new Map(); // project/id → run
    }

    add({ project, runs, artifacts }) {
      const own = runs.map(([place, id, name, state]) => {
        const key = `${place}/${id}`;
        if (!this.runs.has(key)) this.runs.set(key, { kind: 'run', key, project: place, id, name, state, made: [], used: [] });
        return this.runs.get(key);
      });
      for (const { type, name, versions } of artifacts) {
        const artifact = { project, type, name, full: `${project}/${type}/${name}`, versions: [] };
        this.artifacts.push(artifact);
        for (const one of versions) {
          const version = { ...one, kind: 'version', key: one.id, artifact, label: `${name}:v${one.version}`, makers: one.made.map((at) => own[at]), users: one.used.map((at) => own[at]) };
          artifact.versions.push(version);
          this.versions.set(one.id, version);
          this.byContent.set(known(artifact.full, one.version, one.digest), version);
          for (const run of version.makers) run.made.push(version);
          for (const run of version.users) run.used.push(version);
        }
      }
    }

    /** The version that a run's record means; undefined where the site does not show it. */
    find(id, name, version, digest) {
      return this.versions.get(id) || this.byContent.get(known(name, version, digest));
    }
  }

  gitrack.Catalogue = Catalogue;

  gitrack.runHref = (run) => gitrack.url(`projects/${run.project}/runs/${run.id}.html`);
  gitrack.versionHref = (version) => `${gitrack.url(`projects/${version.artifact.project}/artifacts.html`)}#${gitrack.versionHash(version)}`;
  gitrack.versionHash = ({ artifact, version }) => `${encodeURIComponent(artifact.type)}/${encodeURIComponent(artifact.name)}:v${version}`;
})();
