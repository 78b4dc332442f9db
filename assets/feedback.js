/* Judging recommendations: thumbs below each, kept in this browser alone, exported as the CSV that `evaluate --feedback` reads.
   dashboard/components/feedback.py says where the thumbs and the panel go, and in which words. */
(function () {
  "use strict";

  const KEY = "aisle-judged-1"; // raised when what is kept changes its form
  const COLUMNS = ["product_id", "signal", "recommended_id", "rank", "verdict", "build", "time"];
  let cleared = null; // what "Clear" took away, until the page is left

  function read() {
    try {
      const kept = JSON.parse(localStorage.getItem(KEY));
      return Array.isArray(kept) ? kept : [];
    } catch {
      return [];
    }
  }

  function keep(judged) {
    try {
      localStorage.setItem(KEY, JSON.stringify(judged));
      delete panel().dataset.failed;
    } catch {
      panel().dataset.failed = "";
    }
    drawAll();
  }

  const panel = () => document.getElementById("feedback");
  const isOf = (pair) => (one) =>
    one.product_id === pair.judged && one.signal === pair.signal && one.recommended_id === pair.recommended;

  function judge(pair, verdict) {
    const judged = read();
    const before = judged.find(isOf(pair));
    const others = judged.filter((one) => one !== before);
    cleared = null;
    if (before && before.verdict === verdict) return keep(others); // pressed again: taken back
    keep([...others, {
      product_id: pair.judged,
      signal: pair.signal,
      recommended_id: pair.recommended,
      rank: Number(pair.rank),
      verdict,
      build: panel().dataset.build,
      time: new Date().toISOString(),
    }]);
  }

  function download() {
    const rows = [COLUMNS, ...read().map((one) => COLUMNS.map((column) => one[column]))];
    window.aisleFiles.save(window.aisleFiles.csv(rows), "judged.csv");
  }

  function button(label, className, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = className;
    made.textContent = label;
    made.addEventListener("click", act);
    return made;
  }

  function thumb(place, verdict, words) {
    const made = button("", `thumb thumb-${verdict}`, () => judge(place.dataset, verdict));
    const card = place.closest("li") && place.closest("li").querySelector(".product-card");
    made.setAttribute("aria-label", card ? `${words[verdict]}: ${card.title}` : words[verdict]);
    made.title = words[verdict];
    return made;
  }

  function drawThumbs(place, judged, words) {
    const pair = Object.values(place.dataset).join("\n");
    if (place.drawn !== pair) {
      place.replaceChildren(...(pair ? ["good", "bad"].map((verdict) => thumb(place, verdict, words)) : []));
      place.drawn = pair;
    }
    const found = judged.find(isOf(place.dataset));
    for (const one of place.children) {
      one.setAttribute("aria-pressed", Boolean(found) && one.classList.contains(`thumb-${found.verdict}`));
    }
  }

  function drawPanel(place, n) {
    if (!place.status) {
      place.status = document.createElement("p");
      place.status.setAttribute("role", "status");
      place.actions = document.createElement("div");
      place.actions.className = "judged-actions";
    }
    const words = place.dataset;
    const said = n === 0 ? words.none : n === 1 ? words.one : words.many.replace("{n}", n.toLocaleString(document.documentElement.lang));
    place.status.textContent = "failed" in words ? words.notKept : said;
    const actions = n ? [["export", download], ["clear", clear]] : cleared ? [["restore", restore]] : [];
    place.actions.replaceChildren(...actions.map(([name, act]) => button(words[name], "button button-quiet", act)));
    if (!place.contains(place.status)) place.replaceChildren(place.status, place.actions);
  }

  function clear() {
    cleared = read();
    keep([]);
    panel().actions.firstChild.focus();
  }

  function restore() {
    const judged = cleared;
    cleared = null;
    keep(judged);
    panel().actions.firstChild.focus();
  }

  function drawAll() {
    const place = panel();
    if (!place) return;
    const judged = read();
    drawPanel(place, judged.length);
    document.querySelectorAll(".thumbs").forEach((thumbs) => drawThumbs(thumbs, judged, place.dataset));
  }

  // What the page shows is drawn by Dash, whenever it likes: look again once it has.
  let due = false;
  function drawSoon() {
    if (due) return;
    due = true;
    requestAnimationFrame(() => { due = false; drawAll(); });
  }

  const isOurs = (node) => node.nodeType === Node.ELEMENT_NODE && (node.matches("#feedback, .thumbs") || node.querySelector("#feedback, .thumbs"));
  new MutationObserver(function (changes) {
    if (changes.some((change) => change.type === "attributes" || [...change.addedNodes].some(isOurs))) drawSoon();
  }).observe(document.documentElement, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ["data-judged", "data-recommended"],
  });
  window.addEventListener("storage", (event) => { if (event.key === KEY) drawAll(); }); // judged in another tab
})();
