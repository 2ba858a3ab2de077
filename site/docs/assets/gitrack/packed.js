// Columns as the data scripts pack them, made plain lists.
(function (root) {
  'use strict';

  const gitrack = (root.gitrack = root.gitrack || {});

  /** Read base64 into bytes of their own. */
  gitrack.bytes = function (base64) {
    const text = atob(base64);
    const out = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i += 1) out[i] = text.charCodeAt(i);
    return out;
  };

  /** A packed column as a plain list: null where a value is missing. */
  gitrack.unpack = function (packed) {
    if (Array.isArray(packed)) return packed;
    if (packed.of) return Array.from(new Uint32Array(gitrack.bytes(packed.at).buffer), (at) => packed.of[at]);
    const values = Array.from(new Float64Array(gitrack.bytes(packed.f8).buffer));
    if (packed.none) gitrack.bytes(packed.none).forEach((missing, i) => missing && (values[i] = null));
    return values;
  };

  /** Make the packed columns of an index plain lists, once. */
  gitrack.unpackIndex = function (index) {
    if (index.unpacked) return index;
    for (const name of Object.keys(index.runs)) index.runs[name] = gitrack.unpack(index.runs[name]);
    for (const column of index.columns) column.values = gitrack.unpack(column.values);
    index.unpacked = true;
    return index;
  };
})(typeof window === 'undefined' ? globalThis : window);
