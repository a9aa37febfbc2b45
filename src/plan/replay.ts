/** Replay of seen requests against a change of a bucket's policy. */

import { partialDecider, type PartialAnswer, type PartialDecider } from "../access/partial.ts";
import type { PointPosition } from "../access/interpretation-texts.ts";
import type { PartialRequest } from "../access/partial-masks.ts";
import type { Bucket } from "../policy/bucket.ts";
import { globMatches } from "../policy/glob.ts";
import type { Policy } from "../policy/policy.ts";
import { parseRoleSession } from "../policy/principal.ts";
import type { SeenCaller, SeenRequest } from "../requests/seen-request.ts";
import { classTable, entry, requestNames, type RequestNames } from "./class-table.ts";
import { callerClasses, principalOf } from "./caller-classes.ts";
import { isAbsent, requestClasses, timeKey } from "./request-classes.ts";
import {
  lossOfAll,
  requestEffects,
  spanOf,
  turnOf,
  type AllowSource,
  type ChangeRequests,
  type OtherAllows,
  type RequestEffect,
  type RequestExample,
  type RequestTurn,
} from "./request-effects.ts";

/** Change of a policy that requests are replayed against. */
export interface ReplayedChange {
  readonly before: Policy | "none";
  readonly after: Policy | "none";
  readonly bucket: Bucket;
  /** Names of callers, by UID or by pattern of role sessions. */
  readonly names: ReadonlyMap<string, string>;
  /** What ACLs may allow: nothing, requests on single objects, whose ACLs nothing has read, or it is not known. */
  readonly acls: "nothing" | "objects" | "unknown";
  /** Reason why the policies are not known; nothing is weighed then. */
  readonly cause?: string | undefined;
  /** Keep some requests of each effect as they are. */
  readonly hasExamples?: boolean;
}

/** Replay that goes on while a log is read. */
export interface Replay {
  readonly add: (request: SeenRequest) => void;
  readonly result: () => ChangeRequests;
}

/** Starts a replay. Requests that both policies decide alike are decided once. */
export function replay(change: ReplayedChange, names = requestNames()): Replay {
  const span = { total: 0, fromMs: Infinity, toMs: -Infinity };
  const tally = tallyOf(change, names);
  return {
    add: (request) => {
      span.total += 1;
      if (request.timeMs < span.fromMs) span.fromMs = request.timeMs;
      if (request.timeMs > span.toMs) span.toMs = request.timeMs;
      if ("add" in tally) tally.add(request);
    },
    result: () => {
      const { total, fromMs, toMs } = span;
      const times = total === 0 ? {} : spanOf(fromMs, toMs);
      if ("cause" in tally) return { total, ...times, effects: [], cause: tally.cause };
      return { total, ...times, ...tally.result() };
    },
  };
}

interface Tally {
  readonly add: (request: SeenRequest) => void;
  readonly result: () => Pick<ChangeRequests, "effects" | "observed">;
}

/** Class of requests of one caller and action. */
interface SeenClass {
  /** Sum of all requests of the caller and action. */
  readonly sum: { count: number };
  /** Undefined if the change does nothing to them. */
  readonly groups: EffectGroups | undefined;
}

/** Requests of one caller and action with one effect, by first path segment. */
interface EffectGroups {
  readonly effect: Omit<RequestEffect, "prefix" | "count" | "of" | "last" | "examples">;
  readonly sum: { count: number };
  readonly byPrefix: Map<string, PrefixSum>;
}

interface PrefixSum {
  count: number;
  lastMs: number;
  /** The last requests, the newest first; undefined if none are kept. */
  readonly examples: SeenExample[] | undefined;
}

type SeenExample = Pick<SeenRequest, "timeMs" | "key" | "caller" | "context">;

/** Examples of one effect. */
const maxExamples = 3;

/** Answers that are kept; more are decided again. */
const maxAnswers = 100_000;
/** First path segments that are counted for one caller, action and effect; a bucket may have one for each object. */
const maxPrefixes = 1_000;
const otherPrefixes = "*";
/** Place of requests whose keys the log does not have. No first path segment is like it. */
const unknownPrefix = "?";

