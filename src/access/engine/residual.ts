/** Residual policies: both policies partially evaluated on the fields that are already known. */

import type { Decision } from "../request.ts";

/**
 * Residual of two policies: the tails of the statements that can still match. Each entry is one number:
 * the id of the tail, then four bits for its sides. Entries are sorted and each tail occurs once.
 */
export type Residual = readonly number[];

/** Sides of a tail: bits for the effects that it has in each policy. */
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

/** Returns true if a tail has the same effects in both policies. */
export function isOnBothSides(sides: number): boolean {
  return (sides & 5) === ((sides >> 1) & 5);
}

/** Returns the canonical form: tails that can no longer matter are dropped. Takes ownership of the list. */
export function simplify(codes: number[]): Residual {
  const merged = mergedInOrder(codes);
  const first = merged[0];
  // Tail 0 has no tests left, so it matches and decides its side; Deny overrides Allow.
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

/** Returns the sides without each Allow that a Deny of the same tail overrides. */
function withoutDenied(code: number): number {
  const denied = ((code & denyBefore) !== 0 ? allowBefore : 0) | ((code & denyAfter) !== 0 ? allowAfter : 0);
  return sidesOf(code) & ~denied;
}

/** Sorts a list in place. Lists are short, and mostly in order already. */
function sort(codes: number[]): void {
  for (let end = 1; end < codes.length; end += 1) {
    const code = codes[end] ?? 0;
    let at = end;
    for (; at > 0 && (codes[at - 1] ?? 0) > code; at -= 1) codes[at] = codes[at - 1] ?? 0;
    codes[at] = code;
  }
}

function mergedInOrder(codes: number[]): readonly number[] {
  if (codes.length < 2) return codes;
  sort(codes);
  const merged: number[] = [];
  for (const code of codes) {
    const last = merged.at(-1);
    if (last !== undefined && tailOf(last) === tailOf(code)) merged[merged.length - 1] = last | sidesOf(code);
    else merged.push(code);
  }
  return merged;
}

/** Returns true if both policies decide alike, whatever the other fields are. */
export function sidesAgree(residual: Residual): boolean {
  return residual.every((code) => isOnBothSides(sidesOf(code)));
}

function allSidesOf(residual: Residual): number {
  let all = 0;
  for (const code of residual) all |= sidesOf(code);
  return all;
}

/** Returns the decision of each policy; undefined if it is still open. */
export function knownDecisions(residual: Residual): readonly [Decision | undefined, Decision | undefined] {
  const allSides = allSidesOf(residual);
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

/** Returns the decisions that each policy can still reach. */
export function reachableDecisions(residual: Residual): readonly [readonly Decision[], readonly Decision[]] {
  const allSides = allSidesOf(residual);
  const first = residual[0];
  const sure = first !== undefined && tailOf(first) === 0 ? first : 0;
  const decisions = (allow: number, deny: number): readonly Decision[] => [
    ...((allSides & deny) !== 0 ? ["deny" as const] : []),
    ...((allSides & allow) !== 0 && (sure & deny) === 0 ? ["allow" as const] : []),
    ...((sure & (allow | deny)) === 0 ? ["none" as const] : []),
  ];
  return [decisions(allowBefore, denyBefore), decisions(allowAfter, denyAfter)];
}

/** A UTF-16 unit that no short number has. */
const longNumbers = 0xffff;

/** Returns the residual as a text: one UTF-16 unit for each number, or two if some are long. */
export function residualKey(residual: Residual): string {
  const isShort = residual.every((code) => code < longNumbers);
  if (isShort) return String.fromCharCode(...residual);
  return String.fromCharCode(longNumbers, ...residual.flatMap((code) => [code & 0x7fff, code >>> 15]));
}
