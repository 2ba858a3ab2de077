// The description of a panel, as gitrack/analysis/panel.py reads it: which kinds there are, what
// each of them takes, and how a dashboard is written as YAML. tests/publish/test_panel_parity.py
// holds both to one another.
(function (root) {
  'use strict';

  const gitrack = (root.gitrack = root.gitrack || {});

  /** Kind → its name for people, the fields that it needs ("a|b": one of both) and may have. */
  const KINDS = new Map([
    ['line', { label: 'Line', about: 'A metric while it was logged', needs: ['y'], may: ['x', 'group', 'smooth', 'smoothing', 'log', 'range', 'xrange', 'outliers', 'aggregate', 'band', 'legend'] }],
    ['scatter', { label: 'Scatter', about: 'One column against another, a point a run', needs: ['x', 'y'], may: ['color', 'size', 'log', 'range', 'frontier'] }],
    ['bar', { label: 'Bars', about: 'Runs, or means of groups', needs: ['y'], may: ['group', 'error', 'range'] }],
    ['histogram', { label: 'Histogram', about: 'How often which values came', needs: ['x'], may: ['group', 'bins', 'log'] }],
    ['box', { label: 'Box plot', about: 'Quartiles of groups', needs: ['y'], may: ['group', 'log', 'range'] }],
    ['violin', { label: 'Violins', about: 'Densities of groups', needs: ['y'], may: ['group', 'log', 'range'] }],
    ['heatmap', { label: 'Heat map', about: 'How a metric was spread over the runs while it was logged, or a logged histogram over its steps', needs: ['y|key'], may: ['x', 'bins', 'log', 'range'] }],
    ['parallel', { label: 'Parallel coordinates', about: 'Many columns at once, a line a run', needs: ['columns'], may: ['color'] }],
    ['importance', { label: 'Parameter importance', about: 'Which settings tell a result', needs: ['y'], may: ['columns'] }],
    ['correlation', { label: 'Correlation', about: 'Which columns go together', needs: [], may: ['columns', 'y'] }],
    ['contour', { label: 'Contour', about: 'A result over two settings, interpolated', needs: ['x', 'y', 'z'], may: ['log'] }],
    ['scalar', { label: 'Number', about: 'One value, with its distance to the baseline', needs: ['y'], may: ['value'] }],
    ['markdown', { label: 'Text', about: 'Words in Markdown', needs: ['text'], may: [] }],
    ['media', { label: 'Media', about: 'What runs logged under one key, side by side', needs: ['key'], may: [] }],
    ['table', { label: 'Table', about: 'A logged table, or columns of the runs', needs: ['key|columns'], may: [] }],
    ['code', { label: 'Code difference', about: 'What two runs ran that differs', needs: [], may: [] }],
    ['bokeh', { label: 'Chart of your own', about: 'A logged Bokeh chart, or one in the repository', needs: ['key|file'], may: [] }],
  ]);
  const COMMON = ['title', 'runs', 'width', 'height'];

  const isText = (value) => typeof value === 'string' && value.length <= 20000;
  const isTexts = (value) => Array.isArray(value) && value.length <= 30 && value.every(isText);
  const isWhole = (low, high) => (value) => Number.isInteger(value) && value >= low && value <= high;
  const isOne = (...words) => (value) => words.includes(value);
  const isShare = (high) => (value) => typeof value === 'number' && value >= 0 && value <= high;
  const isEnd = (value) => value === null || Number.isFinite(value);
  const isRange = (value) => Array.isArray(value) && value.length === 2 && value.every(isEnd) && (value.includes(null) ? value[0] !== value[1] : value[0] < value[1]);
  const choice = (label, ...choices) => ({ label, ask: 'choice', choices, takes: isOne(...choices) });

  /** Field → how the form asks for it, and what it takes. */
  const FIELDS = new Map([
    ['x', { label: 'X', ask: 'column', takes: isText }],
    ['y', { label: 'Y', ask: 'column', takes: isText }],
    ['z', { label: 'Z', ask: 'column', takes: isText }],
    ['columns', { label: 'Columns', ask: 'columns', takes: isTexts }],
    ['key', { label: 'Logged key', ask: 'key', takes: isText }],
    ['file', { label: 'File in the repository', ask: 'text', takes: isText }],
    ['text', { label: 'Text', ask: 'words', takes: isText }],
    ['color', { label: 'Colour', ask: 'column', takes: isText }],
    ['size', { label: 'Size', ask: 'column', takes: isText }],
    ['group', { label: 'Group by', ask: 'columns', takes: isTexts }],
    ['smooth', { label: 'Smoothing', ask: 'number', step: 0.05, takes: isShare(0.99) }],
    ['smoothing', choice('Kind of smoothing', 'time', 'points', 'mean', 'gauss')],
    ['log', choice('Logarithmic', 'none', 'x', 'y', 'xy')],
    ['range', { label: 'Range of y', ask: 'range', takes: isRange }],
    ['xrange', { label: 'Range of x', ask: 'range', takes: isRange }],
    ['outliers', { label: 'Outliers left out, share', ask: 'number', step: 0.01, takes: isShare(0.25) }],
    ['aggregate', choice('Line of a group', 'mean', 'median', 'min', 'max')],
    ['band', choice('Band of a group', 'std', 'stderr', 'minmax', 'none')],
    ['legend', choice('Names at the lines', 'auto', 'names', 'none')],
    ['bins', { label: 'Bins', ask: 'number', step: 1, takes: isWhole(2, 200) }],
    ['error', choice('Error bars', 'std', 'stderr', 'minmax')],
    ['value', choice('Value', 'best', 'mean', 'median', 'min', 'max', 'latest')],
    ['frontier', choice('Line of the best so far', 'min', 'max')],
    ['title', { label: 'Title', ask: 'text', takes: isText }],
    ['runs', { label: 'Only runs', ask: 'text', takes: isText }],
    ['width', choice('Width', 1, 2, 3, 4)],
    ['height', { label: 'Height, px', ask: 'number', step: 20, takes: isWhole(80, 2000) }],
  ]);

  const one = (need) => need.split('|');

  /** The fields of a kind in the order in which they are asked for. */
  function fieldsOf(chart) {
    const { needs, may } = KINDS.get(chart);
    const all = new Set([...needs.flatMap(one), ...may, ...COMMON]);
    return [...FIELDS.keys()].filter((name) => all.has(name));
  }

  /**
   * Read a description out of an address or a store, where anybody may have written it: what is
   * no field of its kind, or not of the field's kind, is left out. Null if it can be no panel.
   */
  function read(value) {
    if (!value || typeof value !== 'object' || !KINDS.has(value.chart)) return null;
    const spec = { chart: value.chart };
    for (const name of fieldsOf(value.chart)) {
      let found = Object.hasOwn(value, name) ? value[name] : undefined;
      if (FIELDS.get(name).takes === isTexts && typeof found === 'string') found = [found];
      if (found !== undefined && found !== null && FIELDS.get(name).takes(found) && !isUsual(name, found)) spec[name] = found;
    }
    return spec;
  }

  const isUsual = (name, value) => value === '' || (Array.isArray(value) && !value.length) || (name === 'width' && value === 1);

  /** What a description still lacks, in words; null where it can be drawn. */
  function lack(spec) {
    const { label, needs } = KINDS.get(spec.chart);
    for (const need of needs) {
      if (one(need).some((name) => spec[name] !== undefined)) continue;
      const names = one(need).map((name) => FIELDS.get(name).label);
      return `${label}: ${names.join(' or ')} is not chosen yet.`;
    }
    return spec.chart === 'parallel' && spec.columns.length < 2 ? 'Parallel coordinates need two columns or more.' : null;
  }

  /** A heading where the description has none. */
  function titleOf(spec) {
    const label = (name) => (name || '…').replace(/^(config|summary)\./, '');
    if (spec.title) return spec.title;
    const over = spec.group ? ` by ${spec.group.map(label).join(', ')}` : '';
    switch (spec.chart) {
      case 'scatter':
        return `${label(spec.y)} against ${label(spec.x)}`;
      case 'contour':
        return `${label(spec.z)} over ${label(spec.x)} and ${label(spec.y)}`;
      case 'histogram':
        return `${label(spec.x)}${over}`;
      case 'parallel':
        return (spec.columns || []).map(label).join(', ');
      case 'importance':
        return `What tells ${label(spec.y)}`;
      case 'correlation':
        return spec.y ? `Correlation with ${label(spec.y)}` : 'Correlation';
      case 'heatmap':
        return spec.key || label(spec.y);
      case 'media':
      case 'table':
      case 'bokeh':
        return spec.key || spec.file || 'Runs';
      case 'markdown':
        return '';
      case 'code':
        return 'Code difference';
      default:
        return `${label(spec.y)}${over}`;
    }
  }

  const PLAIN = /^[A-Za-z][\w./-]*$/;
  const TAKEN = /^(true|false|yes|no|on|off|null|y|n)$/i;

  /** A text as YAML: bare where nothing could be read into it, else as a JSON string is. */
  function scalar(value) {
    if (typeof value !== 'string') return String(value);
    if (PLAIN.test(value) && !TAKEN.test(value)) return value;
    // What YAML counts among the unprintable, or breaks lines at, is escaped.
    return JSON.stringify(value).replace(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
  }

  const written = (value) => (Array.isArray(value) ? `[${value.map(scalar).join(', ')}]` : scalar(value));

  /** A dashboard as the YAML that `gitrack build` reads: {name, project, runs, group, panels}. */
  function yaml({ name, project, runs, group, panels }) {
    const lines = [`name: ${scalar(name)}`];
    if (project) lines.push(`project: ${scalar(project)}`);
    if (runs) lines.push(`runs: ${scalar(runs)}`);
    if (group && group.length) lines.push(`group: ${written(group)}`);
    lines.push('panels:');
    for (const spec of panels) {
      lines.push(`  - chart: ${spec.chart}`);
      for (const field of fieldsOf(spec.chart)) if (spec[field] !== undefined) lines.push(`    ${field}: ${written(spec[field])}`);
    }
    return `${lines.join('\n')}\n`;
  }

  gitrack.panelSpec = { COMMON, FIELDS, KINDS, fieldsOf, lack, read, titleOf, yaml };
})(typeof window === 'undefined' ? globalThis : window);
