// Edits after which access is confined as before, only wider.
import { before, except, fromRanges, fromVpc, type Context } from "./confinements.ts";
import { danger, gained, kept, lost, opened, type Edit, type Edited } from "./edit.ts";
import type { Scene } from "./scene.ts";
import type { Condition } from "./statements.ts";

const weakens = ["weakens-condition"];

/** An Allow with one condition has others, a statement each. */
function becomes(
  { allow, who, actions, action, wide, prefix }: Scene,
  was: Condition,
  is: readonly Condition[],
  [inside, outside]: readonly [Context, Context],
): Edited {
  return {
    before: [allow([who], actions, wide, was)],
    after: is.map((condition) => allow([who], actions, wide, condition)),
    shows: [gained(who, action, `${prefix}x`, outside), kept(who, action, `${prefix}x`, inside)],
  };
}

/** A Deny beside an Allow has a wider exception. */
function exceptionOf(
  { allow, deny, who, actions, action, wide, prefix, pick }: Scene,
  was: Condition,
  is: Condition,
  [inside, outside]: readonly [Context, Context],
): Edited {
  const grant = allow([who], actions, wide);
  const denied = pick(2) === 0 ? ["*"] : [who];
  return {
    before: [grant, deny(denied, actions, [`${prefix}*`], was)],
    after: [grant, deny(denied, actions, [`${prefix}*`], is)],
    shows: [opened(who, action, `${prefix}x`, outside), kept(who, action, `${prefix}x`, inside)],
  };
}

const inVpcs = ({ vpc, otherVpc }: Scene): readonly [Context, Context] => [
  { "acs:SourceVpc": vpc },
  { "acs:SourceVpc": otherVpc },
];
const inRanges = ({ range }: Scene): readonly [Context, Context] => [
  { "acs:SourceIp": range.inside },
  { "acs:SourceIp": range.around },
];
const at = (time: string): Context => ({ "acs:CurrentTime": time });

export const weakenedConditions: readonly Edit[] = [
  danger("another VPC in the list", weakens, (scene) =>
    becomes(scene, fromVpc(scene.vpc), [fromVpc(scene.vpc, scene.otherVpc)], inVpcs(scene)),
  ),
  danger("another VPC in a second statement", weakens, (scene) =>
    becomes(scene, fromVpc(scene.vpc), [fromVpc(scene.vpc), fromVpc(scene.otherVpc)], inVpcs(scene)),
  ),
  danger("another VPC instead of the first", weakens, (scene) => {
    const { allow, who, actions, action, wide, prefix, vpc, otherVpc } = scene;
    return {
      before: [allow([who], actions, wide, fromVpc(vpc))],
      after: [allow([who], actions, wide, fromVpc(otherVpc))],
      shows: [
        gained(who, action, `${prefix}x`, { "acs:SourceVpc": otherVpc }),
        lost(who, action, `${prefix}x`, { "acs:SourceVpc": vpc }),
      ],
    };
  }),
  danger("a range that is wider", weakens, (scene) =>
    becomes(scene, fromRanges([scene.range.narrow]), [fromRanges([scene.range.wider])], inRanges(scene)),
  ),
  danger("an address more", weakens, (scene) =>
    becomes(
      scene,
      fromRanges([scene.range.narrow]),
      [fromRanges([scene.range.narrow, scene.range.around])],
      inRanges(scene),
    ),
  ),
  danger("a range more, in a second statement", weakens, (scene) =>
    becomes(
      scene,
      fromRanges([scene.range.narrow]),
      [fromRanges([scene.range.narrow]), fromRanges([scene.range.wider])],
      inRanges(scene),
    ),
  ),
  danger("one of two conditions on the network is dropped", weakens, (scene) => {
    const both = { ...fromVpc(scene.vpc), IpAddress: { "acs:SourceIp": [scene.range.narrow] } };
    const vpc = { "acs:SourceVpc": scene.vpc };
    return becomes(scene, both, [fromVpc(scene.vpc)], [{ ...vpc, "acs:SourceIp": scene.range.inside }, vpc]);
  }),
  danger("a later date", weakens, (scene) =>
    becomes(
      scene,
      before(scene.until),
      [before("2035-01-31T00:00:00Z")],
      [{}, at("2034-06-01T00:00:00.000Z")],
    ),
  ),
  danger("a later date in a second statement", weakens, (scene) =>
    becomes(
      scene,
      before(scene.until),
      [before(scene.until), before("2035-01-31T00:00:00Z")],
      [{}, at("2034-06-01T00:00:00.000Z")],
    ),
  ),
  danger("the last instant more", weakens, (scene) =>
    becomes(
      scene,
      before(scene.until),
      [{ DateLessThanEquals: { "acs:CurrentTime": [scene.until] } }],
      [{}, at(scene.until.replace("Z", ".000Z"))],
    ),
  ),
  danger("a Deny spares another VPC", weakens, (scene) =>
    exceptionOf(scene, except([scene.vpc]), except([scene.vpc, scene.otherVpc]), inVpcs(scene)),
  ),
  danger("a Deny spares a wider range", weakens, (scene) =>
    exceptionOf(
      scene,
      except([scene.vpc], [scene.range.narrow]),
      except([scene.vpc], [scene.range.wider]),
      inRanges(scene),
    ),
  ),
  danger("a Deny spares one more address", weakens, (scene) =>
    exceptionOf(
      scene,
      except([scene.vpc], [scene.range.narrow]),
      except([scene.vpc], [scene.range.narrow, scene.range.around]),
      inRanges(scene),
    ),
  ),
  danger("a Deny ends at a date beyond which access stays confined to a VPC", weakens, (scene) => {
    const { allow, deny, who, actions, action, prefix, vpc, until } = scene;
    const grant = allow([who], actions, [`${prefix}*`], fromVpc(vpc));
    const inside = { "acs:SourceVpc": vpc };
    return {
      before: [
        grant,
        deny([who], actions, [`${prefix}*`], {
          DateGreaterThanEquals: { "acs:CurrentTime": [until] },
        }),
      ],
      after: [
        grant,
        deny([who], actions, [`${prefix}*`], {
          DateGreaterThanEquals: { "acs:CurrentTime": ["2035-01-31T00:00:00Z"] },
        }),
      ],
      shows: [
        opened(who, action, `${prefix}x`, { ...inside, ...at("2034-06-01T00:00:00.000Z") }),
        kept(who, action, `${prefix}x`, inside),
      ],
    };
  }),
];
