// Edits that leave access as it is.
import { before, except, fromRanges, fromVpc, notBefore, overTls } from "./confinements.ts";
import { harmless, type Edit } from "./edit.ts";
import { role } from "./account.ts";
import type { Scene } from "./scene.ts";
import type { Statement } from "./statements.ts";

/** An edit whose statements before and after mean the same. */
function equal(
  kind: string,
  make: (scene: Scene) => readonly [readonly Statement[], readonly Statement[]],
): Edit {
  return harmless(kind, "equal", (scene) => {
    const [before, after] = make(scene);
    return { before, after };
  });
}

/** Statements as a bucket has them: an Allow, a confined one, and a Deny. */
function usual({ allow, deny, who, other, actions, wide, prefix, elsewhere, vpc }: Scene) {
  return [
    allow([who, other], actions, wide),
    allow([other], ["oss:GetObject", "oss:PutObject"], [`${elsewhere}*`], fromVpc(vpc)),
    deny([who], actions, [`${prefix}*`, `${elsewhere}2025/*`]),
  ];
}

export const harmlessRewrites: readonly Edit[] = [
  equal("only rewritten", (scene) => [usual(scene), usual(scene)]),
  equal("statements in another order", (scene) => [usual(scene), usual(scene).toReversed()]),
  equal("a statement for each caller", (scene) => {
    const { allow, who, other, actions, wide } = scene;
    return [
      [allow([who, other], actions, wide)],
      [allow([who], actions, wide), allow([other], actions, wide)],
    ];
  }),
  equal("callers joined into one statement", ({ allow, deny, who, other, actions, wide, prefix }) => [
    [
      allow([who, other], actions, wide),
      deny([who], actions, [`${prefix}*`]),
      deny([other], actions, [`${prefix}*`]),
    ],
    [allow([who, other], actions, wide), deny([who, other], actions, [`${prefix}*`])],
  ]),
  equal("a Deny for each prefix", ({ allow, deny, who, actions, prefix, elsewhere }) => [
    [allow([who], actions, ["*"]), deny([who], actions, [`${prefix}*`, `${elsewhere}*`])],
    [
      allow([who], actions, ["*"]),
      deny([who], actions, [`${prefix}*`]),
      deny([who], actions, [`${elsewhere}*`]),
    ],
  ]),
  equal("a duplicate statement", (scene) => [usual(scene), [...usual(scene), ...usual(scene).slice(1)]]),
  equal("a narrower Deny beside a Deny", (scene) => [
    usual(scene),
    [...usual(scene), scene.deny([scene.who], scene.actions, [`${scene.prefix}2024/*`])],
  ]),
  equal("a Deny removed that another covers", ({ allow, deny, who, actions, prefix }) => [
    [
      allow([who], actions, ["*"]),
      deny([who], actions, [`${prefix}a/*`]),
      deny(["*"], ["oss:*"], [`${prefix}*`]),
    ],
    [allow([who], actions, ["*"]), deny(["*"], ["oss:*"], [`${prefix}*`])],
  ]),
  equal("an Allow removed that another covers", ({ allow, who, actions, prefix, vpc }) => [
    [allow([who], actions, ["*"]), allow([who], actions, [`${prefix}*`], fromVpc(vpc))],
    [allow([who], actions, ["*"])],
  ]),
  equal("a confined Allow beside one that is not", ({ allow, who, actions, prefix, vpc }) => [
    [allow([who], actions, ["*"])],
    [allow([who], actions, ["*"]), allow([who], actions, [`${prefix}*`], fromVpc(vpc))],
  ]),
  equal("an Allow of what a Deny refuses", ({ allow, deny, who, actions, prefix, elsewhere }) => [
    [allow([who], actions, [`${elsewhere}*`]), deny([who], ["oss:*"], [`${prefix}*`])],
    [allow([who], actions, [`${elsewhere}*`, `${prefix}2025/*`]), deny([who], ["oss:*"], [`${prefix}*`])],
  ]),
  equal("a condition dropped that a Deny still enforces", ({ allow, deny, who, actions, prefix, vpc }) => {
    const guard = deny(["*"], actions, [`${prefix}*`], except([vpc]));
    return [
      [allow([who], actions, [`${prefix}*`], fromVpc(vpc)), guard],
      [allow([who], actions, [`${prefix}*`]), guard],
    ];
  }),
  equal("a period split in two, with the same end", ({ allow, who, actions, prefix, until }) => {
    const keys = [`${prefix}*`];
    const middle = "2026-09-30T00:00:00Z";
    return [
      [allow([who], actions, keys, before(until))],
      [
        allow([who], actions, keys, before(middle)),
        allow([who], actions, keys, { ...before(until), ...notBefore(middle) }),
      ],
    ];
  }),
  equal("two halves of a range joined", ({ allow, who, actions, prefix }) => [
    [allow([who], actions, [`${prefix}*`], fromRanges(["203.0.113.0/25", "203.0.113.128/25"]))],
    [allow([who], actions, [`${prefix}*`], fromRanges(["203.0.113.0/24"]))],
  ]),
  equal("a VPC in a statement of its own", ({ allow, who, actions, prefix, vpc, otherVpc }) => [
    [allow([who], actions, [`${prefix}*`], fromVpc(vpc, otherVpc))],
    [
      allow([who], actions, [`${prefix}*`], fromVpc(vpc)),
      allow([who], actions, [`${prefix}*`], fromVpc(otherVpc)),
    ],
  ]),
  equal("actions spelled out beside their pattern", ({ allow, who, prefix }) => [
    [allow([who], ["oss:Get*"], [`${prefix}*`])],
    [allow([who], ["oss:GetObject", "oss:GetObjectAcl", "oss:Get*"], [`${prefix}*`])],
  ]),
  equal("the Deny without TLS written for objects and bucket", ({ allow, deny, who, actions }) => [
    [allow([who], actions, ["*"]), deny(["*"], ["oss:*"], ["", "*"], overTls("false"))],
    [
      allow([who], actions, ["*"]),
      deny(["*"], ["oss:*"], ["*"], overTls("false")),
      deny(["*"], ["oss:*"], [""], overTls("false")),
    ],
  ]),
  equal("a role beside the pattern that has it", ({ allow, actions, prefix }) => [
    [allow([role("ci-*")], actions, [`${prefix}*`])],
    [allow([role("ci-*"), role("ci-main")], actions, [`${prefix}*`])],
  ]),
  harmless("only a comment and an expectation", "equal", (scene) => ({
    before: usual(scene),
    after: usual(scene),
    more: `# reviewed\nexpect:\n  - { cannot: anonymous, do: oss:PutObject, to: "${scene.prefix}*" }\n`,
  })),
];
