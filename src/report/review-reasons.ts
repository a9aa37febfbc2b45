/** What a reviewer is told of changes: what they do, gravest first, with the number of changes that do it. */

import type { Hazard, HazardCode } from "../plan/hazard.ts";

/** What a change with a hazard would do, for one change and for several. */
export const hazardPhrases: Readonly<
  Record<HazardCode | "public-writes" | "limit" | "error", readonly [one: string, many: string]>
> = {
  "new-account": [
    "is of an account that the base does not have",
    "are of accounts that the base does not have",
  ],
  "wrong-owner": ["is to a bucket of another account", "are to buckets of other accounts"],
  "unknown-owner": ["is to a bucket of an unknown account", "are to buckets of unknown accounts"],
  "public-writes": ["lets everyone write or delete", "let everyone write or delete"],
  "grants-public-access": ["opens data to everyone", "open data to everyone"],
  "grants-administration": ["gives administration", "give administration"],
  "overrides-deny": ["allows what a Deny refused", "allow what a Deny refused"],
  "drops-condition": ["drops a condition", "drop a condition"],
  "weakens-condition": ["weakens a condition", "weaken a condition"],
  "grants-unknown-principal": ["gives access to an unknown caller", "give access to unknown callers"],
  "grants-wildcard-principal": [
    "gives access by a pattern of callers",
    "give access by a pattern of callers",
  ],
  "locks-out-operator": ["may lock out an operator", "may lock out an operator"],
  "locks-out-owner": ["may lock out the owner", "may lock out the owner"],
  "overwrites-foreign-statements": ["removes statements set by hand", "remove statements set by hand"],
  "reopens-drift": ["reopens access that was closed", "reopen access that was closed"],
  "refused-by-oss": ["would be refused by OSS", "would be refused by OSS"],
  "guardrail-broken": ["breaks a guardrail", "break a guardrail"],
  "access-undecided": ["cannot be decided", "cannot be decided"],
  "gains-forbidden": ["gives access despite --forbid gains", "give access despite --forbid gains"],
  "public-access-blocked": ["may be refused by OSS", "may be refused by OSS"],
  "refuses-recent-requests": ["takes the allow of recent requests", "take the allow of recent requests"],
  "removes-deny": ["removes a Deny", "remove a Deny"],
  "removes-policy": ["removes a policy", "remove a policy"],
  "widens-access": ["gives access", "give access"],
  "narrows-access": ["takes access away", "take access away"],
  limit: ["exceeds a limit of its account", "exceed a limit of their account"],
  error: ["has an error in its file", "have an error in their files"],
};

/** Maximum of reasons that a verdict names. */
const maxReasons = 4;

/** Number of changes, and what one or several of them do. */
export interface CountedChanges {
  readonly count: number;
  readonly texts: readonly [one: string, many: string];
}

/** What a reviewer is told of a change: a hazard, or what else blocks it. */
export interface ReviewReason {
  readonly code: keyof typeof hazardPhrases;
  /** It could not be decided. */
  readonly isDoubtful: boolean;
}

/** Returns the gravest reasons, each with the number of its changes. */
export function reasonsOf(found: readonly ReviewReason[]): readonly CountedChanges[] {
  const order = Object.keys(hazardPhrases);
  const counts = new Map<string, ReviewReason & { count: number }>();
  for (const reason of found) {
    const key = `${reason.code} ${reason.isDoubtful}`;
    const known = counts.get(key) ?? { ...reason, count: 0 };
    known.count += 1;
    counts.set(key, known);
  }
  const reasons = [...counts.values()]
    .sort(
      (a, b) => order.indexOf(a.code) - order.indexOf(b.code) || Number(a.isDoubtful) - Number(b.isDoubtful),
    )
    .map(({ code, isDoubtful, count }): CountedChanges => {
      const [one, many] = hazardPhrases[code];
      return { count, texts: isDoubtful ? [`may ${many}`, `may ${many}`] : [one, many] };
    });
  const hidden = reasons.slice(maxReasons).reduce((sum, { count }) => sum + count, 0);
  return [
    ...reasons.slice(0, maxReasons),
    ...(hidden > 0 ? [{ count: hidden, texts: ["for other reasons", "for other reasons"] as const }] : []),
  ];
}

/** Hazards that have a witness if they are proved. Without one, they could not be decided. */
const witnessed: readonly HazardCode[] = [
  "grants-public-access",
  "reopens-drift",
  "guardrail-broken",
  "gains-forbidden",
];

/** Returns what a hazard is told as; `isWriting` where the change lets everyone write or delete. */
export function reasonOf({ code, witness }: Hazard, isWriting: boolean): ReviewReason {
  const isDoubtful = witness === undefined && witnessed.includes(code);
  return { code: code === "grants-public-access" && isWriting ? "public-writes" : code, isDoubtful };
}
