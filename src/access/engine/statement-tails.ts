/**
 * Hash-consed statement tails: statements with the same tests from some field on share one id.
 * `dropIrrelevant` is cone-of-influence reduction on them.
 */

import { mayOverlap } from "../text/literal-prefix.ts";
import { always, type Test, type TextGroup } from "./fields.ts";
import { tailOf, isOnBothSides, sidesOf, type Residual } from "./residual.ts";

/** Statement from some field on: its test of that field, and the tail for the fields after it. */
export interface Tail {
  readonly test: Test;
  readonly next: number;
}

/** Tails of one comparison by id. Tail 0 has no tests left. */
export class TailTable {
  readonly #all: Tail[] = [{ test: always, next: 0 }];
  readonly #ids = new Map<string, number>();
  readonly #meetings = new Map<number, boolean>();

  /** Returns the id of a list of tests. Lists with the same end share its tails. */
  idOf(tests: readonly Test[]): number {
    let rest = 0;
    for (const test of [...tests].reverse()) {
      const key = `${testKey(test)}>${rest}`;
      let id = this.#ids.get(key);
      if (id === undefined) {
        id = this.#all.length;
        this.#all.push({ test, next: rest });
        this.#ids.set(key, id);
      }
      rest = id;
    }
    return rest;
  }

  at(id: number): Tail {
    const found = this.#all[id];
    if (found === undefined) throw new Error(`no tail has the id ${id}`);
    return found;
  }

  /** Returns false only if no request matches both tails, which start at the same field. True proves nothing. */
  mayMeet(one: number, other: number): boolean {
    if (one === 0 || other === 0 || one === other) return true;
    const key = one < other ? one * pairBase + other : other * pairBase + one;
    const known = this.#meetings.get(key);
    if (known !== undefined) return known;
    const [left, right] = [this.at(one), this.at(other)];
    const may = testsMayMeet(left.test, right.test) && this.mayMeet(left.next, right.next);
    this.#meetings.set(key, may);
    return may;
  }
}

/**
 * Drops the tails that are alike in both policies and overlap none of the others: a request that is
 * decided differently matches a tail that is not alike in both.
 */
export function dropIrrelevant(residual: Residual, tails: TailTable): Residual {
  const own = residual.filter((code) => !isOnBothSides(sidesOf(code)));
  if (own.length === residual.length) return residual;
  return residual.filter(
    (code) =>
      !isOnBothSides(sidesOf(code)) || own.some((other) => tails.mayMeet(tailOf(code), tailOf(other))),
  );
}

/** Upper bound on the tails of two policies of 16 KB each. */
const pairBase = 2 ** 20;

function testKey(test: Test): string {
  if (test.kind === "atoms") return `m${test.mask.toString(32)}`;
  return `t${Number(test.absent)}${Number(test.impossible)}${test.groups.map(({ key, isNegated }) => `${isNegated ? "!" : ""}${key}`).join("&")}`;
}

function testsMayMeet(one: Test, other: Test): boolean {
  if (one.kind === "atoms") return other.kind !== "atoms" || (one.mask & other.mask) !== 0n;
  if (other.kind === "atoms") return true;
  if ((one.absent && other.absent) || (one.impossible && other.impossible)) return true;
  return one.groups.every((left) => other.groups.every((right) => groupsMayMeet(left, right)));
}

/** Ignores letter case, which can only find more overlaps. */
function groupsMayMeet(one: TextGroup, other: TextGroup): boolean {
  if (one.isNegated || other.isNegated) return true;
  return one.begins.some((left) => other.begins.some((right) => mayOverlap(left, right)));
}
