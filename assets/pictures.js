/* Dash's html.Img knows no loading="lazy", so a picture that may wait names its address in data-src, and gets it here as a lazy one. */
(function () {
  "use strict";

  function load(image) {
    image.loading = "lazy";
    image.src = image.dataset.src;
  }

  new MutationObserver(function (changes) {
    for (const change of changes) {
      if (change.type === "attributes") load(change.target);
      for (const node of change.addedNodes) {
        if (node.nodeType !== Node.ELEMENT_NODE) continue;
        if (node.matches("img[data-src]")) load(node);
        node.querySelectorAll("img[data-src]").forEach(load);
      }
    }
  }).observe(document.documentElement, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-src"] });
})();
