/* The map of the products: one canvas that outlasts the pages around it, so that colours, searches and Back keep the view. */

import { Canvas } from "./canvas.js";
import { Gestures } from "./gestures.js";
import { Labels, middles } from "./labels.js";
import { looks, strongRows } from "./looks.js";
import { Card, Thumbnails } from "./pictures.js";
import { places, products, read } from "./points.js";
import { View } from "./view.js";

const NEAR = 14; // pixels from the pointer to the point that it means
const AT_REST = 160; // ms without a move: then everything is drawn and counted
const LISTED = 100; // products that the server is told of: the most popular of those chosen

const layer = (kind, name) => {
  const element = kind === "svg" ? document.createElementNS("http://www.w3.org/2000/svg", "svg") : document.createElement(kind);
  element.setAttribute("class", name);
  element.setAttribute("aria-hidden", "true");
  return element;
};

class Chart {
  #area = null; // uint8 [n], the products inside an outline
  #lit = null; // the group that stands out while a hand or the focus is on its entry in the legend
  #rest = 0;
  #hovered = 0;

  constructor() {
    this.view = new View();
    this.root = layer("div", "map-layers");
    this.layers = Object.fromEntries(
      [["canvas", "map-points"], ["svg", "map-lines"], ["div", "map-thumbnails"], ["div", "map-labels"], ["div", "map-card"]].map(
        ([kind, name]) => [name, layer(kind, name)],
      ),
    );
    this.root.append(...Object.values(this.layers));
    this.canvas = new Canvas(this.layers["map-points"], (view) => this.#paintOver(view));
    this.thumbnails = new Thumbnails(this.layers["map-thumbnails"]);
    this.labels = new Labels(this.layers["map-labels"]);
    this.card = new Card(this.layers["map-card"]);
    new ResizeObserver(() => this.#resize()).observe(this.root);
    window.addEventListener("themechange", () => this.drawing && this.#recolour());
  }

  /* Show a drawing in an element of the page: see `_drawing` in dashboard/pages/clusters.py. */
  async show(element, drawing, on) {
    this.asked = drawing;
    const [where, what] = await Promise.all([read(drawing.places, places), read(drawing.products, products), this.canvas.ready]);
    if (!element.isConnected || this.asked !== drawing) return; // another page, or another map
    const before = this.drawing, isOther = !before || before.places !== drawing.places;
    const narrowed = ({ only, found }) => JSON.stringify([only, found]), isNarrowed = before && narrowed(before) !== narrowed(drawing);
    Object.assign(this, { drawing, places: where, products: what, on });
    this.#lit = null;
    if (this.root.parentElement !== element) this.#mount(element);
    if (isOther) {
      this.thumbnails.clear();
      if (this.#area) this.on.area((this.#area = null));
      this.view.fit(this.#extent());
    }
    this.#recolour();
    if (this.#area && isNarrowed) this.choose(this.strong.includes(1) ? this.#area : null);
    if (isOther || before.labels.by !== drawing.labels.by) this.labels.set(middles(drawing.labels, what, where));
    this.labels.mark(drawing.by === drawing.labels.by ? drawing.colours : {});
    if (drawing.item !== null && (!before || before.item !== drawing.item)) this.#bringIn(what.ids.rowOf(drawing.item));
    this.#moved();
  }

  #mount(element) {
    element.append(this.root);
    this.#area = null; // what was chosen on another page
    this.gestures = new Gestures(element, {
      move: (across, down) => { this.view.moveBy(across, down); this.#moved(); },
      zoom: (times, left, top) => { this.view.zoomBy(times, left, top); this.#moved(); },
      whole: () => this.whole(),
      hover: (left, top) => this.#hover(left, top),
      leave: () => this.#leave(),
      click: (left, top) => this.#click(left, top),
      pick: () => this.#pick(),
      outline: (corners, isDone) => this.#outline(corners, isDone),
    });
    this.#resize();
  }

  #extent() {
    const { byCell, x, y } = this.places;
    let left = Infinity, bottom = Infinity, right = 0, top = 0;
    for (const row of byCell) {
      left = Math.min(left, x[row]);
      right = Math.max(right, x[row]);
      bottom = Math.min(bottom, y[row]);
      top = Math.max(top, y[row]);
    }
    return byCell.length ? { left, bottom, right, top } : { left: 0, bottom: 0, right: 1, top: 1 };
  }

  #bringIn(row) {
    if (row >= 0 && this.places.has(row)) this.view.show(this.places.x[row], this.places.y[row]);
  }

  whole() {
    this.view.fit(this.#extent());
    this.#moved();
  }

  zoom(times) {
    this.view.zoomBy(times);
    this.#moved();
  }

  #resize() {
    const { clientWidth, clientHeight } = this.root;
    if (!clientWidth || (clientWidth === this.view.width && clientHeight === this.view.height)) return;
    this.view.resize(clientWidth, clientHeight);
    if (this.drawing) this.#moved();
  }

  #recolour() {
    this.strong = strongRows(this.drawing, this.products, this.#area);
    this.#colour();
    this.#moved();
  }

  #colour() {
    const standsOut = this.#lit ? strongRows({ only: this.#lit, found: null }, this.products, null) : this.strong;
    this.looks = looks(this.drawing, this.products, this.places, standsOut, getComputedStyle(document.documentElement));
    this.canvas.fill(this.looks);
  }

  /* Bring out all points of a group, whatever is chosen, or with null no longer. */
  highlight(group) {
    if (!this.drawing || (!group && !this.#lit)) return;
    this.#lit = group;
    this.#colour();
    this.canvas.paint(this.view, this.#ratio, this.#grown);
  }

  /* Another view: what is drawn is out of date. What costs more than a frame waits until it is still. */
  #moved() {
    this.#leave();
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => this.#settle(), AT_REST);
    this.canvas.paint(this.view, this.#ratio, this.#grown);
  }

  /* Whether all points of the view are on the screen. */
  get isDrawn() {
    return Boolean(this.drawing) && this.canvas.isDone;
  }

  get #grown() {
    return Math.min(Math.max(this.view.zoom, 1) ** 0.35, 4);
  }

  get #ratio() {
    return Math.min(window.devicePixelRatio, 2);
  }

  /* What lies over the points of a view that has come onto the screen: it moves with them, not ahead of them. */
  #paintOver(view) {
    this.labels.paint(view);
    this.thumbnails.paint(view);
    this.#paintLines(view);
  }

  #settle() {
    const standing = this.#groupsOf(this.drawing.labels.by);
    this.labels.settle(this.view, this.places, (number) => standing.has(number));
    this.thumbnails.choose(this.view, this.products, this.places, this.strong, this.drawing.build);
    this.on.counted((by) => this.#counts(by), this.#counted);
  }

  /* What is counted: a key of LEGEND_COUNTS in dashboard/wording. */
  get #counted() {
    if (this.#area) return "chosen";
    const what = this.drawing.found !== null ? "found" : this.drawing.only ? "shown" : "all";
    return this.view.isWhole ? what : `${what}-in-view`;
  }

  /* The numbers of the groups of which anything stands out. */
  #groupsOf(by) {
    const found = new Set(), numbers = this.products[by];
    this.strong.forEach((isStrong, row) => isStrong && found.add(numbers[row]));
    return found;
  }

  /* By the number of a group: how many of its products are chosen or, where nothing is, in view. */
  #counts(by) {
    const counts = new Map(), numbers = this.products[by];
    const add = (row) => counts.set(numbers[row], (counts.get(numbers[row]) || 0) + 1);
    if (this.#area) this.strong.forEach((isStrong, row) => isStrong && add(row));
    else this.places.within(...this.view.box(), (row) => this.strong[row] && add(row));
    return counts;
  }

  #at(left, top) {
    return this.places.nearest(...this.view.toMap(left, top), NEAR / this.view.scale, (row) => this.strong[row]);
  }

  #hover(left, top) {
    cancelAnimationFrame(this.#hovered);
    this.#hovered = requestAnimationFrame(() => {
      const row = this.#at(left, top);
      this.root.parentElement.classList.toggle("on-point", row >= 0);
      if (row < 0) return this.card.hide();
      const at = this.view.toScreen(this.places.x[row], this.places.y[row]);
      this.card.show(row, this.products.ids.of(row), this.drawing.build, this.drawing.clusters, at, [this.view.width, this.view.height]);
    });
  }

