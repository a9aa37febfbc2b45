// Edits after which access is no longer confined as it was.
import {
  confinements,
  fromRanges,
  fromVpc,
  internet,
  overTls,
  type Confinement,
  type Context,
} from "./confinements.ts";
import { danger, dangerOverHttp, gained, kept, lost, type Edit, type Edited } from "./edit.ts";
import type { Scene } from "./scene.ts";
import type { Condition, Statement } from "./statements.ts";

const drops = ["drops-condition"];

/** Makes an edit of an Allow that is confined; `after` replaces that statement. */
function unconfined(
  { wide, who, actions, action, prefix, allow }: Scene,
  condition: Condition,
  inside: Context,
  outside: readonly Context[],
  after: (confined: Statement) => readonly Statement[],
): Edited {
  const confined = allow([who], actions, wide, condition);
  return {
    before: [confined],
    after: after(confined),
    shows: [
      ...outside.map((context) => gained(who, action, `${prefix}x`, context)),
      kept(who, action, `${prefix}x`, inside),
    ],
  };
}

/** Ways to lose a confinement of any kind. */
const ways: Readonly<Record<string, (scene: Scene, confinement: Confinement) => Edited>> = {
  "is dropped": (scene, { condition, inside, outside }) =>
    unconfined(scene, condition, inside, outside, () => [
      scene.allow([scene.who], scene.actions, scene.wide),
    ]),
  "is not in a second Allow": (scene, { condition, inside, outside }) =>
    unconfined(scene, condition, inside, outside, (confined) => [
      confined,
      scene.allow([scene.who], scene.actions, [`${scene.prefix}*`]),
    ]),
  "is not in a wider Allow of several callers": (scene, { condition, inside, outside }) =>
    unconfined(scene, condition, inside, outside, (confined) => [
      confined,
      scene.allow(
        [scene.other, scene.who],
        ["oss:GetObject", scene.action],
        [`${scene.prefix.slice(0, 3)}*`],
      ),
    ]),
  "is exchanged for the program": (scene, { condition, inside, outside }) =>
    unconfined(
      scene,
      condition,
      { ...inside, ...byCurl },
      outside.map((context) => ({ ...context, ...byCurl })),
      (confined) => [{ ...confined, Condition: { StringLike: { "acs:UserAgent": ["curl/*"] } } }],
    ),
  "and its opposite are both allowed": (scene, { condition, inside, opposite, opposed }) =>
    unconfined(scene, condition, inside, opposed, (confined) => [
      confined,
      { ...confined, Condition: opposite },
    ]),
};

const byCurl = { "acs:UserAgent": "curl/8.0" };

function inverted(scene: Scene, { condition, inside, opposite, opposed }: Confinement): Edited {
  const { who, actions, action, wide, prefix, allow } = scene;
  return {
    before: [allow([who], actions, wide, condition)],
    after: [allow([who], actions, wide, opposite)],
    shows: [
      ...opposed.map((context) => gained(who, action, `${prefix}x`, context)),
      lost(who, action, `${prefix}x`, inside),
    ],
  };
}

const ofEachKind: readonly Edit[] = confinements.flatMap(({ by, overHttp, of }) =>
  Object.entries({ ...ways, "is inverted": inverted }).map(([way, make]): Edit => {
    const edit = danger(`a condition by ${by} ${way}`, drops, (scene) => make(scene, of(scene)));
    return overHttp === undefined ? edit : { ...edit, overHttp };
  }),
);

/** Addresses that only all of these halves and quarters have. */
const everywhere = (scene: Scene): readonly Context[] => [
  { "acs:SourceIp": "8.8.8.8" },
  { "acs:SourceIp": "100.0.0.1" },
  { "acs:SourceIp": "192.0.2.55" },
  ...(scene.range.narrow.includes(":") ? [] : [{ "acs:SourceIp": scene.range.around }]),
];
const quarters = ["0.0.0.0/2", "64.0.0.0/2", "128.0.0.0/2", "192.0.0.0/2"];
const halves = ["0.0.0.0/1", "128.0.0.0/1"];

/** An Allow confined to a range becomes one of other conditions, a statement each. */
function rangeBecomes(scene: Scene, conditions: readonly Condition[], outside = everywhere(scene)): Edited {
  const inside = { "acs:SourceIp": scene.range.inside };
  return unconfined(scene, fromRanges([scene.range.narrow]), inside, outside, (confined) =>
    conditions.map((Condition) => ({ ...confined, Condition })),
  );
}

