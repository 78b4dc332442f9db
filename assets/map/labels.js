/* What is written over the points: the middles of the groups, the larger ones first, none over another. */

const TOGETHER = 0.6; // of the map's own spread: a group that is spread wider has no middle to name
const GAP = 6; // pixels between two labels
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
    if (spread <= TOGETHER * Math.max(whole.spread, 1)) found.push({ number, text: texts[number], x, y, size: rows.length });
  }
  return found.sort((one, other) => other.size - one.size);
}

const moved = (box, across, down) => ({
  ...box, x: box.x + across, y: box.y + down,
  left: box.left + across, right: box.right + across, top: box.top + down, bottom: box.bottom + down,
});

/* Of boxes on the screen, the most important first, those that lie over none before them; `steps` pixels down some may move. */
export function apart(boxes, gap = GAP, steps = () => [0]) {
  const kept = [];
  for (const box of boxes) {
    const free = (at) => kept.every((other) => (
      at.left > other.right + gap || other.left > at.right + gap || at.top > other.bottom + gap || other.top > at.bottom + gap
    ));
    const place = steps(box).map((down) => (down ? moved(box, 0, down) : box)).find(free);
    if (place) kept.push(place);
  }
  return kept;
}

/* A name whose middle is in view is not cut off at the sides. */
function within(box, width) {
  if (box.x < 0 || box.x > width || box.right - box.left > width) return box;
  return moved(box, Math.max(-box.left, 0) - Math.max(box.right - width, 0), 0);
}

/* Up or down by its own height, a name still stands at its group. */
const aside = ({ one: { height } }) => [0, height, -height];

export class Labels {
  #shown = [];

  constructor(layer) {
    this.layer = layer;
  }

  set(labels) {
    this.layer.replaceChildren();
    this.#shown = labels.map((label) => {
      const element = document.createElement("span");
      element.textContent = label.text;
      this.layer.append(element);
      return { ...label, element };
    });
    for (const one of this.#shown) [one.width, one.height] = [one.element.offsetWidth, one.element.offsetHeight];
  }

  /* The labels that a view has room for, with their middles on the screen. */
  placed(view) {
    const boxes = this.#shown.map((one) => {
      const [x, y] = view.toScreen(one.x, one.y);
      return { one, x, y, left: x - one.width / 2, right: x + one.width / 2, top: y - one.height / 2, bottom: y + one.height / 2 };
    });
    const inView = boxes.filter((box) => box.right > 0 && box.left < view.width && box.bottom > 0 && box.top < view.height);
    return apart(inView.map((box) => within(box, view.width)), GAP, aside);
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
