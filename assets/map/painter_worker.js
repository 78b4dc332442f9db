/* Draws the points beside the page's own thread: however long that takes a machine, a click or a key never waits for it.
   canvas.js is the page's half. */

import { Painter } from "./painter.js";

const QUICK = 24, SLOW = 40; // ms from frame to frame: then the next draws more points, or fewer
const FIRST = 20_000, LEAST = 5_000; // points of a frame

let painter = null;
let looks = null; // kept for a browser that takes the context away and gives it back
let asked = null; // the view that is to be on the screen, see Canvas.paint
let drawn = 0; // the share of the points that shows it
let budget = FIRST; // points of a frame: as many as this machine has time for
let painted = 0; // when the last frame was; 0 where nothing is under way
let frame = 0; // the next one, where one is asked for

async function painterOn(canvas) {
  try {
    return new Painter(canvas);
  } catch {
    return new (await import("./plain_painter.js")).PlainPainter(canvas);
  }
}

/* A frame: some of the points at once, the others in the next ones. A graphics card draws all in one; without one, a frame of
   everything would come too late for the hand that moves the map. */
function paint(now) {
  const took = now - painted;
  if (painted && took < QUICK) budget = Math.min(2 * budget, 2 * painter.count + LEAST);
  else if (painted && took > SLOW) budget = Math.max(budget / 2, LEAST);
  const isDone = drawn === 1;
  if (isDone) postMessage({ kind: "done", number: asked.number }); // only now: the last part has been shown since
  else paintPart();
  painted = isDone ? 0 : now;
  frame = isDone ? 0 : requestAnimationFrame(paint);
}

function paintPart() {
  const from = drawn;
  drawn = Math.min(1, from + budget / Math.max(painter.count, 1));
  painter.paint(asked.view, { ...asked, from, to: drawn });
  if (from === 0) postMessage({ kind: "painted", view: asked.view });
}

function again() {
  drawn = 0;
  if (asked) frame ||= requestAnimationFrame(paint);
}

const does = {
  async start({ canvas }) {
    try {
      painter = await painterOn(canvas);
    } catch (error) {
      return postMessage({ kind: "failed", message: error.message });
    }
    canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
    canvas.addEventListener("webglcontextrestored", () => { painter.restart(); does.fill({ looks }); });
    postMessage({ kind: "ready" });
  },

  fill(said) {
    looks = said.looks;
    if (looks) painter.fill(looks);
    again();
  },

  paint(said) {
    asked = said;
    again();
  },

  /* A picture of all points; then the screen gets its own again, which may have another ratio. */
  async take({ view, ratio, grown }) {
    painter.paint(view, { ratio, grown });
    const picture = await createImageBitmap(painter.canvas).catch(() => null); // too large, or the context is gone
    postMessage({ kind: "taken", picture }, picture ? [picture] : []);
    again();
  },
};

addEventListener("message", ({ data: { kind, ...said } }) => does[kind](said));
