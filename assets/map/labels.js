/* What is written over the points: the names of the groups, the larger ones first, none over another, beside the points rather than
   over them. */

const TOGETHER = 0.6; // of the map's own spread: a group that is spread wider has no middle to name
const GAP = 6; // pixels between two labels
const EDGE = 4; // pixels between a label and the edge of the map
const ASIDE = 48; // pixels from the middle of a group to its label, at most
const ROOM = 16_000; // square pixels of a map for each of its labels
const COVERS = 1.5; // how much worse it is to cover the most points than to stand ASIDE
const SAMPLE = 1000; // members of a group that its middle is taken of

const middle = (values) => values.sort((one, other) => one - other)[values.length >> 1];

/* Medians, which strays don't move: where the middle of some points is, and how far half of them are from it. */
function centre(rows, { x, y }) {
  const [mx, my] = [x, y].map((axis) => middle(rows.map((row) => axis[row])));
  return { x: mx, y: my, spread: middle(rows.map((row) => Math.max(Math.abs(x[row] - mx), Math.abs(y[row] - my)))) };
}

/* Every so manieth, so that there are `most` at most: the rows are in order of place, so this is a fair sample. */
function sample(rows, most) {
  const step = Math.max(1, Math.ceil(rows.length / most));
  return step === 1 ? rows : rows.filter((_, i) => i % step === 0);
}

/* Where each group that keeps together has its middle, and how large it is. */
export function middles({ by, texts }, products, places) {
  const members = new Map(Object.keys(texts).map((number) => [Number(number), []])), numbers = products[by];
  for (const row of places.byCell) members.get(numbers[row])?.push(row);
  const whole = centre(sample(Array.from(places.byCell), SAMPLE), places);
  const found = [];
  for (const [number, rows] of members) {
    if (!rows.length || !texts[number]) continue;
    const { x, y, spread } = centre(sample(rows, SAMPLE), places);
    if (spread <= TOGETHER * Math.max(whole.spread, 1)) found.push({ number, text: texts[number], x, y, spread, size: rows.length });
  }
  return found.sort((one, other) => other.size - one.size);
}

const isOver = (one, other, gap) => (
  one.left <= other.right + gap && other.left <= one.right + gap && one.top <= other.bottom + gap && other.top <= one.bottom + gap
);

/* Of boxes on the screen, the most important first, those that lie over none before them. */
export function apart(boxes, gap = GAP) {
  const kept = [];
  for (const box of boxes) if (!kept.some((other) => isOver(box, other, gap))) kept.push(box);
  return kept;
}

/* The box of a label around a place on the screen. */
function boxAt(one, x, y) {
  const across = one.width / 2, down = one.height / 2;
  return { one, x, y, left: x - across, right: x + across, top: y - down, bottom: y + down };
}

/* The same where the edge of the map would cut it: moved inside. */
function inside({ one, x, y }, { width, height }) {
  const within = (at, half, side) => Math.max(Math.min(at, side - EDGE - half), EDGE + half);
  return boxAt(one, within(x, one.width / 2, width), within(y, one.height / 2, height));
}

/* From the middle of a group, in pixels: there, above, below, to the right and to the left of most of its points. */
function sides(one, scale) {
  const away = Math.min(2 * one.spread * scale + GAP, ASIDE), [across, down] = [away + one.width / 2, away + one.height / 2];
  return [[0, 0], [0, -down], [0, down], [across, 0], [-across, 0]];
}

/* Where on the map something of the page stands over it, in its pixels. */
function occupied(layer) {
  const map = layer.getBoundingClientRect();
  const parts = layer.closest(".map-frame")?.querySelectorAll(".map-search, .map-tools, .map-chosen") || [];
  return Array.from(parts, (part) => {
    const { left, top, right, bottom } = part.getBoundingClientRect();
    return { left: left - map.left, right: right - map.left, top: top - map.top, bottom: bottom - map.top };
  });
}

function pointsUnder({ left, top, right, bottom }, view, places) {
  const [west, north] = view.toMap(left, top), [east, south] = view.toMap(right, bottom);
  let n = 0;
  places.within(west, south, east, north, () => { n += 1; });
  return n;
}

export class Labels {
  #shown = [];

  constructor(layer) {
    this.layer = layer;
  }

  set(labels) {
    this.layer.replaceChildren();
    this.#shown = labels.map((label) => {
      const element = document.createElement("span");
      const dot = document.createElement("i");
      element.hidden = true;
      element.append(dot, label.text);
      this.layer.append(element);
      return { ...label, element, dot, aside: null };
    });
  }

  /* Give the labels the colours of their groups: by the number of a group that of its colour. */
  mark(colours) {
    for (const one of this.#shown) one.dot.className = one.number in colours ? `swatch swatch-${colours[one.number]}` : "";
  }

  /* A view is at rest: which labels it has room for, those of the groups that stand out first, and on which side of its group each of
     them covers least. While the view moves, a label stays where it is to its group. */
  settle(view, places, standsOut) {
    const taken = occupied(this.layer), most = Math.ceil((view.width * view.height) / ROOM);
    for (const one of this.#shown) {
      one.element.classList.toggle("faint", !standsOut(one.number));
      // Here, and not where they are made: that may be while the page's first look still stands in their place.
      [one.width, one.height] = [one.element.offsetWidth, one.element.offsetHeight];
    }
    this.#shown.sort((one, other) => standsOut(other.number) - standsOut(one.number) || other.size - one.size);
    let n = 0;
    for (const one of this.#shown) {
      const [x, y] = view.toScreen(one.x, one.y), isInView = x >= 0 && x <= view.width && y >= 0 && y <= view.height;
      const box = isInView && n < most && this.#best(one, [x, y], view, places, taken);
      one.aside = box && [box.x - x, box.y - y];
      if (!box) continue;
      taken.push(box);
      n += 1;
    }
    this.paint(view);
  }

  /* The side where a label hides least and is nearest; undefined where none is free. */
  #best(one, [x, y], view, places, taken) {
    const free = sides(one, view.scale)
      .map(([across, down]) => inside(boxAt(one, x + across, y + down), view))
      .filter((box) => !taken.some((other) => isOver(box, other, GAP)));
    const covered = free.map((box) => pointsUnder(box, view, places)), worst = Math.max(...covered, 1);
    const costs = free.map((box, i) => Math.hypot(box.x - x, box.y - y) / ASIDE + (COVERS * covered[i]) / worst);
    return free[costs.indexOf(Math.min(...costs))];
  }

  /* The labels of a view, with their middles on the screen. */
  placed(view) {
    const boxes = this.#shown.filter(({ aside }) => aside).map((one) => {
      const [x, y] = view.toScreen(one.x, one.y);
      return boxAt(one, x + one.aside[0], y + one.aside[1]);
    });
    return apart(boxes);
  }

  paint(view) {
    const placed = new Map(this.placed(view).map((box) => [box.one, box]));
    for (const one of this.#shown) {
      const box = placed.get(one);
      one.element.hidden = !box;
      if (box) one.element.style.transform = `translate(${Math.round(box.left)}px, ${Math.round(box.top)}px)`;
    }
  }
}
