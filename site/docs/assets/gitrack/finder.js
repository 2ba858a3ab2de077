// What the header's search finds: runs by name, id, tags, group, notes and settings, artifacts, and
// pages out of MkDocs' own search index, which the builder also leaves as a script.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const SLICE = 500; // runs between two breaths
  const breath = () => new Promise((go) => setTimeout(go));
  const small = (value) => (typeof value === 'string' ? value.toLowerCase() : '');

  /** Each run's fields as [label, text in small letters]; settings as key=value. */
  function fieldsOf({ runs, columns }, i) {
    const named = [['', runs.id[i]], ['group', runs.group[i]], ['note', runs.notes[i]], ...(runs.tags[i] || []).map((tag) => ['tag', tag])];
    const settings = columns
      .filter(({ key, values }) => key.startsWith('config.') && values[i] !== null)
      .map(({ key, values }) => ['config', `${key.slice('config.'.length)}=${values[i]}`]);
    return [...named, ...settings].filter(([, text]) => typeof text === 'string' && text);
  }

  /** Write what can be found of each run in one text, once, a slice at a time. */
  async function prepare(index) {
    const texts = [];
    for (let i = 0; i < index.runs.id.length; i += 1) {
      if (i && i % SLICE === 0) await breath();
      texts.push([index.runs.name[i] || '', ...fieldsOf(index, i).map(([, text]) => text)].join('\n').toLowerCase());
    }
    return { index, texts };
  }

  class Finder {
    /** `tell` is called whenever more can be found than before. */
    constructor(tell) {
      this.projects = [];
      this.artifacts = [];
      this.pages = [];
      this.tell = tell;
      this.whole = this.open();
    }

    /** Bring all indexes, the page's own project first. */
    async open() {
      const { page } = gitrack;
      const order = [...page.projects].sort((a, b) => (b.name === page.project) - (a.name === page.project));
      await gitrack.loadScript('search/search_index.js');
      this.pages = window.__index ? window.__index.docs : [];
      this.tell();
      for (const { name, artifacts } of order) {
        const loads = await Promise.allSettled([gitrack.loadIndex(`data/${name}/index.js`).then(prepare), artifacts ? gitrack.Catalogue.open(new Set([name])) : null]);
        const [runs, catalogue] = loads.map((load) => load.value);
        if (runs) this.projects.push(runs);
        if (catalogue) this.artifacts.push(...catalogue.artifacts);
        this.tell();
      }
    }

    runs(words) {
      const own = gitrack.page.project;
      const hits = [];
      for (const { index, texts } of this.projects) {
        for (let i = texts.length - 1; i >= 0; i -= 1) {
          if (!words.every((word) => texts[i].includes(word))) continue;
          const name = small(index.runs.name[i]);
          const rank = words.every((word) => name.startsWith(word)) ? 0 : words.every((word) => name.includes(word)) ? 1 : 2;
          hits.push({ rank: 2 * rank + (index.project === own ? 0 : 1), index, i });
        }
      }
      return hits.sort((a, b) => a.rank - b.rank);
    }

    versions(words) {
      return this.artifacts.flatMap(({ type, name, versions }) => {
        const latest = versions[versions.length - 1];
        const texts = [type, name, ...versions.flatMap((one) => [`${name}:v${one.version}`, ...one.aliases, ...one.tags])].map(small);
        return words.every((word) => texts.some((text) => text.includes(word))) ? [latest] : [];
      });
    }

    guide(words) {
      const matches = (field) => words.every((word) => small(field).includes(word));
      const hits = this.pages.filter((doc) => !/^(projects\/|index\.html|$)/.test(doc.location) && (matches(doc.title) || matches(doc.text)));
      return hits.sort((a, b) => matches(b.title) - matches(a.title));
    }

    /** What of a run has a word that its name has not: "config lr=0.1"; empty if its name has all. */
    reason({ index, i }, words) {
      const name = small(index.runs.name[i]);
      const word = words.find((one) => !name.includes(one));
      if (!word) return '';
      const [label, text] = fieldsOf(index, i).find(([, one]) => small(one).includes(word)) || ['', ''];
      const at = Math.max(0, small(text).indexOf(word) - 12);
      return `${label} ${at ? '…' : ''}${text.slice(at, at + 48)}`.trim();
    }
  }

  gitrack.Finder = Finder;
})();
