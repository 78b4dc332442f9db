/* What part of a map is in view: steps of the map (points.js) to pixels of the screen and back. */

const MOST = 40; // pixels that one step may take: neighbours on the finest grid then stand apart
const MARGIN = 28; // pixels around the whole map

export class View {
  constructor() {
    Object.assign(this, { width: 1, height: 1, x: 0, y: 0, scale: 1, least: 1 });
  }

  /* The whole of a map between two corners. */
  fit({ left, bottom, right, top }) {
    const across = Math.max(this.width - 2 * MARGIN, 1) / Math.max(right - left, 1);
    const up = Math.max(this.height - 2 * MARGIN, 1) / Math.max(top - bottom, 1);
    this.whole = { left, bottom, right, top };
    this.scale = Math.min(across, up, MOST);
    this.least = this.scale / 2;
    this.x = (left + right) / 2;
    this.y = (bottom + top) / 2;
  }

  /* Another size of the window: the middle stays, and the whole map stays whole. */
  resize(width, height) {
    const grown = Math.min(width / this.width, height / this.height);
    const wasWhole = this.whole && this.zoom === 1;
    [this.width, this.height] = [width, height];
    if (wasWhole) this.fit(this.whole);
    else if (this.whole) [this.scale, this.least] = [this.scale * grown, this.least * grown];
  }

  /* How many times as large as the whole map fits. */
  get zoom() {
    return this.scale / (2 * this.least);
  }

  /* Whether the whole map is in view. */
  get isWhole() {
    const [left, bottom, right, top] = this.box(), { whole } = this;
    return left <= whole.left && bottom <= whole.bottom && right >= whole.right && top >= whole.top;
  }

  toScreen(x, y) {
    return [this.width / 2 + (x - this.x) * this.scale, this.height / 2 - (y - this.y) * this.scale];
  }

  toMap(left, top) {
    return [this.x + (left - this.width / 2) / this.scale, this.y - (top - this.height / 2) / this.scale];
  }

  /* The corners of what is in view, some pixels around it included. */
  box(around = 0) {
    const [left, top] = this.toMap(-around, -around), [right, bottom] = this.toMap(this.width + around, this.height + around);
    return [left, bottom, right, top];
  }

  moveBy(across, down) {
    this.x -= across / this.scale;
    this.y += down / this.scale;
    this.#keepInReach();
  }

  /* Enlarge so that what lies under a pixel stays there. */
  zoomBy(times, left = this.width / 2, top = this.height / 2) {
    const [x, y] = this.toMap(left, top);
    this.scale = Math.min(Math.max(this.scale * times, this.least), MOST);
    const [movedX, movedY] = this.toMap(left, top);
    this.x += x - movedX;
    this.y += y - movedY;
    this.#keepInReach();
  }

  /* Bring a place into view, where it isn't. */
  show(x, y) {
    const [left, bottom, right, top] = this.box(-MARGIN);
    if (x < left || x > right || y < bottom || y > top) [this.x, this.y] = [x, y];
  }

  #keepInReach() {
    const { left, bottom, right, top } = this.whole;
    this.x = Math.min(Math.max(this.x, left), right);
    this.y = Math.min(Math.max(this.y, bottom), top);
  }
}
