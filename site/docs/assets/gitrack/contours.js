// A surface through scattered points, and the lines along which it has one height.
(function (root) {
  'use strict';

  const gitrack = (root.gitrack = root.gitrack || {});

  /**
   * Heights on a grid of size x size cells' centres over the unit square, weighed by inverse
   * distance: through every point, and nowhere beyond their lowest and highest.
   */
  function surface(points, size) {
    const heights = new Float64Array(size * size);
    for (let row = 0; row < size; row += 1) {
      for (let column = 0; column < size; column += 1) {
        const [x, y] = [(column + 0.5) / size, (row + 0.5) / size];
        let sum = 0;
        let mass = 0;
        for (const point of points) {
          const apart = Math.max((point.x - x) ** 2 + (point.y - y) ** 2, 1e-18);
          const weight = 1 / (apart * Math.sqrt(apart)); // by the third power of the distance
          sum += weight * point.z;
          mass += weight;
        }
        heights[row * size + column] = sum / mass;
      }
    }
    return heights;
  }

  // Which edges of a cell a line joins, by which of its corners are above: bottom 0, right 1, top 2, left 3.
  const JOINS = [[], [[3, 0]], [[0, 1]], [[3, 1]], [[1, 2]], [[3, 0], [1, 2]], [[0, 2]], [[3, 2]], [[2, 3]], [[0, 2]], [[0, 1], [2, 3]], [[1, 2]], [[1, 3]], [[0, 1]], [[0, 3]], []];

  /** Line segments [x0, y0, x1, y1] in the unit square where the surface crosses a height (marching squares). */
  function level(heights, size, height) {
    const found = [];
    const at = (row, column) => heights[row * size + column];
    const place = (i) => (i + 0.5) / size;
    for (let row = 0; row < size - 1; row += 1) {
      for (let column = 0; column < size - 1; column += 1) {
        const corners = [at(row, column), at(row, column + 1), at(row + 1, column + 1), at(row + 1, column)];
        const which = corners.reduce((bits, value, i) => bits | (value > height ? 1 << i : 0), 0);
        const cut = (a, b) => (height - a) / (b - a);
        const edge = [
          () => [place(column + cut(corners[0], corners[1])), place(row)],
          () => [place(column + 1), place(row + cut(corners[1], corners[2]))],
          () => [place(column + cut(corners[3], corners[2])), place(row + 1)],
          () => [place(column), place(row + cut(corners[0], corners[3]))],
        ];
        for (const [from, to] of JOINS[which]) found.push([...edge[from](), ...edge[to]()]);
      }
    }
    return found;
  }

  gitrack.contours = { level, surface };
})(typeof window === 'undefined' ? globalThis : window);
