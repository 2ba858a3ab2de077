// One WebGL2 context for all scenes of a page: browsers allow few, and a page may show many. It
// paints into a canvas of its own, which each scene copies into its 2D canvas.
(function () {
  'use strict';

  const gitrack = (window.gitrack = window.gitrack || {});

  // Discs that keep their size, and balls that have one in the scene and their own depth.
  const DISCS = [
    `#version 300 es
    in vec3 a_at; in vec3 a_colour; in float a_size;
    uniform mat4 u_view; uniform mat4 u_lens;
    out vec3 v_colour;
    void main() {
      gl_Position = a_size > 0.0 ? u_lens * (u_view * vec4(a_at, 1.0)) : vec4(2.0, 2.0, 2.0, 1.0);
      gl_PointSize = a_size;
      v_colour = a_colour;
    }`,
    `#version 300 es
    precision highp float;
    in vec3 v_colour;
    out vec4 colour;
    void main() {
      vec2 p = gl_PointCoord * 2.0 - 1.0;
      float r = dot(p, p);
      if (r > 1.0) discard;
      colour = vec4(v_colour, 1.0 - smoothstep(0.7, 1.0, r));
    }`,
  ];
  const BALLS = [
    `#version 300 es
    in vec3 a_at; in vec3 a_colour; in float a_size;
    uniform mat4 u_view; uniform mat4 u_lens; uniform float u_scale;
    out vec3 v_colour; out float v_depth; out float v_radius;
    void main() {
      vec4 seen = u_view * vec4(a_at, 1.0);
      gl_Position = a_size > 0.0 ? u_lens * seen : vec4(2.0, 2.0, 2.0, 1.0);
      v_colour = a_colour; v_depth = seen.z; v_radius = a_size;
      gl_PointSize = max(2.0, 2.0 * a_size * u_scale / gl_Position.w);
    }`,
    `#version 300 es
    precision highp float;
    in vec3 v_colour; in float v_depth; in float v_radius;
    uniform mat4 u_lens;
    out vec4 colour;
    void main() {
      vec2 p = gl_PointCoord * 2.0 - 1.0;
      float r = dot(p, p);
      if (r > 1.0) discard;
      vec3 n = vec3(p.x, -p.y, sqrt(1.0 - r));
      float light = 0.38 + 0.62 * max(0.0, dot(n, normalize(vec3(-0.35, 0.5, 0.8))));
      float z = v_depth + v_radius * n.z;
      gl_FragDepth = 0.5 * ((u_lens[2][2] * z + u_lens[3][2]) / -z) + 0.5;
      colour = vec4(v_colour * light, 1.0);
    }`,
  ];
  const SURFACE = [
    `#version 300 es
    in vec3 a_at; in vec3 a_colour; in vec3 a_normal;
    uniform mat4 u_view; uniform mat4 u_lens;
    out vec3 v_colour; out vec3 v_normal; out vec3 v_at;
    void main() {
      vec4 seen = u_view * vec4(a_at, 1.0);
      gl_Position = u_lens * seen;
      v_colour = a_colour; v_at = seen.xyz; v_normal = mat3(u_view) * a_normal;
    }`,
    `#version 300 es
    precision highp float;
    in vec3 v_colour; in vec3 v_normal; in vec3 v_at;
    uniform bool u_flat; uniform bool u_lit;
    out vec4 colour;
    void main() {
      if (!u_lit) { colour = vec4(v_colour, 1.0); return; }
      vec3 n = u_flat ? cross(dFdx(v_at), dFdy(v_at)) : v_normal;
      float size = length(n);
      n = size > 0.0 ? n / size : vec3(0.0, 0.0, 1.0);
      // Both sides are seen: files disagree about which one is outside.
      float light = 0.34 + 0.66 * abs(dot(n, normalize(vec3(-0.3, 0.45, 0.85))));
      colour = vec4(v_colour * light, 1.0);
    }`,
  ];

  function compiled(gl, [vertex, fragment]) {
    const program = gl.createProgram();
    for (const [kind, source] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    ['a_at', 'a_colour', 'a_size', 'a_normal'].forEach((name, i) => gl.bindAttribLocation(program, i, name));
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) throw new Error(gl.getProgramInfoLog(program) || 'a shader does not link');
    const at = new Map();
    return { program, at: (name) => at.get(name) || at.set(name, gl.getUniformLocation(program, name)).get(name) };
  }

  class Painter {
    constructor(gl) {
      this.gl = gl;
      this.canvas = gl.canvas;
      this.discs = compiled(gl, DISCS);
      this.balls = compiled(gl, BALLS);
      this.surface = compiled(gl, SURFACE);
      gl.enable(gl.DEPTH_TEST);
      gl.depthFunc(gl.LEQUAL); // of flat points the later one is on top
      gl.enable(gl.BLEND);
      gl.blendFunc(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA);
    }

    /** Hand a shape's arrays to the card; `free` takes them back. */
    upload(shape) {
      const { gl } = this;
      const buffers = [];
      const bind = (arrays, corners) => {
        const vertices = gl.createVertexArray();
        gl.bindVertexArray(vertices);
        for (const [place, width, kind, values] of arrays) {
          if (!values) {
            gl.disableVertexAttribArray(place);
            continue;
          }
          const buffer = gl.createBuffer();
          buffers.push(buffer);
          gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
          gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW);
          gl.enableVertexAttribArray(place);
          gl.vertexAttribPointer(place, width, kind, kind === gl.UNSIGNED_BYTE, 0, 0);
        }
        if (corners) {
          const buffer = gl.createBuffer();
          buffers.push(buffer);
          gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, buffer);
          gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, corners, gl.STATIC_DRAW);
        }
        gl.bindVertexArray(null);
        return vertices;
      };
      const { points, lines, mesh } = shape;
      const made = {
        points: points && { count: points.at.length / 3, ball: Boolean(points.ball), vertices: bind([[0, 3, gl.FLOAT, points.at], [1, 3, gl.UNSIGNED_BYTE, points.colours], [2, 1, gl.FLOAT, points.sizes]]) },
        lines: lines && { count: lines.at.length / 3, vertices: bind([[0, 3, gl.FLOAT, lines.at], [1, 3, gl.UNSIGNED_BYTE, lines.colours], [3, 3, gl.FLOAT, null]]) },
        mesh: mesh && { count: mesh.corners.length, flat: !mesh.normals, vertices: bind([[0, 3, gl.FLOAT, mesh.at], [1, 3, gl.UNSIGNED_BYTE, mesh.colours], [3, 3, gl.FLOAT, mesh.normals]], mesh.corners) },
        painter: this,
      };
      made.free = () => {
        for (const buffer of buffers) gl.deleteBuffer(buffer);
        for (const part of [made.points, made.lines, made.mesh]) if (part) gl.deleteVertexArray(part.vertices);
      };
      return made;
    }

    /** Paint what was uploaded, `width` x `height` device pixels, over `background` (0 to 1 each). */
    paint(made, { view, lens, scale, width, height, background }) {
      const { gl } = this;
      if (this.canvas.width < width || this.canvas.height < height) {
        this.canvas.width = Math.max(width, this.canvas.width);
        this.canvas.height = Math.max(height, this.canvas.height);
      }
      gl.viewport(0, 0, width, height);
      gl.enable(gl.SCISSOR_TEST);
      gl.scissor(0, 0, width, height);
      gl.clearColor(...background, 1);
      gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
      const use = ({ program, at }) => {
        gl.useProgram(program);
        gl.uniformMatrix4fv(at('u_view'), false, view);
        gl.uniformMatrix4fv(at('u_lens'), false, lens);
        return at;
      };
      if (made.mesh || made.lines) {
        const at = use(this.surface);
        if (made.mesh) {
          gl.uniform1i(at('u_lit'), 1);
          gl.uniform1i(at('u_flat'), made.mesh.flat ? 1 : 0);
          gl.bindVertexArray(made.mesh.vertices);
          gl.drawElements(gl.TRIANGLES, made.mesh.count, gl.UNSIGNED_INT, 0);
        }
        if (made.lines) {
          gl.uniform1i(at('u_lit'), 0);
          gl.bindVertexArray(made.lines.vertices);
          gl.drawArrays(gl.LINES, 0, made.lines.count);
        }
      }
      if (made.points) {
        const at = use(made.points.ball ? this.balls : this.discs);
        if (made.points.ball) gl.uniform1f(at('u_scale'), scale);
        gl.bindVertexArray(made.points.vertices);
        gl.drawArrays(gl.POINTS, 0, made.points.count);
      }
      gl.bindVertexArray(null);
    }
  }

  let painter = null;

  /** The painter of this page; null where the browser has no WebGL2. A lost one is made anew. */
  gitrack.scenePainter = function () {
    if (painter && !painter.gl.isContextLost()) return painter;
    const gl = document.createElement('canvas').getContext('webgl2', { antialias: true, alpha: false });
    painter = gl ? new Painter(gl) : null;
    return painter;
  };
})();
