import type { Decision } from "../request.ts";

/**
 * What is left to be asked of two policies: the classes of their statements that are still alive, each
 * with where it stands, as one number: the class above four bits. In order, and each class once.
 */
export type Residual = readonly number[];

/** Where a class stands: bits, since one may stand in both policies. */
export const allowBefore = 1;
export const allowAfter = 2;
export const denyBefore = 4;
export const denyAfter = 8;
const bitsOfSides = 4;

export function pack(id: number, sides: number): number {
  return (id << bitsOfSides) | sides;
}

export function tailOf(code: number): number {
  return code >>> bitsOfSides;
}

export function sidesOf(code: number): number {
  return code & 15;
}

/** Whether a class stands in both policies alike. */
export function isOnBothSides(sides: number): boolean {
  return (sides & 5) === ((sides >> 1) & 5);
}

/** A class that can no longer matter is dropped, so that equal residual have one form. Takes the list over. */
export function simplify(codes: number[]): Residual {
  const merged = mergedInOrder(codes);
  const first = merged[0];
  // Class 0 has nothing left to fail: it settles its side, but that a Deny outdoes an Allow.
  const sure = first !== undefined && tailOf(first) === 0 ? first : 0;
  const settled =
    ((sure & denyBefore) !== 0 ? allowBefore | denyBefore : sure & allowBefore) |
    ((sure & denyAfter) !== 0 ? allowAfter | denyAfter : sure & allowAfter);
  const kept: number[] = [];
  for (const code of merged) {
    const sides = withoutDenied(code) & ~(code === sure ? 0 : settled);
    if (sides !== 0) kept.push(pack(tailOf(code), sides));
  }
  return kept;
}

/** An Allow is of no use where a Deny stands on the same. */
function withoutDenied(code: number): number {
  const denied = ((code & denyBefore) !== 0 ? allowBefore : 0) | ((code & denyAfter) !== 0 ? allowAfter : 0);
  return sidesOf(code) & ~denied;
}

function mergedInOrder(codes: number[]): readonly number[] {
  if (codes.length < 2) return codes;
  codes.sort((a, b) => a - b);
  const merged: number[] = [];
  for (const code of codes) {
    const last = merged.at(-1);
    if (last !== undefined && tailOf(last) === tailOf(code)) merged[merged.length - 1] = last | sidesOf(code);
    else merged.push(code);
  }
  return merged;
}

/** Whether both policies decide alike, whatever the rest of the request. */
export function sidesAgree(residual: Residual): boolean {
  return residual.every((code) => isOnBothSides(sidesOf(code)));
}

/** How each policy decides; undefined where that is open. */
export function knownDecisions(residual: Residual): readonly [Decision | undefined, Decision | undefined] {
  const allSides = residual.reduce((all, code) => all | sidesOf(code), 0);
  const first = residual[0];
  const sure = first !== undefined && tailOf(first) === 0 ? first : 0;
  const decision = (allow: number, deny: number): Decision | undefined => {
    if ((sure & deny) !== 0) return "deny";
    if ((allSides & deny) !== 0) return undefined;
    if ((sure & allow) !== 0) return "allow";
    return (allSides & allow) === 0 ? "none" : undefined;
  };
  return [decision(allowBefore, denyBefore), decision(allowAfter, denyAfter)];
}

/** How each policy can still decide. */
export function reachableDecisions(residual: Residual): readonly [readonly Decision[], readonly Decision[]] {
  const allSides = residual.reduce((all, code) => all | sidesOf(code), 0);
  const first = residual[0];
  const sure = first !== undefined && tailOf(first) === 0 ? first : 0;
  const decisions = (allow: number, deny: number): readonly Decision[] => [
    ...((allSides & deny) !== 0 ? ["deny" as const] : []),
    ...((allSides & allow) !== 0 && (sure & deny) === 0 ? ["allow" as const] : []),
    ...((sure & (allow | deny)) === 0 ? ["none" as const] : []),
  ];
  return [decisions(allowBefore, denyBefore), decisions(allowAfter, denyAfter)];
}

/** Equal for equal residual: two letters for each number. */
export function residualKey(residual: Residual): string {
  let key = "";
  for (const code of residual) key += String.fromCharCode(code & 0x7fff, code >>> 15);
  return key;
}
