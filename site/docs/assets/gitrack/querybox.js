// The search line over the run table: what is typed, drawn as chips; keys that nobody logged are
// underlined and the nearest known one is offered.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;

  class QueryBox {
    constructor(list, state) {
      Object.assign(this, { list, state });
      this.mirror = el('div', { class: 'gt-query__mirror', 'aria-hidden': 'true' });
      this.input = el('input', {
        type: 'text',
        class: 'gt-query__input',
        placeholder: 'lr<0.01 tag:baseline -state:crashed',
        'aria-label': 'Filter runs',
        'aria-describedby': 'gt-query-hint',
        autocomplete: 'off',
        autocapitalize: 'off',
        spellcheck: 'false',
        oninput: () => this.typed(),
        onscroll: () => this.slide(),
        onblur: () => this.draw(),
        onkeydown: (event) => this.key(event),
      });
      this.count = el('span', { class: 'gt-query__count', 'aria-live': 'polite' });
      this.hint = el('div', { class: 'gt-query__hint', id: 'gt-query-hint', hidden: true });
      this.element = el(
        'div',
        { class: 'gt-query' },
        el('div', { class: 'gt-query__box' }, gitrack.icon('search'), el('div', { class: 'gt-query__field' }, this.mirror, this.input), this.count, el('kbd', {}, '/')),
        this.hint,
      );
      list.watch(() => this.draw());
      this.input.value = state.q;
      this.draw();
      gitrack.keys.bind('/', 'Filter runs', () => {
        this.input.focus();
        this.input.select();
      });
    }

    typed() {
      this.draw();
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.state.set({ q: this.input.value.trim() }), 80);
    }

    key(event) {
      if (event.key === 'Escape') this.input.blur();
      if (event.key === 'Enter') {
        clearTimeout(this.timer);
        this.state.set({ q: this.input.value.trim() });
      }
    }

    slide() {
      this.mirror.scrollLeft = this.input.scrollLeft;
    }

    /** Repeat the text below the transparent input, its finished tokens on a chip. */
    draw() {
      if (document.activeElement !== this.input && this.input.value.trim() !== this.state.q) this.input.value = this.state.q;
      const line = this.input.value;
      const wrong = new Map(this.list.errors.map((error) => [error.token, error]));
      const caret = document.activeElement === this.input ? this.input.selectionStart : -1;
      const parts = [];
      let at = 0;
      let first = null;
      for (const token of gitrack.query.tokens(line)) {
        parts.push(line.slice(at, token.start));
        at = token.end;
        const writing = caret > token.start && caret <= token.end;
        const error = writing ? null : wrong.get(token.text);
        first = first || error;
        parts.push(this.chip(token.text, writing, error));
      }
      parts.push(line.slice(at));
      this.mirror.replaceChildren(...parts);
      // Where the text lies is read in the frame: here it would lay the whole page out once more.
      requestAnimationFrame(() => this.slide());
      const { rows, project } = this.list;
      this.count.textContent = line.trim() ? `${rows.length} of ${project.size}` : String(project.size);
      this.tell(first);
    }

    chip(text, writing, error) {
      const chip = el('span', { class: writing ? null : `gt-chip${error ? ' gt-chip--wrong' : ''}` });
      const key = /^(-?(?:[^\s":=!<>]|"[^"]*")+)(!=|<=|>=|[:=<>])/.exec(text);
      if (!key) chip.append(text);
      else chip.append(el('b', {}, key[1] + (key[2] === ':' ? ':' : '')), text.slice(key[1].length + (key[2] === ':' ? 1 : 0)));
      return chip;
    }

    tell(error) {
      this.hint.hidden = !error;
      if (!error) return;
      const fix = error.nearest
        ? el(
            'button',
            {
              type: 'button',
              class: 'gt-button gt-button--link',
              onclick: () => {
                const key = gitrack.query.term(error.token).key;
                this.state.set({ q: this.input.value.replace(error.token, error.token.replace(key, error.nearest)).trim() });
                this.input.value = this.state.q;
                this.draw();
              },
            },
            `Use ${error.nearest}`,
          )
        : null;
      this.hint.replaceChildren(el('span', {}, el('code', {}, error.token), ' ', error.reason), fix || '');
    }
  }

  gitrack.QueryBox = QueryBox;
})();
