import * as z from "zod/mini";

/** Hazards that an accept can name for any live policy. */
export const acceptableHazards = [
  "grants-public-access",
  "grants-administration",
  "grants-unknown-principal",
  "grants-wildcard-principal",
  "locks-out-operator",
  "locks-out-owner",
  "refused-by-oss",
  "access-undecided",
  "public-access-blocked",
  "refuses-recent-requests",
  "removes-deny",
  "removes-policy",
] as const;

/** Hazards of a transition. An accept of one names the live policy, so that it is not valid for the next one. */
export const passingHazards = [
  "overrides-deny",
  "drops-condition",
  "weakens-condition",
  "overwrites-foreign-statements",
  "reopens-drift",
] as const;

/** Hazards whose severity an account may set. The others block whatever an account says. */
export const adjustableHazards = [
  "grants-public-access",
  "grants-administration",
  "overrides-deny",
  "drops-condition",
  "weakens-condition",
  "grants-unknown-principal",
  "grants-wildcard-principal",
  "public-access-blocked",
  "refuses-recent-requests",
  "removes-deny",
  "removes-policy",
  "widens-access",
  "narrows-access",
] as const;

/** Severities, the strictest first. */
export const hazardSeverities = ["block", "warn", "note"] as const;
export type HazardSeverity = (typeof hazardSeverities)[number];

export type AcceptableHazard = (typeof acceptableHazards)[number] | (typeof passingHazards)[number];

/** A schema with a description, for editors. */
export function described<Schema extends z.ZodMiniType>(schema: Schema, description: string): Schema {
  const copy = schema.clone();
  z.globalRegistry.add(copy, { description });
  return copy;
}

const principal = described(
  z.string("a principal is a string: `anonymous`, `owner`, a UID, an ARN, or a name from identities"),
  "anonymous, owner, a UID in quotes, a role session's ARN, or a name from identities.",
);

const words = z.union(
  [z.string(), z.array(z.string()).check(z.minLength(1))],
  "a string, or a list of strings",
);

const context = described(
  z.optional(
    z.record(
      z.string(),
      z.string("a value is a string: write it in quotes"),
      "with is a map of condition keys to values",
    ),
  ),
  "Condition keys of the request, each with its value.",
);

/** Requests that a guardrail or an accept covers, in the fields of a statement. */
const scene = {
  Principal: described(
    words,
    "UIDs, ARNs, names from identities, anonymous, owner, or * (the owner only with a Condition).",
  ),
  Action: described(words, "Actions; * and ? are wildcards."),
  Resource: described(words, "Resources, as in a policy."),
  Condition: described(z.optional(z.record(z.string(), z.unknown())), "Operator, then key, then values."),
};

const day = described(
  z.optional(z.iso.date("until is a day of the calendar, such as 2027-01-31")),
  "Last day on which it is in force; without it, it does not expire.",
);

const reason = described(
  z.string("a reason is a string").check(z.minLength(1, "a reason is not empty")),
  "Reason why this is acceptable.",
);

const digest = z
  .string("live is a digest, as in the plan")
  .check(z.regex(/^(none|sha256:[0-9a-f]{64})$/, "live is a digest, as in the plan"));

export const accepts = described(
  z.optional(
    z.array(
      z.union(
        [
          z.strictObject({
            hazard: described(z.enum(acceptableHazards), "The hazard that is consented to."),
            reason,
            until: day,
            live: described(
              z.optional(digest),
              "Digest of the live policy that this is valid for; without it, for every one.",
            ),
          }),
          z.strictObject({
            hazard: described(z.enum(passingHazards), "The hazard that is consented to."),
            reason,
            until: day,
            live: described(digest, "Digest of the live policy that this is valid for, as in the plan."),
          }),
          z.strictObject({
            guardrail: described(z.string(), "Name of the guardrail."),
            reason,
            until: day,
            region: described(
              z.optional(z.strictObject(scene)),
              "Only these requests; the guardrail still applies to others.",
            ),
          }),
        ],
        "an accept has `hazard` or `guardrail`, `reason`, `until` as a day such as 2027-01-31 if it expires, and `live` or `region` if they matter",
      ),
      "accept is a list",
    ),
  ),
  "Reviewed consents, each to one hazard of this bucket.",
);

const who = described(
  principal,
  "anonymous, owner, * (everyone but the owner, who does not need the policy), a UID in quotes, a role session's ARN, or a name from identities.",
);

const requests = {
  do: described(words, "Actions; * and ? are wildcards."),
  to: described(
    z.optional(z.string("to is an object key or a pattern of keys")),
    "Object key or pattern of keys; * is the bucket and all its objects; without it, the bucket itself.",
  ),
  with: context,
};

export const expects = described(
  z.optional(
    z.array(
      z.union(
        [
          z.strictObject({ can: who, ...requests }),
          z.strictObject({ cannot: who, ...requests }),
          z.strictObject({ denied: who, ...requests }),
        ],
        "an expectation has `can`, `cannot` or `denied`, then `do`, and `to` and `with` if they matter",
      ),
      "expect is a list",
    ),
  ),
  "Access tests of this policy only, not of RAM policies or ACLs.",
);

export const operators = described(
  z.optional(
    z.array(
      z.strictObject(
        { principal, with: context },
        "an operator is a map with `principal`, and `with` if it matters",
      ),
      "operators is a list",
    ),
  ),
  "Principals who must never be denied to read, write and delete the bucket policy; `owner` always is one.",
);

export const guardrails = described(
  z.optional(
    z.array(
      z.strictObject(
        {
          name: described(
            z.string("a name is a string").check(z.minLength(1, "a name is not empty")),
            "Name, by which an accept refers to it.",
          ),
          require: described(
            z.optional(z.literal("denied", "require is `denied`, or left out")),
            "denied: every policy must deny this; left out: no policy may allow it.",
          ),
          ...scene,
          except: described(
            z.optional(z.array(z.string())),
            "Buckets that it does not apply to; * and ? are wildcards.",
          ),
        },
        "a guardrail is a map with `name`, `Principal`, `Action` and `Resource`",
      ),
      "guardrails is a list",
    ),
  ),
  "Rules for every policy of the account, proved for all requests; never sent to OSS.",
);

const severity = described(
  z.optional(z.enum(hazardSeverities, "a severity is `block`, `warn` or `note`")),
  "block: the bucket is not written until it is accepted; warn: reported; note: in the JSON alone.",
);

export const severities = described(
  z.optional(
    z.strictObject(
      Object.fromEntries(adjustableHazards.map((code) => [code, severity])) as Record<
        (typeof adjustableHazards)[number],
        typeof severity
      >,
      "hazards is a map of hazards to `block`, `warn` or `note`",
    ),
  ),
  "Severities of hazards: block, warn or note. The stricter of --base and the files applies.",
);
