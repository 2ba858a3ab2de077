// The search line of `gitrack ls`, the filter box and review rules, as gitrack/analysis/query.py
// reads it; tests/site/query_cases.json holds both to one another.
(function (root) {
  'use strict';

  const gitrack = (root.gitrack = root.gitrack || {});

  const ALIASES = new Map([['tags', 'tag'], ['job', 'job_type']]);
  const TEXTS = 'id name project state group job_type notes branch commit dirty host entity archived'.split(' ');
  const QUANTITIES = ['duration', 'rows'];
  const METADATA = [...TEXTS, 'tag', 'created', ...QUANTITIES];
  const ORDERS = new Map([
    ['<', (a, b) => a < b],
    ['<=', (a, b) => a <= b],
    ['>', (a, b) => a > b],
    ['>=', (a, b) => a >= b],
  ]);
  const SECONDS = { s: 1, m: 60, h: 3600, d: 86400 };
  const MOMENT = /^\d{4}(-\d\d(-\d\d([T ]\d\d(:\d\d(:\d\d)?)?)?)?)?$/;
  const DURATION = /^(\d+(?:\.\d+)?)([smhd])$/;
  const NUMBER = /^[+-]?(inf(inity)?|nan|(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)(e[+-]?\d+(_\d+)*)?)$/i;

  class QueryError extends Error {
    constructor(token, reason, nearest) {
      super(`cannot read ${token}: ${reason}`);
      this.token = token;
      this.reason = reason;
      this.nearest = nearest || null;
    }
  }

  /** Read text as Python's float() does; null if it is no number. */
  function toNumber(text) {
    if (!NUMBER.test(text)) return null;
    const plain = text.toLowerCase().replace(/_/g, '');
    if (plain.includes('nan')) return NaN;
    if (plain.includes('inf')) return plain.startsWith('-') ? -Infinity : Infinity;
    return Number(plain);
  }

  /** Cut a line into its tokens with their places; quotes keep white space together. */
  function tokens(line) {
    return [...line.matchAll(/(?:[^\s"]|"[^"]*"?)+/g)].map((found) => ({
      text: found[0],
      start: found.index,
      end: found.index + found[0].length,
    }));
  }

  function term(token) {
    if ((token.split('"').length - 1) % 2) throw new QueryError(token, 'the quote is not closed');
    const negated = token.startsWith('-') && token.length > 1;
    const text = negated ? token.slice(1) : token;
    // What stands in quotes is meant as it is: no operator is looked for in there.
    const blank = text.replace(/"[^"]*"/g, (quoted) => '\0'.repeat(quoted.length));
    const found = /!=|<=|>=|[:=<>]/.exec(blank);
    const bare = (part) => part.replace(/"/g, '');
    if (!found) return { token, negated, key: null, operator: '', value: bare(text) };
    const key = text.slice(0, found.index);
    const value = text.slice(found.index + found[0].length);
    if (!key) throw new QueryError(token, `a key is missing before ${found[0]}`);
    if (!value) throw new QueryError(token, `a value is missing after ${found[0]}`);
    return { token, negated, key: bare(key), operator: found[0], value: bare(value) };
  }

  function equals(pattern) {
    const wanted = pattern.toLowerCase();
    if (!/[*?]/.test(wanted)) return (text) => text.toLowerCase() === wanted;
    const parts = [...wanted].map((part) =>
      part === '*' ? '.*' : part === '?' ? '.' : part.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'),
    );
    const glob = new RegExp(`^${parts.join('')}$`, 'su');
    return (text) => glob.test(text.toLowerCase());
  }

  function wordTest(runs, word) {
    const sought = word.toLowerCase();
    const has = (text) => typeof text === 'string' && text.toLowerCase().includes(sought);
    return (i) =>
      has(runs.id[i]) || has(runs.name[i]) || has(runs.notes[i]) || has(runs.group[i]) || (runs.tags[i] || []).some(has);
  }

  function textTest(term, fields, prefixed) {
    if (ORDERS.has(term.operator)) {
      throw new QueryError(term.token, `${term.key} has no order: compare it with : or !=`);
    }
    const equal = equals(term.value);
    const wanted = term.value.toLowerCase();
    if (term.operator === '!=') {
      return (i) => {
        const texts = fields(i);
        return texts.length > 0 && !texts.some(equal);
      };
    }
    return (i) => fields(i).some((text) => equal(text) || (prefixed && text.toLowerCase().startsWith(wanted)));
  }

  function columnTest(term, column) {
    const right = toNumber(term.value);
    const order = ORDERS.get(term.operator);
    const numberAt = (i) => {
      const value = column.values[i];
      return typeof value === 'string' ? toNumber(value) : value;
    };
    if (order) {
      if (right === null) throw new QueryError(term.token, `${term.operator} needs a number`);
      return (i) => {
        const left = numberAt(i);
        return left !== null && left !== undefined && order(left, right);
      };
    }
    const equal = equals(term.value);
    const differs = term.operator === '!=';
    return (i) => {
      const value = column.values[i];
      if (value === null || value === undefined) return false;
      const left = numberAt(i);
      if (Number.isNaN(left)) return !differs && Number.isNaN(right);
      const same = equal(String(value)) || (left !== null && left === right);
      return same !== differs;
    };
  }

  function quantityTest(term, key, values) {
    const unit = key === 'duration' ? DURATION.exec(term.value) : null;
    const right = unit ? Number(unit[1]) * SECONDS[unit[2]] : toNumber(term.value);
    if (right === null) throw new QueryError(term.token, `${key} needs a number`);
    const order = ORDERS.get(term.operator);
    const differs = term.operator === '!=';
    return (i) => {
      const left = values[i];
      if (left === null || left === undefined) return false;
      if (Number.isNaN(left)) return !differs && !order && Number.isNaN(right);
      return order ? order(left, right) : (left === right) !== differs;
    };
  }

  function createdTest(term, values) {
    if (!MOMENT.test(term.value)) {
      throw new QueryError(term.token, 'created needs a date such as 2026-11-01 or 2026-11-01T10:30');
    }
    const right = term.value.replace(' ', 'T');
    const order = ORDERS.get(term.operator);
    const differs = term.operator === '!=';
    return (i) => {
      const at = new Date(Math.floor(values[i]) * 1000);
      if (Number.isNaN(at.getTime())) return false;
      // A day, an hour, a minute is all of it: as much of the moment counts as was typed.
      const left = at.toISOString().slice(0, right.length);
      return order ? order(left, right) : (left === right) !== differs;
    };
  }

  function resolve(term, key, index) {
    const columns = new Map(index.columns.map((column) => [column.key, column]));
    for (const name of [key, `config.${key}`, `summary.${key}`]) {
      if (columns.has(name)) return columns.get(name);
    }
    const bare = index.columns.map((column) => column.key.slice(column.key.indexOf('.') + 1));
    const known = [...METADATA, ...[...columns.keys()].sort(), ...[...new Set(bare)].sort()];
    const nearest = gitrack.nearest(key, known);
    throw new QueryError(term.token, `no run has '${key}'; the nearest is '${nearest}'`, nearest);
  }

  function testOf(term, index) {
    const runs = index.runs;
    if (term.key === null) return wordTest(runs, term.value);
    const key = ALIASES.get(term.key) || term.key;
    if (key === 'created') return createdTest(term, runs.created);
    if (QUANTITIES.includes(key)) return quantityTest(term, key, runs[key]);
    if (key === 'tag') return textTest(term, (i) => runs.tags[i] || []);
    if (key === 'project') return textTest(term, () => [index.project]);
    if (TEXTS.includes(key)) {
      const at = (i) => (runs[key][i] === null || runs[key][i] === undefined ? [] : [String(runs[key][i])]);
      return textTest(term, at, key === 'id' || key === 'commit');
    }
    return columnTest(term, resolve(term, key, index));
  }

  /**
   * Compile a search line against a project's index.
   *
   * Returns {match: run number → boolean, errors: [QueryError]}; a token that cannot be read is
   * told in `errors` and keeps every run, so that a half-typed line does not empty the page.
   */
  function compile(line, index) {
    const tests = [];
    const errors = [];
    for (const token of tokens(line)) {
      try {
        const read = term(token.text);
        const test = index.runs.id.length ? testOf(read, index) : () => true;
        tests.push(read.negated ? (i) => !test(i) : test);
      } catch (error) {
        if (!(error instanceof QueryError)) throw error;
        errors.push(error);
      }
    }
    return { match: (i) => tests.every((test) => test(i)), errors };
  }

  /** Whether a bare name means a run's own field rather than a setting or a result. */
  const isField = (name) => METADATA.includes(ALIASES.get(name) || name);

  gitrack.query = { compile, isField, term, tokens, toNumber, QueryError };
})(typeof window === 'undefined' ? globalThis : window);
