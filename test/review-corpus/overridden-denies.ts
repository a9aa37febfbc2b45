// Edits of a Deny after which requests are allowed or left to RAM that it refused.
import { before, except, fromVpc, overTls } from "./confinements.ts";
import { danger, dangerOverHttp, lifted, opened, type Edit, type Edited } from "./edit.ts";
import { role, withWrongDigit } from "./account.ts";
import type { Scene } from "./scene.ts";
import type { Condition, Statement } from "./statements.ts";

const overrides = ["overrides-deny"];

/** A Deny on a prefix beside a wide Allow; `after` replaces the Deny. */
function replaced(scene: Scene, after: (deny: Statement) => readonly Statement[], key = "x"): Edited {
  const { allow, deny, who, actions, action, wide, prefix } = scene;
  const grant = allow([who], actions, wide);
  const guard = deny([who], actions, [`${prefix}*`]);
  return {
    before: [grant, guard],
    after: [grant, ...after(guard)],
    shows: [opened(who, action, `${prefix}${key}`)],
  };
}

const onKeys = ({ deny, who, actions }: Scene, ...keys: readonly string[]) => [deny([who], actions, keys)];

/** A Deny that now holds only under a condition. */
const onlyIf = (scene: Scene, Condition: Condition) => replaced(scene, (guard) => [{ ...guard, Condition }]);

const ofKeys: readonly Edit[] = [
  danger("a Deny moved to another prefix", overrides, (scene) =>
    replaced(scene, () => onKeys(scene, `${scene.elsewhere}*`)),
  ),
  danger("a Deny narrowed to a prefix below", overrides, (scene) =>
    replaced(scene, () => onKeys(scene, `${scene.prefix}2025/*`)),
  ),
  danger("a Deny narrowed to a suffix", overrides, (scene) =>
    replaced(scene, () => onKeys(scene, `${scene.prefix}*.csv`)),
  ),
  danger("a Deny with a letter missing", overrides, (scene) =>
    replaced(scene, () => onKeys(scene, `${scene.prefix.slice(0, 1)}${scene.prefix.slice(2)}*`)),
  ),
  danger("a Deny without its star", overrides, (scene) => replaced(scene, () => onKeys(scene, scene.prefix))),
  danger("a Deny split with a gap", overrides, (scene) =>
    replaced(scene, () => [
      ...onKeys(scene, `${scene.prefix}2024/*`),
      ...onKeys(scene, `${scene.prefix}2026/*`, `${scene.prefix}tmp/*`),
    ]),
  ),
  danger("a Deny on keys of one level only", overrides, (scene) =>
    replaced(scene, () => onKeys(scene, `${scene.prefix}?`), "long"),
  ),
  danger("a Deny removed beside an Allow", overrides, (scene) => replaced(scene, () => [])),
  danger("a Deny that becomes an Allow", overrides, (scene) =>
    replaced(scene, (guard) => [{ ...guard, Effect: "Allow" }]),
  ),
];

const ofCallers: readonly Edit[] = [
  danger(
    "a Deny of fewer callers",
    overrides,
    ({ allow, deny, who, other, actions, action, wide, prefix }) => ({
      before: [allow([who, other], actions, wide), deny([who, other], actions, [`${prefix}*`])],
      after: [allow([who, other], actions, wide), deny([other], actions, [`${prefix}*`])],
      shows: [opened(who, action, `${prefix}x`)],
    }),
  ),
  danger("a Deny of a UID with one digit wrong", overrides, (scene) =>
    replaced(scene, (guard) => [{ ...guard, Principal: [withWrongDigit(scene.who, scene.pick)] }]),
  ),
  danger("a Deny of everyone becomes one of named callers", overrides, (scene) => {
    const { allow, deny, who, other, third, actions, action, wide, prefix } = scene;
    return {
      before: [allow([who, other], actions, wide), deny(["*"], actions, [`${prefix}*`])],
      after: [allow([who, other], actions, wide), deny([other, third], actions, [`${prefix}*`])],
      shows: [opened(who, action, `${prefix}x`)],
    };
  }),
  danger("a Deny of a role becomes one of one session", overrides, (scene) => {
    const { allow, deny, actions, action, wide, prefix } = scene;
    return {
      before: [allow([role("build")], actions, wide), deny([role("build")], actions, [`${prefix}*`])],
      after: [allow([role("build")], actions, wide), deny([role("build", "main")], actions, [`${prefix}*`])],
      shows: [opened("arn:sts::1746495857600001:assumed-role/build/other", action, `${prefix}x`)],
    };
  }),
  danger("a Deny of fewer actions", overrides, ({ allow, deny, who, wide, prefix }) => ({
    before: [
      allow([who], ["oss:GetObject", "oss:PutObject"], wide),
      deny([who], ["oss:GetObject", "oss:PutObject"], [`${prefix}*`]),
    ],
    after: [
      allow([who], ["oss:GetObject", "oss:PutObject"], wide),
      deny([who], ["oss:PutObject"], [`${prefix}*`]),
    ],
    shows: [opened(who, "oss:GetObject", `${prefix}x`)],
  })),
  danger(
    "a Deny of all actions becomes one of a pattern",
    overrides,
    ({ allow, deny, who, wide, prefix }) => ({
      before: [allow([who], ["oss:GetObject"], wide), deny([who], ["oss:*"], [`${prefix}*`])],
      after: [
        allow([who], ["oss:GetObject"], wide),
        deny([who], ["oss:Put*", "oss:Delete*"], [`${prefix}*`]),
      ],
      shows: [opened(who, "oss:GetObject", `${prefix}x`)],
    }),
  ),
];

