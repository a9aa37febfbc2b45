import type { Diagnostic } from "../diagnostic.ts";
import { compareText } from "../diagnostic.ts";
import { blocks, riskOf, type Risk } from "../plan/hazard.ts";
import { isAnyAccount } from "../plan/known-principals.ts";
import { isWriting, type Change } from "../plan/plan.ts";

/** Sorts changes by risk, then by what is gained. Equal changes stay sorted by bucket. */
export function worstFirst(changes: readonly Change[]): readonly Change[] {
  return changes
    .map((change) => ({ change, key: graveness(change) }))
    .sort((a, b) => compareText(a.key, b.key))
    .map(({ change }) => change);
}

export function gravestFirst(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...diagnostics].sort((a, b) => severityRank(a) - severityRank(b));
}

/** Ranks of risks: what blocks, then what could not be read, then the others. */
const riskRanks: Readonly<Record<Risk, string>> = { block: "0", warn: "2", note: "3", none: "4" };

/** Returns a sort key: the risk, then a digit for each thing that is gained, worst first. */
function graveness(change: Change): string {
  const isBad = [
    hasBlockingHazard,
    opensToAnonymous,
    opensToAnyAccount,
    isAcceptedBlock,
    gains,
    liftsDeny,
    differs,
  ];
  return riskRank(change) + isBad.map((is) => (is(change) ? "0" : "1")).join("");
}

function riskRank(change: Change): string {
  if (change.action === "unreadable") return "1";
  return change.blocked ? riskRanks.block : riskRanks[riskOf(change.hazards)];
}

const severityRank = ({ severity }: Diagnostic) => ["error", "warning", "note"].indexOf(severity);

const hazardsOf = (change: Change) => (change.action === "unreadable" ? [] : change.hazards);
export const regionsOf = (change: Change) =>
  isWriting(change) && change.access.verdict === "different" ? change.access.regions : [];

const hasBlockingHazard = (change: Change) => hazardsOf(change).some(blocks);
const isAcceptedBlock = (change: Change) => hazardsOf(change).some(({ severity }) => severity === "block");
const differs = (change: Change) => regionsOf(change).length > 0;

export const gains = (change: Change) => regionsOf(change).some(({ effect }) => effect === "gains");
export const liftsDeny = (change: Change) => regionsOf(change).some(({ effect }) => effect === "blockLifted");
export const opensToAnonymous = (change: Change) =>
  regionsOf(change).some(({ effect, witness }) => effect === "gains" && witness.principal === "anonymous");
export const opensToAnyAccount = (change: Change) =>
  regionsOf(change).some(({ effect, principals }) => effect === "gains" && principals.some(isAnyAccount));
