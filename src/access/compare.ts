import type { Policy, Statement } from "../policy/policy.ts";
import { askingOf, type Asking } from "./asking.ts";
import {
  always,
  fieldsOf,
  testsOf,
  testsOfBoth,
  type AtomField,
  type Field,
  type Surroundings,
  type Test,
  type TextField,
  type TextGroup,
  type TextTest,
} from "./fields.ts";
import type { Bucket, Decision, Reading } from "./request.ts";
import { domainsOf, noScope, presenceOf, type Scope } from "./scope.ts";
import { holdsIn, settledBy, type Rest } from "./settled.ts";
import { decided, possible, sideKey, tidy, type Side } from "./side.ts";
import { sliced } from "./slice.ts";
import { textClasses, type TextClass } from "./texts.ts";

/** How much work one comparison may take; beyond it the answer is "undecided". */
export interface Budget {
  readonly nodes: number;
  readonly states: number;
  /** The last resort, where each step is slow: on another machine the answer may be another. */
  readonly seconds: number;
}

const usualBudget: Budget = { nodes: 200_000, states: 200_000, seconds: 20 };

/** The work budget ran out: which part, and how much it was. */
export class BudgetSpent extends Error {}

/**
 * Where two policies decide differently, as a diagram over the fields of a request: each path from the
 * root to a leaf is a set of requests, no two share one, and every request that is decided differently
 * lies on one. Undefined is "no difference": the proof that the policies are equal.
 */
export type Diagram = Leaf | Branch | undefined;

export interface Leaf {
  readonly kind: "leaf";
  readonly before: Decision;
  readonly after: Decision;
}

export interface Branch {
  readonly kind: "branch";
  readonly field: Field;
  readonly edges: readonly Edge[];
}

export interface Edge {
  readonly values: Values;
  readonly child: Leaf | Branch;
}

/** The values of a field on an edge. */
export type Values =
  | { readonly kind: "atoms"; readonly mask: bigint }
  | {
      readonly kind: "texts";
      /** Requests without the key; under `resource`, to the bucket itself. */
      readonly absent: boolean;
      readonly groups: readonly TextGroup[];
      readonly classes: readonly TextClass[];
    };

/** Compares for all requests under one reading. Both policies must be supported. */
export function compareUnder(
  before: Policy | "none",
  after: Policy | "none",
  bucket: Bucket,
  reading: Reading,
  budget: Budget = usualBudget,
  isWanted?: IsWanted,
): Diagram {
  const [old = [], wanted = []] = sliced(before, after, bucket).map(statementsOf);
  const around: Surroundings = { statements: [...old, ...wanted], bucket, reading };
  return new Comparison(around, budget, isWanted).diagram(old, wanted);
}

/** Which differences are asked about. */
export type IsWanted = (before: Decision, after: Decision) => boolean;

/** The same, down to one path: some request that is decided differently in a way that is wanted. */
export function someDifference(
  before: Policy | "none",
  after: Policy | "none",
  bucket: Bucket,
  reading: Reading,
  isWanted: IsWanted,
): Diagram {
  return compareUnder(before, after, bucket, reading, usualBudget, isWanted);
}

/** A statement, or two: those requests that match both, with the effect of the first. */
export type Part = Statement | readonly [Statement, Statement];

/** The same of policies that are made of parts. */
export function someDifferenceOfParts(
  before: readonly Part[],
  after: readonly Part[],
  bucket: Bucket,
  reading: Reading,
  isWanted: IsWanted,
): Diagram {
  const statements = [...before, ...after].flatMap((part) => ("effect" in part ? [part] : part));
  return new Comparison({ statements, bucket, reading }, usualBudget, isWanted).diagram(before, after);
}

function statementsOf(policy: Policy | "none"): readonly Statement[] {
  return policy === "none" ? [] : policy.statements;
}

/** One comparison, with what it remembers; it lives as long as that. */
class Comparison {
  readonly #fields: readonly Field[];
  readonly #around: Surroundings;
  readonly #classes: { readonly test: Test; readonly next: number }[] = [{ test: always, next: 0 }];
  readonly #classIds = new Map<string, number>();
  readonly #known = new Map<string, Diagram>();
  readonly #branches = new Map<string, Branch>();
  readonly #ids = new Map<Leaf | Branch, number>();
  readonly #leaves = new Map<string, Leaf>();
  #nodesLeft: number;
  #statesLeft: number;
  readonly #deadline: number;
  readonly #seconds: number;

  /** Where it is given, one path that ends so is enough. */
  readonly #isWanted: IsWanted | undefined;

