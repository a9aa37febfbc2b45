import * as z from "zod";
import { hazardCodes } from "./hazard.ts";

const action = z.enum(["create", "update", "delete", "none", "unreadable"]);

/** A policy or a statement: whatever stands in OSS or in a file. */
const document = z.record(z.string(), z.unknown());

const problem = z.object({
  message: z.string(),
  help: z.string().optional(),
  status: z.number().int().optional().describe("HTTP status; absent where no answer came."),
  code: z.string().optional().describe("OSS's error code."),
  ec: z.string().optional().describe("OSS's finer error number."),
});

const fieldDifference = z.object({
  path: z.array(z.string()).describe("Principal, or Condition, operator and key."),
  added: z.array(z.string()),
  removed: z.array(z.string()),
  isJson: z.literal(true).optional().describe("Its value is JSON text, which differs as a whole."),
});

const statementPlace = z
  .object({ file: z.string(), line: z.number().int() })
  .nullable()
  .describe("Where the statement begins: in the bucket's file, or in a statement set.");

const statements = z.object({
  added: z.array(z.object({ statement: document, place: statementPlace })),
  removed: z.array(z.object({ statement: document })),
  changed: z.array(
    z.object({ before: document, after: document, place: statementPlace, fields: z.array(fieldDifference) }),
  ),
  fields: z.array(fieldDifference).describe("Fields of the policy itself, such as Version."),
});

const decision = z.enum(["allow", "deny", "none"]);

const request = z
  .object({
    principal: z.string().describe("anonymous, owner, a UID, or the ARN of a role session."),
    action: z.string(),
    resource: z.string().describe("The object key; empty for the bucket itself."),
    context: z.record(z.string(), z.string()),
  })
  .describe("One request that shows it.");

const position = z.object({ name: z.string(), position: z.string() });

const member = z.union([
  z.string(),
  z.object({ pattern: z.string(), ignoreCase: z.literal(true) }),
  z.object({ literal: z.string(), ignoreCase: z.literal(true).optional() }),
  z.object({ from: z.string(), to: z.string().optional() }),
]);

const term = z
  .object({ all: z.array(member), except: z.array(member) })
  .describe("What matches all of `all` (anything, where it is empty) and none of `except`.");

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
        orAbsent: z.boolean().describe("Requests without the key, too."),
      }),
    ),
  })
  .describe("The region as data; a text is a pattern with * and ?.");

const region = z.object({
  principals: z.array(z.string()),
  actions: z.array(z.string()),
  resources: z.array(z.string()).describe("(bucket) is the bucket itself; all else are keys."),
  conditions: z.array(z.string()),
  text: z.string(),
  terms,
  witness: request.extend({ before: decision, after: decision }),
  dependsOn: z
    .array(position)
    .describe("Each undocumented point that it depends on, with the positions under which it can hold."),
  holdsIf: z
    .array(z.array(position))
    .describe("Alternatives of which one must be true, each with all its positions; empty: it always holds."),
});

const access = z
  .object({
    verdict: z.enum(["equal", "different", "undecided"]),
    cause: z.string().optional().describe("Why it is undecided."),
    gains: z.array(region).describe("To allow."),
    loses: z.array(region).describe("From allow."),
    newlyBlocked: z.array(region).describe("No match to Deny."),
    blockLifted: z.array(region).describe("Deny to no match."),
    dependsOn: z.array(z.string()).describe("What OSS leaves open and the result depends on."),
  })
  .describe("What access the change gives and takes, decided for all requests.");

const hazard = z.object({
  code: z.enum(hazardCodes),
  severity: z.enum(["block", "warn", "note"]),
  message: z.string(),
  witness: request.optional(),
  accepted: z.string().optional().describe("Why it does not block the bucket."),
});

const openness = z
  .object({
    isPublic: z.boolean().describe("By OSS's definition, which Block Public Access goes by."),
    allowsAnonymous: z
      .enum(["yes", "no", "unknown"])
      .describe("Whether the policy allows an anonymous request."),
    acl: z.string().optional(),
    blockPublicAccess: z.boolean().optional().describe("That of the bucket; the account may have it on too."),
    problem: problem.optional().describe("Why the ACL and Block Public Access are not known."),
  })
  .describe("How open the bucket would be, by the policy and beside it.");

const digest = z.string().regex(/^(none|sha256:[0-9a-f]{64})$/);

const change = z.object({
  account: z.string().describe("UID of the bucket owner."),
  bucket: z.string(),
  region: z.string(),
  action,
  blocked: z.boolean().describe("Blocked: apply leaves this bucket alone."),
  cause: z
    .enum(["edit", "drift", "both", "none", "unknown"])
    .describe("An edit of what the files ask for, drift of what is live, or both; unknown without --base."),
  file: z.string(),
  line: z.number().int(),
  before: document
    .nullable()
    .optional()
    .describe("What stands in OSS; null for no policy, absent where it is unknown."),
  replaces: z
    .string()
    .optional()
    .describe("The live text that is replaced although it does not parse; then before is absent."),
  after: document.nullable().optional().describe("What the file asks for; null for no policy."),
  statements: statements.optional(),
  access: access.optional(),
  hazards: z.array(hazard).optional(),
  openness: openness.optional(),
  digests: z
    .object({ desired: digest, live: digest })
    .optional()
    .describe("Equal digests are equal policies."),
  limit: z.string().optional().describe("The limit of its account that blocks it."),
  problem: problem.optional().describe("Why the bucket is unreadable."),
});

const place = { file: z.string(), line: z.number().int(), column: z.number().int() };

const diagnostic = z.object({
  code: z.string(),
  severity: z.enum(["error", "warning", "note"]),
  message: z.string(),
  file: place.file.optional(),
  line: place.line.optional(),
  column: place.column.optional(),
  help: z.string().optional(),
  related: z.array(z.object({ message: z.string(), ...place })),
});

const count = z.number().int().nonnegative();

/** The plan as a file: the source of plan.schema.json. */
export const planSchema = z
  .object({
    formatVersion: z
      .string()
      .regex(/^2\.\d+$/)
      .describe("Minor versions add, major versions break."),
    tool: z.object({ name: z.literal("oss-policy"), version: z.string() }),
    errored: z.boolean().describe("The run stopped early: no changes does not mean nothing to do."),
    revision: z.string().nullable().describe("The commit of the files; null without --base."),
    base: z.string().nullable().describe("The commit that they are compared with; null without --base."),
    uncommitted: z
      .array(z.string())
      .optional()
      .describe("The policy files that differ from the commit in `revision`."),
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
    limits: z.array(z.string()).optional().describe("Limits of accounts that the plan breaks."),
    summary: z.object({
      create: count,
      update: count,
      delete: count,
      unchanged: count,
      unreadable: count,
      blocked: count,
    }),
    changes: z.array(change).describe("One for each bucket that was asked for, sorted by name."),
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
      .describe("What apply did."),
    digest: z.string().describe("Over all the rest: apply --plan refuses a file that was changed."),
  })
  .describe("A plan of oss-policy.");
