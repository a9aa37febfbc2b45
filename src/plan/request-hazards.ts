import { requestSpanText, requestWho } from "./request-words.ts";
import { hazard, type Hazard } from "./hazard.ts";
import { isHarmful, type ChangeRequests, type RequestEffect } from "./request-effects.ts";

/** Groups of requests that the message of the hazard names; the report lists all. */
const maxNamed = 3;

/** Warns of a change that takes the policy's allow from requests that were seen, or refuses them. */
export function requestHazards(requests: ChangeRequests): readonly Hazard[] {
  const harmful = requests.effects.filter(isHarmful);
  if (harmful.length === 0) return [];
  const sum = (effects: readonly RequestEffect[]) => effects.reduce((all, { count }) => all + count, 0);
  const kinds = [
    ["refused", "would be refused"],
    ["loses-allow", "would lose the policy's allow"],
    ["depends", "may be refused, or lose the policy's allow"],
  ] as const;
  const counts = kinds.flatMap(([effect, text]) => {
    const count = sum(harmful.filter((one) => one.effect === effect));
    return count === 0 ? [] : [`${count.toLocaleString("en-US")} ${text}`];
  });
  const named = harmful
    .slice(0, maxNamed)
    .map((one) => `${requestWho(one)} (${one.count.toLocaleString("en-US")})`);
  const more = harmful.length > maxNamed ? `, and ${harmful.length - maxNamed} more` : "";
  const text = `of ${requests.total.toLocaleString("en-US")} requests ${requestSpanText(requests)}, ${listed(counts)}: ${named.join("; ")}${more}`;
  return [hazard("refuses-recent-requests", "warn", text)];
}

function listed(counts: readonly string[]): string {
  const last = counts.at(-1) ?? "";
  return counts.length < 2 ? last : `${counts.slice(0, -1).join(", ")}, and ${last}`;
}
