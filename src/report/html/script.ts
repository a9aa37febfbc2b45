/** Script that filters the page and opens folded parts. It fetches, stores and sends nothing. */
export const filterScript = `
"use strict";
(() => {
  const find = (selector) => [...document.querySelectorAll(selector)];
  const folds = find("details");
  const open = (isOpen) => { for (const fold of folds) fold.open = isOpen; };

  let opened = [];
  addEventListener("beforeprint", () => {
    opened = folds.filter((fold) => !fold.open);
    for (const fold of opened) fold.open = true;
  });
  addEventListener("afterprint", () => {
    for (const fold of opened) fold.open = false;
  });

  const form = document.getElementById("filter");
  if (form === null) return;
  const search = document.getElementById("search");
  const shown = document.getElementById("shown");
  const selects = find("select[data-facet]");

  const parts = new Map();
  for (const part of find("[data-of]")) {
    const list = parts.get(part.dataset.of) ?? [];
    parts.set(part.dataset.of, [...list, part]);
  }
  const changes = find("[data-change]").map((article) => ({
    elements: [article, ...(parts.get(article.dataset.change) ?? [])],
    text: undefined,
    facets: article.dataset,
  }));
  const rows = find("[data-row]").map((row) => ({ elements: [row], text: undefined, facets: undefined }));
  const all = [...changes, ...rows];

  const holds = (item, words) => {
    item.text ??= item.elements[0].textContent.toLowerCase();
    return words.every((word) => item.text.includes(word));
  };
  const fits = ({ facets }, wanted) =>
    facets === undefined || wanted.every(([name, value]) => facets[name].split(" ").includes(value));

  const apply = () => {
    const words = search.value.toLowerCase().split(/\\s+/).filter((word) => word !== "");
    const wanted = selects.filter((select) => select.value !== "").map((select) => [select.dataset.facet, select.value]);
    const count = { changes: 0, rows: 0 };
    for (const item of all) {
      const isShown = fits(item, wanted) && holds(item, words);
      if (isShown) count[item.facets === undefined ? "rows" : "changes"] += 1;
      for (const element of item.elements) if (element.hidden === isShown) element.hidden = !isShown;
    }
    const lists = [[count.changes, changes, form.dataset.items], [count.rows, rows, form.dataset.rows]];
    shown.textContent = "Shown: " + lists
      .filter(([, list]) => list.length > 0)
      .map(([some, list, name]) => some + " of " + list.length + " " + name)
      .join(", ");
  };

  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("clear").addEventListener("click", () => {
    form.reset();
    apply();
  });
  const unfold = document.getElementById("unfold");
  unfold.addEventListener("click", () => {
    const isOpen = unfold.getAttribute("aria-pressed") !== "true";
    unfold.setAttribute("aria-pressed", String(isOpen));
    open(isOpen);
  });
  form.hidden = false;
  apply();
})();
`;
