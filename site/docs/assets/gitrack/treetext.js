// Nested settings as text to copy: YAML and JSON that Python reads back as they were logged.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const WORDS = /^(y|n|yes|no|on|off|true|false|null|nan|inf|~)$/i;
  const PLAIN = /^[A-Za-z_/](?:[\w ./@%+-]*[\w./@%+-])?$/;
  // What a reader of YAML takes for the end of a line, or refuses.
  const UNPRINTABLE = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

  const quoted = (text) => JSON.stringify(text).replace(UNPRINTABLE, escaped);
  const escaped = (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`;
  const word = (text) => (PLAIN.test(text) && !WORDS.test(text) ? text : quoted(text));

  function numberText(node) {
    const text = typeof node === 'number' ? String(node) : node.n;
    const special = { NaN: '.nan', Infinity: '.inf', '-Infinity': '-.inf' }[text];
    // YAML's readers take 1e-7 for a text: their numbers have a point.
    return special || text.replace(/^(-?\d+)e/, '$1.0e');
  }

  function scalar(node) {
    if (node === null) return 'null';
    if (typeof node === 'string') return word(node);
    return typeof node === 'boolean' ? String(node) : numberText(node);
  }

  const isOpen = (node) => typeof node === 'object' && node !== null && node.n === undefined && (node.m || node.l).length > 0;

  function yamlLines(node, indent) {
    const inner = (value) => yamlLines(value, `${indent}  `);
    if (node.m) {
      return node.m.flatMap(([key, value]) => (isOpen(value) ? [`${indent}${word(key)}:`, ...inner(value)] : [`${indent}${word(key)}: ${closed(value)}`]));
    }
    return node.l.flatMap((value) => {
      if (!isOpen(value)) return [`${indent}- ${closed(value)}`];
      const [first, ...rest] = inner(value);
      return [`${indent}- ${first.trimStart()}`, ...rest];
    });
  }

  const closed = (node) => (typeof node === 'object' && node !== null && node.n === undefined ? (node.m ? '{}' : '[]') : scalar(node));

  /** A node as YAML, ending in a line feed. */
  gitrack.asYaml = (node) => `${isOpen(node) ? yamlLines(node, '').join('\n') : closed(node)}\n`;

  /** A node as JSON, with NaN and Infinity as Python's reader takes them. */
  gitrack.asJson = function asJson(node, indent = '') {
    if (typeof node !== 'object' || node === null) return JSON.stringify(node);
    if (node.n !== undefined) return node.n;
    const inner = `${indent}  `;
    const parts = node.m ? node.m.map(([key, value]) => `${JSON.stringify(key)}: ${asJson(value, inner)}`) : node.l.map((value) => asJson(value, inner));
    const [open, close] = node.m ? '{}' : '[]';
    return parts.length ? `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${indent}${close}` : open + close;
  };
})();
