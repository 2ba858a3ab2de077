// Columns as the data scripts pack them, made plain lists.
(function (root) {
  'use strict';

  const gitrack = (root.gitrack = root.gitrack || {});
  const ARRAYS = new Map([
    ['f4', Float32Array],
    ['f8', Float64Array],
    ['i4', Int32Array],
    ['u1', Uint8Array],
    ['u2', Uint16Array],
    ['u4', Uint32Array],
  ]);

  /** Read base64 into bytes of their own. */
  gitrack.bytes = function (base64) {
    if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
    const text = atob(base64);
    const out = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i += 1) out[i] = text.charCodeAt(i);
    return out;
  };

  gitrack.inflate = async function (bytes) {
    const { readable, writable } = new DecompressionStream('deflate-raw');
    const writer = writable.getWriter();
    const given = writer.write(bytes).then(() => writer.close());
    const [read] = await Promise.all([new Response(readable).arrayBuffer(), given]);
    return new Uint8Array(read);
  };

  /** Put `count` numbers together, from the one at `first` on, of `total` whose bytes stand plane by plane. */
  gitrack.gather = function (bytes, start, total, width, first = 0, count = total) {
    const out = new Uint8Array(count * width);
    for (let plane = 0; plane < width; plane += 1) {
      const from = start + plane * total + first;
      for (let i = 0; i < count; i += 1) out[i * width + plane] = bytes[from + i];
    }
    return out.buffer;
  };

  /** A packed array as a typed one; null for none. */
  gitrack.unpackArray = async function (packed) {
    if (!packed) return null;
    const Kind = ARRAYS.get(packed.t);
    const bytes = await gitrack.inflate(gitrack.bytes(packed.z));
    return new Kind(gitrack.gather(bytes, 0, packed.n, Kind.BYTES_PER_ELEMENT));
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