function tallyOf(change: ReplayedChange, names: RequestNames): Tally | { readonly cause: string } {
  if (change.cause !== undefined) return { cause: change.cause };
  const decider = partialDecider(change.before, change.after, change.bucket);
  if ("cause" in decider) return decider;
  const statements = [change.before, change.after].flatMap((one) => (one === "none" ? [] : one.statements));
  const ofRequest = requestClasses(statements, change.bucket, decider.everyInterpretation);
  const classOfCaller = callerClasses(statements, change.bucket);
  const answers = new Map<string, TurnAnswer>();
  const observed = new Map<string, PointPosition>();
  const sums = new Map<string, { count: number }>();
  const groups = new Map<string, EffectGroups>();
  const answerTo = (request: SeenRequest, name: string): TurnAnswer => {
    const key = `${classOfCaller(request.caller)} ${request.actions.join()} ${name}`;
    const known = answers.get(key);
    if (known !== undefined) return known;
    if (answers.size >= maxAnswers) answers.clear();
    const answer = decideSeen(request, change, decider);
    for (const one of answer.observed ?? []) observed.set(one.name, one);
    answers.set(key, answer);
    return answer;
  };
  const find = (request: SeenRequest, className: string): SeenClass => {
    const caller = groupOf(request.caller, change.bucket);
    const action = request.actions.join(" and ");
    const sum = entry(sums, `${caller} ${action}`, () => ({ count: 0 }));
    const effect = effectOfAnswer(answerTo(request, className));
    if (effect === undefined) return { sum, groups: undefined };
    const name = nameOf(caller, change.names);
    const whole = {
      ...effect,
      ...(effect.effect === "loses-allow"
        ? { stillAllowedBy: allowSourcesOf(request, change.bucket, change.acls) }
        : {}),
      caller,
      ...(name === undefined ? {} : { name }),
      action,
    };
    const key = JSON.stringify(whole);
    return { sum, groups: entry(groups, key, () => ({ effect: whole, sum, byPrefix: new Map() })) };
  };
  const classOf = classTable<SeenClass>(names, ofRequest, find);
  return {
    add: (request) => {
      const { sum, groups: own } = classOf(request);
      sum.count += 1;
      if (own !== undefined) count(own, request, change.hasExamples === true);
    },
    result: () => ({
      effects: [...groups.values()].flatMap(effectsOf).sort(compareEffects),
      ...(observed.size === 0 ? {} : { observed: [...observed.values()] }),
    }),
  };
}

function count({ byPrefix }: EffectGroups, request: SeenRequest, hasExamples: boolean): void {
  const { key, timeMs, isKeyUnknown } = request;
  const own = isKeyUnknown === true ? unknownPrefix : key.slice(0, key.indexOf("/") + 1);
  const prefix = byPrefix.has(own) || byPrefix.size < maxPrefixes ? own : otherPrefixes;
  const found = byPrefix.get(prefix);
  if (found === undefined) {
    // A part of a line would keep the whole part of the log in memory.
    const examples = hasExamples ? [ownExample(request)] : undefined;
    byPrefix.set(Buffer.from(prefix).toString(), { count: 1, lastMs: timeMs, examples });
    return;
  }
  found.count += 1;
  if (timeMs > found.lastMs) found.lastMs = timeMs;
  if (found.examples !== undefined) keepNewest(found.examples, request);
}

/** Keeps the newest requests, the newest first; of one time, those that were read first. */
function keepNewest(examples: SeenExample[], request: SeenRequest): void {
  const last = examples.at(-1);
  const isFull = examples.length >= maxExamples;
  if (isFull && last !== undefined && request.timeMs <= last.timeMs) return;
  if (isFull) examples.pop();
  const at = examples.findIndex(({ timeMs }) => timeMs < request.timeMs);
  examples.splice(at < 0 ? examples.length : at, 0, ownExample(request));
}

function ownExample({ timeMs, key, caller, context }: SeenRequest): SeenExample {
  return { timeMs, key: Buffer.from(key).toString(), caller, context };
}

function exampleOf({ timeMs, key, caller, context }: SeenExample): RequestExample {
  const address = context.get("acs:SourceIp");
  const session = caller.kind === "role session" ? parseRoleSession(caller.arn)?.session : undefined;
  return {
    time: new Date(timeMs).toISOString(),
    key,
    ...(address === undefined ? {} : { address }),
    ...(session === undefined ? {} : { session }),
  };
}

