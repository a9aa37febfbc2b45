// Edits that give access to somebody who should not have it, or more than a caller should have.
import { operator, role, stranger, withWrongDigit } from "./account.ts";
import { except, fromVpc } from "./confinements.ts";
import { danger, gained, opened, type Edit, type Edited } from "./edit.ts";
import type { Scene } from "./scene.ts";
import { owner } from "./statements.ts";

const admin = ["grants-administration"];

/** A caller who reads objects has other actions, on the bucket too. */
function reader(
  { allow, who, pick, prefix }: Scene,
  actions: readonly string[],
  [action, key]: readonly [string, string],
): Edited {
  const caller = pick(4) === 0 ? role("build", "main") : who;
  const keys = pick(2) === 0 ? ["", "*"] : ["*", "", `${prefix}*`];
  return {
    before: [allow([caller], ["oss:GetObject"], ["*"])],
    after: [allow([caller], actions, keys)],
    shows: [gained(caller, action, key)],
  };
}

const onAcl = ["oss:PutBucketAcl", ""] as const;
const onPolicy = ["oss:PutBucketPolicy", ""] as const;

const administration: readonly Edit[] = [
  danger("`oss:Put*` for reads and writes", admin, (scene) =>
    reader(scene, ["oss:GetObject", "oss:Put*"], onAcl),
  ),
  danger("`oss:*Policy` beside reads", admin, (scene) =>
    reader(scene, ["oss:GetObject", "oss:*Policy"], onPolicy),
  ),
  danger("`oss:*` for reads", admin, (scene) => reader(scene, ["oss:*"], onPolicy)),
  danger("`*` for reads", admin, (scene) => reader(scene, ["*"], onPolicy)),
  danger("`oss:P*` beside reads", admin, (scene) => reader(scene, ["oss:GetObject", "oss:P*"], onPolicy)),
  danger("`oss:*Acl` beside reads", admin, (scene) => reader(scene, ["oss:GetObject", "oss:*Acl"], onAcl)),
  danger("`oss:?utBucketPolic?` beside reads", admin, (scene) =>
    reader(scene, ["oss:GetObject", "oss:?utBucketPolic?"], onPolicy),
  ),
  danger("`oss:*Bucket*` beside reads", admin, (scene) =>
    reader(scene, ["oss:GetObject", "oss:*Bucket*"], ["oss:DeleteBucketPolicy", ""]),
  ),
  danger("the lifecycle in a list of reads", admin, (scene) =>
    reader(
      scene,
      ["oss:GetObject", "oss:GetObjectVersion", "oss:PutBucketLifecycle", "oss:ListObjects"],
      ["oss:PutBucketLifecycle", ""],
    ),
  ),
  danger("the ACL of objects in a list of writes", admin, ({ allow, who, prefix }) => ({
    before: [allow([who], ["oss:GetObject", "oss:PutObject"], [`${prefix}*`])],
    after: [allow([who], ["oss:GetObject", "oss:PutObject", "oss:PutObjectAcl"], [`${prefix}*`])],
    shows: [gained(who, "oss:PutObjectAcl", `${prefix}x`)],
  })),
  danger("`oss:Put*` on objects for `oss:PutObject`", admin, ({ allow, who, prefix }) => ({
    before: [allow([who], ["oss:PutObject"], [`${prefix}*`])],
    after: [allow([who], ["oss:Put*"], [`${prefix}*`])],
    shows: [gained(who, "oss:PutObjectAcl", `${prefix}x`)],
  })),
  danger("the bucket beside the objects of `oss:*`", admin, ({ allow, who }) => ({
    before: [allow([who], ["oss:*"], ["*"])],
    after: [allow([who], ["oss:*"], ["", "*"])],
    shows: [gained(who, "oss:PutBucketPolicy", "")],
  })),
  danger("a caller beside an operator in a list", admin, ({ allow, who }) => ({
    before: [allow([operator], ["oss:GetBucketPolicy", "oss:PutBucketPolicy"], [""])],
    after: [allow([operator, who], ["oss:GetBucketPolicy", "oss:PutBucketPolicy"], [""])],
    shows: [gained(who, "oss:PutBucketPolicy", "")],
  })),
  danger("a Deny of administration is gone", [...admin, "overrides-deny"], ({ allow, deny, who }) => ({
    before: [allow([who], ["oss:*"], ["", "*"]), deny([who], ["oss:*Policy", "oss:*Acl"], ["", "*"])],
    after: [allow([who], ["oss:*"], ["", "*"]), deny([who], ["oss:*Acl"], ["", "*"])],
    shows: [opened(who, "oss:PutBucketPolicy", "")],
  })),
];

