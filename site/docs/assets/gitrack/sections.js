// The sections of a run's page: each has a data script and a drawer, and is drawn when it comes
// into sight. A drawer is gitrack.sections[name] = (body, data, section) => …; it may be async.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
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

  gitrack.startSections = function () {
    const seen = new IntersectionObserver(
      (entries) => {
        for (const { isIntersecting, target } of entries) {
          if (!isIntersecting) continue;
          seen.unobserve(target);
          draw(target);
        }
      },
      { rootMargin: AHEAD },
    );
    for (const section of document.querySelectorAll('[data-gt-section]')) seen.observe(section);
  };
})();
