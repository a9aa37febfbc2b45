// Edits that take access, deny more, or give a known caller ordinary access.
import { operator, people, role } from "./account.ts";
import { before, except, fromRanges, fromVpc, overTls, withMfa, type Context } from "./confinements.ts";
import { denied, gained, harmless, lost, type Edit, type Edited } from "./edit.ts";
import type { Scene } from "./scene.ts";
import type { Condition } from "./statements.ts";

/** An Allow whose condition becomes tighter. */
function tighter(
  { allow, who, actions, action, prefix }: Scene,
  was: Condition | undefined,
  is: Condition,
  context: Context,
): Edited {
  const keys = [`${prefix}*`];
  return {
    before: [allow([who], actions, keys, was)],
    after: [allow([who], actions, keys, is)],
    shows: [lost(who, action, `${prefix}x`, context)],
  };
}

const narrowing: readonly Edit[] = [
  harmless("a condition by VPC added", "narrows", (scene) =>
    tighter(scene, undefined, fromVpc(scene.vpc), {}),
  ),
  harmless("a condition by MFA added", "narrows", (scene) => tighter(scene, undefined, withMfa("true"), {})),
  harmless("a second condition added", "narrows", (scene) =>
    tighter(
      scene,
      fromVpc(scene.vpc),
      { ...fromVpc(scene.vpc), ...overTls("true"), ...before(scene.until) },
      {
        "acs:SourceVpc": scene.vpc,
        "acs:CurrentTime": "2036-01-01T00:00:00.000Z",
      },
    ),
  ),
  harmless("a VPC removed", "narrows", (scene) =>
    tighter(scene, fromVpc(scene.vpc, scene.otherVpc), fromVpc(scene.vpc), {
      "acs:SourceVpc": scene.otherVpc,
    }),
  ),
  harmless("a range narrowed", "narrows", (scene) =>
    tighter(scene, fromRanges([scene.range.wider]), fromRanges([scene.range.narrow]), {
      "acs:SourceIp": scene.range.around,
    }),
  ),
  harmless("an earlier date", "narrows", (scene) =>
    tighter(scene, before("2035-01-31T00:00:00Z"), before(scene.until), {
      "acs:CurrentTime": "2034-06-01T00:00:00.000Z",
    }),
  ),
  harmless("an action removed", "narrows", ({ allow, who, prefix }) => ({
    before: [allow([who], ["oss:GetObject", "oss:DeleteObject"], [`${prefix}*`])],
    after: [allow([who], ["oss:GetObject"], [`${prefix}*`])],
    shows: [lost(who, "oss:DeleteObject", `${prefix}x`)],
  })),
  harmless("a pattern of actions spelled out", "narrows", ({ allow, who, prefix }) => ({
    before: [allow([who], ["oss:*Object"], [`${prefix}*`])],
    after: [allow([who], ["oss:GetObject", "oss:PutObject"], [`${prefix}*`])],
    shows: [lost(who, "oss:DeleteObject", `${prefix}x`)],
  })),
  harmless("a caller removed", "narrows", ({ allow, who, other, actions, action, wide, prefix }) => ({
    before: [allow([who, other], actions, wide)],
    after: [allow([other], actions, wide)],
    shows: [lost(who, action, `${prefix}x`)],
  })),
  harmless("a role pattern spelled out", "narrows", ({ allow, actions, action, prefix }) => ({
    before: [allow([role("build*")], actions, [`${prefix}*`])],
    after: [allow([role("build", "main"), role("build-nightly")], actions, [`${prefix}*`])],
    shows: [lost(role("builders", "x"), action, `${prefix}x`)],
  })),
  harmless("a public prefix narrowed", "narrows", ({ allow, prefix }) => ({
    before: [allow(["*"], ["oss:GetObject"], ["public/*", `${prefix}*`])],
    after: [allow(["*"], ["oss:GetObject"], ["public/*", `${prefix}icons/*`])],
    shows: [lost("anonymous", "oss:GetObject", `${prefix}x`)],
  })),
  harmless("administration removed", "narrows", ({ allow, who }) => ({
    before: [allow([who], ["oss:*"], ["", "*"])],
    after: [allow([who], ["oss:GetObject", "oss:PutObject", "oss:ListObjects"], ["", "*"])],
    shows: [lost(who, "oss:PutBucketAcl", "")],
  })),
];

