import { evaluate } from "../../src/access/evaluate.ts";
import type { Decision, Request } from "../../src/access/request.ts";
import { canonicalPolicy, type Policy } from "../../src/policy/policy.ts";
import { picker } from "../soak/random.ts";
import { operator } from "./account.ts";
import type { Edit, Edited, Shown } from "./edit.ts";
import { requestsAt } from "./requests.ts";
import { documentOf, owner, type Statement } from "./statements.ts";

/** What an edit claims of two policies. */
export interface Claim extends Omit<Edited, "before" | "after"> {
  readonly edit: Edit;
  readonly bucket: string;
  readonly before: readonly Statement[];
  readonly after: readonly Statement[];
}

/** Requests for each harmless edit. */
const sampleSize = 150;

/** Returns what the reference evaluator decides otherwise than the edit claims; empty if it agrees. */
export function untruths(claim: Claim): readonly string[] {
  const { edit, bucket, shows = [] } = claim;
  const before = canonicalPolicy(documentOf(claim.before));
  const after = canonicalPolicy(documentOf(claim.after));
  const decided = (request: Request) =>
    [decisionOf(before, request, bucket), decisionOf(after, request, bucket)] as const;
  const wrong = shows.flatMap(({ request, was, is }) => {
    const [really, then] = decided(request);
    return really === was && then === is
      ? []
      : [`${textOf(request)} is ${really}, then ${then}, and not ${was}, then ${is}`];
  });
  if (edit.effect === "danger") return [...wrong, ...unshown(edit.raises[0] ?? "", shows)];
  const requests = requestsAt([...claim.before, ...claim.after], sampleSize, picker(1));
  const unlike = requests.flatMap((request) => {
    const [was, is] = decided(request);
    if (!isHarmless(claim, request, was, is)) return [`${textOf(request)} is ${was}, then ${is}`];
    const isGained = was !== "allow" && is === "allow";
    const isConfined =
      isGained &&
      requests.slice(0, 40).some((other) => decided(withContextOf(other, request))[0] === "allow");
    return isConfined ? [`${textOf(request)} was allowed under a condition`] : [];
  });
  return [...wrong, ...unlike.slice(0, 1)];
}

function decisionOf(policy: Policy, request: Request, name: string): Decision {
  return evaluate(policy, request, { name, owner }).decision;
}

/** The request under the condition keys of another; a change of AccessKey IDs alone drops no condition. */
function withContextOf({ context }: Request, request: Request): Request {
  const own = [...request.context].filter(([key]) => key === "acs:AccessId");
  return { ...request, context: new Map([...context, ...own]) };
}

function isHarmless(
  { edit, gainer }: Claim,
  { principal, action }: Request,
  was: Decision,
  is: Decision,
): boolean {
  if (was === is) return true;
  if (edit.effect === "equal" || was === "deny") return false;
  if (is !== "allow") return true;
  const isGainer = principal === gainer || gainer?.replace(/\*$/, "") === principal.replace(/[^/]*$/, "");
  return edit.effect === "gains" && isGainer && (principal === operator || !administers(action));
}

/** Actions that hand over the bucket, written apart from the catalogue. */
function administers(action: string): boolean {
  return (
    /Policy$|Acl$|PublicAccessBlock|Lifecycle|Replication|BypassGovernance/.test(action) &&
    !/Get|List/.test(action)
  );
}

/** Returns what the requests of a dangerous edit fail to show of its hazard. */
function unshown(hazard: string, shows: readonly Shown[]): readonly string[] {
  const gained = shows.filter(({ was, is }) => was !== "allow" && is === "allow");
  const isShown = {
    "overrides-deny": gained.some(({ was }) => was === "deny"),
    "drops-condition": gained.some((one) => shows.some((other) => wasConfined(one, other))),
    "weakens-condition": gained.some((one) => shows.some((other) => wasConfined(one, other))),
    "removes-deny": shows.some(({ was, is }) => was === "deny" && is === "none"),
    "removes-policy": shows.some(({ was, is }) => was === "deny" && is === "none"),
    "grants-administration": gained.some(({ request }) => administers(request.action)),
    "grants-public-access": gained.some(({ request }) => request.principal === "anonymous"),
    "grants-unknown-principal": gained.length > 0,
    "grants-wildcard-principal": gained.some(({ request }) => request.principal.includes("assumed-role")),
  }[hazard];
  return isShown === true ? [] : [`no request shows ${hazard}`];
}

/** Whether the same request was allowed before under other values of the condition keys. */
function wasConfined({ request }: Shown, { request: other, was }: Shown): boolean {
  return (
    (["principal", "action", "resource"] as const).every((part) => request[part] === other[part]) &&
    was === "allow"
  );
}

function textOf({ principal, action, resource, context }: Request): string {
  return `${principal} ${action} ${resource} ${JSON.stringify(Object.fromEntries(context))}`;
}
