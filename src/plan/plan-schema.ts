import * as z from "zod";
import { events, lastChange } from "./events-schema.ts";
import { observation } from "./observation-schema.ts";
import { hazardSeverities } from "../desired/guard-schema.ts";
import { changeRequests, planRequests } from "./requests-schema.ts";
import { hazardCodes } from "./hazard.ts";
import { verdict } from "./verdict-schema.ts";
import { shardSchema } from "./shard-schema.ts";

const action = z.enum(["create", "update", "delete", "none", "unreadable"]);

/** Policy or statement, as OSS or a file has it. */
const document = z.record(z.string(), z.unknown());

const problem = z.object({
  message: z.string(),
  help: z.string().optional(),
  status: z.number().int().optional().describe("HTTP status; absent without a response."),
  code: z.string().optional().describe("OSS's error code."),
  ec: z.string().optional().describe("OSS's EC, an error number finer than the code."),
  retryAfterMs: z.number().optional().describe("Wait that OSS requested before the next try."),
});

const fieldDifference = z.object({
  path: z.array(z.string()).describe("Principal, or Condition, operator and key."),
  added: z.array(z.string()),
  removed: z.array(z.string()),
  isJson: z.literal(true).optional().describe("The value is JSON text, compared as a whole."),
});

const statementPlace = z
  .object({ file: z.string(), line: z.number().int() })
  .nullable()
  .describe("Start of the statement, in the bucket's file or in a statement set.");

const statements = z.object({
  added: z.array(z.object({ statement: document, place: statementPlace })),
  removed: z.array(z.object({ statement: document })),
  changed: z.array(
    z.object({ before: document, after: document, place: statementPlace, fields: z.array(fieldDifference) }),
  ),
  fields: z.array(fieldDifference).describe("Fields of the policy itself, such as Version."),
});

const decision = z.enum(["allow", "deny", "none"]);
const effects = ["gains", "blockLifted", "loses", "newlyBlocked"] as const;

const request = z
  .object({
    principal: z.string().describe("anonymous, owner, a UID, or the ARN of a role session."),
    action: z.string(),
    resource: z.string().describe("The object key; empty for the bucket itself."),
    context: z.record(z.string(), z.string()),
  })
  .describe("Example request.");

const position = z.object({ name: z.string(), position: z.string(), observed: observation.optional() });

const member = z.union([
  z.string(),
  z.object({ pattern: z.string(), ignoreCase: z.literal(true).optional() }),
  z.object({ literal: z.string(), ignoreCase: z.literal(true).optional() }),
  z.object({ from: z.string(), to: z.string().optional() }),
]);

const term = z
  .object({ all: z.array(member), except: z.array(member) })
  .describe("Matches all of `all` (anything if it is empty) and none of `except`.");

const terms = z
  .object({
    principals: z
      .array(term)
      .describe("anonymous, owner, any UID, any role session, UIDs, patterns of role sessions."),
    actions: z.array(term),
    on: z.object({ bucket: z.boolean().describe("The bucket itself."), keys: z.array(term) }),
    conditions: z.array(
      z.object({
        key: z.string(),
        values: z.array(term),
        kind: z
          .enum(["bool", "network"])
          .optional()
          .describe("Kind of the values; absent for texts, and for spans, which have a `from`."),
        orAbsent: z.boolean().describe("Requests without the key, too."),
      }),
    ),
  })
  .describe("The region as data; a text is a pattern with * and ?.");

const region = z.object({
  principals: z.array(z.string()),
  actions: z.array(z.string()),
  resources: z.array(z.string()).describe("(bucket) is the bucket itself; the others are keys."),
  conditions: z.array(z.string()),
  text: z.string(),
  terms,
  witness: request.extend({ before: decision, after: decision }),
  dependsOn: z
    .array(position)
    .describe("Undocumented points that it depends on, each with the positions under which it can hold."),
  holdsIf: z
    .array(z.array(position))
    .describe("Alternatives of which one must be true, each with all its positions; empty: it always holds."),
});

const access = z
  .object({
    verdict: z.enum(["equal", "different", "undecided"]),
    cause: z.string().optional().describe("Reason why it is undecided."),
    gains: z.array(region).describe("Requests whose decision becomes allow."),
    loses: z.array(region).describe("Requests whose decision was allow."),
    newlyBlocked: z.array(region).describe("Requests that no statement matched and that a Deny matches now."),
    blockLifted: z.array(region).describe("Requests that a Deny matched and that no statement matches now."),
    order: z
      .array(z.enum(effects))
      .optional()
      .describe(
        "The lists in which the regions are, worst first: the first `gains` is the first of `gains`.",
      ),
    dependsOn: z.array(z.string()).describe("Undocumented points that the result depends on."),
    observed: z
      .array(position)
      .optional()
      .describe("Observed positions of undocumented points, without which the result would be another one."),
  })
  .describe("Access that the change gives and takes, decided for all requests.");

const hazard = z.object({
  code: z.enum(hazardCodes),
  severity: z.enum(hazardSeverities),
  message: z.string(),
  witness: request.optional(),
  accepted: z.string().optional().describe("Reason why it does not block the bucket."),
  guardrail: z.string().optional().describe("Guardrail that is broken or undecided."),
  about: z
    .object({ sentence: z.string(), adds: z.string() })
    .optional()
    .describe("Sentence of an access change in the message, and the rest of the message."),
  saysWitness: z.literal(true).optional().describe("The message contains the witness."),
});

