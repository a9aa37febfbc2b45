import { listed, requestSpanText, requestsText, requestWho } from "./request-words.ts";
import { hazard, type Hazard } from "./hazard.ts";
import { isHarmful, type ChangeRequests, type RequestEffect, type RequestTurn } from "./request-effects.ts";

/** Groups of requests that the message of the hazard names; the report lists all. */
const maxNamed = 3;

/** Warns of a change that takes the policy's allow from requests that were seen, or refuses them. */
export function requestHazards(requests: ChangeRequests): readonly Hazard[] {
  const harmful = requests.effects.filter(isHarmful);
  if (harmful.length === 0) return [];
  const sum = (effects: readonly RequestEffect[]) => effects.reduce((all, { count }) => all + count, 0);
  const of = (kind: RequestEffect["effect"]) => harmful.filter(({ effect }) => effect === kind);
  const depending = of("depends");
  const allow = of("loses-allow").length === 0 ? "the policy's allow" : "it";
  const kinds = [
    [of("refused"), "would be refused"],
    [of("loses-allow"), "would lose the policy's allow"],
    [depending, `may ${harms(depending, allow)}`],
  ] as const;
  const counts = kinds
    .filter(([effects]) => effects.length > 0)
    .map(([effects, text]) => `${sum(effects).toLocaleString("en-US")} ${text}`);
  const named = harmful
    .slice(0, maxNamed)
    .map((one) => `${requestWho(one)} (${one.count.toLocaleString("en-US")})`);
  const more = harmful.length > maxNamed ? `, and ${harmful.length - maxNamed} more` : "";
  const text = `of ${requestsText(requests.total)} ${requestSpanText(requests)}, ${listed(counts)}: ${named.join("; ")}${more}`;
  return [hazard("refuses-recent-requests", "warn", text)];
}

/** Returns what may happen to requests that depend on something; effects without a list may be any. */
function harms(effects: readonly RequestEffect[], allow: string): string {
  const isPossible = (turn: RequestTurn) =>
    effects.some(({ may = [] }) => may.length === 0 || may.includes(turn));
  return [
    ...(isPossible("refused") ? ["be refused"] : []),
    ...(isPossible("loses-allow") ? [`lose ${allow}`] : []),
  ].join(" or ");
}
