/* A click on a point of the map follows a link to its product, as a click on a card does. */
(function () {
  "use strict";

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    clusters: {
      follow: function (href) {
        if (href) {
          const link = document.createElement("a");
          link.href = href;
          document.body.append(link);
          link.click();
          link.remove();
        }
        return null; // so that the same point can be clicked again after Back
      },
    },
  });
})();
