import * as z from "zod";
import { skipReasons } from "../requests/seen-request.ts";
import { observedPosition } from "./observation-schema.ts";
import { allowSources, requestEffects, requestTurns } from "./request-effects.ts";

/** No other text: it is shown as it is. */
const time = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
const count = z.number().int().nonnegative();
const span = {
  from: time.optional().describe("Time of the first one, in UTC; absent without one."),
  to: time.optional().describe("Time of the last one."),
};

const example = z.object({
  time,
  key: z.string().describe("Empty for the bucket, and for keys that the log does not have."),
  address: z.string().optional(),
  session: z.string().optional().describe("Name of the role session, where the log has it."),
});

const effect = z.object({
  effect: z
    .enum(requestEffects)
    .describe(
      "refused: for certain; loses-allow: the policy allowed them and does not, and what stillAllowedBy names may still allow them; depends: on what the log does not have.",
    ),
  on: z
    .array(z.string())
    .optional()
    .describe("What the log does not have: condition keys, `role session` and `object key`."),
  points: z.array(z.string()).optional().describe("Undocumented points that it depends on."),
  may: z
    .array(z.enum(requestTurns))
    .optional()
    .describe("Possible effects, if it depends; empty if there were too many values to try."),
  stillAllowedBy: z
    .array(z.enum(allowSources))
    .optional()
    .describe(
      "What may still allow requests that lose the policy's allow: ram: a RAM policy; acl: an ACL; object-acl: the ACL of an object, since that of the bucket is private.",
    ),
  caller: z
    .string()
    .describe("anonymous, owner, a UID, the ARN of a role with * for the session, or role: and its id."),
  name: z.string().optional().describe("Name of the caller from the account file."),
  action: z.string().describe("Actions, with ` and ` between them if the request needs more than one."),
  prefix: z
    .string()
    .describe(
      "First path segment with its slash; empty for the bucket and for keys without one, * for those of more segments than are counted, ? for keys that the log does not have.",
    ),
  count,
  of: count.describe("Requests of the caller with this action."),
  last: time.describe("Time of the last one, in UTC."),
  observed: z
    .array(observedPosition)
    .optional()
    .describe("Observed positions of undocumented points, without which the effect would be another one."),
  examples: z
    .array(example)
    .max(3)
    .optional()
    .describe("The last requests as they are, the newest first; only with --verbose."),
});

/** Seen requests of a change, in the JSON of a plan. */
export const changeRequests = z
  .object({
    total: count,
    ...span,
    effects: z.array(effect).describe("The gravest first; requests for which nothing changes have none."),
    observed: z
      .array(observedPosition)
      .optional()
      .describe("Observed positions on which some effect rests, or that there is none."),
    cause: z.string().optional().describe("Reason why they cannot be weighed."),
  })
  .optional()
  .describe(
    "Requests of the given access logs on the bucket; absent without logs. With a total of 0 nothing is claimed.",
  );

/** Extent of the access logs that a plan was given, in its JSON. */
export const planRequests = z
  .object({
    read: count.describe("Lines."),
    used: count,
    skipped: z.partialRecord(z.enum(skipReasons), count).describe("Lines that are not weighed, by reason."),
    ...span,
    sources: z.object({ files: count, sls: count }),
    copySources: count
      .optional()
      .describe("Reads of what was copied, which are weighed beside the lines; absent without any."),
  })
  .optional()
  .describe("Extent of the given access logs; absent without any.");
