// The sections of a run's page: each has a data script and a drawer, and is drawn when it comes
// into sight. A drawer is gitrack.sections[name] = (body, data, section) => …; it may be async.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const HELD = 6000; // ms after which a page has settled
  const AHEAD = '400px'; // how far below the window a section is drawn already

  gitrack.sections = {};

  async function draw(section) {
    const body = section.querySelector('.gt-section__body');
    try {
      const data = await gitrack.load(section.dataset.gtSection);
      body.replaceChildren();
      await gitrack.sections[section.id](body, data, section);
      section.dataset.gtDrawn = 'true';
    } catch (error) {
      if (!(error instanceof gitrack.LoadError)) throw error;
      body.replaceChildren(
        el('div', { class: 'gt-empty gt-failed' }, el('p', {}, error.message), gitrack.button('Retry', null, () => draw(section))),
      );
    }
  }

  /** Hold the section that the address names in its place while those above it are drawn. */
  function holdTarget() {
    const target = document.getElementById(location.hash.slice(1));
    if (!target) return;
    const grown = new ResizeObserver(() => target.scrollIntoView());
    const leave = () => grown.disconnect();
    for (const name of ['wheel', 'touchmove', 'pointerdown', 'keydown']) addEventListener(name, leave, { once: true, passive: true });
    setTimeout(leave, HELD);
    grown.observe(document.querySelector('.gt-run__body'));
  }

  /** Give a heading a button that copies a link to its section, without what was chosen on the page. */
  function anchor(section) {
    const head = section.querySelector('h2');
    if (!head) return;
    const link = new URL(`#${section.id}`, location.href.split(/[?#]/)[0]);
    head.append(gitrack.iconButton(`Copy a link to ${head.firstChild.textContent.trim()}`, 'link', (event) => gitrack.copy(link.href, event.currentTarget), { class: 'gt-button gt-button--bare gt-anchor' }));
  }

  gitrack.startSections = function () {
    document.querySelectorAll('.gt-run section[id]').forEach(anchor);
    holdTarget();
    addEventListener('hashchange', holdTarget);
    for (const section of document.querySelectorAll('[data-gt-section]')) gitrack.sight.once(section, () => draw(section), AHEAD);
  };
})();
