// From an object's script to what a scene draws: colours are given to what has none, boxes and
// arrows become lines, atoms balls, bonds rods.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});
  const { el } = gitrack;
  const ROD = 0.1; // ångström
  const SIDES = 6;
  const ROUND = 4000; // bonds that are drawn as rods, not as lines
  // As the usual models have them, as near as the site's colours come.
  const ELEMENTS = new Map([
    ['H', '--gt-line2'], ['C', '--gt-fg3'], ['N', '--gt-run-1'], ['O', '--gt-run-9'], ['S', '--gt-run-2'],
    ['P', '--gt-run-5'], ['F', '--gt-run-4'], ['Cl', '--gt-run-4'], ['Br', '--gt-run-3'], ['I', '--gt-run-6'],
  ]);

  const bytes = (css) => {
    const hex = gitrack.resolveColour(css).replace('#', '');
    return [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16));
  };

  const filled = (count, colour) => {
    const out = new Uint8Array(3 * count);
    for (let i = 0; i < count; i += 1) out.set(colour, 3 * i);
    return out;
  };

  /** A colour of the runs' ten, by a number from 0. */
  const slot = (number) => `var(--gt-run-${(number % gitrack.Palette.COUNT) + 1})`;

  /** How large a point is, in device pixels, so that many do not hide one another. */
  function pointSize(count) {
    const size = count < 500 ? 7 : count < 5000 ? 5 : count < 50000 ? 3 : 2;
    return size * Math.min(devicePixelRatio || 1, 2);
  }

  async function points(data) {
    const at = await gitrack.unpackArray(data.at);
    const count = at.length / 3;
    const sizes = new Float32Array(count).fill(pointSize(count));
    const category = await gitrack.unpackArray(data.category);
    let colours = await gitrack.unpackArray(data.colours);
    let legend = null;
    if (category) {
      colours = new Uint8Array(3 * count);
      const dealt = data.categories.map((_, i) => bytes(slot(i)));
      category.forEach((one, i) => colours.set(dealt[one], 3 * i));
      legend = data.categories.map((name, i) => ({ name: gitrack.format.number(name), colour: slot(i), number: i }));
    }
    return { at, sizes, category, legend, colours: colours || filled(count, bytes('var(--gt-run-1)')) };
  }

  /** Straight lines: of boxes their twelve edges, of vectors a shaft and two barbs. */
  function lines(boxes, vectors) {
    const at = [];
    const colours = [];
    const labels = [];
    const add = (from, to, colour) => {
      at.push(...from, ...to);
      colours.push(...colour, ...colour);
    };
    for (const { corners, colour, label, score } of boxes) {
      for (let i = 0; i < 8; i += 1) for (const bit of [1, 2, 4]) if (!(i & bit)) add(corners[i], corners[i | bit], colour);
      const text = [label, score === undefined ? null : gitrack.format.number(score, 3)].filter(Boolean).join(' ');
      if (text) labels.push({ at: corners[7], text });
    }
    const accent = bytes('var(--gt-accent)');
    for (const [start, end] of vectors) {
      add(start, end, accent);
      const along = end.map((part, axis) => part - start[axis]);
      const side = Math.abs(along[0]) > Math.abs(along[2]) ? [-along[1], along[0], 0] : [0, -along[2], along[1]];
      for (const turn of [1, -1]) add(end, end.map((part, axis) => part - along[axis] * 0.2 + side[axis] * 0.1 * turn), accent);
    }
    return at.length ? { lines: { at: new Float32Array(at), colours: new Uint8Array(colours) }, labels } : {};
  }

  async function mesh(data) {
    const [at, corners, normals, colours] = await Promise.all([data.at, data.corners, data.normals, data.colours].map(gitrack.unpackArray));
    return { at, corners, normals, colours: colours || filled(at.length / 3, bytes('var(--gt-run-1)')) };
  }

  /** Rods between atoms, half in each one's colour. */
  function rods(at, bonds, colours) {
    const places = [];
    const normals = [];
    const tints = [];
    const corners = [];
    for (let bond = 0; bond < bonds.length; bond += 2) {
      const ends = [bonds[bond], bonds[bond + 1]].map((atom) => [...at.subarray(3 * atom, 3 * atom + 3)]);
      const along = ends[1].map((part, axis) => part - ends[0][axis]);
      const length = Math.hypot(...along) || 1;
      const [x, y, z] = along.map((part) => part / length);
      const flat = Math.hypot(x, y) || 1e-6;
      const one = Math.hypot(x, y) > 1e-3 ? [-y / flat, x / flat, 0] : [1, 0, 0];
      const two = [y * one[2] - z * one[1], z * one[0] - x * one[2], x * one[1] - y * one[0]];
      for (let half = 0; half < 2; half += 1) {
        const first = places.length / 3;
        const tint = colours.subarray(3 * bonds[bond + half], 3 * bonds[bond + half] + 3);
        for (let side = 0; side < SIDES; side += 1) {
          const angle = (2 * Math.PI * side) / SIDES;
          const normal = one.map((part, axis) => part * Math.cos(angle) + two[axis] * Math.sin(angle));
          for (const share of [half / 2, (half + 1) / 2]) {
            places.push(...ends[0].map((part, axis) => part + along[axis] * share + normal[axis] * ROD));
            normals.push(...normal);
            tints.push(...tint);
          }
          const [a, b] = [first + 2 * side, first + 2 * ((side + 1) % SIDES)];
          corners.push(a, a + 1, b, b, a + 1, b + 1);
        }
      }
    }
    return { at: new Float32Array(places), normals: new Float32Array(normals), colours: new Uint8Array(tints), corners: new Uint32Array(corners) };
  }

  async function atoms(data) {
    const [at, element, bonds] = await Promise.all([data.at, data.element, data.bonds].map(gitrack.unpackArray));
    const css = data.elements.map((name) => `var(${ELEMENTS.get(name) || '--gt-run-7'})`);
    const dealt = css.map(bytes);
    const colours = new Uint8Array(3 * element.length);
    element.forEach((one, i) => colours.set(dealt[one], 3 * i));
    const sizes = Float32Array.from(element, (one) => (data.elements[one] === 'H' ? 0.22 : 0.36));
    const legend = data.elements.map((name, number) => ({ name, colour: css[number], number }));
    const made = { points: { at, colours, sizes, ball: true, category: element, legend } };
    if (bonds.length / 2 <= ROUND) return bonds.length ? { ...made, mesh: rods(at, bonds, colours) } : made;
    const ends = Float32Array.from({ length: 3 * bonds.length }, (_, i) => at[3 * bonds[Math.floor(i / 3)] + (i % 3)]);
    return { ...made, lines: { at: ends, colours: Uint8Array.from({ length: ends.length }, (_, i) => colours[3 * bonds[Math.floor(i / 3)] + (i % 3)]) } };
  }

  /** What a scene shows of an object's data. */
  gitrack.shapeOf = async function (data) {
    const shape = { up: data.up, ...lines(data.boxes, data.vectors) };
    if (data.points) shape.points = await points(data.points);
    if (data.mesh) shape.mesh = await mesh(data.mesh);
    return data.atoms ? { ...shape, ...(await atoms(data.atoms)) } : shape;
  };

  /** Names with their colours, as buttons that hide what they name; `toggled(hidden)` gets a Set. */
  gitrack.legendOf = function (legend, toggled) {
    const hidden = new Set();
    const buttons = legend.map(({ name, colour, number, count }) => {
      const press = () => {
        if (!hidden.delete(number)) hidden.add(number);
        button.setAttribute('aria-pressed', String(!hidden.has(number)));
        toggled(hidden);
      };
      const button = el('button', { type: 'button', class: 'gt-legend__entry', 'aria-pressed': 'true', title: name, onclick: press }, gitrack.dot(colour), el('span', {}, name), count === undefined ? null : el('small', {}, count.toLocaleString('en-US')));
      return button;
    });
    return el('div', { class: 'gt-legend', role: 'group', 'aria-label': 'What is shown' }, ...buttons);
  };

  gitrack.shapes = { bytes, pointSize, slot };
})();
