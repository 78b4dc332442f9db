/* The server answers 429 to who asks much at once: the page says so, waits as long as it is told, and asks again.
   It answers 503 where a lookup table is damaged: the page says so until something is answered again.
   dashboard/limits.py and dashboard/health.py are the other half. */
(function () {
  "use strict";

  const ask = window.fetch;
  const latest = new Map(); // the newest question of each callback: an older one that still waits is not asked again
  let waiting = 0;

  function say(text) {
    let notice = document.getElementById("limit-notice");
    if (!notice && !text) return;
    if (!notice) {
      notice = document.createElement("div");
      notice.id = "limit-notice";
      notice.setAttribute("role", "status");
      document.body.append(notice);
    }
    notice.textContent = text;
    notice.hidden = !text;
  }

  async function reason(response) {
    try {
      return (await response.json()).error;
    } catch {
      return ""; // not from the app, but from a router in front of it
    }
  }

  async function pause(response) {
    const seconds = Number(response.headers.get("Retry-After")) || 10;
    waiting += 1;
    say(await reason(response));
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    waiting -= 1;
    if (!waiting) say("");
  }

  window.fetch = async function (resource, options) {
    const url = new URL(resource instanceof Request ? resource.url : resource, location);
    const update = url.pathname.endsWith("/_dash-update-component") && options && typeof options.body === "string";
    const output = update && (/"output":"([^"]*)"/.exec(options.body) || [])[1];
    const question = {};
    if (update) latest.set(output, question);
    let response = await ask(resource, options);
    while (response.status === 429) {
      await pause(response);
      if (update && latest.get(output) !== question) return new Response(null, { status: 204 });
      response = await ask(resource, options);
    }
    if (!update) return response;
    if (response.status === 503) say(await reason(response.clone()));
    else if (!waiting) say("");
    return response;
  };
})();
