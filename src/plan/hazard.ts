import type { Request } from "../access/request.ts";
import { hazardSeverities, type HazardSeverity } from "../desired/guard-schema.ts";

/** Risk of a change that a reviewer should know. `block` blocks its bucket until it is accepted. */
export interface Hazard {
  readonly code: HazardCode;
  readonly severity: HazardSeverity;
  readonly message: string;
  /** Example request. */
  readonly witness?: Request;
  /** Access change that the message is about; absent if the message is about more than one. */
  readonly about?: HazardSubject;
  /** Name of the guardrail that is broken or undecided. */
  readonly guardrail?: string;
  /** The message contains the witness. */
  readonly saysWitness?: true;
  /** Reason why it does not block the bucket. */
  readonly accepted?: string;
}

/** Access change or example of a hazard, so that a report that shows its sentence does not repeat it. */
export interface HazardSubject {
  readonly sentence: string;
  /** Rest of the message; empty if the code says it all. */
  readonly adds: string;
}

export const hazardCodes = [
  "new-account",
  "wrong-owner",
  "unknown-owner",
  "grants-public-access",
  "grants-administration",
  "overrides-deny",
  "drops-condition",
  "weakens-condition",
  "grants-unknown-principal",
  "grants-wildcard-principal",
  "locks-out-operator",
  "locks-out-owner",
  "overwrites-foreign-statements",
  "reopens-drift",
  "refused-by-oss",
  "guardrail-broken",
  "access-undecided",
  "gains-forbidden",
  "public-access-blocked",
  "refuses-recent-requests",
  "removes-deny",
  "removes-policy",
  "widens-access",
  "narrows-access",
] as const;

export type HazardCode = (typeof hazardCodes)[number];

/** Severities where account.yaml sets none. Some hazards only warn where less is at stake. */
export const defaultSeverities: Readonly<Record<HazardCode, HazardSeverity>> = {
  "new-account": "block",
  "wrong-owner": "block",
  "unknown-owner": "block",
  "grants-public-access": "block",
  "grants-administration": "block",
  "overrides-deny": "block",
  "drops-condition": "block",
  "weakens-condition": "warn",
  "grants-unknown-principal": "warn",
  "grants-wildcard-principal": "warn",
  "locks-out-operator": "block",
  "locks-out-owner": "block",
  "overwrites-foreign-statements": "block",
  "reopens-drift": "block",
  "refused-by-oss": "block",
  "guardrail-broken": "block",
  "access-undecided": "block",
  "gains-forbidden": "block",
  "public-access-blocked": "warn",
  "refuses-recent-requests": "warn",
  "removes-deny": "warn",
  "removes-policy": "warn",
  "widens-access": "note",
  "narrows-access": "note",
};

export function hazard(code: HazardCode, severity: Hazard["severity"], message: string): Hazard {
  return { code, severity, message };
}

/** Returns whether a hazard blocks its bucket. */
export function blocks({ severity, accepted }: Hazard): boolean {
  return severity === "block" && accepted === undefined;
}

/** Orders hazards by their codes, as `hazardCodes` lists them: gravest first, whatever severity an account gives them. */
export function compareHazards(a: Hazard, b: Hazard): number {
  return hazardCodes.indexOf(a.code) - hazardCodes.indexOf(b.code);
}

/** Worst severity of hazards that are not accepted. */
export type Risk = HazardSeverity | "none";

export function riskOf(hazards: readonly Hazard[]): Risk {
  const open = hazards.filter(({ accepted }) => accepted === undefined);
  return hazardSeverities.find((severity) => open.some((one) => one.severity === severity)) ?? "none";
}
