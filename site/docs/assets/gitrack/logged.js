// What sections of logged things share: the command that brings a file, words for what is not
// here, and drawing what comes into sight.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;

  const quoted = (path) => (/^[\w./@+-]+$/.test(path) ? path : `'${path.replace(/'/g, `'\\''`)}'`);

  /** What brings a file of a run. */
  gitrack.getCommand = (run, path) => `gitrack get ${run}:${quoted(path)}`;

  /** Why something is not shown, and what brings it where it has a file. */
  gitrack.notHere = function (word, run, { why, path }) {
    const command = path ? gitrack.getCommand(run, path) : null;
    return el(
      'div',
      { class: 'gt-media__why' },
      el('span', {}, `This ${word} cannot be shown: ${why}. `),
      command ? [el('code', { class: 'gt-mono' }, command), gitrack.copyButton(command)] : null,
    );
  };

  /** Draw each of `parts`, which have an element and draw(), when it comes near. */
  gitrack.whenSeen = function (parts) {
    for (const part of parts) gitrack.sight.once(part.element, () => part.draw());
  };
})();
