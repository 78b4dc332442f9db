/* The picture that opens large, and the link that is copied. dashboard/pages/product.py is the other half. */
(function () {
  "use strict";

  const SAID_FOR = 5000; // milliseconds

  function openOrClose(event) {
    const opener = event.target.closest(".enlarge");
    const closer = event.target.closest(".dialog-close");
    if (opener) opener.parentElement.querySelector("dialog").showModal();
    if (closer) closer.closest("dialog").close();
    if (event.target.matches(".picture-dialog")) event.target.close(); // beside the picture
  }

  async function copy(event) {
    const button = event.target.closest(".copy-link");
    if (!button) return;
    const status = button.nextElementSibling;
    try {
      await navigator.clipboard.writeText(location.href);
      status.textContent = button.dataset.copied;
    } catch {
      status.textContent = button.dataset.notCopied; // not allowed, or an address without https
    }
    setTimeout(() => { status.textContent = ""; }, SAID_FOR);
  }

  document.addEventListener("click", openOrClose);
  document.addEventListener("click", copy);
  window.addEventListener("popstate", () => document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close()));
})();
