// The header row: ages that are counted when the page is read, the scheme, menus that close, and
// the buttons that any page's own text may carry.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});

  /** Write the ages below `root`; a page may be read long after it was built. */
  gitrack.writeAges = function (root) {
    for (const time of root.querySelectorAll('time[data-gt-time]')) {
      const epoch = Number(time.dataset.gtTime);
      time.title = gitrack.format.moment(epoch);
      time.dateTime = new Date(epoch * 1000).toISOString();
      time.textContent = gitrack.format.age(epoch);
    }
    for (const time of root.querySelectorAll('time[data-gt-date]')) {
      time.title = time.textContent;
      time.textContent = gitrack.format.moment(Number(time.dataset.gtDate));
    }
  };

  function closeMenus(event) {
    for (const menu of document.querySelectorAll('details.gt-menu[open]')) {
      if (event.type === 'keydown' ? event.key === 'Escape' : !menu.contains(event.target)) menu.open = false;
    }
  }

  for (const choice of document.querySelectorAll('.gt-menu__body > a, .gt-menu__body > label')) {
    choice.addEventListener('click', () => {
      choice.closest('details').open = false;
    });
  }

  document.addEventListener('pointerdown', closeMenus);
  document.addEventListener('keydown', closeMenus);

  for (const label of document.querySelectorAll('.gt-shell__scheme label')) {
    label.tabIndex = 0;
    label.setAttribute('role', 'button');
    label.setAttribute('aria-label', label.title);
    label.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' || event.key === ' ') {
        event.preventDefault();
        label.click();
      }
    });
  }

  /** The system's scheme holds, as it changes, until somebody chooses one. */
  function followSystem() {
    const inputs = [...document.querySelectorAll('.gt-shell__scheme input')];
    let following = false;
    for (const input of inputs) input.addEventListener('change', () => following || __md_set('gitrack-scheme', true));
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      const input = inputs.find((one) => matchMedia(one.dataset.mdColorMedia).matches);
      if (!input || __md_get('gitrack-scheme')) return;
      following = true;
      input.checked = true;
      input.dispatchEvent(new Event('change'));
      following = false;
    });
  }

  gitrack.switchScheme = function () {
    const label = document.querySelector('.gt-shell__scheme label:not([hidden])');
    if (label) label.click();
  };

  for (const button of document.querySelectorAll('[data-gt-copy]')) {
    button.addEventListener('click', () => gitrack.copy(button.parentNode.querySelector('code').textContent, button));
  }

  for (const button of document.querySelectorAll('[data-gt-unfold]')) {
    const words = button.textContent;
    button.addEventListener('click', () => {
      const open = button.parentNode.classList.toggle('gt-unfolded');
      button.setAttribute('aria-expanded', String(open));
      button.textContent = open ? 'Show fewer' : words;
    });
  }

  /** What the site was built from stands in one script, not in ten thousand pages. */
  async function writeProvenance() {
    const places = document.querySelectorAll('[data-gt-provenance]');
    if (!places.length) return;
    const { built, branches } = await gitrack.load('data/site.js');
    for (const place of places) {
      const [name, commit] = branches[0] || [];
      const others = branches.length - 1;
      place.replaceChildren(
        ...[
          name && gitrack.icon('branch'),
          name && gitrack.el('span', { class: 'gt-mono gt-shell__branch', title: `${name} at ${commit}` }, `${name} ${commit.slice(0, 7)}`),
          others > 0 && gitrack.el('span', { title: branches.slice(1).map(([other, sha]) => `${other} ${sha.slice(0, 7)}`).join(', ') }, `and ${others} more`),
          built && gitrack.el('span', {}, '· built ', gitrack.el('time', { 'data-gt-time': String(built) })),
        ].filter(Boolean),
      );
      gitrack.writeAges(place);
    }
  }

  // Where nothing hovers Material leaves long lines of code to fingers alone.
  for (const code of document.querySelectorAll('.md-typeset pre > code')) code.tabIndex = 0;

  gitrack.writeAges(document);
  followSystem();
  writeProvenance().catch((error) => {
    if (!(error instanceof gitrack.LoadError)) throw error;
  });
})();
