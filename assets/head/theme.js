/* Runs in the head, before anything is painted: the theme someone chose, else the system's. */
(function () {
  "use strict";

  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => { try { return localStorage.getItem("theme"); } catch { return null; } };

  function apply() {
    const theme = chosen() || (system.matches ? "dark" : "light");
    document.documentElement.dataset.bsTheme = theme;
    window.dispatchEvent(new CustomEvent("themechange", { detail: theme }));
  }

  function toggle(event) {
    if (!(event.target.closest && event.target.closest("#theme-toggle"))) return;
    const next = document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark";
    try { localStorage.setItem("theme", next); } catch { /* private window: the choice lasts as long as the page */ }
    document.documentElement.dataset.bsTheme = next;
    window.dispatchEvent(new CustomEvent("themechange", { detail: next }));
  }

  apply();
  system.addEventListener("change", apply);
  document.addEventListener("click", toggle);
})();
