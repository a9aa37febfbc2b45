/** Real requests that a change was weighed by, in the words of all reports. */

import { isWriting, type Change, type Plan, type WritingChange } from "../plan/plan.ts";
import {
  requestTurns,
  type AllowSource,
  type ChangeRequests,
  type RequestEffect,
  type RequestExample,
  type RequestTurn,
} from "../plan/request-effects.ts";
import { observedText } from "../access/render.ts";
import type { Tone } from "./tone.ts";
import { listed, requestSpanText, requestsText, requestWho } from "../plan/request-words.ts";

/** Line about requests: the effect, and what it does to whom. */
export interface RequestLine {
  readonly label: string;
  readonly text: string;
  readonly tone: Tone;
  /** Requests as they are, with keys and addresses. Only the text for the terminal shows them. */
  readonly examples: readonly string[];
}

/** Effects that a report shows of one change; --json has all. */
const maxShown = 10;

/** Returns the lines about the requests of a change; none without access logs. */
export function requestLines(change: WritingChange): readonly RequestLine[] {
  const { requests, bucket } = change;
  if (requests === undefined) return [];
  const note = (text: string): RequestLine => ({
    label: "requests",
    text,
    tone: "neutral",
    examples: [],
  });
  const { total, effects, cause } = requests;
  if (total === 0)
    return [note(`the access logs have none of ${bucket} in the window, so nothing is claimed`)];
  if (cause !== undefined) return [note(`${seenText(requests)} cannot be weighed: ${cause}`)];
  if (effects.length === 0)
    return [
      { ...note(`this changes nothing for ${seenText(requests)}${sinceText(requests)}`), tone: "good" },
    ];
  const lines = effects.slice(0, maxShown).map((effect) => lineOf(effect, requests));
  const rest = effects.length - lines.length;
  return rest === 0 ? lines : [...lines, note(`${rest} more groups of requests, which --json lists`)];
}

function seenText(requests: ChangeRequests): string {
  return `the ${requestsText(requests.total)} ${requestSpanText(requests)}`;
}

function lineOf(effect: RequestEffect, requests: ChangeRequests): RequestLine {
  const { count, of, caller, name } = effect;
  const whose = caller === "anonymous" && name === undefined ? "their" : "its";
  const counts = `${amount(count)} of ${whose} ${requestsText(of)} ${requestSpanText(requests)}`;
  const text = `${requestWho(effect)}: ${counts} ${consequence(effect)}${sinceText(effect)}; last one ${minute(effect.last)} UTC`;
  const labels = {
    refused: "refused",
    "loses-allow": "loses",
    "gains-allow": "gains",
    depends: "depends",
  } as const;
  const tones = { refused: "bad", "loses-allow": "bad", "gains-allow": "good", depends: "watch" } as const;
  const examples = (effect.examples ?? []).map((example) => exampleText(example, effect.prefix));
  return { label: labels[effect.effect], text, tone: tones[effect.effect], examples };
}

/** Returns what an answer rests on, such as `, since a named region never matches (observed in cn-hangzhou on 2026-11-28)`. */
function sinceText({ observed = [] }: Pick<RequestEffect, "observed">): string {
  return observed.length === 0 ? "" : `, since ${observedText(observed)}`;
}

/** Returns a request with its time to the second, since it is to be found in the log. */
function exampleText({ time, key, address, session }: RequestExample, prefix: string): string {
  const nameless = prefix === "?" ? "unknown keys" : "the bucket";
  const what = key === "" ? nameless : JSON.stringify(key);
  return [
    `${time.slice(0, 19).replace("T", " ")} ${what}`,
    ...(address === undefined ? [] : [`from ${address}`]),
    ...(session === undefined ? [] : [`session ${session}`]),
  ].join(" ");
}

function consequence(effect: RequestEffect): string {
  const { count, stillAllowedBy } = effect;
  switch (effect.effect) {
    case "refused":
      return "would be refused";
    case "loses-allow":
      return `would lose the policy's allow, and ${sourcesText(stillAllowedBy)} may still allow ${count === 1 ? "it" : "them"}`;
    case "gains-allow":
      return "would gain the policy's allow";
    case "depends":
      return dependenceText(effect);
  }
}

const sourceTexts: Readonly<Record<AllowSource, string>> = {
  ram: "a RAM policy",
  acl: "an ACL",
  "object-acl": "the ACL of an object",
};

/** Returns what may still allow requests; plans of earlier versions do not say it. */
function sourcesText(sources: readonly AllowSource[] = []): string {
  const named: readonly AllowSource[] = sources.length === 0 ? ["ram", "acl"] : sources;
  return listed(
    named.map((source) => sourceTexts[source]),
    "or",
  );
}

function dependenceText({ count, on = [], points = [], may = [] }: RequestEffect): string {
  const isOne = count === 1;
  const missing =
    on.length === 0
      ? []
      : [`${listed(on.map((word) => partTexts[word] ?? word))}, which the log does not have`];
  const open = points.length === 0 ? [] : [`what OSS does not document (${points.join(", ")})`];
  const losses = may.includes("loses-allow") ? "it" : "the policy's allow";
  const turns: Readonly<Record<RequestTurn, string>> = {
    refused: "be refused",
    "loses-allow": "lose the policy's allow",
    "gains-allow": `gain ${losses}`,
    unchanged: isOne ? "stay as it is" : "stay as they are",
  };
  const possible = listed(
    requestTurns.filter((turn) => may.includes(turn)).map((turn) => turns[turn]),
    "or",
  );
  const outcome = may.length === 0 ? "" : `: ${isOne ? "it" : "they"} may ${possible}`;
  return `${isOne ? "depends" : "depend"} on ${[...missing, ...open].join(", and on ")}${outcome}`;
}

/** Parts of a request that are no condition keys, in words. */
const partTexts: Readonly<Partial<Record<string, string>>> = {
  "role session": "the role session",
  "object key": "the object key",
};

function minute(time: string): string {
  return time.slice(0, 16).replace("T", " ");
}

function amount(count: number): string {
  return count.toLocaleString("en-US");
}

/** Returns what changes that are reported as one must have in common about requests. */
export function requestsKey(change: Change): unknown {
  return isWriting(change) ? (change.requests ?? null) : null;
}

/** Returns a note on the extent of the given access logs. */
export function requestsNote({ requests }: Pick<Plan, "requests">): readonly string[] {
  if (requests === undefined) return [];
  const { read, used, skipped, from, to, copySources = 0 } = requests;
  const times = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
  const span = used === 0 ? "" : ` ${requestSpanText(times)} (UTC)`;
  const reasons = Object.entries(skipped).map(([reason, count]) => `${amount(count)} ${reason}`);
  const left = reasons.length === 0 ? "" : ` Not weighed: ${reasons.join(", ")}.`;
  const copies =
    copySources === 0
      ? ""
      : ` Also the sources of ${amount(copySources)} ${copySources === 1 ? "copy" : "copies"}.`;
  return [
    `Requests: ${amount(used)} of ${requestsText(read)} in the logs${span}.${copies}${left} Access logs are best effort: OSS may leave requests out, and none has the target of a symlink.`,
  ];
}
