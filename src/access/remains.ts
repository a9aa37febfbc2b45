import type { Decision } from "./request.ts";

/**
 * What is left to be asked of two policies: the classes of their statements that are still alive, each
 * with where it stands, as one number: the class above four bits. In order, and each class once.
 */
export type Remains = readonly number[];

/** Where a class stands: bits, since one may stand in both policies. */
export const allowBefore = 1;
export const allowAfter = 2;
export const denyBefore = 4;
export const denyAfter = 8;
const bitsOfStanding = 4;

export function placed(id: number, standing: number): number {
  return (id << bitsOfStanding) | standing;
}

export function classOf(code: number): number {
  return code >>> bitsOfStanding;
}

export function standingOf(code: number): number {
  return code & 15;
}

/** Whether a class stands in both policies alike. */
export function isAlike(standing: number): boolean {
  return (standing & 5) === ((standing >> 1) & 5);
}

/** A class that can no longer matter is dropped, so that equal remains have one form. Takes the list over. */
export function tidy(codes: number[]): Remains {
  const merged = mergedInOrder(codes);
  const first = merged[0];
  // Class 0 has nothing left to fail: it settles its side, but that a Deny outdoes an Allow.
  const sure = first !== undefined && classOf(first) === 0 ? first : 0;
  const settled =
    ((sure & denyBefore) !== 0 ? allowBefore | denyBefore : sure & allowBefore) |
    ((sure & denyAfter) !== 0 ? allowAfter | denyAfter : sure & allowAfter);
  const kept: number[] = [];
  for (const code of merged) {
    const standing = withoutDenied(code) & ~(code === sure ? 0 : settled);
    if (standing !== 0) kept.push(placed(classOf(code), standing));
  }
  return kept;
}

/** An Allow is of no use where a Deny stands on the same. */
function withoutDenied(code: number): number {
  const denied = ((code & denyBefore) !== 0 ? allowBefore : 0) | ((code & denyAfter) !== 0 ? allowAfter : 0);
  return standingOf(code) & ~denied;
}

function mergedInOrder(codes: number[]): readonly number[] {
  if (codes.length < 2) return codes;
  codes.sort((a, b) => a - b);
  const merged: number[] = [];
  for (const code of codes) {
    const last = merged.at(-1);
    if (last !== undefined && classOf(last) === classOf(code))
      merged[merged.length - 1] = last | standingOf(code);
    else merged.push(code);
  }
  return merged;
}

/** Whether both policies decide alike, whatever the rest of the request. */
export function isSame(remains: Remains): boolean {
  return remains.every((code) => isAlike(standingOf(code)));
}

/** How each policy decides; undefined where that is open. */
export function decided(remains: Remains): readonly [Decision | undefined, Decision | undefined] {
  const standings = remains.reduce((all, code) => all | standingOf(code), 0);
  const first = remains[0];
  const sure = first !== undefined && classOf(first) === 0 ? first : 0;
  const decision = (allow: number, deny: number): Decision | undefined => {
    if ((sure & deny) !== 0) return "deny";
    if ((standings & deny) !== 0) return undefined;
    if ((sure & allow) !== 0) return "allow";
    return (standings & allow) === 0 ? "none" : undefined;
  };
  return [decision(allowBefore, denyBefore), decision(allowAfter, denyAfter)];
}

/** How each policy can still decide. */
export function possible(remains: Remains): readonly [readonly Decision[], readonly Decision[]] {
  const standings = remains.reduce((all, code) => all | standingOf(code), 0);
  const first = remains[0];
  const sure = first !== undefined && classOf(first) === 0 ? first : 0;
  const decisions = (allow: number, deny: number): readonly Decision[] => [
    ...((standings & deny) !== 0 ? ["deny" as const] : []),
    ...((standings & allow) !== 0 && (sure & deny) === 0 ? ["allow" as const] : []),
    ...((sure & (allow | deny)) === 0 ? ["none" as const] : []),
  ];
  return [decisions(allowBefore, denyBefore), decisions(allowAfter, denyAfter)];
}

/** Equal for equal remains: two letters for each number. */
export function remainsKey(remains: Remains): string {
  let key = "";
  for (const code of remains) key += String.fromCharCode(code & 0x7fff, code >>> 15);
  return key;
}
