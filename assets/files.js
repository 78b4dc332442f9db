/* Files that are made in the browser: how a CSV is written, and how a file is handed over. */
window.aisleFiles = (function () {
  "use strict";

  // A spreadsheet would run a cell that begins like a formula; dashboard/csv_text.py has the rule.
  const cell = (value) => {
    const text = typeof value === "string" && /^'*[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };

  // What a file is called without its ending: the shop, and what is shown of it.
  function called(...parts) {
    const shop = document.querySelector(".brand-shop").textContent;
    return [shop, ...parts].join(" ").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "");
  }

  function save(blob, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    URL.revokeObjectURL(link.href);
  }

  // The mark at the front tells spreadsheets that it is UTF-8.
  const csv = (rows) => new Blob(["\ufeff", ...rows.map((row) => row.map(cell).join(",") + "\r\n")], { type: "text/csv" });

  return { called, csv, save };
})();