const ofConditions: readonly Edit[] = [
  danger("a Deny under a condition that never holds", overrides, (scene) =>
    onlyIf(scene, { ...fromVpc(scene.vpc), StringNotEquals: { "acs:SourceVpc": [scene.vpc] } }),
  ),
  danger("a Deny under a date that is over", overrides, (scene) =>
    onlyIf(scene, before("2020-01-01T00:00:00Z")),
  ),
  danger("a Deny of one program only", overrides, (scene) =>
    onlyIf(scene, { StringLike: { "acs:UserAgent": ["curl/*"] } }),
  ),
  danger("a Deny without TLS only", [...overrides, "weakens-condition"], (scene) =>
    onlyIf(scene, overTls("false")),
  ),
  danger("a Deny outside of a VPC is inverted", [...overrides, "drops-condition"], (scene) => {
    const { allow, deny, who, actions, action, wide, prefix, vpc } = scene;
    return {
      before: [allow([who], actions, wide), deny([who], actions, [`${prefix}*`], except([vpc]))],
      after: [allow([who], actions, wide), deny([who], actions, [`${prefix}*`], fromVpc(vpc))],
      shows: [opened(who, action, `${prefix}x`)],
    };
  }),
  danger("a Deny spares the whole Internet", [...overrides, "drops-condition"], (scene) => {
    const { allow, deny, who, actions, action, wide, prefix, vpc } = scene;
    const sparing = (...ranges: readonly string[]) =>
      deny(["*"], actions, [`${prefix}*`], except([vpc], ranges));
    return {
      before: [allow([who], actions, wide), sparing("203.0.113.0/24")],
      after: [allow([who], actions, wide), sparing("0.0.0.0/1", "128.0.0.0/1")],
      shows: [opened(who, action, `${prefix}x`)],
    };
  }),
];

/** The Deny of requests without TLS, with something else in its fields. */
function tlsDeny({ deny }: Scene, fields: Partial<Statement> = {}): Statement {
  return { ...deny(["*"], ["oss:*"], ["", "*"], overTls("false")), ...fields };
}

function tlsDenyBecomes(scene: Scene, after: readonly Statement[]): Edited {
  const { allow, who, elsewhere, wide } = scene;
  const grant = allow([who], ["oss:GetObject"], wide);
  return {
    before: [grant, tlsDeny(scene)],
    after: [grant, ...after],
    shows: [opened(who, "oss:GetObject", `${elsewhere}x`, { "acs:SecureTransport": "false" })],
  };
}

const ofTls: readonly Edit[] = [
  dangerOverHttp("the Deny without TLS on one prefix only", [...overrides, "drops-condition"], (scene) =>
    tlsDenyBecomes(scene, [scene.deny(["*"], ["oss:*"], [`${scene.prefix}*`], overTls("false"))]),
  ),
  dangerOverHttp("the Deny without TLS of writes only", [...overrides, "drops-condition"], (scene) =>
    tlsDenyBecomes(scene, [tlsDeny(scene, { Action: ["oss:Put*", "oss:Delete*"] })]),
  ),
  dangerOverHttp("the Deny without TLS of other callers only", [...overrides, "drops-condition"], (scene) =>
    tlsDenyBecomes(scene, [tlsDeny(scene, { Principal: [scene.other, scene.third] })]),
  ),
  dangerOverHttp("the Deny without TLS is removed", [...overrides, "drops-condition"], (scene) =>
    tlsDenyBecomes(scene, []),
  ),
];

const removes = ["removes-deny", "lifts-block"];

const withoutAllow: readonly Edit[] = [
  danger("a Deny removed without an Allow", removes, ({ deny, who, actions, action, prefix }) => ({
    before: [deny([who], actions, [`${prefix}*`])],
    after: [],
    shows: [lifted(who, action, `${prefix}x`)],
  })),
  danger("a Deny narrowed without an Allow", removes, ({ deny, who, actions, action, prefix }) => ({
    before: [deny([who], actions, [`${prefix}*`])],
    after: [deny([who], actions, [`${prefix}2025/*`])],
    shows: [lifted(who, action, `${prefix}x`)],
  })),
  danger("the policy removed with its Deny", ["removes-policy"], (scene) => {
    const { allow, deny, other, who, actions, action, prefix } = scene;
    return {
      before: [allow([other], actions, ["*"]), deny([who], actions, [`${prefix}*`])],
      after: "none",
      shows: [lifted(who, action, `${prefix}x`)],
    };
  }),
  danger("a Deny outside of a VPC becomes an Allow from it", removes, (scene) => {
    const { allow, deny, who, actions, action, prefix, vpc } = scene;
    const keys = [`${prefix}*`];
    return {
      before: [allow([who], actions, keys), deny([who], actions, keys, except([vpc]))],
      after: [allow([who], actions, keys, fromVpc(vpc))],
      shows: [lifted(who, action, `${prefix}x`)],
    };
  }),
];

export const overriddenDenies: readonly Edit[] = [
  ...ofKeys,
  ...ofCallers,
  ...ofConditions,
  ...ofTls,
  ...withoutAllow,
];