  constructor(around: Surroundings, budget: Budget, isWanted?: IsWanted) {
    this.#around = around;
    this.#isWanted = isWanted;
    this.#fields = fieldsOf(around);
    this.#nodesLeft = budget.nodes;
    this.#statesLeft = budget.states;
    this.#seconds = budget.seconds;
    this.#deadline = performance.now() + budget.seconds * 1_000;
  }

  diagram(before: readonly Part[], after: readonly Part[]): Diagram {
    return this.#build(0, noScope, this.#sideOf(before), this.#sideOf(after));
  }

  #sideOf(parts: readonly Part[]): Side {
    const withEffect = (effect: string) =>
      parts
        .filter((part) => ("effect" in part ? part : part[0]).effect === effect)
        .map((part) => this.#classOf(part));
    return tidy({ allow: withEffect("Allow"), deny: withEffect("Deny") });
  }

  /** Statements whose tests are the same from some field on share the class of the rest. */
  #classOf(part: Part): number {
    const tests = this.#testsOf(part);
    let rest = 0;
    for (const test of [...tests].reverse()) {
      const key = `${testKey(test)}>${rest}`;
      let id = this.#classIds.get(key);
      if (id === undefined) {
        id = this.#classes.length;
        this.#classes.push({ test, next: rest });
        this.#classIds.set(key, id);
      }
      rest = id;
    }
    return rest;
  }

  #testsOf(part: Part): readonly Test[] {
    const [first, second] = "effect" in part ? [part] : part;
    const tests = testsOf(first, this.#fields, this.#around);
    return second === undefined ? tests : testsOfBoth(tests, testsOf(second, this.#fields, this.#around));
  }

  #build(depth: number, scope: Scope, x: Side, y: Side): Diagram {
    const [left, right] = [sideKey(x), sideKey(y)];
    if (left === right) return undefined;
    const [before, after] = [decided(x), decided(y)];
    if (before !== undefined && after !== undefined) return this.#leaf(before, after);
    if (this.#isHopeless(x, y)) return undefined;
    const key = `${depth} ${Number(scope.isObject)}${Number(scope.isListing)}${Number(scope.isAnonymous)} ${left} ${right}`;
    if (this.#known.has(key)) return this.#known.get(key);
    this.#nodesLeft -= 1;
    if (this.#nodesLeft < 0) throw new BudgetSpent("too many combinations of conditions");
    this.#spendTime();
    const field = this.#fields[depth];
    if (field === undefined) throw new Error("a request without fields left is decided");
    const edges =
      field.kind === "atoms"
        ? this.#atomEdges(depth, field, scope, x, y)
        : this.#textEdges(depth, field, scope, x, y);
    const made = this.#branch(field, edges);
    this.#known.set(key, made);
    return made;
  }

  /** Whether nothing that is left of both sides can end as is wanted. */
  #isHopeless(x: Side, y: Side): boolean {
    const isWanted = this.#isWanted;
    if (isWanted === undefined) return false;
    const ends = possible(y);
    return !possible(x).some((before) => ends.some((after) => before !== after && isWanted(before, after)));
  }

  #leaf(before: Decision, after: Decision): Diagram {
    if (before === after || this.#isWanted?.(before, after) === false) return undefined;
    const key = `${before} ${after}`;
    const leaf = this.#leaves.get(key) ?? { kind: "leaf", before, after };
    this.#leaves.set(key, leaf);
    return leaf;
  }

  #branch(field: Field, edges: readonly Edge[]): Diagram {
    if (edges.length === 0) return undefined;
    const key = `${field.name} ${edges.map(({ values, child }) => `${valuesKey(values)}=${this.#id(child)}`).join(" ")}`;
    const branch = this.#branches.get(key) ?? { kind: "branch", field, edges };
    this.#branches.set(key, branch);
    return branch;
  }

  #id(node: Leaf | Branch): number {
    const id = this.#ids.get(node) ?? this.#ids.size;
    this.#ids.set(node, id);
    return id;
  }

  #alive(side: Side): readonly number[] {
    return [...side.allow, ...side.deny].filter((id) => id !== 0);
  }

  #after(side: Side, holds: (id: number, test: Test) => boolean): Side {
    const move = (ids: readonly number[]) => {
      const moved: number[] = [];
      for (const id of ids) {
        const entry = this.#classes[id];
        if (entry !== undefined && (id === 0 || holds(id, entry.test))) moved.push(entry.next);
      }
      return moved;
    };
    return tidy({ allow: move(side.allow), deny: move(side.deny) });
  }

  #atomEdges(depth: number, field: AtomField, scope: Scope, x: Side, y: Side): readonly Edge[] {
    const masks = [...this.#alive(x), ...this.#alive(y)].flatMap((id) => {
      const test = this.#classes[id]?.test;
      return test?.kind === "atoms" ? [test.mask] : [];
    });
    const byChild = new Map<Leaf | Branch, bigint>();
    for (const { domain, inside } of domainsOf(field, scope)) {
      for (const part of split(domain, new Set(masks))) {
        const holds = (_: number, test: Test) => test.kind === "atoms" && (test.mask & part) !== 0n;
        const child = this.#build(depth + 1, inside, this.#after(x, holds), this.#after(y, holds));
        if (child === undefined) continue;
        byChild.set(child, (byChild.get(child) ?? 0n) | part);
        if (this.#isWanted !== undefined) return [{ values: { kind: "atoms", mask: part }, child }];
      }
    }
    return [...byChild].map(([child, mask]) => ({ values: { kind: "atoms", mask }, child }));
  }

  #textEdges(depth: number, field: TextField, scope: Scope, x: Side, y: Side): readonly Edge[] {
    const presence = presenceOf(field.name, scope);
    const { questions, groups, rests } = this.#asking(x, y);
    const absents = new Set<Leaf | Branch>();
    const byChild = new Map<Leaf | Branch, TextClass[]>();
    const build = (holds: (id: number, test: Test) => boolean) =>
      this.#build(depth + 1, scope, this.#after(x, holds), this.#after(y, holds));
    if (presence !== "always") {
      const lacks = (test: TextTest) => (presence === "never" ? test.impossible : test.absent);
      const child = build((_, test) => test.kind === "atoms" || lacks(test));
      if (child !== undefined) absents.add(child);
    }
    const isEnough = this.#isWanted !== undefined && absents.size > 0;
    if (presence !== "never" && !isEnough) {
      const classes = textClasses({
        language: field.language,
        groups: groups.map(({ of, question }) => ({ group: of.group, start: of.start, question })),
        isSettled: settledBy(x, y, (ids) => ids.flatMap((id) => rests.get(id) ?? [])),
        spend: () => this.#spendState(field, questions),
      });
      for (const one of classes) {
        const child = build((id) => isMet(rests.get(id), one.truth));
        if (child !== undefined) byChild.set(child, [...(byChild.get(child) ?? []), one]);
        if (child !== undefined && this.#isWanted !== undefined) break;
      }
    }
    return [...new Set([...absents, ...byChild.keys()])].map((child) => ({
      values: {
        kind: "texts",
        absent: absents.has(child),
        groups: questions,
        classes: byChild.get(child) ?? [],
      },
      child,
    }));
  }

  #spendTime(): void {
    if (performance.now() > this.#deadline)
      throw new BudgetSpent(`it takes more than ${this.#seconds} seconds`);
  }

  #spendState(field: TextField, groups: readonly TextGroup[]): void {
    this.#statesLeft -= 1;
    if (this.#statesLeft % 256 === 0) this.#spendTime();
    if (this.#statesLeft >= 0) return;
    const longest = groups.flatMap(({ patterns }) => patterns).sort((a, b) => b.length - a.length)[0] ?? "";
    throw new BudgetSpent(
      `the patterns of ${field.name}, such as \`${longest.slice(0, 60)}\`, take too many states`,
    );
  }

  #asking(x: Side, y: Side): Asking {
    const sides = [x.allow, y.allow, x.deny, y.deny].map((ids) => new Set(ids));
    const ids = new Set([...x.allow, ...x.deny, ...y.allow, ...y.deny]);
    return askingOf(
      [...ids].flatMap((id) => {
        const entry = this.#classes[id];
        const standing = sides.map((side) => Number(side.has(id))).join("");
        return entry === undefined ? [] : [{ id, ...entry, standing }];
      }),
    );
  }
}

function testKey(test: Test): string {
  if (test.kind === "atoms") return `m${test.mask}`;
  return `t${Number(test.absent)}${Number(test.impossible)}${test.groups.map(({ key, isNegated }) => `${isNegated ? "!" : ""}${key}`).join("&")}`;
}

/** One key for one set of values, so that equal branches are one. */
function valuesKey(values: Values): string {
  if (values.kind === "atoms") return `m${values.mask}`;
  const classes = values.classes.map(({ truth }) => truth.map(Number).join("")).sort();
  return `t${values.absent ? 1 : 0}${values.groups.map(({ key }) => key).join("&")}:${classes.length}:${classes.join()}`;
}

function isMet(rest: Rest | undefined, truth: readonly boolean[]): boolean {
  return rest !== undefined && holdsIn(rest, truth) === true;
}

/** The parts of a set of atoms that no mask tells apart. */
function split(domain: bigint, masks: ReadonlySet<bigint>): readonly bigint[] {
  let parts = [domain];
  for (const mask of masks)
    parts = parts.flatMap((part) => [part & mask, part & ~mask]).filter((part) => part !== 0n);
  return parts;
}
