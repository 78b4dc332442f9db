/* An element whose content comes as HTML: dashboard/markup.py, which escapes what stands in it, is the other half. */
(function () {
  "use strict";

  window.aisle = {
    Markup: ({ tag, attributes, html }) => React.createElement(tag, { ...attributes, dangerouslySetInnerHTML: { __html: html } }),
  };
})();
