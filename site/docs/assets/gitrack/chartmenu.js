// The menu behind a gear: how a chart is drawn, or all of them. It reads and writes settings in the
// words of a panel's description and knows nothing of where they are kept.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;

  const NAMES = new Map([
    ['x', 'X axis'],
    ['xrange', 'X range'],
    ['smoothing', 'Smoothing'],
    ['smooth', 'Strength'],
    ['log', 'Logarithmic'],
    ['range', 'Y range'],
    ['outliers', 'Outliers'],
    ['aggregate', 'Group’s line'],
    ['band', 'Group’s band'],
    ['tooltip', 'Tooltip'],
    ['legend', 'Names'],
  ]);
  const OF_GROUPS = new Set(['aggregate', 'band']);
  const CHOICES = new Map([
    ['smoothing', [['time', 'Moving average by distance'], ['points', 'Moving average by points'], ['mean', 'Running mean'], ['gauss', 'Gaussian']]],
    ['aggregate', [['mean', 'Mean'], ['median', 'Median'], ['min', 'Lowest'], ['max', 'Highest']]],
    ['band', [['std', 'Standard deviation'], ['stderr', 'Standard error'], ['minmax', 'Lowest to highest'], ['none', 'None']]],
    ['tooltip', [['all', 'All runs'], ['nearest', 'The nearest run'], ['none', 'None']]],
    ['legend', [['auto', 'Of groups'], ['names', 'Of up to six lines'], ['none', 'None']]],
  ]);
  const OUTLIERS = [0, 0.005, 0.01, 0.02, 0.05, 0.1];

  const share = (value) => (value ? `Beyond ${gitrack.format.number(value * 100)} % on either side` : 'Shown: full range');

  function select(label, options, value, choose) {
    const box = el('select', { 'aria-label': label, onchange: () => choose(options[box.selectedIndex][0]) }, ...options.map(([, words]) => el('option', {}, words)));
    box.selectedIndex = options.findIndex(([key]) => key === value);
    return box;
  }

  /** Both ends of a range; an empty one is given by the data. */
  function ends(label, value, choose) {
    const [low, high] = value || [null, null];
    const box = (word, end) => el('input', { type: 'number', step: 'any', placeholder: 'auto', 'aria-label': `${label}, ${word}`, value: end, onchange: () => take() });
    const first = box('from', low);
    const last = box('to', high);
    const take = () => {
      const found = [first, last].map((input) => (input.value === '' ? null : Number(input.value)));
      const wrong = found[0] !== null && found[1] !== null && found[0] >= found[1];
      for (const input of [first, last]) input.setCustomValidity(wrong ? 'The first end must be below the second.' : '');
      if (wrong) last.reportValidity();
      else choose(found.every((end) => end === null) ? undefined : found);
    };
    return el('span', { class: 'gt-ends' }, first, '–', last);
  }

  function strength(label, value, choose) {
    const told = el('output', {}, value.toFixed(2));
    const input = el('input', {
      type: 'range',
      min: '0',
      max: '0.99',
      step: '0.01',
      value: String(value),
      'aria-label': label,
      style: { '--fill': `${(value / 0.99) * 100}%` },
      oninput: () => {
        told.textContent = Number(input.value).toFixed(2);
        input.style.setProperty('--fill', `${(input.value / 0.99) * 100}%`);
        choose(Number(input.value));
      },
    });
    return el('span', { class: 'gt-slider' }, input, told);
  }

  function logs(value, choose) {
    const mark = (axis) => {
      const on = value.includes(axis);
      const next = ['x', 'y'].filter((one) => (one === axis ? !on : value.includes(one))).join('') || 'none';
      return el('button', { type: 'button', class: 'gt-toggle', 'aria-pressed': String(on), onclick: () => choose(next) }, axis);
    };
    return el('span', { class: 'gt-segments' }, mark('x'), mark('y'));
  }

  function control(word, { value, values, project, choose }) {
    const name = NAMES.get(word);
    if (word === 'x') return select(name, gitrack.axis.choices(project).map((one) => [one.key, one.name]), gitrack.axis(value, project).key, choose);
    if (word === 'xrange' || word === 'range') return ends(name, value, choose);
    if (word === 'smooth') return strength(name, value, choose);
    if (word === 'log') return logs(value, choose);
    if (word === 'outliers') {
      const all = [...new Set([...OUTLIERS, value])].sort((a, b) => a - b);
      return select(name, all.map((one) => [one, share(one)]), value, choose);
    }
    return select(name, CHOICES.get(word), values[word], choose);
  }

  /**
   * Open the menu beside `anchor`. `get()` gives the settings in force, `own()` those that were
   * chosen here, `set(word, value)` takes one, undefined for none of its own; `others` says what
   * then holds. Aggregation and band are offered where `grouped`; `more` are elements below.
   */
  gitrack.chartMenu = function (anchor, { title, project, grouped, get, own, set, others, more = [] }) {
    const form = el('div', { class: 'gt-settings' });
    const choose = (word) => (value) => {
      set(word, value);
      write(word);
    };
    const rows = [...NAMES.keys()]
      .filter((word) => grouped || !OF_GROUPS.has(word))
      .map((word) => {
        const mark = el('i', { class: 'gt-own', role: 'img', 'aria-label': 'chosen here' });
        const back = gitrack.iconButton(`${NAMES.get(word)}: back to ${others}`, 'undo', () => {
          set(word, undefined);
          write(null);
        });
        const room = el('span', {});
        const element = el('div', { class: 'gt-setting' }, el('span', { class: 'gt-setting__name' }, NAMES.get(word), mark), room, back);
        return { word, element, mark, back, room };
      });
    // What the reader holds is left alone, all else is written anew.
    const write = (held) => {
      const values = get();
      const chosen = own();
      for (const { word, element, mark, back, room } of rows) {
        const has = Object.hasOwn(chosen, word);
        element.hidden = word === 'xrange' && gitrack.axis(values.x, project).kind === 'moment';
        element.classList.toggle('gt-setting--own', has);
        mark.hidden = !has;
        if (!has && document.activeElement === back) (room.querySelector('input, select, button') || form).focus();
        back.style.visibility = has ? '' : 'hidden';
        if (word === held && word !== 'log') continue;
        const at = [...room.querySelectorAll('button')].indexOf(document.activeElement);
        room.replaceChildren(control(word, { value: values[word], values, project, choose: choose(word) }));
        if (at >= 0) room.querySelectorAll('button')[at].focus();
      }
      reset.disabled = !Object.keys(chosen).length;
    };
    const reset = gitrack.button(`Back to ${others}`, null, () => {
      for (const word of Object.keys(own())) set(word, undefined);
      write(null);
    });
    form.append(...rows.map((row) => row.element));
    gitrack.menu.show(anchor, title, el('h3', {}, title), form, ...more, reset);
    write(null);
    gitrack.menu.place();
  };

  gitrack.chartMenu.nameOf = (word) => (NAMES.get(word) || word).toLowerCase();
})();