const unknown = ["grants-unknown-principal"];

/** Another caller is put beside, or in place of, a known one. */
function joins(
  { allow, who, actions, action, prefix, pick }: Scene,
  newcomer: string,
  asking = newcomer,
): Edited {
  const keys = [`${prefix}*`];
  return {
    before: [allow([who], actions, keys)],
    after: [allow(pick(3) === 0 ? [newcomer] : [who, newcomer], actions, keys)],
    shows: [gained(asking, action, `${prefix}x`)],
  };
}

const unknownCallers: readonly Edit[] = [
  danger("an unknown UID", unknown, (scene) => joins(scene, stranger)),
  danger("a UID with one digit wrong", unknown, (scene) =>
    joins(scene, withWrongDigit(scene.who, scene.pick)),
  ),
  danger("a UID with one digit missing", unknown, (scene) => {
    const at = scene.pick(scene.who.length);
    return joins(scene, scene.who.slice(0, at) + scene.who.slice(at + 1));
  }),
  danger("a UID with one digit more", unknown, (scene) => {
    const at = scene.pick(scene.who.length + 1);
    return joins(scene, `${scene.who.slice(0, at)}${scene.pick(10)}${scene.who.slice(at)}`);
  }),
  danger("a UID with two digits swapped", unknown, (scene) => {
    const digits = [...scene.who];
    const places = digits.slice(1).flatMap((digit, at) => (digit === digits[at] ? [] : [at]));
    const at = places[scene.pick(places.length)] ?? 0;
    const swapped = [...digits.slice(0, at), digits[at + 1], digits[at], ...digits.slice(at + 2)];
    return joins(scene, swapped.join(""));
  }),
  danger("the operator with one digit wrong", unknown, (scene) =>
    joins(
      scene,
      operator.replace(/.$/, (last) => String((Number(last) + 1) % 10)),
    ),
  ),
  danger("an unknown UID from a VPC", unknown, ({ allow, who, actions, action, prefix, vpc }) => ({
    before: [allow([who], actions, [`${prefix}*`], fromVpc(vpc))],
    after: [allow([who, stranger], actions, [`${prefix}*`], fromVpc(vpc))],
    shows: [gained(stranger, action, `${prefix}x`, { "acs:SourceVpc": vpc })],
  })),
  danger("an unknown role", unknown, (scene) => joins(scene, role("stranger"), role("stranger", "x"))),
  danger("a known role of another account", unknown, (scene) =>
    joins(
      scene,
      role("ci").replace(owner, "1746495857600010"),
      "arn:sts::1746495857600010:assumed-role/ci/x",
    ),
  ),
];

const wildcard = ["grants-wildcard-principal"];

/** A role of a fixed name becomes a pattern. */
function roleBecomes({ allow, actions, action, prefix }: Scene, pattern: string, asking: string): Edited {
  const keys = [`${prefix}*`];
  return {
    before: [allow([role("build", "main")], actions, keys)],
    after: [allow([pattern], actions, keys)],
    shows: [gained(asking, action, `${prefix}x`)],
  };
}

const wildcardRoles: readonly Edit[] = [
  danger("a role becomes a pattern that begins with its name", wildcard, (scene) =>
    roleBecomes(scene, role("build*"), role("builders", "x")),
  ),
  danger("a role becomes any role", wildcard, (scene) => roleBecomes(scene, role("*"), role("admin", "x"))),
  danger("a role becomes a pattern with one letter open", wildcard, (scene) =>
    roleBecomes(scene, role("buil?"), role("built", "x")),
  ),
  danger("a role pattern beside a known caller", wildcard, (scene) =>
    joins(scene, role("ci-*"), role("ci-nightly", "x")),
  ),
  danger("a role pattern that ends as a known role does", wildcard, (scene) =>
    joins(scene, role("*ci"), role("fancy-ci", "x")),
  ),
];