const denying: readonly Edit[] = [
  harmless("a Deny added", "narrows", ({ allow, deny, who, actions, action, wide, prefix }) => ({
    before: [allow([who], actions, wide)],
    after: [allow([who], actions, wide), deny([who], actions, [`${prefix}*`])],
    shows: [denied(who, action, `${prefix}x`)],
  })),
  harmless(
    "a Deny with a wider prefix",
    "narrows",
    ({ allow, deny, who, actions, action, wide, prefix }) => ({
      before: [allow([who], actions, wide), deny([who], actions, [`${prefix}2025/*`])],
      after: [allow([who], actions, wide), deny([who], actions, [`${prefix}*`])],
      shows: [denied(who, action, `${prefix}x`)],
    }),
  ),
  harmless("a Deny of more callers", "narrows", (scene) => {
    const { allow, deny, who, other, actions, action, wide, prefix } = scene;
    return {
      before: [allow([who, other], actions, wide), deny([other], actions, [`${prefix}*`])],
      after: [allow([who, other], actions, wide), deny(["*"], actions, [`${prefix}*`])],
      shows: [denied(who, action, `${prefix}x`)],
    };
  }),
  harmless("a Deny of more actions", "narrows", ({ allow, deny, who, wide, prefix }) => ({
    before: [
      allow([who], ["oss:GetObject", "oss:PutObject"], wide),
      deny([who], ["oss:PutObject"], [`${prefix}*`]),
    ],
    after: [allow([who], ["oss:GetObject", "oss:PutObject"], wide), deny([who], ["oss:*"], [`${prefix}*`])],
    shows: [denied(who, "oss:GetObject", `${prefix}x`)],
  })),
  harmless("a Deny without its condition", "narrows", (scene) => {
    const { allow, deny, who, actions, action, wide, prefix, vpc } = scene;
    return {
      before: [allow([who], actions, wide), deny([who], actions, [`${prefix}*`], except([vpc]))],
      after: [allow([who], actions, wide), deny([who], actions, [`${prefix}*`])],
      shows: [denied(who, action, `${prefix}x`, { "acs:SourceVpc": vpc })],
    };
  }),
  harmless("a Deny that spares a smaller range", "narrows", (scene) => {
    const { allow, deny, who, actions, action, wide, prefix, vpc, range } = scene;
    const sparing = (spared: string) => deny(["*"], actions, [`${prefix}*`], except([vpc], [spared]));
    return {
      before: [allow([who], actions, wide), sparing(range.wider)],
      after: [allow([who], actions, wide), sparing(range.narrow)],
      shows: [denied(who, action, `${prefix}x`, { "acs:SourceIp": range.around })],
    };
  }),
  harmless("a Deny outside of a VPC beside an Allow from it", "narrows", (scene) => {
    const { allow, deny, who, actions, prefix, vpc } = scene;
    const grant = allow([who], actions, [`${prefix}*`], fromVpc(vpc));
    return { before: [grant], after: [grant, deny([who], actions, [`${prefix}*`], except([vpc]))] };
  }),
];

/** A known caller has another statement. */
function joins(
  { allow, who }: Scene,
  [actions, keys, condition]: readonly [readonly string[], readonly string[], Condition?],
  [action, key]: readonly [string, string],
  before: Edited["before"] = [],
): Edited {
  const grant = allow([who], actions, keys, condition);
  const context =
    condition === undefined
      ? {}
      : { "acs:SourceVpc": condition["StringEquals"]?.["acs:SourceVpc"]?.[0] ?? "" };
  return {
    before,
    after: before === "none" ? [grant] : [...before, grant],
    shows: [gained(who, action, key, context)],
    gainer: who,
  };
}

