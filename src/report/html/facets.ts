import { actionTexts, causeTexts, effectTexts, reportedHazards } from "../vocabulary.ts";
import type { AccessEffect } from "../../access/effect.ts";
import { hazardCodes } from "../../plan/hazard.ts";
import { isWriting, type Cause, type Change } from "../../plan/plan.ts";

import type { Markup } from "./escape.ts";
import { attributesOf, formFor, type Facet } from "./filter.ts";

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

const facets: readonly Facet<Change>[] = [
  {
    name: "action",
    title: "Action",
    texts: { ...actionTexts, delete: "delete" },
    valuesOf: ({ action }) => [action],
  },
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

/** Returns the values of a change for the script. */
export function facetAttributes(change: Change): readonly Markup[] {
  return attributesOf(facets, change);
}

/** Renders the form that filters the changes of a plan. */
export function filterForm(changes: readonly Change[]): Markup {
  return formFor(facets, changes, { items: "changes", rows: "findings and other entries" });
}
