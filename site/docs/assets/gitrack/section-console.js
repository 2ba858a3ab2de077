// The console of a run: all its lines, found by a word, in blocks of which the browser lays out
// those alone that are in sight.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const BLOCK = 200; // lines
  const TROUBLE = /^(Traceback \(most recent call last\)|\w*(Error|Exception|Interrupt)\b|.*\b(\w*Warning|ERROR|CRITICAL|FATAL)\b)/;

  class Console {
    constructor(body, lines) {
      this.lines = lines;
      this.found = [];
      this.at = -1;
      this.box = el('div', { class: 'gt-console', tabindex: '0', role: 'log', 'aria-label': 'Console', 'aria-live': 'off' });
      this.blocks = [];
      for (let first = 0; first < lines.length; first += BLOCK) {
        const block = el('div', { class: 'gt-console__block' });
        block.style.setProperty('--lines', Math.min(BLOCK, lines.length - first));
        this.blocks.push(block);
      }
      this.box.style.setProperty('--digits', String(lines.length).length);
      this.box.append(...this.blocks);
      this.count = el('span', { class: 'gt-dim', 'aria-live': 'polite' });
      this.input = el('input', {
        type: 'search',
        placeholder: 'Find in the console',
        'aria-label': 'Find in the console',
        oninput: () => this.find(),
        onkeydown: (event) => {
          if (event.key !== 'Enter') return;
          event.preventDefault();
          this.move(event.shiftKey ? -1 : 1);
        },
      });
      const wrap = el('input', { type: 'checkbox', onchange: () => this.box.classList.toggle('gt-console--wrap', wrap.checked) });
      body.append(
        el(
          'div',
          { class: 'gt-console__tools' },
          this.input,
          gitrack.iconButton('Previous hit', 'up', () => this.move(-1)),
          gitrack.iconButton('Next hit', 'down', () => this.move(1)),
          this.count,
          el('span', { class: 'gt-spring' }),
          el('label', {}, wrap, 'Wrap'),
          gitrack.copyButton(lines.join('\n'), 'Copy the whole console'),
        ),
        this.box,
      );
      this.blocks.forEach((_, i) => this.write(i));
    }

    write(number) {
      const first = number * BLOCK;
      const wanted = this.input.value.toLowerCase();
      const rows = this.lines.slice(first, first + BLOCK).map((text, i) =>
        el(
          'div',
          { class: [TROUBLE.test(text) && 'gt-console__trouble', this.found[this.at] === first + i && 'gt-console__here'].filter(Boolean).join(' ') || null, 'data-line': first + i + 1 },
          ...gitrack.marked(text || ' ', wanted),
        ),
      );
      this.blocks[number].replaceChildren(...rows);
    }

    find() {
      const wanted = this.input.value.toLowerCase();
      this.found = [];
      if (wanted) this.lines.forEach((text, line) => text.toLowerCase().includes(wanted) && this.found.push(line));
      this.at = -1;
      this.blocks.forEach((_, i) => this.write(i));
      if (this.found.length) this.move(1);
      else this.count.textContent = wanted ? 'not found' : '';
    }

    move(by) {
      if (!this.found.length) return;
      const before = this.found[this.at];
      this.at = (this.at + by + this.found.length) % this.found.length;
      const line = this.found[this.at];
      for (const changed of new Set([before, line])) if (changed !== undefined) this.write(Math.floor(changed / BLOCK));
      this.count.textContent = `${this.at + 1} of ${this.found.length.toLocaleString('en-US')}`;
      const row = this.box.querySelector('.gt-console__here');
      this.box.scrollTop += row.getBoundingClientRect().top - this.box.getBoundingClientRect().top - this.box.clientHeight / 2;
    }
  }

  gitrack.sections.console = function (body, { lines }) {
    gitrack.console = new Console(body, lines);
  };
})();
