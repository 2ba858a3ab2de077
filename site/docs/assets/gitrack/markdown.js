// Markdown as elements: headings, lists, quotes, code, emphasis and links to the web. Nothing in
// it is ever markup, and a link goes nowhere but to http, https and mail addresses.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const INLINE = /(`+)([^`][\s\S]*?)\1|\*\*([^*]+)\*\*|__([^_]+)__|\*([^*\s][^*]*)\*|\b_([^_\s][^_]*)_\b|\[([^\]]*)\]\(([^()\s]+)\)|<?(https?:\/\/[^\s<>"')]+[^\s<>"').,;:!?])>?/;
  const DEEPEST = 8;

  /** An address that a click may lead to; null for all others. */
  function safeAddress(text) {
    try {
      const url = new URL(text);
      return ['http:', 'https:', 'mailto:'].includes(url.protocol) ? url.href : null;
    } catch {
      return null;
    }
  }

  function linkTo(address, ...children) {
    const href = safeAddress(address);
    return href ? el('a', { href, rel: 'noopener noreferrer nofollow', class: 'gt-link' }, ...children) : el('span', {}, ...children);
  }

  function inline(text, depth = 0) {
    const nodes = [];
    let rest = text;
    for (let found = INLINE.exec(rest); found; found = INLINE.exec(rest)) {
      const [whole, , code, strong, strong2, soft, soft2, label, address, bare] = found;
      const inner = (part) => (depth < DEEPEST ? inline(part, depth + 1) : [part]);
      nodes.push(rest.slice(0, found.index));
      if (code !== undefined) nodes.push(el('code', {}, code));
      else if (strong || strong2) nodes.push(el('strong', {}, ...inner(strong || strong2)));
      else if (soft || soft2) nodes.push(el('em', {}, ...inner(soft || soft2)));
      else if (bare) nodes.push(linkTo(bare, bare));
      else nodes.push(linkTo(address, ...inner(label)));
      rest = rest.slice(found.index + whole.length);
    }
    return [...nodes, rest];
  }

  const ITEM = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/;

  function list(lines) {
    const ordered = /\d/.test(ITEM.exec(lines[0])[2]);
    const items = [];
    for (const line of lines) {
      const item = ITEM.exec(line);
      if (item) items.push(item[3]);
      else items[items.length - 1] += ` ${line.trim()}`;
    }
    return el(ordered ? 'ol' : 'ul', {}, ...items.map((item) => el('li', {}, ...inline(item))));
  }

  const cells = (line) => line.trim().replace(/^\||\|$/g, '').split('|').map((cell) => cell.trim());

  function table(lines) {
    const [head, , ...rows] = lines.map(cells);
    const row = (name, of) => el('tr', {}, ...head.map((_, i) => el(name, {}, ...inline(of[i] || ''))));
    return el('div', { class: 'gt-scroll' }, el('table', { class: 'gt-table' }, el('thead', {}, row('th', head)), el('tbody', {}, ...rows.map((of) => row('td', of)))));
  }

  function block(lines) {
    const heading = /^(#{1,6})\s+(.*?)\s*#*$/.exec(lines[0]);
    // A panel's text stands below its section's heading.
    if (heading) return [el(`h${Math.min(6, heading[1].length + 2)}`, {}, ...inline(heading[2])), ...(lines.length > 1 ? block(lines.slice(1)) : [])];
    if (ITEM.test(lines[0])) return [list(lines)];
    if (lines.every((line) => line.startsWith('>'))) return [el('blockquote', {}, el('p', {}, ...inline(lines.map((line) => line.replace(/^>\s?/, '')).join(' '))))];
    if (lines.length === 1 && /^([-*_])(\s*\1){2,}$/.test(lines[0].trim())) return [el('hr', {})];
    if (lines.length > 2 && /^\s*\|?(\s*:?-+:?\s*\|)+\s*(:?-+:?)?\s*$/.test(lines[1])) return [table(lines)];
    return [el('p', {}, ...inline(lines.join(' ')))];
  }

  /** A Markdown text as nodes. */
  gitrack.markdown = function (text) {
    const nodes = [];
    let lines = [];
    let code = null;
    const flush = () => {
      if (lines.length) nodes.push(...block(lines));
      lines = [];
    };
    for (const line of text.replace(/\r\n?/g, '\n').split('\n')) {
      if (/^\s*(```|~~~)/.test(line)) {
        if (code === null) {
          flush();
          code = [];
        } else {
          nodes.push(el('pre', { tabindex: '0' }, el('code', {}, code.join('\n'))));
          code = null;
        }
      } else if (code !== null) code.push(line);
      else if (!line.trim()) flush();
      else {
        if (/^#{1,6}\s/.test(line) && lines.length) flush();
        lines.push(line);
      }
    }
    if (code !== null) nodes.push(el('pre', { tabindex: '0' }, el('code', {}, code.join('\n'))));
    flush();
    return nodes;
  };

  gitrack.markdown.safeAddress = safeAddress;
})();