/** An Allow confined to a VPC has another condition. */
function vpcBecomes(scene: Scene, Condition: Condition, outside: readonly Context[]): Edited {
  const inside = { "acs:SourceVpc": scene.vpc };
  return unconfined(scene, fromVpc(scene.vpc), inside, outside, (confined) => [{ ...confined, Condition }]);
}

const ofNetworks: readonly Edit[] = [
  danger("two halves of the Internet in one list", drops, (scene) =>
    rangeBecomes(scene, [fromRanges([...halves, scene.range.narrow])]),
  ),
  danger("two halves of the Internet in two statements", drops, (scene) =>
    rangeBecomes(
      scene,
      [...halves, scene.range.narrow].map((half) => fromRanges([half])),
    ),
  ),
  danger("a range widened step by step over several statements", drops, (scene) =>
    rangeBecomes(
      scene,
      [scene.range.narrow, scene.range.wider, ...quarters].map((range) => fromRanges([range])),
    ),
  ),
  danger("a range of all addresses", drops, (scene) =>
    rangeBecomes(scene, [fromRanges(["0.0.0.0/0", scene.range.narrow])]),
  ),
  danger("a range with too few fixed bits", drops, (scene) =>
    rangeBecomes(
      scene,
      [fromRanges([scene.range.boundless])],
      [{ "acs:SourceIp": scene.range.around }, { "acs:SourceIp": scene.range.far }],
    ),
  ),
  danger("a range or any address outside of it", drops, (scene) =>
    rangeBecomes(
      scene,
      [
        fromRanges([scene.range.narrow]),
        { NotIpAddress: { "acs:SourceIp": [scene.range.narrow] }, ...internet },
      ],
      [{}, { "acs:SourceIp": scene.range.far }],
    ),
  ),
  danger("a VPC becomes a pattern of all VPCs", drops, (scene) =>
    vpcBecomes(scene, { StringLike: { "acs:SourceVpc": ["vpc-*"] } }, [
      { "acs:SourceVpc": scene.otherVpc },
      { "acs:SourceVpc": "vpc-stranger" },
    ]),
  ),
  danger("a VPC becomes a pattern that begins with it", drops, (scene) =>
    vpcBecomes(scene, { StringLike: { "acs:SourceVpc": [`${scene.vpc}*`] } }, [
      { "acs:SourceVpc": `${scene.vpc}2` },
    ]),
  ),
  danger("a VPC becomes any text", drops, (scene) =>
    vpcBecomes(scene, { StringLike: { "acs:SourceVpc": ["*"] } }, [{}, { "acs:SourceVpc": scene.otherVpc }]),
  ),
  danger("a VPC becomes any that is not empty", drops, (scene) =>
    vpcBecomes(scene, { StringNotEquals: { "acs:SourceVpc": [""] } }, [
      { "acs:SourceVpc": scene.otherVpc },
      { "acs:SourceVpc": "vpc-stranger" },
    ]),
  ),
  danger("a VPC beside the empty text, which is the Internet", drops, (scene) =>
    vpcBecomes(scene, fromVpc(scene.vpc, ""), [{}]),
  ),
  danger("a VPC is exchanged for TLS", [...drops, "weakens-condition"], (scene) =>
    vpcBecomes(scene, overTls("true"), [{}, { "acs:SourceVpc": scene.otherVpc }]),
  ),
  danger("one of all who are confined to a VPC is no longer", drops, (scene) => {
    const { allow, who, action, prefix, vpc } = scene;
    const everyone = allow(["*"], [action], [`${prefix}*`], fromVpc(vpc));
    return {
      before: [everyone],
      after: [everyone, allow([who], [action], [`${prefix}*`])],
      shows: [gained(who, action, `${prefix}x`), kept(who, action, `${prefix}x`, { "acs:SourceVpc": vpc })],
    };
  }),
];

/** An Allow under a flag has both values of the flag. */
function bothFlags(scene: Scene, key: string, inside: Context): Edited {
  const outside = { [key]: "false" };
  return unconfined(scene, { Bool: { [key]: ["true"] } }, inside, [outside], (confined) => [
    { ...confined, Condition: { Bool: { [key]: ["true", "false"] } } },
  ]);
}

const ofFlags: readonly Edit[] = [
  dangerOverHttp("with TLS or without", drops, (scene) => bothFlags(scene, "acs:SecureTransport", {})),
  danger("with MFA or without", drops, (scene) =>
    bothFlags(scene, "acs:MFAPresent", { "acs:MFAPresent": "true" }),
  ),
];

export const droppedConditions: readonly Edit[] = [...ofEachKind, ...ofNetworks, ...ofFlags];
