/* Taking a table or a plot along, by the buttons of dashboard/components/takeable.py: its rows as CSV or JSON, its picture as PNG or
   SVG. */
(function () {
  "use strict";

  const SHARP = 2; // a PNG has so many pixels for one of the screen

  // A number is written as people read it, and stands exactly in the <data> around it, with the ends of its interval where it has
  // one. These are columns of their own: their headings stand at the column's.
  function valuesOf(cell, heading) {
    const exact = cell.querySelector("data");
    const value = exact ? Number(exact.value) : cell.innerText.trim();
    if (!heading.dataset.low) return [value];
    const { low, high } = exact ? exact.dataset : {};
    return [value, ...[low, high].map((end) => (end === undefined ? "" : Number(end)))];
  }

  function rowsOf(table) {
    const headings = [...table.tHead.rows[0].cells];
    const named = headings.flatMap((heading) => {
      const { low, high } = heading.dataset;
      return [heading.textContent.trim(), ...(low ? [low, high] : [])];
    });
    const rows = [...table.tBodies[0].rows].map((row) => [...row.cells].flatMap((cell, place) => valuesOf(cell, headings[place])));
    return [named, ...rows];
  }

  function json([columns, ...rows]) {
    const objects = rows.map((row) => Object.fromEntries(row.map((value, place) => [columns[place], value])));
    return new Blob([JSON.stringify(objects, null, 1)], { type: "application/json" });
  }

  // Drawn anew with the theme's colours in it, which on the page stand in figures.css.
  function drawn(plot) {
    const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const axis = (of) => ({ ...of, gridcolor: token("--line") });
    const { width, height } = plot.getBoundingClientRect();
    const layout = {
      ...plot.layout,
      width,
      height,
      paper_bgcolor: token("--surface"),
      font: { ...plot.layout.font, family: "sans-serif", color: token("--ink") },
      xaxis: axis(plot.layout.xaxis),
      yaxis: axis(plot.layout.yaxis),
    };
    return Plotly.toImage({ data: plot.data, layout }, { format: "svg", width, height, imageDataOnly: true });
  }

  async function png(svg) {
    const picture = new Image(), canvas = document.createElement("canvas");
    picture.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
    await picture.decode();
    [canvas.width, canvas.height] = [picture.width * SHARP, picture.height * SHARP];
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    return new Promise((done, fail) => canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error("no picture of it"))), "image/png"));
  }

  const MAKERS = {
    csv: (place) => window.aisleFiles.csv(rowsOf(place.querySelector("table"))),
    json: (place) => json(rowsOf(place.querySelector("table"))),
    svg: async (place) => new Blob([await drawn(place.querySelector(".js-plotly-plot"))], { type: "image/svg+xml" }),
    png: async (place) => png(await drawn(place.querySelector(".js-plotly-plot"))),
  };

  document.addEventListener("click", async function (event) {
    const button = event.target.closest && event.target.closest("button[data-file]");
    if (!button) return;
    const { file, name } = button.dataset, place = button.closest(".takeable"), status = place.querySelector(".take-status");
    status.textContent = "";
    try {
      window.aisleFiles.save(await MAKERS[file](place), `${window.aisleFiles.called(name)}.${file}`);
    } catch (error) {
      console.warn(error);
      status.textContent = status.dataset.failed;
    }
  });
})();
