/** Conditions that confine access: to a network, to TLS, to callers with MFA, or to the time before a date. */

import type { Atom, Interval } from "./intervals.ts";
import { firstOf6 } from "./intervals.ts";
import { conditionsKey, type ConditionPart, type ConditionOutcome } from "./condition-space.ts";

export const confinements = ["network", "TLS", "MFA", "time"] as const;

/** Way in which every request of a set is confined. */
export type Confinement = (typeof confinements)[number];

const networkKeys = ["acs:SourceIp", "acs:SourceVpc", "acs:SourceVpcId", "oss:AccessPointNetworkOrigin"];
const timeKey = "acs:CurrentTime";

/** Keys whose values decide how access is confined. */
export const confiningKeys: readonly string[] = [
  ...networkKeys,
  "acs:SecureTransport",
  "acs:MFAPresent",
  timeKey,
];

/** Returns whether every request of these outcomes is confined in a way. True of no outcomes. */
export function isConfined(outcomes: readonly ConditionOutcome[], by: Confinement): boolean {
  switch (by) {
    case "network":
      return isOfNetwork(outcomes);
    case "TLS":
      return outcomes.every(({ parts }) => isOnly(parts.get("acs:SecureTransport"), "true"));
    case "MFA":
      return outcomes.every(({ parts }) => isOnly(parts.get("acs:MFAPresent"), "true"));
    case "time":
      return outcomes.every(({ parts }) => ends(parts.get(timeKey)));
  }
}

/** Returns equal keys for outcomes with the same network or the same time. */
export function confinementKey(outcome: ConditionOutcome, by: "network" | "time"): string {
  return conditionsKey(outcome, by === "network" ? networkKeys : [timeKey]);
}

function isOnly(part: ConditionPart | undefined, value: string): boolean {
  return part?.kind === "atoms" && atomsIn(part).every(({ sample }) => sample === value);
}

/** Returns true if no time of a part is after all dates that a policy names. */
function ends(part: ConditionPart | undefined): boolean {
  if (part?.kind !== "atoms") return false;
  const last = part.field.atoms.findLast(({ range }) => range !== undefined);
  return atomsIn(part).every((atom) => atom.range !== undefined && atom !== last);
}

function atomsIn({ field, mask }: Extract<ConditionPart, { kind: "atoms" }>): readonly Atom[] {
  return field.atoms.filter((_, index) => ((mask >> BigInt(index)) & 1n) === 1n);
}

/** Requests from a VPC or through an access point of a VPC are confined; the others must share few addresses. */
function isOfNetwork(outcomes: readonly ConditionOutcome[]): boolean {
  const others = outcomes.filter(({ parts }) => !isFromVpc(parts));
  const addresses = others.map(({ parts }) => parts.get("acs:SourceIp"));
  const atoms = addresses.flatMap((part) => (part?.kind === "atoms" ? atomsIn(part) : []));
  return (
    addresses.every((part) => part?.kind === "atoms") &&
    atoms.every(({ range }) => range !== undefined) &&
    areFew(atoms.flatMap(({ range }) => range ?? []))
  );
}

function isFromVpc(parts: ConditionOutcome["parts"]): boolean {
  return (
    isNamed(parts.get("acs:SourceVpc"), () => true) ||
    isNamed(parts.get("acs:SourceVpcId"), () => true) ||
    isNamed(parts.get("oss:AccessPointNetworkOrigin"), (value) => value === "vpc")
  );
}

/** Returns true if every text of a part is one of a list that a statement writes out. The empty text is the Internet. */
function isNamed(part: ConditionPart | undefined, isWanted: (value: string) => boolean): boolean {
  if (part?.kind !== "text") return false;
  return part.groups.some(
    ({ patterns, style }, at) =>
      part.truth[at] === true &&
      patterns.every((value) => value !== "" && (style.isLiteral || !/[*?]/.test(value)) && isWanted(value)),
  );
}

/** Blocks of addresses that are too wide to confine: less than 8 fixed bits of IPv4, or 32 of IPv6. */
const tooWide = { 4: 1n << 25n, 6: 1n << 97n };
/** Many blocks that are narrow enough may be most of the Internet: at most 16 of the widest in all. */
const maxInAll = { 4: 1n << 28n, 6: 1n << 100n };

/** Returns true if these addresses hold no block that is too wide, and are few in all. */
function areFew(ranges: readonly Interval[]): boolean {
  const runs = runsOf(ranges);
  return ([4, 6] as const).every((version) => {
    const own = runs.filter(({ first }) => first >= firstOf6 === (version === 6));
    const size = own.reduce((sum, { first, last }) => sum + last - first + 1n, 0n);
    return size <= maxInAll[version] && !own.some((run) => holdsBlock(run, tooWide[version], version));
  });
}

/** Returns true if an aligned block of this size lies within a run. */
function holdsBlock({ first, last }: Interval, size: bigint, version: 4 | 6): boolean {
  const origin = version === 4 ? 0n : firstOf6;
  const start = ((first - origin + size - 1n) / size) * size + origin;
  return start + size - 1n <= last;
}

/** Joins ranges that touch, without duplicates. */
function runsOf(ranges: readonly Interval[]): readonly Interval[] {
  const sorted = [...ranges].sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  const runs: { first: bigint; last: bigint }[] = [];
  for (const { first, last } of sorted) {
    const run = runs.at(-1);
    if (run !== undefined && first <= run.last + 1n) {
      if (last > run.last) run.last = last;
    } else runs.push({ first, last });
  }
  return runs;
}
