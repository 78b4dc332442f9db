/* Clusters: the page comes with the map's groups and colours; its points are fetched here, once, and filled in.
   dashboard/maps.py and map_figure in dashboard/figures.py are the other halves. */
(function () {
  "use strict";

  const OFF_THE_MAP = 65535;
  const LABEL = { width: 0.12, height: 0.05 }; // the room that a label takes, in parts of the larger side of the map

  const WAITS = [1000, 2000, 2000]; // ms: a server looks for a new build at most once a second, and then has to open it

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
  function read(address, arrays) {
    const build = address.slice(0, address.lastIndexOf("/") + 1);
    for (const other of fetched.keys()) if (!other.startsWith(build)) fetched.delete(other);
    if (!fetched.has(address)) {
      const answer = answered(address).then((response) => response.arrayBuffer()).then(arrays);
      answer.catch(() => fetched.delete(address));
      fetched.set(address, answer);
    }
    return fetched.get(address);
  }

  // What places and products read is laid out in dashboard/maps.py; its FORMAT, which the addresses name, is raised when that changes.
  // Typed arrays have the byte order of the machine: little-endian, as sent, wherever there is a browser.
  function places(buffer) {
    const n = buffer.byteLength / 4;
    return { x: new Uint16Array(buffer, 0, n), y: new Uint16Array(buffer, 2 * n, n) };
  }

  /* Texts that stand one after the other. Where each character is one byte, they are cut out of the whole, which is several times as fast. */
  function texts(bytes, lengths) {
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    const whole = decoder.decode(bytes);
    const cut = whole.length === bytes.length
      ? (start, end) => whole.slice(start, end)
      : (start, end) => decoder.decode(bytes.subarray(start, end));
    let end = 0;
    return Array.from(lengths, (length) => cut(end, (end += length)));
  }

  function products(buffer) {
    const n = new Int32Array(buffer, 0, 1)[0];
    const [cluster, category, lengths] = [0, 1, 2].map((column) => new Int32Array(buffer, 4 + 4 * n * column, n));
    return { cluster, category, ids: texts(new Uint8Array(buffer, 4 + 12 * n), lengths) };
  }

  /* The rows of the points that each trace draws; what belongs to none of their groups is drawn by the one whose group is null. */
  function rowsOf(traces, x, numbers) {
    const rows = new Map(traces.map((trace) => [trace.group, []]));
    const others = rows.get(null);
    for (let row = 0; row < x.length; row++) if (x[row] !== OFF_THE_MAP) (rows.get(numbers[row]) || others).push(row);
    return rows;
  }

  function picked(values, rows, into) {
    for (let place = 0; place < rows.length; place++) into[place] = values[rows[place]];
    return into;
  }

  const middle = (sorted) => sorted[sorted.length >> 1];

  /* A label in the middle of each group; one that would lie over that of a larger group is left out. */
  function labels(traces) {
    const room = 65534;
    const written = [];
    for (const { x, y, label: text } of [...traces].sort((one, other) => other.x.length - one.x.length)) {
      if (!text || !x.length) continue;
      const label = { x: middle(x.slice().sort()), y: middle(y.slice().sort()), text, showarrow: false };
      const free = (other) => Math.abs(label.x - other.x) > LABEL.width * room || Math.abs(label.y - other.y) > LABEL.height * room;
      if (written.every(free)) written.push(label);
    }
    return written;
  }

  function filled(figure, { x, y }, { ids, ...numbers }, by) {
    const rows = rowsOf(figure.data, x, numbers[by]);
    const data = figure.data.map(function (trace) {
      const mine = rows.get(trace.group);
      const [across, up] = [x, y].map((axis) => picked(axis, mine, new Uint16Array(mine.length)));
      return { ...trace, x: across, y: up, customdata: picked(ids, mine, new Array(mine.length)) };
    });
    return { data, layout: { ...figure.layout, annotations: labels(data) } };
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    clusters: {
      draw: async function (points, figure) {
        try {
          const [where, what] = await Promise.all([read(points.places, places), read(points.products, products)]);
          return [filled(figure, where, what, points.by), "map-frame"];
        } catch (error) {
          console.warn(error);
          return [window.dash_clientside.no_update, "map-frame map-failed"];
        }
      },

      /* A click on a point of the map follows a link to its product, as a click on a card does. */
      follow: function (href) {
        if (href) {
          const link = document.createElement("a");
          link.href = href;
          document.body.append(link);
          link.click();
          link.remove();
        }
        return null; // so that the same point can be clicked again after Back
      },
    },
  });
})();
