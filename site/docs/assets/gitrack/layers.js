// Boxes in layers, each below those that lead to it (Sugiyama, Tagawa, Toda, 1981): layers by the
// longest way, orders by the middle of the neighbours, long edges through places of their own.
(function (root) {
  'use strict';

  const gitrack = (root.gitrack = root.gitrack || {});
  const GAP = { x: 22, y: 34 };
  const LANE = 12; // width of the place that a long edge takes in a layer
  const SWEEPS = 6;

  /** Edges without those that would lead back to where they come from. */
  function acyclic(count, edges) {
    const next = Array.from({ length: count }, () => []);
    edges.forEach(([from, to], i) => next[from].push([to, i]));
    const state = new Uint8Array(count); // 1 on the way, 2 done
    const kept = [];
    for (let start = 0; start < count; start += 1) {
      if (state[start]) continue;
      const stack = [[start, 0]];
      state[start] = 1;
      while (stack.length) {
        const top = stack.at(-1);
        const [at, place] = top;
        if (place === next[at].length) {
          state[at] = 2;
          stack.pop();
          continue;
        }
        top[1] += 1;
        const [to, i] = next[at][place];
        if (state[to] === 1) continue;
        kept.push(i);
        if (!state[to]) {
          state[to] = 1;
          stack.push([to, 0]);
        }
      }
    }
    return kept.map((i) => edges[i]);
  }

  /** Layer of each box: below all that lead to it; one that nothing leads to, below the one before. */
  function layersOf(count, edges) {
    const before = Array.from({ length: count }, () => []);
    const after = Array.from({ length: count }, () => []);
    for (const [from, to] of edges) {
      before[to].push(from);
      after[from].push(to);
    }
    const reaches = (from, wanted) => {
      const seen = new Set([from]);
      for (const at of seen) for (const to of after[at]) seen.add(to);
      return seen.has(wanted);
    };
    for (let i = 1; i < count; i += 1) {
      if (before[i].length || reaches(i, i - 1)) continue;
      before[i].push(i - 1);
      after[i - 1].push(i);
    }
    const layer = new Int32Array(count);
    const open = before.map((list) => list.length);
    const ready = open.flatMap((left, i) => (left ? [] : [i]));
    for (const at of ready) {
      for (const to of after[at]) {
        layer[to] = Math.max(layer[to], layer[at] + 1);
        open[to] -= 1;
        if (!open[to]) ready.push(to);
      }
    }
    return layer;
  }

  /** Push boxes of a layer apart, as near to where they want to be as can be. */
  function spread(row, wanted) {
    const left = [];
    row.forEach((box, i) => {
      const least = i ? left[i - 1] + row[i - 1].width + GAP.x : -Infinity;
      left.push(Math.max(wanted[i] - box.width / 2, least));
    });
    // What was pushed right is brought back by half, so that a row stays in the middle.
    const pushed = row.reduce((sum, box, i) => sum + left[i] + box.width / 2 - wanted[i], 0) / row.length;
    row.forEach((box, i) => (box.x = left[i] - pushed));
  }

  /**
   * Lay boxes out. `boxes` are {width, height}, `edges` pairs of their places; gives them x and y,
   * and returns {width, height, routes}, of each edge its points from top to bottom.
   */
  gitrack.layered = function (boxes, edges) {
    const good = acyclic(boxes.length, edges.filter(([from, to]) => from !== to));
    const layer = layersOf(boxes.length, good);
    const rows = [];
    const put = (box, at) => (rows[at] = rows[at] || []).push(box);
    boxes.forEach((box, i) => {
      Object.assign(box, { up: [], down: [], layer: layer[i] });
      put(box, layer[i]);
    });
    const routes = good.map(([from, to]) => {
      const route = [boxes[from]];
      for (let at = layer[from] + 1; at < layer[to]; at += 1) {
        const lane = { width: LANE, height: 0, up: [], down: [], layer: at };
        put(lane, at);
        route.push(lane);
      }
      route.push(boxes[to]);
      route.slice(1).forEach((box, i) => {
        box.up.push(route[i]);
        route[i].down.push(box);
      });
      return route;
    });
    const middle = (list, key) => list.reduce((sum, box) => sum + key(box), 0) / list.length;
    rows.forEach((row) => row.forEach((box, i) => (box.order = i)));
    for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
      const side = sweep % 2 ? 'down' : 'up';
      for (const row of sweep % 2 ? [...rows].reverse() : rows) {
        for (const box of row) box.wish = box[side].length ? middle(box[side], (one) => one.order) : box.order;
        row.sort((a, b) => a.wish - b.wish || a.order - b.order);
        row.forEach((box, i) => (box.order = i));
      }
    }
    for (const row of rows) spread(row, row.map((_, i) => i * 10));
    for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
      const side = sweep % 2 ? 'down' : 'up';
      for (const row of sweep % 2 ? [...rows].reverse() : rows) {
        spread(row, row.map((box) => (box[side].length ? middle(box[side], (one) => one.x + one.width / 2) : box.x + box.width / 2)));
      }
    }
    let y = 0;
    for (const row of rows) {
      const tall = Math.max(...row.map((box) => box.height));
      for (const box of row) {
        box.y = y + (box.height ? 0 : tall / 2);
      }
      y += tall + GAP.y;
    }
    const all = rows.flat();
    const least = Math.min(...all.map((box) => box.x));
    for (const box of all) box.x -= least;
    return {
      width: Math.max(0, ...all.map((box) => box.x + box.width)),
      height: Math.max(0, y - GAP.y),
      routes: routes.map((route) => route.map((box, i) => [box.x + box.width / 2, i ? box.y : box.y + box.height])),
    };
  };

  /** The curve through an edge's points, upright at each. */
  gitrack.routePath = function (points) {
    const round = (part) => Math.round(part * 10) / 10;
    return points
      .map(([x, y], i) => {
        if (!i) return `M${round(x)} ${round(y)}`;
        const [px, py] = points[i - 1];
        const half = round((py + y) / 2);
        return `C${round(px)} ${half} ${round(x)} ${half} ${round(x)} ${round(y)}`;
      })
      .join('');
  };
})(typeof window === 'undefined' ? globalThis : window);
