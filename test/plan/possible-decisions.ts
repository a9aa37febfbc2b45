/** What a request of a log may be, tried one by one: few values of each part, but more than the policies of the tests distinguish. */

import { evaluate } from "../../src/access/evaluate.ts";
import { interpretationsOf, openQuestionsIn } from "../../src/access/interpretations.ts";
import type { Decision } from "../../src/access/request.ts";
import type { Bucket } from "../../src/policy/bucket.ts";
import type { Policy } from "../../src/policy/policy.ts";
import type { SeenCaller, SeenRequest } from "../../src/requests/seen-request.ts";

export interface Decided {
  readonly before: Decision;
  readonly after: Decision;
}

const vpcs = ["", "vpc-1", "vpc-2", "vpc-22", "vpc-3", "vpc-9"];

function sessionsOf(owner: string): readonly string[] {
  return [
    ...["alice", "b1"].flatMap((who) => ["ops", "Ops"].map((role) => `assumed-role/${role}/${who}`)),
    "assumed-role/other/x",
  ].flatMap((rest) => [owner, "5"].map((account) => `arn:sts::${account}:${rest}`));
}

/** Returns everything that a request may be. */
export function possibleRequests(
  request: SeenRequest,
  owner: string,
): readonly { readonly principal: string; readonly context: ReadonlyMap<string, string> }[] {
  const values: Record<string, readonly (string | undefined)[]> = {
    "acs:SourceVpc": vpcs,
    "acs:SecureTransport": ["true", "false"],
    "acs:UserAgent": ["curl", "wget", "other", "", undefined],
  };
  const time: [string, string] = ["acs:CurrentTime", new Date(request.timeMs).toISOString()];
  let all = [new Map([...request.context, time])];
  for (const [key, choices] of Object.entries(values)) {
    if (request.context.has(key) || request.absent.has(key)) continue;
    all = all.flatMap((one) =>
      choices.map((value) => (value === undefined ? one : new Map([...one, [key, value]]))),
    );
  }
  return callersOf(request.caller, owner).flatMap((principal) =>
    all.map((context) => ({ principal, context })),
  );
}

function callersOf(caller: SeenCaller, owner: string): readonly string[] {
  if (caller.kind === "role") return sessionsOf(owner);
  if (caller.kind === "role session") return [caller.arn];
  return [caller.kind === "uid" ? caller.uid : caller.kind];
}

/** Returns the decisions of two policies on everything that a request may be, under every interpretation. */
/** Keys that the patterns of the tests distinguish. */
const keys = ["raw/a.csv", "raw/b.csv", "row/a.csv", "row/a", "top.csv", "w/b.cv", "aw/b.cv", "z"];

export function possibleDecisions(
  request: SeenRequest,
  before: Policy,
  after: Policy,
  bucket: Bucket,
): readonly Decided[] {
  const interpretations = interpretationsOf(openQuestionsIn([before, after], bucket));
  if (request.isKeyUnknown === true)
    return keys.flatMap((key) =>
      possibleDecisions({ ...request, key, isKeyUnknown: undefined }, before, after, bucket),
    );
  return possibleRequests(request, bucket.owner).flatMap(({ principal, context }) =>
    interpretations.map((interpretation) => {
      const decide = (policy: Policy): Decision => {
        const all = request.actions.map(
          (action) =>
            evaluate(policy, { principal, action, resource: request.key, context }, bucket, interpretation)
              .decision,
        );
        return all.includes("deny") ? "deny" : all.every((one) => one === "allow") ? "allow" : "none";
      };
      return { before: decide(before), after: decide(after) };
    }),
  );
}
