/* The products' pictures: drawn over the points once few of them are in view, and on the card of the point under the pointer. */

import { apart } from "./labels.js";

const FEW = 60; // points in view, from which on they get pictures
const SIDE = 56; // pixels
const KEPT = 200; // answers about products, for points that are come back to

/* A product id as a segment of an address, as dashboard/ids.py writes it. */
const segment = (id) => (/^~*\.{1,2}$/.test(id) ? `~${id}` : encodeURIComponent(id).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`));

export const itemHref = (id) => `/item/${segment(id)}`;
const thumbnailHref = (build, id) => `/thumbnails/${build}/${segment(id)}.webp`;

export class Thumbnails {
  #shown = new Map(); // by row

  constructor(layer) {
    this.layer = layer;
  }

  clear() {
    this.#shown.clear();
    this.layer.replaceChildren();
  }

  /* Choose the pictures of a view, the most popular first, none over another; none where most points would go without. */
  choose(view, products, places, strong, build) {
    const rows = [];
    places.within(...view.box(), (row) => { if (strong[row]) rows.push(row); });
    const wanted = rows.length > FEW ? [] : rows.filter((row) => products.hasPicture[row]);
    wanted.sort((one, other) => products.popularity[other] - products.popularity[one]);
    const boxes = wanted.map((row) => {
      const [x, y] = view.toScreen(places.x[row], places.y[row]);
      return { row, left: x - SIDE / 2, right: x + SIDE / 2, top: y - SIDE / 2, bottom: y + SIDE / 2 };
    });
    const fitting = apart(boxes, 4);
    const kept = new Set(fitting.length * 2 >= boxes.length ? fitting.map((box) => box.row) : []);
    for (const [row, { image }] of this.#shown) {
      if (kept.has(row)) continue;
      image.remove();
      this.#shown.delete(row);
    }
    for (const row of kept) if (!this.#shown.has(row)) this.#add(row, products, places, build);
    this.paint(view);
  }

  #add(row, products, places, build) {
    const id = products.ids.of(row), image = new Image(SIDE, SIDE);
    image.alt = "";
    image.dataset.id = id;
    image.src = thumbnailHref(build, id);
    this.layer.append(image);
    this.#shown.set(row, { image, x: places.x[row], y: places.y[row] });
  }

  paint(view) {
    for (const { image, x, y } of this.#shown.values()) {
      const [left, top] = view.toScreen(x, y);
      image.style.transform = `translate(${Math.round(left - SIDE / 2)}px, ${Math.round(top - SIDE / 2)}px)`;
    }
  }
}

/* The card of the point under the pointer. */
export class Card {
  #answers = new Map();
  #row = -1;

  constructor(element) {
    this.element = element;
    element.hidden = true;
    element.innerHTML = '<img class="card-picture" alt="" width="176" height="176"><strong></strong><span></span><span></span>';
  }

  hide() {
    this.#row = -1;
    this.element.hidden = true;
  }

  async show(row, id, build, clusters, [x, y], [width, height]) {
    if (row === this.#row) return;
    this.#row = row;
    const product = await this.#ask(build, id);
    if (row !== this.#row || !product) return;
    const [picture, title, category, terms] = this.element.children;
    picture.hidden = !product.picture;
    picture.src = product.picture || "";
    title.textContent = product.title;
    category.textContent = product.category || "";
    terms.textContent = product.cluster === null ? "" : clusters[product.cluster] || "";
    this.element.dataset.id = id;
    this.element.hidden = false;
    const { offsetWidth, offsetHeight } = this.element;
    const left = x + 16 + offsetWidth < width ? x + 16 : Math.max(4, x - 16 - offsetWidth);
    const top = Math.min(Math.max(y - offsetHeight / 2, 4), Math.max(height - offsetHeight - 4, 4));
    this.element.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }

  #ask(build, id) {
    const key = `${build}/${id}`;
    if (!this.#answers.has(key)) {
      const answer = fetch(`/api/products/${segment(id)}`).then((response) => (response.ok ? response.json() : null), () => null);
      this.#answers.set(key, answer);
      answer.then((product) => product || this.#answers.delete(key)); // asked again, when the network is back
      if (this.#answers.size > KEPT) this.#answers.delete(this.#answers.keys().next().value);
    }
    return this.#answers.get(key);
  }
}
