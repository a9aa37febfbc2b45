import type { Request } from "../access/request.ts";

/** Risk of a change that a reviewer should know. `block` blocks its bucket until it is accepted. */
export interface Hazard {
  readonly code: HazardCode;
  readonly severity: "block" | "warn" | "note";
  readonly message: string;
  /** Example request. */
  readonly witness?: Request;
  /** The message contains the witness. */
  readonly saysWitness?: true;
  /** Reason why it does not block the bucket. */
  readonly accepted?: string;
}

export const hazardCodes = [
  "new-account",
  "grants-public-access",
  "locks-out-operator",
  "locks-out-owner",
  "overwrites-foreign-statements",
  "reopens-drift",
  "refused-by-oss",
  "guardrail-broken",
  "access-undecided",
  "gains-forbidden",
  "public-access-blocked",
  "removes-deny",
  "lifts-block",
  "removes-policy",
  "widens-access",
  "narrows-access",
] as const;

export type HazardCode = (typeof hazardCodes)[number];

export function hazard(code: HazardCode, severity: Hazard["severity"], message: string): Hazard {
  return { code, severity, message };
}

/** Returns whether a hazard blocks its bucket. */
export function blocks({ severity, accepted }: Hazard): boolean {
  return severity === "block" && accepted === undefined;
}

/** Orders hazards, gravest first. */
export function compareHazards(a: Hazard, b: Hazard): number {
  return hazardCodes.indexOf(a.code) - hazardCodes.indexOf(b.code);
}
