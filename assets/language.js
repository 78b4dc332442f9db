/* The language chosen in the header is remembered in a cookie, which the server reads: dashboard/wording/__init__.py. */
(function () {
  "use strict";

  const ONE_YEAR = 365 * 24 * 60 * 60;

  document.addEventListener("change", function ({ target }) {
    if (target.id !== "language") return;
    document.cookie = `language=${target.value}; path=/; max-age=${ONE_YEAR}; samesite=lax`;
    location.reload();
  });
})();
