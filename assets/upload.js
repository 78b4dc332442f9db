/* dcc.Upload gives its field no name that a screen reader could say: the words around it are. */
(function () {
  "use strict";

  new MutationObserver(function () {
    for (const field of document.querySelectorAll("#react-entry-point .upload input[type=file]:not([aria-label])")) {
      field.setAttribute("aria-label", field.parentElement.textContent);
    }
  }).observe(document.getElementById("react-entry-point"), { childList: true, subtree: true });
})();
