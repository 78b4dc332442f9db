/* Clusters: links to this page that are followed without drawing it anew, and the tools of the map. The map itself, assets/map, is
   loaded with the first page that has one. dashboard/pages/clusters.py is the other half. */
(function () {
  "use strict";

  const PATH = "/clusters", TYPED = 250; // ms without a key until what is typed is looked for
  const PASSED = 60; // ms on an entry of the legend until it is not just passed over
  const set = (id, data) => window.dash_clientside.set_props(id, { data });
  const here = () => document.getElementById("map");
  let typing = 0, lighting = 0, giveBack = () => {}, isOpening = false; // whether a click on the map is to move the focus to the panel

  const module = (name) => import(`/assets/map/${name}.js`);
  const theChart = async () => (await module("map")).theChart();

  /* What is drawn anew loses the focus and its place in the list: a function that gives both back. */
  function kept() {
    const name = (link) => (link.querySelector(".legend-name") || link).textContent;
    const list = () => document.querySelector(".legend ul"), link = document.activeElement, box = link && link.closest("#map-choices, #map-beside");
    const scrolled = list() ? list().scrollTop : 0, wanted = box && name(link);
    return function () {
      if (list()) list().scrollTop = scrolled;
      if (!box || link.isConnected) return;
      const same = [...document.querySelectorAll(`#${box.id} a`)].find((one) => name(one) === wanted);
      if (same) same.focus({ preventScroll: true });
    };
  }

  /* Show what an address of this page says, and put it into the window's. */
  function go(href, { replace = false } = {}) {
    const url = new URL(href, location);
    if (replace) history.replaceState(history.state, "", url);
    else {
      history.replaceState({ scroll: window.scrollY }, "");
      history.pushState(null, "", url);
    }
    window.dispatchEvent(new CustomEvent("addresswritten"));
    giveBack = kept();
    set("map-asked", { search: url.search });
  }

  function changed(name, value) {
    const query = new URLSearchParams(location.search);
    value ? query.set(name, value) : query.delete(name);
    return `${PATH}?${query}`;
  }

  function follow(event) {
    const link = event.target.closest && event.target.closest(`a[href^="${PATH}?"]`);
    const plain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (!link || !plain || !here() || link.closest("#first-look")) return;
    event.preventDefault();
    if (link.matches(".neighbour")) isOpening = true;
    if (link.closest(".panel-close")) {
      isOpening = false;
      here().focus({ preventScroll: true });
    }
    go(link.href);
  }

  function escape(event) {
    const panel = event.key === "Escape" && document.querySelector(".map-panel .panel-close");
    if (panel) panel.click();
    else if (event.key === "Escape" && document.querySelector("#map-in-area > *")) use("nothing");
  }

  async function use(tool) {
    if (tool === "again") return location.reload(); // the address says what is shown by now
    const chart = await theChart(), chosen = document.querySelector("#map-in-area h2");
    const name = window.aisleFiles.called(chart.drawing.called, chosen ? chosen.textContent : "");
    if (tool === "move" || tool === "box" || tool === "lasso") {
      chart.gestures.tool = tool;
      here().dataset.tool = tool;
      document.querySelectorAll(".map-tool[aria-pressed]").forEach((one) => one.setAttribute("aria-pressed", one.dataset.tool === tool));
    }
    else if (tool === "in") chart.zoom(1.6);
    else if (tool === "out") chart.zoom(1 / 1.6);
    else if (tool === "whole") chart.whole();
    else if (tool === "nothing") chart.choose(null);
    else if (tool === "png") await (await module("take")).savePng(chart.scene(), name);
    else if (tool === "svg") await (await module("take")).saveSvg(chart.scene(), name);
    else if (tool === "csv") await (await module("take")).saveCsv(chart.drawing.file, chart.strong, name);
  }

  document.addEventListener("click", follow, true); // before navigation.js, which would draw the whole page
  document.addEventListener("keydown", escape);
  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("[data-tool], [data-take]");
    if (!button || button.tagName !== "BUTTON" || !here()) return;
    const status = button.dataset.failed && button.nextElementSibling;
    if (status) status.textContent = "";
    use(button.dataset.tool || button.dataset.take).catch((error) => {
      console.warn(error);
      if (status) status.textContent = button.dataset.failed;
    });
  });
  document.addEventListener("input", (event) => {
    if (event.target.id !== "map-search") return;
    clearTimeout(typing);
    typing = setTimeout(() => here() && go(changed("q", event.target.value.trim()), { replace: true }), TYPED);
  });

  /* While a hand or the focus is on an entry of the legend, its points stand out. */
  function light(entry) {
    clearTimeout(lighting);
    const legend = entry && entry.closest(".legend[data-kind]"), place = legend && entry.querySelector(".legend-count");
    const group = place && { by: legend.dataset.kind, number: Number(place.dataset.group) };
    lighting = setTimeout(() => here() && theChart().then((chart) => chart.highlight(group)).catch(console.warn), PASSED);
  }
  const entryOf = ({ target }) => target.closest && target.closest(".legend li > a");
  document.addEventListener("pointerover", (event) => { if (event.pointerType !== "touch" && entryOf(event)) light(entryOf(event)); });
  document.addEventListener("pointerout", (event) => { if (entryOf(event)) light(null); });
  document.addEventListener("focusin", (event) => { if (entryOf(event) && event.target.matches(":focus-visible")) light(entryOf(event)); });
  document.addEventListener("focusout", (event) => { if (entryOf(event)) light(null); });

  /* The legend's counts, "47 of 412", and what they are of. */
  function count(counted, what) {
    const legend = document.querySelector(".legend[data-kind]");
    if (!legend) return;
    const said = legend.querySelector(".legend-counts");
    said.textContent = said.getAttribute(`data-${what}`);
    const { kind, partOf, thousands } = legend.dataset, counts = counted(kind);
    const written = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, thousands);
    legend.querySelectorAll(".legend-count").forEach(function (place) {
      const part = counts.get(Number(place.dataset.group)) || 0, whole = Number(place.dataset.whole);
      place.dataset.part = part;
      place.textContent = part === whole ? written(whole) : partOf.replace("{part}", written(part)).replace("{whole}", written(whole));
    });
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    clusters: {
      draw: async function (drawing) {
        try {
          const element = here();
          await (await theChart()).show(element, drawing, {
            counted: count,
            open: (id) => { isOpening = true; go(changed("item", id)); },
            area: (listed) => set("map-area", listed),
          });
          giveBack();
          giveBack = () => {};
          const panel = document.querySelector(".map-panel");
          if (panel && isOpening) panel.focus({ preventScroll: true });
          isOpening = false;
          return "map-frame";
        } catch (error) {
          console.warn(error);
          return "map-frame map-failed";
        }
      },
    },
  });
})();
