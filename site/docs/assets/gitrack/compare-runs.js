// The runs of a comparison: their heads, which can be moved, pinned and removed, and the box that
// finds more of them.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const MOST = 40; // runs that the box offers at once

  /** The head of a run's column. */
  gitrack.compareHead = function (comparison, run) {
    const { project, runs: shown, base } = comparison;
    const { runs } = project;
    const name = project.nameOf(run);
    const word = runs.state[run].charAt(0).toUpperCase() + runs.state[run].slice(1);
    const code = runs.commit[run] ? ` · ${runs.branch[run] || 'detached'} @ ${runs.commit[run].slice(0, 7)}` : '';
    const pinned = run === base && shown.length > 1;
    const own = 'gt-button gt-button--bare gt-versus__own'; // on a phone, and of many runs, the menu alone has them
    const more = gitrack.iconButton(`More for ${name}`, 'dots', () => openMenu(comparison, run, more));
    const head = el(
      'th',
      {
        scope: 'col',
        draggable: shown.length > 2 && !pinned ? 'true' : null,
        'data-run': runs.id[run],
        ondragstart: (event) => {
          event.dataTransfer.effectAllowed = 'move';
          event.dataTransfer.setData('text/plain', runs.id[run]);
          comparison.dragged = run;
        },
        ondragend: () => (comparison.dragged = null),
        ondragover: (event) => {
          if (comparison.dragged === null || comparison.dragged === run || pinned) return;
          event.preventDefault();
          head.classList.add('gt-versus__target');
        },
        ondragleave: () => head.classList.remove('gt-versus__target'),
        ondrop: (event) => {
          event.preventDefault();
          if (comparison.dragged !== null) comparison.moveTo(comparison.dragged, shown.indexOf(run));
        },
      },
      el(
        'div',
        { class: 'gt-versus__name' },
        gitrack.dot(comparison.colour(run)),
        el('a', { href: project.href(run), title: name, draggable: 'false' }, name),
        pinned ? el('span', { class: 'gt-tag gt-tag--accent', title: 'Baseline' }, gitrack.icon('pin'), el('span', {}, 'baseline')) : null,
        el('span', { class: 'gt-spring' }),
        pinned || shown.length < 2 ? null : gitrack.iconButton(`Make ${name} the baseline`, 'pin', () => comparison.pin(run), { class: own }),
        more,
        gitrack.iconButton(`Remove ${name}`, 'close', () => comparison.remove(run), { class: own }),
      ),
      el(
        'div',
        { class: 'gt-versus__facts' },
        gitrack.stateMark(runs.state[run]),
        ` ${word} · ${gitrack.format.duration(runs.duration[run])}${code}`,
        runs.dirty[run] ? el('span', { class: 'gt-dirty' }, ' ● uncommitted') : null,
      ),
    );
    return head;
  };

  function openMenu(comparison, run, anchor) {
    const { runs, base } = comparison;
    const at = runs.indexOf(run);
    const { item } = gitrack.menu;
    const others = [
      at > 1 ? item('Move left', () => comparison.move(run, -1), { icon: 'left' }) : null,
      at < runs.length - 1 ? item('Move right', () => comparison.move(run, 1), { icon: 'right' }) : null,
      item('Make it the baseline', () => comparison.pin(run), { icon: 'pin' }),
      item('Only this and the baseline', () => comparison.choose([base, run])),
    ];
    gitrack.menu.show(
      anchor,
      `More for ${comparison.project.nameOf(run)}`,
      ...(run === base ? [] : others.filter(Boolean)),
      item('Remove', () => comparison.remove(run), { icon: 'close' }),
    );
  }

  /** A box that finds runs by a search line and adds them; it stays open for the next. */
  class RunFinder {
    constructor(comparison) {
      this.comparison = comparison;
      this.options = el('div', { id: 'gt-finder', role: 'listbox', 'aria-label': 'Runs to add' });
      this.list = el('div', { class: 'gt-finder__found', hidden: true });
      this.input = el('input', {
        type: 'search',
        placeholder: 'Add a run: name, tag or lr<0.01',
        'aria-label': 'Add a run',
        role: 'combobox',
        'aria-expanded': 'false',
        'aria-controls': 'gt-finder',
        'aria-autocomplete': 'list',
        autocomplete: 'off',
        spellcheck: 'false',
        oninput: () => this.open(),
        onfocus: () => this.open(),
        onkeydown: (event) => this.press(event),
      });
      this.element = el('div', { class: 'gt-finder' }, gitrack.icon('plus'), this.input, this.list);
      this.element.addEventListener('focusout', (event) => this.element.contains(event.relatedTarget) || this.close());
      // A click on an option must not take the focus from the box.
      this.list.addEventListener('pointerdown', (event) => event.preventDefault());
    }

    find() {
      const { project, runs } = this.comparison;
      const query = gitrack.query.compile(this.input.value, project.index);
      const found = [];
      for (let run = project.size - 1; run >= 0; run -= 1) if (!runs.includes(run) && query.match(run)) found.push(run);
      return { found, errors: query.errors };
    }

    open() {
      const { project } = this.comparison;
      const { found, errors } = this.find();
      this.found = found.slice(0, MOST);
      this.at = this.found.length && this.input.value.trim() ? 0 : -1;
      const options = this.found.map((run, i) =>
        el(
          'div',
          { role: 'option', id: `gt-finder-${i}`, 'aria-selected': 'false', onclick: () => this.add([run]) },
          gitrack.stateMark(project.runs.state[run]),
          el('span', { title: project.nameOf(run) }, project.nameOf(run)),
          el('small', {}, gitrack.format.age(project.runs.created[run])),
        ),
      );
      const notes = errors.map((error) => el('p', { class: 'gt-failed' }, error.message));
      if (!found.length) notes.push(el('p', { class: 'gt-dim' }, 'No other run matches.'));
      const more = found.length > 1 && this.input.value.trim() ? gitrack.button(`Add the first ${Math.min(MOST, found.length)} of ${gitrack.format.plural(found.length, 'run')}`, null, () => this.add(this.found), { tabindex: '-1' }) : null;
      this.options.replaceChildren(...options);
      this.list.replaceChildren(...notes, this.options, ...[more].filter(Boolean));
      this.list.hidden = false;
      this.input.setAttribute('aria-expanded', 'true');
      this.mark();
    }

    close() {
      this.list.hidden = true;
      this.input.setAttribute('aria-expanded', 'false');
      this.input.removeAttribute('aria-activedescendant');
    }

    mark() {
      [...this.options.children].forEach((option, i) => option.setAttribute('aria-selected', String(i === this.at)));
      const option = document.getElementById(`gt-finder-${this.at}`);
      if (option) {
        this.input.setAttribute('aria-activedescendant', option.id);
        option.scrollIntoView({ block: 'nearest' });
      } else this.input.removeAttribute('aria-activedescendant');
    }

    press(event) {
      const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (by && this.list.hidden) this.open();
      else if (by && this.found.length) {
        this.at = (this.at + by + this.found.length) % this.found.length;
        this.mark();
      } else if (event.key === 'Enter' && !this.list.hidden && this.at >= 0) this.add([this.found[this.at]]);
      else if (event.key === 'Escape' && !this.list.hidden) this.close();
      else return;
      event.preventDefault();
      event.stopPropagation();
    }

    add(runs) {
      const { comparison } = this;
      comparison.choose([...comparison.runs, ...runs]);
      gitrack.say(`${gitrack.format.plural(runs.length, 'run')} added`);
      this.input.value = '';
      this.open();
    }
  }

  gitrack.RunFinder = RunFinder;
})();