function effectsOf({ effect, sum, byPrefix }: EffectGroups): readonly RequestEffect[] {
  return [...byPrefix].map(([prefix, { count: own, lastMs, examples }]) => ({
    ...effect,
    prefix,
    count: own,
    of: sum.count,
    last: new Date(lastMs).toISOString(),
    ...(examples === undefined ? {} : { examples: examples.map(exampleOf) }),
  }));
}

/** Orders effects: the gravest first, then those of most requests. */
function compareEffects(a: RequestEffect, b: RequestEffect): number {
  const rank = ({ effect }: RequestEffect) => requestEffects.indexOf(effect);
  const text = ({ caller, action, prefix }: RequestEffect) => `${caller} ${action} ${prefix}`;
  return rank(a) - rank(b) || b.count - a.count || (text(a) < text(b) ? -1 : 1);
}

/** Decides one request of a class: what is known of it stands for all of them. */
function decideSeen(
  request: SeenRequest,
  { bucket, acls }: ReplayedChange,
  { decide }: PartialDecider,
): TurnAnswer {
  const other = otherAllows(request, bucket, acls);
  return decide(partialOf(request, bucket), {
    each: (decision) => turnOf(decision, other),
    all: (decisions) => lossOfAll(decisions, other),
  });
}

/** Returns a request as the analysis takes it. */
export function partialOf(request: SeenRequest, bucket: Bucket): PartialRequest {
  return {
    principal: principalOf(request.caller, bucket),
    actions: request.actions,
    resource: request.isKeyUnknown === true ? undefined : request.key,
    context: new Map([...request.context, [timeKey, new Date(request.timeMs).toISOString()]]),
    isAbsent: (key: string) => isAbsent(request.absent, key),
  };
}

type TurnAnswer = PartialAnswer<RequestTurn>;
type EffectAlone = Pick<RequestEffect, "effect" | "on" | "points" | "may" | "observed">;

/** Returns the effect of an answer; undefined if nothing changes. */
function effectOfAnswer(answer: TurnAnswer): EffectAlone | undefined {
  const observed = answer.observed === undefined ? {} : { observed: answer.observed };
  if (answer.kind === "certain")
    return answer.value === "unchanged" ? undefined : { effect: answer.value, ...observed };
  const { values: may, on, points } = answer;
  return {
    effect: "depends",
    ...(on.length === 0 ? {} : { on }),
    ...(points.length === 0 ? {} : { points }),
    may,
    ...observed,
  };
}

function otherAllows(request: SeenRequest, bucket: Bucket, acls: ReplayedChange["acls"]): OtherAllows {
  if (principalOf(request.caller, bucket) === "owner") return "owner";
  return allowSourcesOf(request, bucket, acls).length === 0 ? "none" : "unknown";
}

/**
 * Returns what may allow a request without the policy. RAM policies can allow what callers of the bucket's own account do; those
 * of other accounts need the bucket's policy, or an ACL (OSS docs: authentication). The account of some callers is not known.
 */
function allowSourcesOf(
  { caller, key, isKeyUnknown = false }: SeenRequest,
  bucket: Bucket,
  acls: ReplayedChange["acls"],
): readonly AllowSource[] {
  const account = "account" in caller ? caller.account : undefined;
  const isForeign = caller.kind === "anonymous" || (account !== undefined && account !== bucket.owner);
  const isOnObject = key !== "" || isKeyUnknown;
  return [
    ...(isForeign ? [] : ["ram" as const]),
    ...(acls === "unknown" ? ["acl" as const] : []),
    ...(acls === "objects" && isOnObject ? ["object-acl" as const] : []),
  ];
}

/** Returns the caller that requests are counted by: a role, and not its sessions, whose names are often those of people. */
function groupOf(caller: SeenCaller, bucket: Bucket): string {
  if (caller.kind === "role") return `role:${caller.id}`;
  if (caller.kind !== "role session") return principalOf(caller, bucket) ?? "";
  const session = parseRoleSession(caller.arn);
  return session === undefined ? caller.arn : caller.arn.replace(/\/[^/]*$/, "/*");
}

/** Returns the name of a caller in `identities`; for a role also of a pattern that covers all its sessions. */
function nameOf(caller: string, names: ReadonlyMap<string, string>): string | undefined {
  const exact = names.get(caller);
  if (exact !== undefined || !caller.startsWith("arn:")) return exact;
  return [...names].find(([who]) => who.startsWith("arn:") && globMatches(who, caller))?.[1];
}
