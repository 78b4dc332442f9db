/* The points on the screen: one WebGL draw of a disc each. Thousands of products in thousands of frames make this the one part that
   has to be quick; what is drawn how is decided in looks.js. */

const VERTEX = `#version 300 es
in vec2 place;
in vec4 colour;
in float size;
uniform vec2 middle, scale;
uniform float pixels, depth;
out vec4 fill;
out float radius;
void main() {
  gl_Position = vec4((place - middle) * scale, depth, 1.0);
  gl_PointSize = size * pixels + 1.0;
  radius = gl_PointSize / 2.0;
  fill = vec4(colour.rgb * colour.a, colour.a);
}`;
const FRAGMENT = `#version 300 es
precision mediump float;
in vec4 fill;
in float radius;
out vec4 shown;
void main() {
  float edge = radius * (1.0 - 2.0 * length(gl_PointCoord - 0.5));
  if (edge <= 0.0) discard;
  shown = fill * min(edge, 1.0);
}`;

export class Painter {
  #gl;
  #program;
  #buffers = {};
  #counts = { faint: 0, strong: 0 };

  constructor(canvas) {
    this.canvas = canvas;
    this.#gl = canvas.getContext("webgl2", { antialias: false, premultipliedAlpha: true, preserveDrawingBuffer: true });
    if (!this.#gl) throw new Error("this browser draws no WebGL");
    this.#start();
  }

  #start() {
    const gl = this.#gl;
    this.#program = gl.createProgram();
    for (const [kind, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(this.#program, shader);
    }
    gl.linkProgram(this.#program);
    gl.useProgram(this.#program);
    gl.enable(gl.BLEND);
    gl.enable(gl.DEPTH_TEST); // so that background drawn later doesn't cover what stands out
    gl.depthFunc(gl.LEQUAL);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    this.#attribute("place", 2, gl.UNSIGNED_SHORT, false);
    this.#attribute("colour", 4, gl.UNSIGNED_BYTE, true);
    this.#attribute("size", 1, gl.UNSIGNED_BYTE, false);
  }

  /* After the browser has taken the context away: buffers are to be filled again. */
  restart() {
    this.#start();
  }

  #attribute(name, width, type, normalised) {
    const gl = this.#gl, at = gl.getAttribLocation(this.#program, name);
    this.#buffers[name] = gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#buffers[name]);
    gl.enableVertexAttribArray(at);
    gl.vertexAttribPointer(at, width, type, normalised, 0, 0);
  }

  /* The points in their order of drawing: `place` uint16 [n, 2], `colour` uint8 [n, 4], `size` uint8 [n] in eighths of a pixel; the
     first `faint` of them are background. */
  fill({ place, colour, size, faint }) {
    const gl = this.#gl;
    for (const [name, values] of Object.entries({ place, colour, size })) {
      gl.bindBuffer(gl.ARRAY_BUFFER, this.#buffers[name]);
      gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW);
    }
    this.#counts = { faint, strong: size.length - faint };
  }

  get count() {
    return this.#counts.faint + this.#counts.strong;
  }

  /* Draw a part of the points, from a share of them to another; the first part clears what was there. The points lie in no order of
     place, so every part is a fair sample of them. */
  paint(view, { from = 0, to = 1, ratio = 1, grown = 1 } = {}) {
    const gl = this.#gl, { faint, strong } = this.#counts;
    const [width, height] = [view.width, view.height].map((side) => Math.max(1, Math.round(side * ratio)));
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
    gl.viewport(0, 0, width, height);
    gl.clearColor(0, 0, 0, 0);
    if (from === 0) gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    const uniform = (name) => gl.getUniformLocation(this.#program, name);
    gl.uniform2f(uniform("middle"), view.x, view.y);
    gl.uniform2f(uniform("scale"), (2 * view.scale) / view.width, (2 * view.scale) / view.height);
    gl.uniform1f(uniform("pixels"), (grown * ratio) / 8);
    this.#draw(0, faint, from, to, 0.5);
    this.#draw(faint, strong, from, to, 0);
  }

  #draw(first, count, from, to, depth) {
    const gl = this.#gl, start = Math.floor(count * from), end = Math.floor(count * to);
    gl.uniform1f(gl.getUniformLocation(this.#program, "depth"), depth);
    if (end > start) gl.drawArrays(gl.POINTS, first + start, end - start);
  }
}
