/* A file that is too large is refused before it is sent. */
(function () {
  "use strict";

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    picture: {
      choose: function (contents, limit) {
        const keep = window.dash_clientside.no_update;
        if (!contents) return [keep, keep];
        const bytes = ((contents.length - contents.indexOf(",") - 1) * 3) / 4;
        if (bytes <= Number(limit)) return [contents, keep];
        const megabytes = (size) => (size / 1e6).toFixed(1) + " MB";
        return [keep, "This file has " + megabytes(bytes) + "; a picture may have " + megabytes(Number(limit)) + "."];
      },
    },
  });
})();
