/* The first answer brings the page as plain HTML. It gives way as soon as Dash has drawn the same page.
   dashboard/first_look.py is the other half. */
(function () {
  "use strict";

  const look = document.getElementById("first-look");
  const drawn = document.getElementById("react-entry-point");
  if (!look) return;

  new MutationObserver(function (_, observer) {
    const page = drawn.querySelector("main");
    if (!page || !page.firstElementChild || page.querySelector(":scope > .page-loading")) return;
    observer.disconnect();
    drawn.hidden = false;
    look.remove();
  }).observe(drawn, { childList: true, subtree: true });
})();
