// Values as other programs read them: numbers in full, texts quoted, files handed to the reader.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});

  /** A value as it was logged: numbers in full, lists joined, nothing as nothing. */
  function valueText(value) {
    if (value === null || value === undefined) return '';
    if (typeof value === 'number') return Number.isFinite(value) || Number.isNaN(value) ? String(value) : value > 0 ? 'inf' : '-inf';
    return Array.isArray(value) ? value.join(', ') : String(value);
  }

  /** Quote as RFC 4180 says, where a value holds the separator, a quote or a line break. */
  function quoted(text, separator) {
    return text.includes(separator) || /["\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  }

  /** A text that no spreadsheet runs as a formula: an apostrophe before what would begin one. */
  const harmless = (text) => (/^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text);

  /** Rows of values as CSV; what would be a formula and is no number is made harmless. */
  function table(rows) {
    const cell = (value) => quoted(typeof value === 'number' ? valueText(value) : harmless(valueText(value)), ',');
    return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
  }

  /** Hand a file to the reader. */
  function download(name, content, type = 'text/csv;charset=utf-8') {
    const link = gitrack.el('a', { href: URL.createObjectURL(new Blob([content], { type })), download: name, hidden: true });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  gitrack.csv = { download, quoted, table, valueText };
})();
