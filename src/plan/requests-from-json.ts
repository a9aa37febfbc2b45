import type { PlanDocument } from "./plan-schema.ts";
import type { PointPosition } from "../access/interpretation-texts.ts";
import type { ChangeRequests, PlanRequests, RequestEffect, RequestExample } from "./request-effects.ts";

type ChangeRequestsJson = NonNullable<PlanDocument["changes"][number]["requests"]>;
type ExampleJson = NonNullable<ChangeRequestsJson["effects"][number]["examples"]>[number];
type PlanRequestsJson = NonNullable<PlanDocument["requests"]>;

export function changeRequestsFrom(json: ChangeRequestsJson): ChangeRequests {
  const { total, effects, from, to, cause } = json;
  return {
    total,
    ...timesFrom({ from, to }),
    effects: effects.map(effectFrom),
    ...observedFrom(json),
    ...(cause === undefined ? {} : { cause }),
  };
}

function effectFrom({
  on,
  points,
  may,
  stillAllowedBy,
  name,
  observed,
  examples,
  ...rest
}: ChangeRequestsJson["effects"][number]): RequestEffect {
  return {
    ...rest,
    ...(on === undefined ? {} : { on }),
    ...(points === undefined ? {} : { points }),
    ...(may === undefined ? {} : { may }),
    ...(stillAllowedBy === undefined ? {} : { stillAllowedBy }),
    ...(name === undefined ? {} : { name }),
    ...observedFrom({ observed }),
    ...(examples === undefined ? {} : { examples: examples.map(exampleFrom) }),
  };
}

function exampleFrom({ time, key, address, session }: ExampleJson): RequestExample {
  return {
    time,
    key,
    ...(address === undefined ? {} : { address }),
    ...(session === undefined ? {} : { session }),
  };
}

function observedFrom({ observed }: Pick<ChangeRequestsJson, "observed">): Pick<ChangeRequests, "observed"> {
  // The schema does not list the points, so that a later version may add some.
  return observed === undefined ? {} : { observed: observed as PointPosition[] };
}

export function planRequestsFrom({ from, to, copySources, ...rest }: PlanRequestsJson): PlanRequests {
  return { ...rest, ...timesFrom({ from, to }), ...(copySources === undefined ? {} : { copySources }) };
}

function timesFrom({ from, to }: { from?: string | undefined; to?: string | undefined }) {
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}
