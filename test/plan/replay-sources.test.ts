import { expect, test } from "vitest";
import { requestHazards } from "../../src/plan/request-hazards.ts";
import { replay, type ReplayedChange } from "../../src/plan/replay.ts";
import type { ChangeRequests, RequestEffect } from "../../src/plan/request-effects.ts";
import type { SeenCaller } from "../../src/requests/seen-request.ts";
import { allow, bucket, owner, policyOf, seen } from "./replay-worlds.ts";

const callers: Readonly<Record<string, SeenCaller>> = {
  anonymous: { kind: "anonymous" },
  foreign: { kind: "uid", uid: "203", account: "999" },
  own: { kind: "uid", uid: "204", account: owner },
  unknown: { kind: "uid", uid: "205", account: undefined },
  "own session": { kind: "role session", arn: `arn:sts::${owner}:assumed-role/ops/x`, account: owner },
  "foreign session": { kind: "role session", arn: "arn:sts::999:assumed-role/ops/x", account: "999" },
  "role id": { kind: "role", id: "300024016803281053" },
};
const everyone = policyOf(
  allow({
    Principal: ["*"],
    Action: ["oss:GetObject", "oss:ListObjects"],
    Resource: ["acs:oss:*:*:data", "acs:oss:*:*:data/*"],
  }),
);

function effectOf(who: string, acls: ReplayedChange["acls"], onObject = true): RequestEffect | undefined {
  const running = replay({ before: everyone, after: "none", bucket, names: new Map(), acls });
  const place = onObject ? { actions: ["oss:GetObject"] } : { key: "", actions: ["oss:ListObjects"] };
  running.add(seen({ ...place, caller: callers[who] ?? { kind: "anonymous" } }));
  return running.result().effects[0];
}

test.each([
  ["anonymous", "unknown", true, ["acl"]],
  ["anonymous", "objects", true, ["object-acl"]],
  ["foreign", "unknown", true, ["acl"]],
  ["foreign", "unknown", false, ["acl"]],
  ["foreign", "objects", true, ["object-acl"]],
  ["foreign session", "objects", true, ["object-acl"]],
  ["own", "unknown", true, ["ram", "acl"]],
  ["own", "objects", true, ["ram", "object-acl"]],
  ["own", "objects", false, ["ram"]],
  ["own", "nothing", true, ["ram"]],
  ["own session", "unknown", false, ["ram", "acl"]],
  ["unknown", "objects", true, ["ram", "object-acl"]],
  ["role id", "nothing", true, ["ram"]],
] as const)(
  "a request of %s with ACLs that may allow %s (an object: %j) may still be allowed by %j",
  (who, acls, onObject, sources) => {
    expect(effectOf(who, acls, onObject)).toMatchObject({ effect: "loses-allow", stillAllowedBy: sources });
  },
);

test.each([
  ["anonymous", "objects", false],
  ["anonymous", "nothing", true],
  ["foreign", "nothing", true],
  ["foreign session", "objects", false],
] as const)(
  "a request of %s that nothing else can allow is refused (ACLs: %s, an object: %j)",
  (who, acls, onObject) => {
    const effect = effectOf(who, acls, onObject);
    expect(effect?.effect).toBe("refused");
    expect(effect).not.toHaveProperty("stillAllowedBy");
  },
);

const requests = (total: number, ...effects: readonly Partial<RequestEffect>[]): ChangeRequests => ({
  total,
  from: "2026-11-16T02:00:00.000Z",
  to: "2026-11-16T02:00:00.000Z",
  effects: effects.map((effect) => ({
    effect: "refused",
    caller: "204",
    action: "oss:GetObject",
    prefix: "a/",
    count: 1,
    of: 1,
    last: "2026-11-16T02:00:00.000Z",
    ...effect,
  })),
});

test.each([
  [requests(1, {}), "of 1 request on 2026-11-16, 1 would be refused: 204 oss:GetObject under `a/` (1)"],
  [
    requests(10, { count: 8 }, { effect: "loses-allow" }, { effect: "depends", may: [] }),
    "of 10 requests on 2026-11-16, 8 would be refused, 1 would lose the policy's allow, and 1 may be refused or lose it: ",
  ],
  [
    requests(2, { effect: "depends", may: ["loses-allow", "unchanged"], prefix: "" }),
    "of 2 requests on 2026-11-16, 1 may lose the policy's allow: 204 oss:GetObject on keys without a `/` (1)",
  ],
  [
    requests(
      2,
      {},
      { effect: "depends", may: ["refused", "unchanged"], action: "oss:ListObjects", prefix: "" },
    ),
    "of 2 requests on 2026-11-16, 1 would be refused and 1 may be refused: 204 oss:GetObject under `a/` (1); 204 oss:ListObjects (1)",
  ],
])("the hazard says what may happen to how many", (weighed, message) => {
  expect(requestHazards(weighed)[0]?.message).toContain(message);
});