const open = ["grants-public-access"];

/** Everyone reads a prefix, and then more. */
function published(
  { allow }: Scene,
  keys: readonly string[],
  [action, key]: readonly [string, string],
): Edited {
  return {
    before: [allow(["*"], ["oss:GetObject"], ["public/*"])],
    after: [allow(["*"], [action], keys)],
    shows: [gained("anonymous", action, key)],
  };
}

const publicAccess: readonly Edit[] = [
  danger("a new public prefix", open, (scene) =>
    published(scene, ["public/*", `${scene.prefix}*`], ["oss:GetObject", `${scene.prefix}x`]),
  ),
  danger("`p*` for `public/*`", open, (scene) => published(scene, ["p*"], ["oss:GetObject", "private/x"])),
  danger("`public*` for `public/*`", open, (scene) =>
    published(scene, ["public*"], ["oss:GetObject", "public-not/x"]),
  ),
  danger("`*/public/*` for `public/*`", open, (scene) =>
    published(scene, ["*public/*"], ["oss:GetObject", `${scene.prefix}public/x`]),
  ),
  danger("public writes for public reads", open, (scene) =>
    published(scene, ["public/*"], ["oss:PutObject", "public/x"]),
  ),
  danger("`*` for a caller", open, ({ allow, who, actions, action, prefix }) => ({
    before: [allow([who], actions, [`${prefix}*`])],
    after: [allow(["*"], actions, [`${prefix}*`])],
    shows: [gained("anonymous", action, `${prefix}x`)],
  })),
  danger("`*` beside a caller", open, (scene) => joins({ ...scene, pick: () => 1 }, "*", "anonymous")),
  danger("everyone from a VPC becomes everyone", open, ({ allow, actions, action, prefix, vpc }) => ({
    before: [allow(["*"], actions, [`${prefix}*`], fromVpc(vpc))],
    after: [allow(["*"], actions, [`${prefix}*`])],
    shows: [gained("anonymous", action, `${prefix}x`)],
  })),
  danger("everyone from a VPC becomes everyone not from it", open, (scene) => {
    const { allow, actions, action, prefix, vpc } = scene;
    return {
      before: [allow(["*"], actions, [`${prefix}*`], fromVpc(vpc))],
      after: [allow(["*"], actions, [`${prefix}*`], except([vpc]))],
      shows: [gained("anonymous", action, `${prefix}x`)],
    };
  }),
  danger("`*` for a caller from a VPC", open, ({ allow, who, actions, action, prefix, vpc }) => ({
    before: [allow([who], actions, [`${prefix}*`], fromVpc(vpc))],
    after: [allow(["*"], actions, [`${prefix}*`], fromVpc(vpc))],
    shows: [gained("anonymous", action, `${prefix}x`, { "acs:SourceVpc": vpc })],
  })),
];

const firstPolicies: readonly Edit[] = [
  danger("a first policy for an unknown UID", unknown, ({ allow, who, actions, action, prefix }) => ({
    before: "none",
    after: [allow([who, stranger], actions, [`${prefix}*`])],
    shows: [gained(stranger, action, `${prefix}x`)],
  })),
  danger("a first policy with administration", admin, ({ allow, who }) => ({
    before: "none",
    after: [allow([who], ["oss:Get*", "oss:Put*"], ["", "*"])],
    shows: [gained(who, "oss:PutBucketPolicy", "")],
  })),
  danger("a first policy for everyone", open, ({ allow, who, action, prefix }) => ({
    before: "none",
    after: [allow([who], ["oss:GetObject"], ["*"]), allow(["*"], [action], [`${prefix}*`])],
    shows: [gained("anonymous", action, `${prefix}x`)],
  })),
];

export const grants: readonly Edit[] = [
  ...firstPolicies,
  ...administration,
  ...unknownCallers,
  ...wildcardRoles,
  ...publicAccess,
];
