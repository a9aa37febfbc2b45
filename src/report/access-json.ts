import type { AccessDifference, KnownRegion } from "../access/difference.ts";
import type { Label } from "../access/label.ts";
import type { Request } from "../access/request.ts";
import { regionText } from "../access/words.ts";
import type { JsonObject } from "../policy/json.ts";

/** The four lists are always there; where the verdict is not "different" they are empty. */
export function accessJson(access: AccessDifference): JsonObject {
  const regions = access.verdict === "different" ? access.regions : [];
  const labelled = (label: Label) => regions.filter((region) => region.label === label).map(regionJson);
  return {
    verdict: access.verdict,
    ...(access.verdict === "undecided" ? { cause: access.cause } : {}),
    gains: labelled("gains"),
    loses: labelled("loses"),
    newlyBlocked: labelled("newlyBlocked"),
    blockLifted: labelled("blockLifted"),
    dependsOn: access.verdict === "different" ? access.dependsOn : [],
  };
}

function regionJson(region: KnownRegion): JsonObject {
  const { principals, actions, resources, conditions, witness, before, after, dependsOn } = region;
  return {
    principals,
    actions,
    resources,
    conditions,
    text: regionText(region),
    witness: { ...requestJson(witness), before, after },
    dependsOn: dependsOn.map((position) => ({ ...position })),
  };
}

export function requestJson({ principal, action, resource, context }: Request): JsonObject {
  return { principal, action, resource, context: Object.fromEntries(context) };
}
