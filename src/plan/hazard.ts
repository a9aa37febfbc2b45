import type { Request } from "../access/request.ts";

/** What a reviewer should know about a change before it is made. `block` blocks its bucket until it is accepted. */
export interface Hazard {
  readonly code: HazardCode;
  readonly severity: "block" | "warn" | "note";
  readonly message: string;
  /** One request that shows it. */
  readonly witness?: Request;
  /** The message has the witness in it. */
  readonly saysWitness?: true;
  /** Why it does not block the bucket. */
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

/** Whether it blocks its bucket. */
export function blocks({ severity, accepted }: Hazard): boolean {
  return severity === "block" && accepted === undefined;
}

/** The gravest first. */
export function compareHazards(a: Hazard, b: Hazard): number {
  return hazardCodes.indexOf(a.code) - hazardCodes.indexOf(b.code);
}
