import type { Diagnostic } from "../diagnostic.ts";
import { compareText } from "../diagnostic.ts";
import { blocks } from "../plan/hazard.ts";
import { isWriting, type Change } from "../plan/plan.ts";

/** Sorts changes, worst first. Equal changes stay sorted by bucket. */
export function worstFirst(changes: readonly Change[]): readonly Change[] {
  return [...changes].sort((a, b) => compareText(graveness(a), graveness(b)));
}

export function gravestFirst(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...diagnostics].sort((a, b) => severityRank(a) - severityRank(b));
}

/** Returns a sort key with one digit for each problem, gravest first. */
function graveness(change: Change): string {
  const isBad = [
    hasBlockingHazard,
    isBlocked,
    opensToAnonymous,
    isUnreadable,
    isGrave,
    hasWarning,
    gains,
    differs,
  ];
  return isBad.map((is) => (is(change) ? "0" : "1")).join("");
}

const severityRank = ({ severity }: Diagnostic) => ["error", "warning", "note"].indexOf(severity);

const hazardsOf = (change: Change) => (change.action === "unreadable" ? [] : change.hazards);
export const regionsOf = (change: Change) =>
  isWriting(change) && change.access.verdict === "different" ? change.access.regions : [];

const hasBlockingHazard = (change: Change) => hazardsOf(change).some(blocks);
const isBlocked = ({ blocked }: Change) => blocked;
const isUnreadable = ({ action }: Change) => action === "unreadable";
const isGrave = (change: Change) => hazardsOf(change).some(({ severity }) => severity === "block");
const hasWarning = (change: Change) => hazardsOf(change).some(({ severity }) => severity === "warn");
const differs = (change: Change) => regionsOf(change).length > 0;

export const gains = (change: Change) => regionsOf(change).some(({ effect }) => effect === "gains");
export const opensToAnonymous = (change: Change) =>
  regionsOf(change).some(({ effect, witness }) => effect === "gains" && witness.principal === "anonymous");
