import type { PlanDocument } from "./plan-schema.ts";
import type { ChangeRequests, PlanRequests, RequestEffect } from "./request-effects.ts";

type ChangeRequestsJson = NonNullable<PlanDocument["changes"][number]["requests"]>;
type PlanRequestsJson = NonNullable<PlanDocument["requests"]>;

export function changeRequestsFrom({ total, effects, from, to, cause }: ChangeRequestsJson): ChangeRequests {
  return {
    total,
    ...timesFrom({ from, to }),
    effects: effects.map(effectFrom),
    ...(cause === undefined ? {} : { cause }),
  };
}

function effectFrom({
  on,
  points,
  may,
  name,
  ...rest
}: ChangeRequestsJson["effects"][number]): RequestEffect {
  return {
    ...rest,
    ...(on === undefined ? {} : { on }),
    ...(points === undefined ? {} : { points }),
    ...(may === undefined ? {} : { may }),
    ...(name === undefined ? {} : { name }),
  };
}

export function planRequestsFrom({ from, to, copySources, ...rest }: PlanRequestsJson): PlanRequests {
  return { ...rest, ...timesFrom({ from, to }), ...(copySources === undefined ? {} : { copySources }) };
}

function timesFrom({ from, to }: { from?: string | undefined; to?: string | undefined }) {
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}
