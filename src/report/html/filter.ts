import { html, nothing, type Markup } from "./escape.ts";

/** Choice of the form that filters a page. */
export interface Facet<T> {
  readonly name: string;
  readonly title: string;
  /** Values in the order of the choices, with their words. */
  readonly texts: Readonly<Record<string, string>>;
  readonly valuesOf: (item: T) => readonly string[];
}

/** Returns the values of an item for the script: words from closed lists, never external text. */
export function attributesOf<T>(facets: readonly Facet<T>[], item: T): readonly Markup[] {
  return facets.map(({ name, valuesOf }) => html` data-${name}="${[...new Set(valuesOf(item))].join(" ")}"`);
}

/** Words for what a page holds: the items that the choices are about, and its other rows. */
export interface FilterWords {
  readonly items: string;
  readonly rows: string;
}

/** Renders a search field and a choice for each facet in which the items differ. Hidden without the script. */
export function formFor<T>(facets: readonly Facet<T>[], items: readonly T[], words: FilterWords): Markup {
  return html` <form
    id="filter"
    role="search"
    aria-label="Filter the report"
    data-items="${words.items}"
    data-rows="${words.rows}"
    hidden
  >
    <div class="wide">
      <label for="search">Search</label
      ><input id="search" type="search" autocomplete="off" spellcheck="false" />
    </div>
    ${facets.map((facet) => facetSelect(facet, items))}
    <div class="buttons">
      <button type="button" id="clear">Clear</button>
      <button type="button" id="unfold" aria-pressed="false">Open all</button>
    </div>
    <p id="shown" role="status"></p>
  </form>`;
}

function facetSelect<T>({ name, title, texts, valuesOf }: Facet<T>, items: readonly T[]): Markup {
  const counts = new Map<string, number>();
  for (const item of items)
    for (const value of new Set(valuesOf(item))) counts.set(value, (counts.get(value) ?? 0) + 1);
  if (counts.size === 0 || (counts.size === 1 && counts.has("unknown"))) return nothing;
  const options = Object.entries(texts).flatMap(([value, text]) => {
    const count = counts.get(value);
    return count === undefined ? [] : [html`<option value="${value}">${text} (${count})</option>`];
  });
  return html` <div>
    <label for="by-${name}">${title}</label
    ><select id="by-${name}" data-facet="${name}">
      <option value="">all</option>
      ${options}
    </select>
  </div>`;
}
