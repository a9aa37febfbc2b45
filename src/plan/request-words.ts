/** Words about seen requests, for hazards and reports. */

import { findAction } from "../policy/actions.ts";
import type { ChangeRequests, RequestEffect } from "./request-effects.ts";

/** Returns the caller, the action and the place of requests. */
export function requestWho(effect: Pick<RequestEffect, "caller" | "name" | "action" | "prefix">): string {
  return `${callerWord(effect)} ${effect.action}${placeText(effect)}`;
}

function callerWord({ caller, name }: Pick<RequestEffect, "caller" | "name">): string {
  if (name !== undefined) return `\`${name}\``;
  if (caller === "anonymous") return "anonymous callers";
  if (caller === "owner") return "the owner";
  return caller.startsWith("role:") ? `role id ${caller.slice("role:".length)}` : caller;
}

function placeText({ action, prefix }: Pick<RequestEffect, "action" | "prefix">): string {
  if (prefix === "*") return " under other prefixes";
  if (prefix === "?") return " on keys that the log does not have";
  if (prefix !== "") return ` under \`${prefix}\``;
  return action.split(" and ").every(isOnObjects) ? " on keys without a `/`" : "";
}

function isOnObjects(action: string): boolean {
  return findAction(action)?.level === "object";
}

/** Returns the days between which the requests are. */
export function requestSpanText({ from = "", to = "" }: Pick<ChangeRequests, "from" | "to">): string {
  const [first, last] = [from.slice(0, 10), to.slice(0, 10)];
  return first === last ? `on ${first}` : `between ${first} and ${last}`;
}

/** Returns a count of requests, such as `1 request` or `1,239 requests`. */
export function requestsText(count: number): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? "request" : "requests"}`;
}

/** Returns `one`, `one and another`, or `one, another, and a third`. */
export function listed(words: readonly string[], conjunction: "and" | "or" = "and"): string {
  const last = words.at(-1) ?? "";
  if (words.length < 3) return words.join(` ${conjunction} `);
  return `${words.slice(0, -1).join(", ")}, ${conjunction} ${last}`;
}
