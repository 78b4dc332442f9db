/* Pictures that are dropped, chosen or pasted. One that can't be used is refused before it is read or sent: dcc.Upload would say
   nothing, and knows no pasting. */
(function () {
  "use strict";

  const notice = (text) => ({ namespace: "dash_html_components", type: "P", props: { children: text, className: "notice", role: "note" } });
  const show = (id, props) => window.dash_clientside.set_props(id, props);

  function refusal(file, place) {
    if (!place.dataset.taken.split(",").includes(file.type)) return place.dataset.otherFormat;
    return file.size > Number(place.dataset.bytes) ? place.dataset.tooLarge : null;
  }

  // Whether the first of some files may be looked at; says why where it may not.
  function isTaken(files, place) {
    const said = files.length ? refusal(files[0], place) : null;
    if (said) {
      // An answer that is still on its way must not take the refusal's place.
      if (document.querySelector("#picture-seen[data-dash-is-loading]")) show("picture-chosen", { data: null });
      show("picture-seen", { children: notice(said) });
      show("picture-found", { hidden: true });
    }
    return files.length > 0 && !said;
  }

  function check(event) {
    const place = event.target.closest && event.target.closest(".upload-place");
    if (place) isTaken(event.type === "drop" ? event.dataTransfer.files : event.target.files, place);
  }

  function paste(event) {
    const place = document.querySelector(".upload-place:has(input)"); // without one, the page's first look is still there
    if (!place || !isTaken(event.clipboardData.files, place)) return;
    const reader = new FileReader();
    reader.onload = () => show("picture-upload", { contents: reader.result });
    reader.readAsDataURL(event.clipboardData.files[0]);
  }

  document.addEventListener("drop", check, true);
  document.addEventListener("change", check, true);
  document.addEventListener("paste", paste);

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    picture: {
      // The file that came last is looked at, else the product that the address names. A file takes it out of the address.
      choose: function (contents, product) {
        const keep = window.dash_clientside.no_update;
        const path = location.pathname;
        if (contents) return [contents, { path, href: path }];
        return [product ? { product } : keep, keep];
      },
    },
  });
})();