  #leave() {
    cancelAnimationFrame(this.#hovered);
    this.card.hide();
  }

  #click(left, top) {
    const row = this.#at(left, top);
    if (row >= 0) this.on.open(this.products.ids.of(row));
  }

  /* The product nearest to the middle of the view. */
  #pick() {
    const { x, y, width, height, scale } = this.view;
    const row = this.places.nearest(x, y, Math.min(width, height) / 2 / scale, (one) => this.strong[one]);
    if (row >= 0) this.on.open(this.products.ids.of(row));
  }

  #outline(corners, isDone) {
    this.corners = isDone ? [] : corners;
    this.#paintLines(this.view);
    if (!isDone) return;
    const inside = this.places.inside(corners.map(([left, top]) => this.view.toMap(left, top)));
    const area = new Uint8Array(this.products.n), base = strongRows(this.drawing, this.products, null);
    for (const row of inside) area[row] = base[row];
    this.choose(area.includes(1) ? area : null);
  }

  /* Choose the products inside an outline, or no longer. */
  choose(area) {
    this.#area = area;
    this.#recolour();
    this.on.area(area && this.#listed());
  }

  #listed() {
    const { popularity, ids } = this.products, rows = [];
    this.strong.forEach((isStrong, row) => { if (isStrong) rows.push(row); });
    rows.sort((one, other) => popularity[other] - popularity[one] || one - other);
    return { ids: rows.slice(0, LISTED).map((row) => ids.of(row)), total: rows.length };
  }

  /* The lines from the open product to its neighbours, in pixels. */
  #lines(view) {
    const at = (id) => {
      const row = this.products.ids.rowOf(id);
      return row >= 0 && this.places.has(row) ? view.toScreen(this.places.x[row], this.places.y[row]) : null;
    };
    const from = this.drawing.item === null ? null : at(this.drawing.item);
    return { from, lines: from ? this.drawing.neighbours.map(at).filter(Boolean).map((to) => [from, to]) : [] };
  }

  #paintLines(view) {
    const { from, lines } = this.#lines(view), parts = [];
    const add = (kind, attributes) => {
      const part = document.createElementNS("http://www.w3.org/2000/svg", kind);
      for (const [name, value] of Object.entries(attributes)) part.setAttribute(name, value);
      parts.push(part);
    };
    for (const [[x1, y1], [x2, y2]] of lines) {
      add("line", { x1, y1, x2, y2 });
      add("circle", { cx: x2, cy: y2, r: 6 });
    }
    if (from) add("circle", { cx: from[0], cy: from[1], r: 11, class: "map-item" });
    if (this.corners?.length) add("polygon", { points: this.corners.join(" ") });
    this.layers["map-lines"].replaceChildren(...parts);
  }

  /* What take.js makes pictures of. */
  scene() {
    const theme = getComputedStyle(this.root), { place, colour, size } = this.looks;
    const style = getComputedStyle(this.layers["map-labels"]);
    return {
      view: this.view,
      ratio: 2,
      ground: theme.getPropertyValue("--surface").trim(),
      ink: theme.getPropertyValue("--ink").trim(),
      font: `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`,
      labels: this.labels.placed(this.view).map(({ one, x, y }) => ({ text: one.text, x, y })),
      lines: this.#lines(this.view).lines,
      points: (ratio) => this.canvas.take(this.view, ratio, this.#grown),
      /* The points in view as discs; null where there are more than `most`. */
      discs: (most) => {
        const found = [];
        for (let i = 0; i < size.length; i++) {
          const [x, y] = this.view.toScreen(place[2 * i], place[2 * i + 1]);
          if (x < 0 || x > this.view.width || y < 0 || y > this.view.height) continue;
          if (found.length === most) return null;
          const [red, green, blue, opacity] = colour.subarray(4 * i, 4 * i + 4);
          found.push({ x, y, radius: (size[i] * this.#grown) / 16, colour: `rgb(${red},${green},${blue})`, opacity: (opacity / 255).toFixed(2) });
        }
        return found;
      },
    };
  }
}

let chart = null;

/* The one map of this window. */
export function theChart() {
  if (!chart) {
    chart = new Chart();
    chart.canvas.ready.catch(() => { chart = null; }); // who tries again gets another
  }
  return chart;
}
