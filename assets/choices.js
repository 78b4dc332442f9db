/* The button below a long list of options: all of them, or the first. */
(function () {
  "use strict";

  document.addEventListener("click", function (event) {
    const more = event.target.closest && event.target.closest(".show-more");
    if (more) more.setAttribute("aria-expanded", more.getAttribute("aria-expanded") !== "true");
  });
})();
