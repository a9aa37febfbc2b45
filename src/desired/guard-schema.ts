import * as z from "zod";

/** Hazards that an accept can name: those that block a bucket. */
export const acceptableHazards = [
  "grants-public-access",
  "locks-out-operator",
  "locks-out-owner",
  "refused-by-oss",
  "access-undecided",
] as const;

/** Hazards of a transition: a consent names the live policy that it is about, so that it never speaks for the next. */
export const passingHazards = ["overwrites-foreign-statements", "reopens-drift"] as const;

export type AcceptableHazard = (typeof acceptableHazards)[number] | (typeof passingHazards)[number];

const principal = z
  .string("a principal is a string: `anonymous`, `owner`, a UID, an ARN, or a name from identities")
  .describe("anonymous, owner, a UID in quotes, a role session's ARN, or a name from identities.");

const words = z.union([z.string(), z.array(z.string()).min(1)], "a string, or a list of strings");

const context = z
  .record(
    z.string(),
    z.string("a value is a string: write it in quotes"),
    "with is a map of condition keys to values",
  )
  .optional()
  .describe("Condition keys that the request has, each with its value.");

/** The requests that a guardrail or an accept speaks of, in the words of a statement. */
const scene = {
  Principal: words.describe(
    "UIDs, ARNs, names from identities, anonymous, owner, or * (the owner only with a Condition).",
  ),
  Action: words.describe("Actions; * and ? are wildcards."),
  Resource: words.describe("Resources, as in a policy."),
  Condition: z.record(z.string(), z.unknown()).optional().describe("Operator, then key, then values."),
};

const day = z
  .string("until is a day such as 2027-01-31")
  .regex(/^\d{4}-\d{2}-\d{2}$/, "until is a day such as 2027-01-31")
  .optional()
  .describe("The last day on which it holds; for good where it is left out.");

const reason = z
  .string("a reason is a string")
  .min(1, "a reason is not empty")
  .describe("Why this is right.");

export const accepts = z
  .array(
    z.union(
      [
        z.strictObject({
          hazard: z.enum(acceptableHazards).describe("The hazard that is consented to."),
          reason,
          until: day,
        }),
        z.strictObject({
          hazard: z.enum(passingHazards).describe("The hazard that is consented to."),
          reason,
          until: day,
          live: z
            .string("live is a digest, as the plan names it")
            .regex(/^(none|sha256:[0-9a-f]{64})$/, "live is a digest, as the plan names it")
            .describe("The digest of the live policy that this is about, as the plan names it."),
        }),
        z.strictObject({
          guardrail: z.string().describe("The name of the guardrail."),
          reason,
          until: day,
          region: z
            .strictObject(scene)
            .optional()
            .describe("Only these requests: the guardrail still holds for others."),
        }),
      ],
      `an accept has \`reason\`, \`until\` where it ends, and \`guardrail\` (with \`region\` where it is narrower) or \`hazard\`, one of ${acceptableHazards.join(", ")}, or, with the digest of the live policy as \`live\`, ${passingHazards.join(", ")}`,
    ),
    "accept is a list",
  )
  .optional()
  .describe("Reviewed consents, each to one hazard of this bucket.");

const who = principal.describe(
  "anonymous, owner, * (everyone but the owner, who does not need the policy), a UID in quotes, a role session's ARN, or a name from identities.",
);

const asked = {
  do: words.describe("Actions; * and ? are wildcards."),
  to: z
    .string("to is an object key or a pattern of keys")
    .optional()
    .describe(
      "An object key or a pattern of keys; * is the bucket and all its objects; left out, the bucket itself.",
    ),
  with: context,
};

export const expects = z
  .array(
    z.union(
      [
        z.strictObject({ can: who, ...asked }),
        z.strictObject({ cannot: who, ...asked }),
        z.strictObject({ denied: who, ...asked }),
      ],
      "an expectation has `can`, `cannot` or `denied`, then `do`, and `to` and `with` where they matter",
    ),
    "expect is a list",
  )
  .optional()
  .describe("Access tests: they speak of this policy alone, not of RAM policies or ACLs.");

export const operators = z
  .array(
    z.strictObject(
      { principal, with: context },
      "an operator is a map with `principal`, and `with` where it matters",
    ),
    "operators is a list",
  )
  .optional()
  .describe(
    "Who must never be denied to read, write and delete the bucket policy; `owner` is always one of them.",
  );

export const guardrails = z
  .array(
    z.strictObject(
      {
        name: z
          .string("a name is a string")
          .min(1, "a name is not empty")
          .describe("By which an accept names it."),
        require: z
          .literal("denied", "require is `denied`, or left out")
          .optional()
          .describe("denied: every policy must deny this; left out: no policy may allow it."),
        ...scene,
        except: z
          .array(z.string())
          .optional()
          .describe("Buckets that it does not hold for; * and ? are wildcards."),
      },
      "a guardrail is a map with `name`, `Principal`, `Action` and `Resource`",
    ),
    "guardrails is a list",
  )
  .optional()
  .describe("What holds for every policy of the account, proved over all requests; never sent to OSS.");
