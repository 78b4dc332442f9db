/* The products as points: fetched once for each build and map, kept as typed arrays, found by their ids or by where they are.
   dashboard/maps.py is the other half. */

const OFF_THE_MAP = 65535;
export const STEPS = 65534; // the larger side of a map, in the unit of its places
export const UNKNOWN_LEVEL = 255;
const WAITS = [1000, 2000, 2000]; // ms: a server looks for a new build at most once a second, and then has to open it
const CELLS = 256; // along a side of the grid that points are found by

const sleep = (milliseconds) => new Promise((wake) => setTimeout(wake, milliseconds));

/* While a build goes live, the page may come from a server that has it, and this be asked of one that doesn't yet: 404. */
async function answered(address) {
  let response = await fetch(address);
  for (const wait of WAITS) {
    if (response.status !== 404) break;
    await sleep(wait);
    response = await fetch(address);
  }
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return response;
}

const fetched = new Map(); // what stands at an address never changes: it is asked for and read once

export function read(address, arrays) {
  const build = address.slice(0, address.lastIndexOf("/") + 1);
  for (const other of fetched.keys()) if (!other.startsWith(build)) fetched.delete(other);
  if (!fetched.has(address)) {
    const answer = answered(address).then((response) => response.arrayBuffer()).then(arrays);
    answer.catch(() => fetched.delete(address));
    fetched.set(address, answer);
  }
  return fetched.get(address);
}

/* What every map says of the products. What is read here and in `places` is laid out in dashboard/maps.py; its FORMAT, which the
   addresses name, is raised when that changes. Typed arrays have the byte order of the machine: little-endian, as sent, wherever
   there is a browser. */
export function products(buffer) {
  const n = new Int32Array(buffer, 0, 1)[0];
  const [cluster, category, lengths] = [0, 1, 2].map((column) => new Int32Array(buffer, 4 + 4 * n * column, n));
  const [price, rating, popularity, hasPicture] = [0, 1, 2, 3].map((column) => new Uint8Array(buffer, 4 + 12 * n + n * column, n));
  return { n, cluster, category, price, rating, popularity, hasPicture, ids: new Ids(new Uint8Array(buffer, 4 + 16 * n), lengths) };
}

/* Ids that stand one after the other, sorted by their bytes: decoded one by one, for few are ever asked for. */
class Ids {
  #decoder = new TextDecoder("utf-8", { ignoreBOM: true });

  constructor(bytes, lengths) {
    this.bytes = bytes;
    this.starts = new Uint32Array(lengths.length + 1);
    for (let row = 0; row < lengths.length; row++) this.starts[row + 1] = this.starts[row] + lengths[row];
  }

  of(row) {
    return this.#decoder.decode(this.bytes.subarray(this.starts[row], this.starts[row + 1]));
  }

  /* The row of an id, or -1. */
  rowOf(id) {
    const wanted = new TextEncoder().encode(id);
    let first = 0, end = this.starts.length - 1;
    while (first < end) {
      const middle = (first + end) >> 1;
      this.#compare(middle, wanted) < 0 ? (first = middle + 1) : (end = middle);
    }
    return first < this.starts.length - 1 && this.#compare(first, wanted) === 0 ? first : -1;
  }

  #compare(row, wanted) {
    const start = this.starts[row], length = this.starts[row + 1] - start;
    for (let i = 0; i < length && i < wanted.length; i++) {
      const difference = this.bytes[start + i] - wanted[i];
      if (difference) return difference;
    }
    return length - wanted.length;
  }
}

/* Where a map has the products, and the rows of those that it has, ordered by cells of a grid. */
export function places(buffer) {
  const n = buffer.byteLength / 4;
  return new Places(new Uint16Array(buffer, 0, n), new Uint16Array(buffer, 2 * n, n));
}

const cellOf = (step) => (step * CELLS) >> 16;

class Places {
  constructor(x, y) {
    this.x = x;
    this.y = y;
    const cell = (row) => cellOf(y[row]) * CELLS + cellOf(x[row]);
    this.starts = new Uint32Array(CELLS * CELLS + 1);
    for (let row = 0; row < x.length; row++) if (this.has(row)) this.starts[cell(row) + 1] += 1;
    for (let i = 0; i < CELLS * CELLS; i++) this.starts[i + 1] += this.starts[i];
    const next = this.starts.slice();
    this.byCell = new Uint32Array(this.starts[CELLS * CELLS]);
    for (let row = 0; row < x.length; row++) if (this.has(row)) this.byCell[next[cell(row)]++] = row;
  }

  has(row) {
    return this.x[row] !== OFF_THE_MAP;
  }

  /* Calls `visit` with the row of every point between two corners. */
  within(left, bottom, right, top, visit) {
    const clamped = (step) => cellOf(Math.min(Math.max(step, 0), STEPS));
    for (let down = clamped(bottom); down <= clamped(top); down++) {
      const start = this.starts[down * CELLS + clamped(left)], end = this.starts[down * CELLS + clamped(right) + 1];
      for (let i = start; i < end; i++) {
        const row = this.byCell[i], x = this.x[row], y = this.y[row];
        if (x >= left && x <= right && y >= bottom && y <= top) visit(row);
      }
    }
  }

  /* The row of the point nearest to a place that is `wanted` and no farther than `radius`, or -1. */
  nearest(x, y, radius, wanted) {
    let best = -1, least = radius * radius;
    this.within(x - radius, y - radius, x + radius, y + radius, (row) => {
      const away = (this.x[row] - x) ** 2 + (this.y[row] - y) ** 2;
      if (away <= least && wanted(row)) [best, least] = [row, away];
    });
    return best;
  }

  /* The rows of the points inside an outline: pairs of x and y, its last one joined to the first. */
  inside(outline) {
    const xs = outline.map(([x]) => x), ys = outline.map(([, y]) => y);
    const found = [];
    this.within(Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys), (row) => {
      if (isInside(this.x[row], this.y[row], xs, ys)) found.push(row);
    });
    return found;
  }
}

/* Whether a ray from the point to the right crosses the outline an odd number of times. */
function isInside(x, y, xs, ys) {
  let inside = false;
  for (let i = 0, before = xs.length - 1; i < xs.length; before = i++) {
    if (ys[i] > y !== ys[before] > y && x < ((xs[before] - xs[i]) * (y - ys[i])) / (ys[before] - ys[i]) + xs[i]) inside = !inside;
  }
  return inside;
}
