import { actionTexts, causeTexts, effectTexts, reportedHazards } from "../vocabulary.ts";
import type { AccessEffect } from "../../access/effect.ts";
import { hazardCodes } from "../../plan/hazard.ts";
import { isWriting, type Cause, type Change } from "../../plan/plan.ts";

import { html, nothing, type Markup } from "./escape.ts";

type AccessLabel = AccessEffect | "anonymous" | "unchanged" | "undecided";

const accessTexts: Readonly<Record<AccessLabel, string>> = {
  anonymous: "anonymous callers gain",
  ...effectTexts,
  unchanged: "unchanged (proved)",
  undecided: "undecided",
};

/** Returns the effects of a change on access, as filter words. */
function accessLabels(change: Change): readonly AccessLabel[] {
  if (!isWriting(change)) return [];
  const { access } = change;
  if (access.verdict !== "different") return [access.verdict === "equal" ? "unchanged" : "undecided"];
  const labels = access.regions.flatMap(({ effect, witness }): readonly AccessLabel[] =>
    effect === "gains" && witness.principal === "anonymous" ? ["anonymous", effect] : [effect],
  );
  return [...new Set(labels)];
}

interface Facet {
  readonly name: string;
  readonly title: string;
  /** Values in the order of the choices, with their words. */
  readonly texts: Readonly<Record<string, string>>;
  readonly valuesOf: (change: Change) => readonly string[];
}

const facets: readonly Facet[] = [
  { name: "action", title: "Action", texts: actionTexts, valuesOf: ({ action }) => [action] },
  { name: "access", title: "Access", texts: accessTexts, valuesOf: accessLabels },
  {
    name: "hazard",
    title: "Hazard",
    texts: Object.fromEntries(hazardCodes.map((code) => [code, code])),
    valuesOf: (change) =>
      change.action === "unreadable" ? [] : reportedHazards(change.hazards).map(({ code }) => code),
  },
  {
    name: "blocked",
    title: "Blocked",
    texts: { yes: "blocked", no: "goes on" },
    valuesOf: (change) => (isWriting(change) ? [change.blocked ? "yes" : "no"] : []),
  },
  {
    name: "cause",
    title: "Cause",
    texts: { ...causeTexts, none: "nothing to do", unknown: "unknown" } satisfies Record<Cause, string>,
    valuesOf: ({ cause }) => [cause],
  },
];

/** Returns the values of a change for the script: words from closed lists, never external text. */
export function facetAttributes(change: Change): readonly Markup[] {
  return facets.map(
    ({ name, valuesOf }) => html` data-${name}="${[...new Set(valuesOf(change))].join(" ")}"`,
  );
}

/** Renders a search field and a choice for each facet in which the changes differ. Hidden without the script. */
export function filterForm(changes: readonly Change[]): Markup {
  return html` <form id="filter" role="search" aria-label="Filter the report" hidden>
    <div class="wide">
      <label for="search">Search</label
      ><input id="search" type="search" autocomplete="off" spellcheck="false" />
    </div>
    ${facets.map((facet) => facetSelect(facet, changes))}
    <div class="buttons">
      <button type="button" id="clear">Clear</button>
      <button type="button" id="unfold" aria-pressed="false">Open all</button>
    </div>
    <p id="shown" role="status"></p>
  </form>`;
}

function facetSelect({ name, title, texts, valuesOf }: Facet, changes: readonly Change[]): Markup {
  const counts = new Map<string, number>();
  for (const change of changes)
    for (const value of new Set(valuesOf(change))) counts.set(value, (counts.get(value) ?? 0) + 1);
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
