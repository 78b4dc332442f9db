/* Taking along: the map as a picture, the chosen products as a file. Loaded when someone asks for one. */

const MOST_DISCS = 10_000; // in an SVG: beyond, its points are one picture inside it

const { save } = window.aisleFiles;
const escaped = (text) => text.replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`);
const png = (canvas) => new Promise((done) => canvas.toBlob(done, "image/png"));

function sheet(width, height) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  return { canvas, pen: canvas.getContext("2d") };
}

/* `scene`: the map as it is on the screen; see Map.scene in map.js. */
export async function savePng(scene, name) {
  const { view, ratio, points, ground, ink, font, labels, lines } = scene;
  const { canvas, pen } = sheet(view.width * ratio, view.height * ratio);
  pen.fillStyle = ground;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(await points(ratio), 0, 0, canvas.width, canvas.height);
  pen.scale(ratio, ratio);
  pen.strokeStyle = pen.fillStyle = ink;
  for (const [[x1, y1], [x2, y2]] of lines) {
    pen.beginPath();
    pen.moveTo(x1, y1);
    pen.lineTo(x2, y2);
    pen.stroke();
  }
  Object.assign(pen, { font, textAlign: "center", textBaseline: "middle", lineJoin: "round", lineWidth: 4, strokeStyle: ground });
  for (const { text, x, y } of labels) {
    pen.strokeText(text, x, y);
    pen.fillText(text, x, y);
  }
  save(await png(canvas), `${name}.png`);
}

/* The points as a picture in an address. */
async function pictured({ ratio, points }) {
  const picture = await points(ratio), { canvas, pen } = sheet(picture.width, picture.height);
  pen.drawImage(picture, 0, 0);
  return canvas.toDataURL("image/png");
}

export async function saveSvg(scene, name) {
  const { view, ground, ink, font, labels, lines, discs } = scene;
  const { width, height } = view, inView = discs(MOST_DISCS);
  const shapes = inView
    ? inView.map(({ x, y, radius, colour, opacity }) => `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${radius.toFixed(1)}" fill="${colour}" fill-opacity="${opacity}"/>`)
    : [`<image width="${width}" height="${height}" href="${await pictured(scene)}"/>`];
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<rect width="100%" height="100%" fill="${escaped(ground)}"/>`,
    ...shapes,
    ...lines.map(([[x1, y1], [x2, y2]]) => `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${escaped(ink)}"/>`),
    `<g style="font: ${escaped(font)}" text-anchor="middle" dominant-baseline="middle" fill="${escaped(ink)}" stroke="${escaped(ground)}" stroke-width="4" stroke-linejoin="round" paint-order="stroke">`,
    ...labels.map(({ text, x, y }) => `<text x="${x}" y="${y}">${escaped(text)}</text>`),
    "</g></svg>",
  ];
  save(new Blob([svg.join("\n")], { type: "image/svg+xml" }), `${name}.svg`);
}

/* The server knows the titles: it gets a bit for each product of its build, and gives the file. */
export async function saveCsv(address, strong, name) {
  const bits = new Uint8Array(Math.ceil(strong.length / 8));
  for (let row = 0; row < strong.length; row++) if (strong[row]) bits[row >> 3] |= 1 << (row & 7);
  const response = await fetch(address, { method: "POST", body: bits });
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  save(new Blob(["\ufeff", await response.blob()], { type: "text/csv" }), `${name}.csv`); // marked as UTF-8, as in files.js
}
