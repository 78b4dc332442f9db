/* The points on the screen of a browser that draws no WebGL beside the page: the same discs, one by one, which takes more frames.
   It has all that painter.js has. */

import { View } from "./view.js";

const EIGHTHS = 8; // of a pixel: the unit of sizes
const ROUND = 2 * Math.PI;

export class PlainPainter {
  #pen;
  #looks = { place: [], colour: [], size: [], faint: 0 };
  #fills = new Map(); // as the pen wants them, by their four bytes as one number

  constructor(canvas) {
    this.canvas = canvas;
    this.#pen = canvas.getContext("2d");
    if (!this.#pen) throw new Error("this browser draws nothing beside the page");
  }

  restart() {}

  fill(looks) {
    this.#looks = looks;
  }

  get count() {
    return this.#looks.size.length;
  }

  paint(view, { from = 0, to = 1, ratio = 1, grown = 1 } = {}) {
    const pen = this.#pen, { size, faint } = this.#looks, shown = Object.assign(new View(), view);
    const [width, height] = [view.width, view.height].map((side) => Math.max(1, Math.round(side * ratio)));
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
    if (from === 0) pen.clearRect(0, 0, width, height);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.globalCompositeOperation = "destination-over"; // so that background drawn later doesn't cover what stands out
    this.#draw(0, faint, from, to, shown, grown);
    pen.globalCompositeOperation = "source-over";
    this.#draw(faint, size.length - faint, from, to, shown, grown);
    pen.setTransform(1, 0, 0, 1, 0, 0);
  }

  #draw(first, count, from, to, view, grown) {
    const pen = this.#pen, { place, colour, size } = this.#looks, end = first + Math.floor(count * to);
    for (let i = first + Math.floor(count * from); i < end; i++) {
      const radius = (size[i] * grown) / (2 * EIGHTHS), [x, y] = view.toScreen(place[2 * i], place[2 * i + 1]);
      if (x < -radius || x > view.width + radius || y < -radius || y > view.height + radius) continue;
      pen.fillStyle = this.#fillOf(colour.subarray(4 * i, 4 * i + 4));
      pen.beginPath();
      pen.arc(x, y, radius, 0, ROUND);
      pen.fill();
    }
  }

  #fillOf([red, green, blue, opacity]) {
    const key = ((red << 24) | (green << 16) | (blue << 8) | opacity) >>> 0;
    if (!this.#fills.has(key)) this.#fills.set(key, `rgb(${red} ${green} ${blue} / ${opacity / 255})`);
    return this.#fills.get(key);
  }
}
