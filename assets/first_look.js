/* The first answer brings the page as plain HTML. It gives way as soon as Dash has drawn the same page.
   dashboard/first_look.py is the other half. */
(function () {
  "use strict";

  const look = document.getElementById("first-look");
  const drawn = document.getElementById("react-entry-point");
  if (!look) return;

  const links = (root) => [...root.querySelectorAll("a[href]")];

  new MutationObserver(function (_, observer) {
    const page = drawn.querySelector("main");
    if (!page || !page.firstElementChild || page.querySelector(":scope > .page-loading")) return;
    observer.disconnect();
    const focused = document.activeElement, same = links(drawn)[links(look).indexOf(focused)];
    drawn.hidden = false;
    look.remove();
    if (same && same.href === focused.href) same.focus({ preventScroll: true });
  }).observe(drawn, { childList: true, subtree: true });
})();