const ordinary: readonly Edit[] = [
  harmless("a known caller gains reads", "gains", (scene) =>
    joins(scene, [["oss:GetObject"], [`${scene.prefix}*`]], ["oss:GetObject", `${scene.prefix}x`]),
  ),
  harmless("a known caller gains writes and deletes", "gains", (scene) =>
    joins(
      scene,
      [["oss:PutObject", "oss:DeleteObject"], [`${scene.prefix}*`]],
      ["oss:DeleteObject", `${scene.prefix}x`],
    ),
  ),
  harmless("a known caller gains a list of the bucket", "gains", (scene) =>
    joins(scene, [["oss:ListObjectVersions"], [""]], ["oss:ListObjectVersions", ""]),
  ),
  harmless("a known caller gains reads from a VPC", "gains", (scene) =>
    joins(
      scene,
      [["oss:GetObject"], [`${scene.prefix}*`], fromVpc(scene.vpc)],
      ["oss:GetObject", `${scene.prefix}x`],
    ),
  ),
  harmless("a known caller joins a confined statement", "gains", (scene) => {
    const { allow, who, other, actions, action, prefix, vpc } = scene;
    return {
      before: [allow([other], actions, [`${prefix}*`], fromVpc(vpc))],
      after: [allow([other, who], actions, [`${prefix}*`], fromVpc(vpc))],
      shows: [gained(who, action, `${prefix}x`, { "acs:SourceVpc": vpc })],
      gainer: who,
    };
  }),
  harmless("a caller confined on one prefix gains another", "gains", (scene) =>
    joins(
      scene,
      [["oss:GetObject"], [`${scene.elsewhere}*`]],
      ["oss:GetObject", `${scene.elsewhere}x`],
      [scene.allow([scene.who], ["oss:GetObject"], [`${scene.prefix}*`], fromVpc(scene.vpc))],
    ),
  ),
  harmless("a caller confined for one action gains another", "gains", (scene) =>
    joins(
      scene,
      [["oss:PutObject"], [`${scene.prefix}*`]],
      ["oss:PutObject", `${scene.prefix}x`],
      [scene.allow([scene.who], ["oss:GetObject"], [`${scene.prefix}*`], fromVpc(scene.vpc))],
    ),
  ),
  harmless("a caller gains what another is denied", "gains", (scene) =>
    joins(
      scene,
      [["oss:GetObject"], [`${scene.prefix}*`]],
      ["oss:GetObject", `${scene.prefix}x`],
      [scene.deny([scene.other], ["oss:GetObject"], [`${scene.prefix}*`])],
    ),
  ),
  harmless("a known role gains reads", "gains", ({ allow, prefix }) => ({
    before: [],
    after: [allow([role("ci")], ["oss:GetObject"], [`${prefix}*`])],
    shows: [gained(role("ci", "x"), "oss:GetObject", `${prefix}x`)],
    gainer: role("ci"),
  })),
  harmless("a role of the bucket gains another prefix", "gains", ({ allow, prefix, elsewhere }) => ({
    before: [allow([role("build", "main")], ["oss:GetObject"], [`${prefix}*`])],
    after: [allow([role("build", "main")], ["oss:GetObject"], [`${prefix}*`, `${elsewhere}*`])],
    shows: [gained(role("build", "main"), "oss:GetObject", `${elsewhere}x`)],
    gainer: role("build", "main"),
  })),
  harmless("an operator gains administration", "gains", ({ allow }) => ({
    before: [],
    after: [allow([operator], ["oss:GetBucketAcl", "oss:PutBucketAcl"], [""])],
    shows: [gained(operator, "oss:PutBucketAcl", "")],
    gainer: operator,
  })),
  harmless("another AccessKey ID", "gains", ({ allow, who, actions, action, prefix }) => {
    const byKey = (id: string): Condition => ({ StringLike: { "acs:AccessId": [id] } });
    return {
      before: [allow([who], actions, [`${prefix}*`], byKey("LTAI5tOld*"))],
      after: [allow([who], actions, [`${prefix}*`], byKey("LTAI5tNew*"))],
      shows: [gained(who, action, `${prefix}x`, { "acs:AccessId": "LTAI5tNew1" })],
      gainer: who,
    };
  }),
  harmless("a first policy with a Deny and a confined Allow", "gains", (scene) => {
    const { allow, deny, prefix, elsewhere, vpc } = scene;
    return {
      before: "none",
      after: [
        allow([people.etl], ["oss:GetObject"], [`${prefix}*`], fromVpc(vpc)),
        allow([people.etl], ["oss:PutObject"], [`${elsewhere}*`]),
        deny([people.bob], ["oss:*"], [`${prefix}*`]),
      ],
      shows: [gained(people.etl, "oss:PutObject", `${elsewhere}x`)],
      gainer: people.etl,
    };
  }),
];

export const harmlessChanges: readonly Edit[] = [...narrowing, ...denying, ...ordinary];
