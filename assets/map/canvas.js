/* The canvas of the points. The page says what is to be seen; painter_worker.js draws it beside the page's own thread. */

import { View } from "./view.js";

export class Canvas {
  #worker;
  #number = 0; // of the view that was last asked for
  #done = 0; // of the last one all of whose points are on the screen
  #takers = []; // of the pictures that are being taken

  /* `painted` is called with each `View` that has come onto the screen, as soon as its first points have. */
  constructor(element, painted) {
    const canvas = element.transferControlToOffscreen();
    this.#worker = new Worker(new URL("painter_worker.js", import.meta.url), { type: "module" });
    /* Fulfilled when there is something to draw with, rejected where there never will be. */
    this.ready = new Promise((isReady, fail) => {
      this.#worker.addEventListener("error", () => fail(new Error("what draws the map did not arrive")));
      this.#worker.addEventListener("message", ({ data }) => {
        if (data.kind === "ready") isReady();
        else if (data.kind === "failed") fail(new Error(data.message));
        else if (data.kind === "painted") painted(Object.assign(new View(), data.view));
        else if (data.kind === "done") this.#done = data.number;
        else if (data.kind === "taken") this.#takers.shift()(data.picture);
      });
    });
    this.#worker.postMessage({ kind: "start", canvas }, [canvas]);
  }

  /* What the points look like from now on, see looks.js; the view is to be asked for again. */
  fill(looks) {
    this.#worker.postMessage({ kind: "fill", looks });
  }

  /* Show a view, `ratio` pixels of the canvas to one of the page, its points `grown` times as large as usual. */
  paint(view, ratio, grown) {
    this.#worker.postMessage({ kind: "paint", view: { ...view }, ratio, grown, number: ++this.#number });
  }

  /* Whether all points of the view that was last asked for are on the screen. */
  get isDone() {
    return this.#done === this.#number;
  }

  /* An ImageBitmap of all points of a view. */
  take(view, ratio, grown) {
    return new Promise((taken, fail) => {
      this.#takers.push((picture) => (picture ? taken(picture) : fail(new Error("the points could not be taken along"))));
      this.#worker.postMessage({ kind: "take", view: { ...view }, ratio, grown });
    });
  }
}