const openness = z
  .object({
    isPublic: z.boolean().describe("By OSS's definition, which Block Public Access uses; true if it may be."),
    isDocumented: z
      .literal(false)
      .optional()
      .describe("OSS's documentation does not say whether it counts the policy as public."),
    allowsAnonymous: z
      .enum(["yes", "no", "unknown"])
      .describe("yes if the policy allows an anonymous request."),
    acl: z.string().optional(),
    blockPublicAccess: z
      .boolean()
      .optional()
      .describe("Setting of the bucket; the account may have it on too."),
    problem: problem.optional().describe("Reason why the ACL and Block Public Access are unknown."),
  })
  .describe("Public access to the bucket, by the policy, the ACL and Block Public Access.");

const digest = z.string().regex(/^(none|sha256:[0-9a-f]{64})$/);

const change = z.object({
  account: z.string().describe("UID of the bucket owner."),
  bucket: z.string(),
  region: z.string(),
  action,
  blocked: z.boolean().describe("apply skips this bucket."),
  cause: z
    .enum(["edit", "drift", "both", "none", "unknown"])
    .describe("Edit of the desired policy, drift of the live policy, or both; unknown without --base."),
  file: z.string(),
  line: z.number().int(),
  observed: z
    .array(observation.extend({ name: z.string(), position: z.string() }))
    .optional()
    .describe("Positions of undocumented points that count as decided, since OSS was observed."),
  before: document
    .nullable()
    .optional()
    .describe("Live policy; null for no policy, absent if it is unknown."),
  replaces: z
    .string()
    .optional()
    .describe("Live text that is replaced although it does not parse; before is then absent."),
  after: document.nullable().optional().describe("Desired policy; null for no policy."),
  statements: statements.optional(),
  access: access.optional(),
  risk: z
    .enum([...hazardSeverities, "none"])
    .optional()
    .describe("Worst severity of its hazards that are not accepted."),
  hazards: z.array(hazard).optional(),
  openness: openness.optional(),
  lastChange,
  requests: changeRequests,
  digests: z
    .object({ desired: digest, live: digest })
    .optional()
    .describe("Equal digests mean equal policies."),
  limit: z.string().optional().describe("Limit of its account that blocks it."),
  problem: problem.optional().describe("Reason why the bucket is unreadable."),
});

const place = { file: z.string(), line: z.number().int(), column: z.number().int() };
const end = { endLine: z.number().int().optional(), endColumn: z.number().int().optional() };

const diagnostic = z.object({
  code: z.string(),
  severity: z.enum(["error", "warning", "note"]),
  message: z.string(),
  file: place.file.optional(),
  line: place.line.optional(),
  column: place.column.optional(),
  ...end,
  help: z.string().optional(),
  account: z.string().optional().describe("UID of the account, for a finding about one of its limits."),
  cause: z.string().optional().describe("Findings with the same cause are one finding, with all places."),
  fix: z
    .array(z.object({ ...place, endLine: place.line, endColumn: place.column, text: z.string() }))
    .optional()
    .describe("Edits that correct it; only if one correction is certain."),
  related: z.array(z.object({ message: z.string(), ...place, ...end })),
});

const count = z.number().int().nonnegative();

/** Plan as JSON. */
export type PlanDocument = z.infer<typeof planSchema>;

/** Schema of a saved plan: the source of plan.schema.json. */
export const planSchema = z
  .object({
    formatVersion: z
      .string()
      .regex(/^2\.\d+$/)
      .describe("Minor versions add, major versions break."),
    tool: z.object({ name: z.literal("oss-policy"), version: z.string() }),
    errored: z
      .boolean()
      .describe("The run stopped early: an empty plan does not mean that nothing is to be done."),
    verdict,
    revision: z.string().nullable().describe("Commit of the files; null without --base."),
    base: z.string().nullable().describe("Commit that they are compared with; null without --base."),
    baseName: z.string().optional().describe("The base as the user named it."),
    shard: shardSchema.optional(),
    uncommitted: z
      .array(z.string())
      .optional()
      .describe("Policy files that differ from the commit in `revision`."),
    loosened: z
      .array(z.object({ message: z.string(), file: z.string(), line: z.number().int() }))
      .optional()
      .describe("Guards that are weaker than at the base, and consents that are new."),
    abandoned: z
      .array(
        z.object({
          account: z.string(),
          bucket: z.string(),
          region: z.string(),
          file: z.string(),
          line: z.number().int(),
        }),
      )
      .optional()
      .describe("Buckets whose file is gone since the base: their policies stay live."),
    events,
    requests: planRequests,
    limits: z.array(z.string()).optional().describe("Limits of accounts that the plan exceeds."),
    limitedAccounts: z
      .array(z.string())
      .optional()
      .describe("UIDs of the accounts of `limits`, in the same order."),
    accounts: z
      .array(z.object({ account: z.string(), name: z.string().optional() }))
      .optional()
      .describe("Accounts of the policy files, where there are several."),
    summary: z.object({
      create: count,
      update: count,
      delete: count,
      unchanged: count,
      unreadable: count,
      blocked: count,
    }),
    identities: z
      .array(z.object({ account: z.string(), principal: z.string(), name: z.string() }))
      .optional()
      .describe("Names of principals, from the account files."),
    changes: z.array(change).describe("One for each selected bucket, sorted by name."),
    unmanaged: z.array(
      z.object({
        bucket: z.string(),
        region: z.string(),
        state: z.enum(["policy", "unreadable"]),
        problem: problem.nullable(),
      }),
    ),
    diagnostics: z.array(diagnostic),
    outcomes: z
      .array(
        z.object({
          bucket: z.string(),
          action,
          result: z.enum([
            "applied",
            "unverified",
            "unchanged",
            "stale",
            "blocked",
            "not attempted",
            "failed",
          ]),
          message: z.string(),
          help: z.string().optional(),
        }),
      )
      .optional()
      .describe("Results of apply."),
    digest: z.string().describe("Digest of all other fields: apply --plan refuses a file that was changed."),
  })
  .describe("A plan of oss-policy.");
