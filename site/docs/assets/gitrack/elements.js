// Building the page: elements and text nodes only, so that nothing that was logged is ever markup.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const SVG = 'http://www.w3.org/2000/svg';

  function fill(node, properties, children) {
    for (const name in properties) {
      const value = properties[name];
      if (value === null || value === undefined || value === false) continue;
      if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
      else if (name === 'style') for (const [key, css] of Object.entries(value)) node.style.setProperty(key, css);
      else node.setAttribute(name, value === true ? '' : value);
    }
    for (const child of children) {
      if (Array.isArray(child)) for (const one of child) add(node, one);
      else add(node, child);
    }
    return node;
  }

  function add(node, child) {
    if (child !== null && child !== undefined && child !== false) node.append(child);
  }

  /** Make an element: el('button', {class: 'x', onclick: f}, 'text', child). */
  gitrack.el = function (name, properties, ...children) {
    return fill(document.createElement(name), properties, children);
  };

  gitrack.svg = function (name, properties, ...children) {
    return fill(document.createElementNS(SVG, name), properties, children);
  };

  /** Make `nodes` the children of an element; what stands in it already is not taken out and laid out anew. */
  gitrack.place = function (parent, nodes) {
    const wanted = new Set(nodes);
    if (!nodes.some((node) => node.parentNode === parent)) {
      parent.replaceChildren(...nodes);
      return;
    }
    for (const child of [...parent.childNodes]) if (!wanted.has(child)) child.remove();
    let next = parent.firstChild;
    for (const node of nodes) {
      if (node === next) next = next.nextSibling;
      else parent.insertBefore(node, next);
    }
  };

  gitrack.icon = function (name) {
    return gitrack.svg(
      'svg',
      { class: 'gt-icon', 'aria-hidden': 'true' },
      gitrack.svg('use', { href: `#gt-i-${name}` }),
    );
  };

  gitrack.button = function (label, icon, onclick, properties) {
    return gitrack.el(
      'button',
      { type: 'button', class: 'gt-button', onclick, ...properties },
      icon && gitrack.icon(icon),
      label,
    );
  };

  /** A button that is an icon; its label is its accessible name and its hint. */
  gitrack.iconButton = function (label, icon, onclick, properties) {
    return gitrack.button(null, icon, onclick, {
      class: 'gt-button gt-button--bare',
      title: label,
      'aria-label': label,
      ...properties,
    });
  };

  gitrack.stateMark = function (state) {
    const word = state.charAt(0).toUpperCase() + state.slice(1);
    return gitrack.el(
      'span',
      { class: `gt-state gt-state--${gitrack.STATES.includes(state) ? state : 'stopped'}`, title: word },
      gitrack.icon(gitrack.STATES.includes(state) ? state : 'stopped'),
      gitrack.el('span', { class: 'gt-hidden' }, word),
    );
  };

  gitrack.STATES = ['running', 'finished', 'failed', 'stopped', 'crashed'];

  gitrack.dot = function (colour) {
    return gitrack.el('i', {
      class: colour ? 'gt-dot' : 'gt-dot gt-dot--hidden',
      style: colour ? { '--gt-c': colour } : null,
      'aria-hidden': 'true',
    });
  };

  /** val/acc as a grey prefix and a bold last part. */
  gitrack.metricName = function (name) {
    const cut = name.lastIndexOf('/') + 1;
    return [
      cut ? gitrack.el('span', { class: 'gt-prefix' }, name.slice(0, cut)) : null,
      gitrack.el('b', {}, name.slice(cut)),
    ];
  };

  gitrack.copy = async function (text, button) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Without a secure origin there is no clipboard API.
      const area = gitrack.el('textarea', { class: 'gt-hidden' });
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand('copy');
      area.remove();
    }
    if (!button) return;
    const before = button.title;
    button.title = 'Copied';
    button.classList.add('gt-copied');
    gitrack.say('Copied');
    setTimeout(() => {
      button.title = before;
      button.classList.remove('gt-copied');
    }, 1500);
  };

  /** A text as nodes, with every place that holds `wanted` (in small letters) marked. */
  gitrack.marked = function (text, wanted) {
    if (!wanted) return [text];
    const small = text.toLowerCase();
    // A letter may be longer in small: then no place can be told.
    if (small.length !== text.length || !small.includes(wanted)) return [text];
    const nodes = [];
    let from = 0;
    for (let at = small.indexOf(wanted); at >= 0; at = small.indexOf(wanted, from)) {
      nodes.push(text.slice(from, at), gitrack.el('mark', {}, text.slice(at, at + wanted.length)));
      from = at + wanted.length;
    }
    nodes.push(text.slice(from));
    return nodes;
  };

  /** A button that copies a text. */
  gitrack.copyButton = function (text, label = 'Copy the command') {
    return gitrack.iconButton(label, 'copy', (event) => gitrack.copy(text, event.currentTarget));
  };

  /** Tell a screen reader what changed without moving the focus. */
  gitrack.say = function (text) {
    let live = document.getElementById('gt-live');
    if (!live) {
      live = gitrack.el('div', { id: 'gt-live', class: 'gt-hidden', 'aria-live': 'polite' });
      document.body.append(live);
    }
    live.textContent = text;
  };
})();
