/* A file that is too large is refused before it is sent. */
(function () {
  "use strict";

  const notice = (text) => ({ namespace: "dash_html_components", type: "P", props: { children: text, className: "notice", role: "note" } });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    picture: {
      choose: function (contents, limit, refusal) {
        const keep = window.dash_clientside.no_update;
        if (!contents) return [keep, keep, keep];
        const bytes = ((contents.length - contents.indexOf(",") - 1) * 3) / 4;
        return bytes <= Number(limit) ? [contents, keep, keep] : [keep, notice(refusal), true];
      },
    },
  });
})();
