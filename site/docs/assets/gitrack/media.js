// What was logged and is looked at or listened to: images with boxes and masks that can be
// switched, videos, audio, and pages in a sandbox of their own.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const COLOURS = ['#0b84e0', '#e8a33d', '#12a37f', '#de5064', '#6b5dd3', '#a18192', '#546f42', '#bb3b0b', '#137598', '#aa3d85'];

  const address = (place) => (place.startsWith('data:image/svg+xml;base64,') ? place : gitrack.fileUrl(place));

  gitrack.classColour = function (number) {
    const at = Number.isInteger(number) && number > 0 ? number - 1 : 0;
    return COLOURS[at % COLOURS.length];
  };

  function why(item) {
    return el('div', { class: 'gt-media__why' }, `This ${item.type} cannot be shown: ${item.why}.`);
  }

  /** Boxes as outlines over an image of which only the ratio is known before it has loaded. */
  function boxesOf(item, isOn, image) {
    const layer = el('div', { class: 'gt-media__boxes' });
    const draw = () => {
      const width = item.width || image.naturalWidth || 1;
      const height = item.height || image.naturalHeight || 1;
      layer.replaceChildren(
        ...(item.boxes || [])
          .filter(([set, number]) => isOn(set, number))
          .map(([, number, [left, top, right, bottom], fraction, caption]) => {
            const [w, h] = fraction ? [1, 1] : [width, height];
            const percent = (part, whole) => `${(100 * part) / whole}%`;
            return el(
              'div',
              {
                class: 'gt-media__box',
                style: { left: percent(left, w), top: percent(top, h), width: percent(right - left, w), height: percent(bottom - top, h), '--gt-c': gitrack.classColour(number) },
              },
              caption ? el('span', {}, caption) : null,
            );
          }),
      );
    };
    image.addEventListener('load', draw);
    draw();
    return layer;
  }

  function imageOf(item, isOn) {
    const image = el('img', { src: address(item.src), alt: item.caption || `Image at step ${item.step}`, loading: 'lazy', decoding: 'async', width: item.width, height: item.height });
    if (item.width && item.width < 200) image.classList.add('gt-media__small');
    const frame = el('div', { class: 'gt-media__frame' }, image);
    for (const [set, number, place] of item.masks || []) {
      if (isOn(set, number)) frame.append(el('img', { class: 'gt-media__mask', src: gitrack.fileUrl(place), alt: '' }));
    }
    if (item.boxes) frame.append(boxesOf(item, isOn, image));
    return frame;
  }

  /** Draw one item; `isOn(layer, class)` says which boxes and masks are to be seen. */
  gitrack.mediaOf = function (item, isOn = () => true) {
    if (item.why) return why(item);
    const title = item.caption || `${item.type} at step ${item.step}`;
    switch (item.type) {
      case 'image':
        return imageOf(item, isOn);
      case 'video':
        if (/\.(webp|gif)$/.test(item.src)) return imageOf(item, isOn);
        return el('video', { src: address(item.src), controls: true, loop: true, muted: true, preload: 'metadata', playsinline: true, 'aria-label': title });
      case 'audio':
        return el('audio', { src: address(item.src), controls: true, preload: 'metadata', 'aria-label': title });
      case 'html':
        return gitrack.sandbox(item.text, title);
      default:
        return el('pre', { class: 'gt-media__text', tabindex: '0' }, item.text);
    }
  };

  /** Layers and classes of some images, each with a switch; `changed` is called after a click. */
  gitrack.MediaLayers = class {
    constructor(items, changed) {
      this.off = new Set();
      const found = new Map();
      const names = new Map(items.flatMap((item) => item.classes || []));
      const note = ([set, number]) => {
        if (!found.has(set)) found.set(set, new Set());
        found.get(set).add(number === undefined ? null : number);
      };
      for (const item of items) for (const part of [...(item.boxes || []), ...(item.masks || [])]) note(part);
      const toggle = (key, label, colour) =>
        el(
          'button',
          {
            type: 'button',
            class: 'gt-button gt-media__layer',
            'aria-pressed': 'true',
            onclick: (event) => {
              if (!this.off.delete(key)) this.off.add(key);
              event.currentTarget.setAttribute('aria-pressed', String(!this.off.has(key)));
              changed();
            },
          },
          colour ? el('i', { class: 'gt-dot gt-square', style: { '--gt-c': colour }, 'aria-hidden': 'true' }) : null,
          label,
        );
      const classes = [...new Set([...found.values()].flatMap((numbers) => [...numbers]))].sort((a, b) => a - b);
      this.buttons = [
        ...[...found.keys()].map((set) => toggle(`layer ${set}`, set)),
        ...classes.map((number) => toggle(`class ${number}`, names.get(String(number)) || (number === null ? 'no class' : `class ${number}`), gitrack.classColour(number))),
      ];
      this.isOn = (set, number) => !this.off.has(`layer ${set}`) && !this.off.has(`class ${number === undefined ? null : number}`);
    }
  };
})();
