import type { Policy, Statement } from "../policy/policy.ts";
import {
  always,
  fieldsOf,
  testsOf,
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
import { settledBy, type Rest, type Side } from "./settled.ts";
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
): Diagram {
  const [old, wanted] = [statementsOf(before), statementsOf(after)];
  const around: Surroundings = { statements: [...old, ...wanted], bucket, reading };
  return new Comparison(around, budget).diagram(old, wanted);
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

  constructor(around: Surroundings, budget: Budget) {
    this.#around = around;
    this.#fields = fieldsOf(around);
    this.#nodesLeft = budget.nodes;
    this.#statesLeft = budget.states;
    this.#seconds = budget.seconds;
    this.#deadline = performance.now() + budget.seconds * 1_000;
  }

  diagram(before: readonly Statement[], after: readonly Statement[]): Diagram {
    return this.#build(0, noScope, this.#sideOf(before), this.#sideOf(after));
  }

  #sideOf(statements: readonly Statement[]): Side {
    const withEffect = (effect: string) =>
      statements.filter((statement) => statement.effect === effect).map((one) => this.#classOf(one));
    return tidy({ allow: withEffect("Allow"), deny: withEffect("Deny") });
  }

  /** Statements whose tests are the same from some field on share the class of the rest. */
  #classOf(statement: Statement): number {
    const tests = testsOf(statement, this.#fields, this.#around);
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

  #build(depth: number, scope: Scope, x: Side, y: Side): Diagram {
    const [left, right] = [sideKey(x), sideKey(y)];
    if (left === right) return undefined;
    const [before, after] = [decided(x), decided(y)];
    if (before !== undefined && after !== undefined) return this.#leaf(before, after);
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

  #leaf(before: Decision, after: Decision): Diagram {
    if (before === after) return undefined;
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

  #after(side: Side, holds: (test: Test) => boolean): Side {
    const move = (ids: readonly number[]) =>
      ids.flatMap((id) => {
        const entry = this.#classes[id];
        return entry !== undefined && (id === 0 || holds(entry.test)) ? [entry.next] : [];
      });
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
        const holds = (test: Test) => test.kind === "atoms" && (test.mask & part) !== 0n;
        const child = this.#build(depth + 1, inside, this.#after(x, holds), this.#after(y, holds));
        if (child !== undefined) byChild.set(child, (byChild.get(child) ?? 0n) | part);
      }
    }
    return [...byChild].map(([child, mask]) => ({ values: { kind: "atoms", mask }, child }));
  }

  #textEdges(depth: number, field: TextField, scope: Scope, x: Side, y: Side): readonly Edge[] {
    const presence = presenceOf(field.name, scope);
    const groups = this.#groups([...this.#alive(x), ...this.#alive(y)]);
    const absents = new Set<Leaf | Branch>();
    const byChild = new Map<Leaf | Branch, TextClass[]>();
    const build = (holds: (test: TextTest) => boolean) => {
      const isMet = (test: Test) => test.kind === "atoms" || holds(test);
      return this.#build(depth + 1, scope, this.#after(x, isMet), this.#after(y, isMet));
    };
    if (presence !== "always") {
      const child = build(({ absent }) => absent);
      if (child !== undefined) absents.add(child);
    }
    if (presence !== "never") {
      const indexes = new Map(groups.map(({ key }, index) => [key, index]));
      const known = (truth: readonly (boolean | undefined)[]) => (test: TextTest) =>
        testTruth(test, (key) => truth[indexes.get(key) ?? -1]);
      const classes = textClasses({
        language: field.language,
        groups: groups.map(({ group }) => group),
        places: groups.map(({ start }) => start),
        isSettled: settledBy(x, y, (ids) => this.#rests(ids, indexes)),
        spend: () => this.#spendState(field, groups),
      });
      for (const one of classes) {
        const child = build((test) => known(one.truth)(test) === true);
        if (child !== undefined) byChild.set(child, [...(byChild.get(child) ?? []), one]);
      }
    }
    return [...new Set([...absents, ...byChild.keys()])].map((child) => ({
      values: { kind: "texts", absent: absents.has(child), groups, classes: byChild.get(child) ?? [] },
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

  #groups(ids: readonly number[]): readonly TextGroup[] {
    const tests = ids.flatMap((id) => this.#classes[id]?.test ?? []);
    const groups = tests.flatMap((test) => (test.kind === "texts" ? test.groups : []));
    return [...new Map(groups.map((group) => [group.key, group])).values()];
  }
  #rests(ids: readonly number[], places: ReadonlyMap<string, number>): readonly Rest[] {
    return ids.flatMap((id) => {
      const entry = this.#classes[id];
      if (entry === undefined) return [];
      const groups = entry.test.kind === "atoms" ? [] : entry.test.groups;
      const asked = groups.map(({ key, isNegated }) => ({ at: places.get(key) ?? -1, isNegated }));
      return [{ id, next: entry.next, asked }];
    });
  }
}

/** A statement that can no longer matter is dropped, so that equal remains have one form. */
function tidy({ allow, deny }: Side): Side {
  if (deny.includes(0)) return { allow: [], deny: [0] };
  const denied = new Set(deny);
  const kept = allow.includes(0) ? [0] : [...new Set(allow)].filter((id) => !denied.has(id));
  return { allow: kept.sort((a, b) => a - b), deny: [...denied].sort((a, b) => a - b) };
}

function sideKey({ allow, deny }: Side): string {
  return `${allow.join()}/${deny.join()}`;
}

function decided({ allow, deny }: Side): Decision | undefined {
  if (deny.includes(0)) return "deny";
  if (deny.length > 0) return undefined;
  if (allow.length === 0) return "none";
  return allow.includes(0) ? "allow" : undefined;
}

function testKey(test: Test): string {
  if (test.kind === "atoms") return `m${test.mask}`;
  return `t${test.absent ? 1 : 0}${test.groups.map(({ key, isNegated }) => `${isNegated ? "!" : ""}${key}`).join("&")}`;
}

/** One key for one set of values, so that equal branches are one. */
function valuesKey(values: Values): string {
  if (values.kind === "atoms") return `m${values.mask}`;
  const classes = values.classes.map(({ truth }) => truth.map(Number).join("")).sort();
  return `t${values.absent ? 1 : 0}${values.groups.map(({ key }) => key).join("&")}:${classes.length}:${classes.join()}`;
}

function testTruth(test: TextTest, of: (key: string) => boolean | undefined): boolean | undefined {
  let all: boolean | undefined = true;
  for (const { key, isNegated } of test.groups) {
    const truth = of(key);
    if (truth === isNegated) return false;
    if (truth === undefined) all = undefined;
  }
  return all;
}

/** The parts of a set of atoms that no mask tells apart. */
function split(domain: bigint, masks: ReadonlySet<bigint>): readonly bigint[] {
  let parts = [domain];
  for (const mask of masks)
    parts = parts.flatMap((part) => [part & mask, part & ~mask]).filter((part) => part !== 0n);
  return parts;
}
