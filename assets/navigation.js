/* Links and Back draw a page through the store "navigation"; a page writes its own state into the address through the store "address".
   dashboard/navigation.py is the other half. */
(function () {
  "use strict";

  let visits = 0;
  let shown = "";
  let chosen = null; // of a row of options on the page that is shown: which one was followed, and where it stood on the screen
  const address = () => location.pathname + location.search;
  function here() {
    shown = address();
    return { path: location.pathname, search: location.search, visit: ++visits };
  }
  function navigate() {
    document.documentElement.classList.add("navigating");
    window.dash_clientside.set_props("navigation", { data: here() });
  }

  function leave(url) {
    history.replaceState({ scroll: window.scrollY }, "");
    history.pushState(null, "", url);
  }

  // On a phone these rows are wider than the screen, and what is chosen may lie beside it. Not `scrollIntoView`: it also moves the
  // place from which Tab goes on, past the link that skips to the content.
  function showInItsRow(chosen) {
    const row = chosen.closest("ul");
    const beside = chosen.getBoundingClientRect(), seen = row.getBoundingClientRect();
    row.scrollLeft += (beside.left + beside.right - seen.left - seen.right) / 2;
  }

  const rowsOfOptions = () => [...document.querySelectorAll(".choice")];

  function placeOf(option) {
    return { row: rowsOfOptions().indexOf(option.closest(".choice")), url: option.href, top: option.getBoundingClientRect().top };
  }

  // Who chooses among options looks at what they change: the page stays where it is, and the focus on the option.
  function stayAt({ row, url, top }) {
    const options = rowsOfOptions()[row];
    const option = options && [...options.querySelectorAll("a.chip")].find((one) => one.href === url);
    if (!option) return false;
    option.focus({ preventScroll: true });
    window.scrollBy({ top: option.getBoundingClientRect().top - top, behavior: "instant" });
    return true;
  }

  function follow(event) {
    const link = event.target.closest && event.target.closest("a[href]");
    const plain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (!link || !plain || event.defaultPrevented || link.target || link.hasAttribute("download")) return;
    if (link.closest("#first-look")) return; // nobody draws pages yet
    const url = new URL(link.href);
    if (url.origin !== location.origin || link.getAttribute("href").startsWith("#") || /^\/(api|assets|thumbnails)\//.test(url.pathname)) return;
    event.preventDefault();
    chosen = url.pathname === location.pathname && link.matches(".choice .chip") ? placeOf(link) : null;
    leave(url);
    navigate();
  }

  history.scrollRestoration = "manual";
  document.addEventListener("click", follow);
  // A jump inside a page, such as the skip link's, is a popstate too, and needs no drawing.
  window.addEventListener("popstate", () => {
    chosen = null;
    if (address() !== shown) navigate();
  });
  // A page that draws its own new state puts it into the address itself; Back from there draws the page.
  window.addEventListener("addresswritten", () => { shown = address(); });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    aisle: {
      start: here,

      arrive: function (drawn) {
        document.documentElement.classList.remove("navigating");
        document.title = drawn.title;
        document.querySelectorAll(".site-header nav a[href]").forEach(function (link) {
          const current = new URL(link.href).pathname === drawn.path;
          current ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current");
        });
        document.querySelectorAll('.site-header nav [aria-current], .chip[aria-current="true"]').forEach(showInItsRow);
        const stays = chosen && stayAt(chosen);
        chosen = null;
        if (stays) return window.dash_clientside.no_update;
        const part = location.hash && !history.state && document.getElementById(location.hash.slice(1));
        if (part) part.scrollIntoView();
        // The first page could be read before it was drawn: who has scrolled in it stays there.
        else if (visits > 1 || history.state) window.scrollTo(0, (history.state && history.state.scroll) || 0);
        // A screen reader reads on from the focus: a followed link is gone, so the new page takes it.
        if (visits > 1) document.getElementById("page").focus({ preventScroll: true });
        return window.dash_clientside.no_update;
      },

      write_address: function (wanted) {
        if (wanted && location.pathname === wanted.path) {
          if (wanted.isStep && wanted.href !== shown) leave(wanted.href);
          else history.replaceState(history.state, "", wanted.href);
          shown = address();
        }
        return window.dash_clientside.no_update;
      },
    },
  });
})();
