import { mayOverlap } from "../text/literal-prefix.ts";
import { always, type Test, type TextGroup } from "./fields.ts";
import { tailOf, isOnBothSides, sidesOf, type Residual } from "./residual.ts";

/** A statement from some field on: what it asks of that field, and the class of the rest. */
export interface Tail {
  readonly test: Test;
  readonly next: number;
}

/** The classes of the statements of one comparison, by number; 0 has nothing left to ask. */
export class TailTable {
  readonly #all: Tail[] = [{ test: always, next: 0 }];
  readonly #ids = new Map<string, number>();
  readonly #meetings = new Map<number, boolean>();

  /** Statements whose tests are the same from some field on share the class of the rest. */
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
    if (found === undefined) throw new Error("there is no class of this number");
    return found;
  }

  /** Whether some request may meet both classes, which stand at one field; true where that is not plain to see. */
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
 * What is left without the classes that stand in both policies alike and meet none of those that do not:
 * a request that is decided differently matches a class that only one of them has.
 */
export function dropIrrelevant(residual: Residual, tails: TailTable): Residual {
  const own = residual.filter((code) => !isOnBothSides(sidesOf(code)));
  if (own.length === residual.length) return residual;
  return residual.filter(
    (code) =>
      !isOnBothSides(sidesOf(code)) || own.some((other) => tails.mayMeet(tailOf(code), tailOf(other))),
  );
}

/** More than there are classes in a policy of 16 KB. */
const pairBase = 2 ** 20;

function testKey(test: Test): string {
  if (test.kind === "atoms") return `m${test.mask}`;
  return `t${Number(test.absent)}${Number(test.impossible)}${test.groups.map(({ key, isNegated }) => `${isNegated ? "!" : ""}${key}`).join("&")}`;
}

function testsMayMeet(one: Test, other: Test): boolean {
  if (one.kind === "atoms") return other.kind !== "atoms" || (one.mask & other.mask) !== 0n;
  if (other.kind === "atoms") return true;
  if ((one.absent && other.absent) || (one.impossible && other.impossible)) return true;
  return one.groups.every((left) => other.groups.every((right) => groupsMayMeet(left, right)));
}

/** Letter case is left aside, which can only make more of them meet. */
function groupsMayMeet(one: TextGroup, other: TextGroup): boolean {
  if (one.isNegated || other.isNegated) return true;
  return one.begins.some((left) => other.begins.some((right) => mayOverlap(left, right)));
}
