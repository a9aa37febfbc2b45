/** Words about seen requests, for hazards and reports. */

import type { ChangeRequests, RequestEffect } from "./request-effects.ts";

/** Returns the caller, the action and the place of requests. */
export function requestWho(effect: Pick<RequestEffect, "caller" | "name" | "action" | "prefix">): string {
  return `${callerWord(effect)} ${effect.action}${prefixText(effect.prefix)}`;
}

function callerWord({ caller, name }: Pick<RequestEffect, "caller" | "name">): string {
  if (name !== undefined) return `\`${name}\``;
  if (caller === "anonymous") return "anonymous callers";
  if (caller === "owner") return "the owner";
  return caller.startsWith("role:") ? `role id ${caller.slice("role:".length)}` : caller;
}

function prefixText(prefix: string): string {
  if (prefix === "") return "";
  if (prefix === "?") return " on keys that the log does not have";
  return prefix === "*" ? " under other prefixes" : ` under \`${prefix}\``;
}

/** Returns the days between which the requests are. */
export function requestSpanText({ from = "", to = "" }: Pick<ChangeRequests, "from" | "to">): string {
  const [first, last] = [from.slice(0, 10), to.slice(0, 10)];
  return first === last ? `on ${first}` : `between ${first} and ${last}`;
}
