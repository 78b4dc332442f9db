/* The catalogue's keys and its sheet of filters.
   Arrow keys move between the cards of a grid, Home and End to its ends; Tab goes to one card of it, the one visited last.
   On narrow screens the filters are a sheet over the page; dashboard/pages/catalogue.py draws them. */
(function () {
  "use strict";

  const NARROW = window.matchMedia("(max-width: 63.99rem)");
  const AROUND = ".site-header, .site-footer, .skip-link, .page-header, .filters, .catalogue-found";

  const cardsOf = (grid) => [...grid.querySelectorAll(":scope > li > .product-card")];

  function makeReachable(cards, chosen) {
    cards.forEach((card) => { card.tabIndex = card === chosen ? 0 : -1; });
  }

  // Of the cards in the next row, the one that lies most nearly below or above.
  function inNextRow(cards, from, direction) {
    const here = from.getBoundingClientRect();
    const places = cards.map((card) => ({ card, box: card.getBoundingClientRect() }));
    const beyond = places.filter(({ box }) => direction * (box.top - here.top) > 1);
    const nearest = Math.min(...beyond.map(({ box }) => Math.abs(box.top - here.top)));
    const row = beyond.filter(({ box }) => Math.abs(box.top - here.top) - nearest < 1);
    row.sort((one, other) => Math.abs(one.box.left - here.left) - Math.abs(other.box.left - here.left));
    return row.length ? row[0].card : undefined;
  }

  function target(key, cards, from) {
    const place = cards.indexOf(from);
    switch (key) {
      case "ArrowRight": return cards[place + 1];
      case "ArrowLeft": return cards[place - 1];
      case "ArrowDown": return inNextRow(cards, from, 1);
      case "ArrowUp": return inNextRow(cards, from, -1);
      case "Home": return cards[0];
      case "End": return cards[cards.length - 1];
    }
  }

  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && sheet()) return close();
    const card = event.target.closest(".card-grid > li > .product-card");
    if (!card || event.target !== card || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const wanted = target(event.key, cardsOf(card.closest(".card-grid")), card);
    if (!wanted) return;
    event.preventDefault();
    wanted.focus();
  });

  document.addEventListener("focusin", function (event) {
    const card = event.target.closest(".card-grid > li > .product-card");
    if (card) makeReachable(cardsOf(card.closest(".card-grid")), card);
  });

  const sheet = () => document.querySelector(".facets.open");

  function open(opener) {
    const page = opener.closest(".shell");
    const facets = page.querySelector(".facets");
    facets.classList.add("open");
    facets.setAttribute("role", "dialog");
    facets.setAttribute("aria-modal", "true");
    opener.setAttribute("aria-expanded", "true");
    page.querySelectorAll(AROUND).forEach((part) => { part.inert = true; });
    document.documentElement.classList.add("behind-sheet");
    facets.querySelector(".facets-close").focus();
  }

  function close() {
    const facets = sheet();
    document.documentElement.classList.remove("behind-sheet");
    document.querySelectorAll(AROUND).forEach((part) => { part.inert = false; });
    if (!facets) return; // its page is gone
    facets.classList.remove("open");
    facets.removeAttribute("role");
    facets.removeAttribute("aria-modal");
    const opener = document.getElementById("facets-open");
    opener.setAttribute("aria-expanded", "false");
    opener.focus({ preventScroll: true });
  }

  document.addEventListener("click", function (event) {
    const opener = event.target.closest("#facets-open");
    if (opener) open(opener);
    else if (sheet() && (event.target.closest(".facets-close, .facets-done") || !event.target.closest(".facets"))) close();
  });
  window.addEventListener("popstate", close);
  NARROW.addEventListener("change", () => { if (sheet()) close(); });

  // Cards come and go with each answer: of each grid one stays in the order of Tab. So do pages, and an open sheet with its page.
  new MutationObserver(function () {
    document.querySelectorAll(".card-grid").forEach(function (grid) {
      const cards = cardsOf(grid);
      const chosen = cards.filter((card) => card.getAttribute("tabindex") === "0");
      if (chosen.length !== 1 || cards.some((card) => !card.hasAttribute("tabindex"))) makeReachable(cards, chosen[0] || cards[0]);
    });
    if (document.documentElement.classList.contains("behind-sheet") && !sheet()) close();
  }).observe(document.documentElement, { childList: true, subtree: true });

  // Another choice begins its products at the top.
  document.addEventListener("change", function (event) {
    if (event.target.closest(".facets, #catalogue-sort")) window.scrollTo(0, 0);
  });
})();
