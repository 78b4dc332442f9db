/* How each point looks: its colour, its size, and whether it stands out or is background. */

import { UNKNOWN_LEVEL } from "./points.js";

const SHADES = 5; // tokens --scale-0 to --scale-4 of the stylesheet, from low to high
const EIGHTHS = 8; // of a pixel: the unit of sizes
const FAINT = 0.15; // of the usual opacity: background
const LARGER = 1.3; // times: a few that stand out among many

const rgb = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));

/* Pixels across: few points are large enough to hit with a finger, many don't cover each other. */
function usualSize(points) {
  const share = Math.min(Math.max((Math.log10(Math.max(points, 1)) - 2) / 3.5, 0), 1);
  return 11 - 8.5 * share;
}

const usualOpacity = (points) => (points > 30_000 ? 0.55 : 0.85);

/* Which rows stand out: those of the group, the search and the area that are chosen; all where nothing is. */
export function strongRows(drawing, products, area) {
  const { n } = products, strong = new Uint8Array(n).fill(1);
  const { only, found } = drawing;
  const found8 = found === null ? null : Uint8Array.from(atob(found), (one) => one.charCodeAt(0));
  const numbers = only && products[only.by];
  for (let row = 0; row < n; row++) {
    if ((numbers && numbers[row] !== only.number) || (found8 && !((found8[row >> 3] >> (row & 7)) & 1))) strong[row] = 0;
  }
  if (area) for (let row = 0; row < n; row++) strong[row] &= area[row];
  return strong;
}

/* A table of colours, and which of them each row has: [numbers, colours], the first colour for the number -1. */
function colouring(drawing, products, theme) {
  const token = (name) => rgb(theme.getPropertyValue(name).trim()), other = token("--group-other"), values = products[drawing.by];
  if (drawing.by in { cluster: 1, category: 1 }) {
    const colours = new Array(values.reduce((highest, number) => Math.max(highest, number), 0) + 2).fill(other);
    for (const [number, colour] of Object.entries(drawing.colours)) colours[Number(number) + 1] = token(`--group-${colour}`);
    return [values, colours];
  }
  return [values, [other, ...scale(token), other]]; // the last is that of UNKNOWN_LEVEL
}

/* 255 colours from low to high, between the shades of the stylesheet. */
function scale(token) {
  const shades = Array.from({ length: SHADES }, (_, i) => token(`--scale-${i}`));
  return Array.from({ length: UNKNOWN_LEVEL }, (_, level) => {
    const at = (level / (UNKNOWN_LEVEL - 1)) * (SHADES - 1), low = Math.min(Math.floor(at), SHADES - 2);
    return shades[low].map((part, i) => Math.round(part + (shades[low + 1][i] - part) * (at - low)));
  });
}

/* A fixed order without a pattern, in which a part of the points is a fair sample, and no group covers another. */
function shuffled(rows) {
  let seed = 1;
  for (let last = rows.length - 1; last > 0; last--) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    const other = Math.floor((seed / 2 ** 32) * (last + 1));
    [rows[last], rows[other]] = [rows[other], rows[last]];
  }
  return rows;
}

const orders = new WeakMap(); // of the maps that are kept

function order(places) {
  if (!orders.has(places)) orders.set(places, shuffled(places.byCell.slice()));
  return orders.get(places);
}

/* What painter.js draws: background first, then what stands out. */
export function looks(drawing, products, places, strong, theme) {
  const inOrder = order(places), n = inOrder.length, rows = new Uint32Array(n);
  let faint = 0;
  for (let i = 0; i < n; i++) if (!strong[inOrder[i]]) rows[faint++] = inOrder[i];
  for (let i = 0, last = faint; i < n; i++) if (strong[inOrder[i]]) rows[last++] = inOrder[i];

  const place = new Uint16Array(2 * n), colour = new Uint8Array(4 * n), size = new Uint8Array(n);
  const [numbers, colours] = colouring(drawing, products, theme), table = Uint8Array.from(colours.flat());
  const opacity = Math.round(255 * usualOpacity(n - faint)), background = Math.round(255 * FAINT * usualOpacity(n));
  const usual = usualSize(n) * EIGHTHS, emphasised = faint > 0.75 * n ? usual * LARGER : usual;
  for (let i = 0; i < n; i++) {
    const row = rows[i], isStrong = i >= faint, from = 3 * (numbers[row] + 1);
    place[2 * i] = places.x[row];
    place[2 * i + 1] = places.y[row];
    colour[4 * i] = table[from];
    colour[4 * i + 1] = table[from + 1];
    colour[4 * i + 2] = table[from + 2];
    colour[4 * i + 3] = isStrong ? opacity : background;
    size[i] = Math.min(255, (isStrong ? emphasised : usual) * (drawing.sized ? popular(products.popularity[row]) : 1));
  }
  return { place, colour, size, faint };
}

/* How many times as large as usual: most products are small, the few popular ones stand out. */
const popular = (level) => 0.5 + 2 * ((level % UNKNOWN_LEVEL) / (UNKNOWN_LEVEL - 1)) ** 3;
