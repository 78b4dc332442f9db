/* What hands do on the map: drag, wheel, pinch and keys move the view; box and lasso draw an outline; a click is on a point. */

const CLICK = 5; // pixels that a pointer may slip in a click
const STEP = 60; // pixels that an arrow key moves
const LEAST = 3; // pixels between two corners of a lasso

/* `on` has: move(across, down), zoom(times, left, top), whole(), hover(left, top), leave(), click(left, top), pick(),
   outline(corners, isDone), close(). */
export class Gestures {
  #pointers = new Map();
  #start = null;
  #corners = null;

  constructor(element, on) {
    Object.assign(this, { element, on, tool: "move" });
    const listen = (kind, does, options) => element.addEventListener(kind, does.bind(this), options);
    listen("pointerdown", this.#down);
    listen("pointermove", this.#move);
    listen("pointerup", this.#up);
    listen("pointercancel", this.#cancel);
    listen("pointerleave", () => on.leave());
    listen("wheel", this.#wheel, { passive: false });
    listen("dblclick", (event) => on.zoom(2, ...this.#at(event)));
    listen("keydown", this.#key);
  }

  #at({ clientX, clientY }) {
    const { left, top } = this.element.getBoundingClientRect();
    return [clientX - left, clientY - top];
  }

  #down(event) {
    if (event.button !== 0) return;
    this.element.setPointerCapture(event.pointerId);
    const at = this.#at(event);
    this.#pointers.set(event.pointerId, at);
    this.on.leave();
    if (this.#pointers.size > 1) {
      this.#forget();
      return;
    }
    this.#start = at;
    const tool = event.shiftKey ? "box" : this.tool;
    this.#corners = tool === "move" ? null : { tool, list: [at] };
  }

  #move(event) {
    const at = this.#at(event), before = this.#pointers.get(event.pointerId);
    if (!before) {
      if (event.pointerType !== "touch") this.on.hover(...at);
      return;
    }
    if (this.#pointers.size > 1) this.#pinch(event.pointerId, before, at);
    else if (this.#corners) this.#draw(at);
    else this.on.move(at[0] - before[0], at[1] - before[1]);
    this.#pointers.set(event.pointerId, at);
  }

  /* Two fingers: the map moves with their middle and grows with their distance. */
  #pinch(id, before, at) {
    const [other] = [...this.#pointers].filter(([one]) => one !== id).map(([, place]) => place);
    const distance = (place) => Math.hypot(place[0] - other[0], place[1] - other[1]);
    this.on.move((at[0] - before[0]) / 2, (at[1] - before[1]) / 2);
    this.on.zoom(distance(at) / Math.max(distance(before), 1), (at[0] + other[0]) / 2, (at[1] + other[1]) / 2);
  }

  #draw(at) {
    const { tool, list } = this.#corners, [left, top] = list[0], last = list[list.length - 1];
    if (tool === "box") this.#corners.list = [[left, top], [at[0], top], at, [left, at[1]]];
    else if (Math.hypot(at[0] - last[0], at[1] - last[1]) >= LEAST) list.push(at);
    this.on.outline(this.#corners.list, false);
  }

  #up(event) {
    const at = this.#at(event), isOnly = this.#pointers.size === 1;
    this.#pointers.delete(event.pointerId);
    if (!isOnly || !this.#start) return;
    const slipped = Math.hypot(at[0] - this.#start[0], at[1] - this.#start[1]);
    const corners = this.#corners;
    this.#forget();
    if (slipped <= CLICK && !(corners && corners.list.length > 4)) this.on.click(...at);
    else if (corners && corners.list.length > 2) this.on.outline(corners.list, true);
  }

  #cancel(event) {
    this.#pointers.delete(event.pointerId);
    this.#forget();
  }

  #forget() {
    if (this.#corners) this.on.outline([], false);
    [this.#start, this.#corners] = [null, null];
  }

  #wheel(event) {
    event.preventDefault();
    const pixels = event.deltaY * [1, 16, 400][event.deltaMode];
    this.on.zoom(Math.exp(-Math.max(-300, Math.min(300, pixels)) / 400), ...this.#at(event));
  }

  #key(event) {
    const moves = { ArrowLeft: [STEP, 0], ArrowRight: [-STEP, 0], ArrowUp: [0, STEP], ArrowDown: [0, -STEP] };
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in moves) this.on.move(...moves[event.key]);
    else if (event.key === "+" || event.key === "=") this.on.zoom(1.5);
    else if (event.key === "-") this.on.zoom(1 / 1.5);
    else if (event.key === "0") this.on.whole();
    else if (event.key === "Enter") this.on.pick();
    else return;
    event.preventDefault();
  }
}
