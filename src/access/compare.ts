import type { Policy, Statement } from "../policy/policy.ts";
import { askingOf, type Asking } from "./asking.ts";
import { Budget, limits } from "./budget.ts";
import { Classes, withoutBystanders } from "./classes.ts";
import {
  always,
  fieldsOf,
  type AtomField,
  type Field,
  type Surroundings,
  type Test,
  type TextField,
  type TextGroup,
  type TextTest,
} from "./fields.ts";
import { testsOf, testsOfBoth } from "./statement-tests.ts";
import type { Bucket, Decision, Interpretation } from "./request.ts";
import { domainsOf, noScope, presenceOf, scopeKey, type Scope } from "./scope.ts";
import { holdsIn, settledBy, type Rest } from "./settled.ts";
import {
  allowAfter,
  allowBefore,
  classOf,
  decided,
  denyAfter,
  denyBefore,
  isSame,
  placed,
  possible,
  remainsKey,
  standingOf,
  tidy,
  type Remains,
} from "./remains.ts";
import { sliced } from "./slice.ts";
import { textClasses, type TextClass } from "./texts.ts";

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

/** Compares for all requests under one interpretation. Both policies must be supported. */
export function compareUnder(
  before: Policy | "none",
  after: Policy | "none",
  bucket: Bucket,
  interpretation: Interpretation,
  budget = new Budget(limits.questionSteps),
  isWanted?: IsWanted,
): Diagram {
  const [old = [], wanted = []] = sliced(before, after, bucket).map(statementsOf);
  const around: Surroundings = { statements: [...old, ...wanted], bucket, interpretation };
  return new Comparison(around, budget, isWanted).diagram(old, wanted);
}

/** Which differences are asked about. */
export type IsWanted = (before: Decision, after: Decision) => boolean;

/** The same, down to one path: some request that is decided differently in a way that is wanted. */
export function someDifference(
  before: Policy | "none",
  after: Policy | "none",
  bucket: Bucket,
  interpretation: Interpretation,
  isWanted: IsWanted,
  budget: Budget,
): Diagram {
  return compareUnder(before, after, bucket, interpretation, budget, isWanted);
}

/** A statement, or two: those requests that match both, with the effect of the first. */
export type Part = Statement | readonly [Statement, Statement];

/** The same of policies that are made of parts. */
export function someDifferenceOfParts(
  before: readonly Part[],
  after: readonly Part[],
  bucket: Bucket,
  interpretation: Interpretation,
  isWanted: IsWanted,
  budget: Budget,
): Diagram {
  const statements = [...before, ...after].flatMap((part) => ("effect" in part ? [part] : part));
  return new Comparison({ statements, bucket, interpretation }, budget, isWanted).diagram(before, after);
}

function statementsOf(policy: Policy | "none"): readonly Statement[] {
  return policy === "none" ? [] : policy.statements;
}

/** One comparison, with what it remembers; it lives as long as that. */
class Comparison {
  readonly #fields: readonly Field[];
  readonly #around: Surroundings;
  readonly #classes = new Classes();
  readonly #known = new Map<string, Diagram>();
  readonly #branches = new Map<string, Branch>();
  readonly #ids = new Map<Leaf | Branch, number>();
  readonly #leaves = new Map<string, Leaf>();
  readonly #budget: Budget;

  /** Where it is given, one path that ends so is enough. */
  readonly #isWanted: IsWanted | undefined;

  constructor(around: Surroundings, budget: Budget, isWanted?: IsWanted) {
    this.#around = around;
    this.#isWanted = isWanted;
    this.#budget = budget;
    this.#fields = fieldsOf(around, budget);
  }

  diagram(before: readonly Part[], after: readonly Part[]): Diagram {
    const codes = [
      ...this.#placed(before, { Allow: allowBefore, Deny: denyBefore }),
      ...this.#placed(after, { Allow: allowAfter, Deny: denyAfter }),
    ];
    return this.#build(0, noScope, tidy(codes));
  }

  #placed(parts: readonly Part[], places: Readonly<Record<string, number>>): readonly number[] {
    return parts.map((part) => {
      const { effect } = "effect" in part ? part : part[0];
      return placed(this.#classes.idOf(this.#testsOf(part)), places[effect ?? ""] ?? 0);
    });
  }

  #testsOf(part: Part): readonly Test[] {
    const [first, second] = "effect" in part ? [part] : part;
    const tests = testsOf(first, this.#fields, this.#around);
    return second === undefined ? tests : testsOfBoth(tests, testsOf(second, this.#fields, this.#around));
  }

  #build(depth: number, scope: Scope, remains: Remains): Diagram {
    if (isSame(remains)) return undefined;
    const left = withoutBystanders(remains, this.#classes);
    const [before, after] = decided(left);
    if (before !== undefined && after !== undefined) return this.#leaf(before, after);
    if (this.#isHopeless(left)) return undefined;
    const key = `${depth} ${scopeKey(scope)} ${remainsKey(left)}`;
    const known = this.#known.get(key);
    if (known !== undefined || this.#known.has(key)) return known;
    this.#budget.spend(nodeSteps + stepsOfTail * left.length, () => "too many combinations of conditions");
    const field = this.#fields[depth];
    if (field === undefined) throw new Error("a request without fields left is decided");
    const edges =
      field.kind === "atoms"
        ? this.#atomEdges(depth, field, scope, left)
        : this.#textEdges(depth, field, scope, left);
    const made = this.#branch(field, edges);
    this.#known.set(key, made);
    return made;
  }

  /** Whether nothing that is left of both sides can end as is wanted. */
  #isHopeless(remains: Remains): boolean {
    const isWanted = this.#isWanted;
    if (isWanted === undefined) return false;
    const [before, after] = possible(remains);
    return !before.some((was) => after.some((is) => was !== is && isWanted(was, is)));
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

  #after(remains: Remains, holds: (id: number, test: Test) => boolean): Remains {
    const moved: number[] = [];
    for (const code of remains) {
      const id = classOf(code);
      const { test, next } = this.#classes.at(id);
      if (id === 0 || holds(id, test)) moved.push(placed(next, standingOf(code)));
    }
    return tidy(moved);
  }

  #atomEdges(depth: number, field: AtomField, scope: Scope, remains: Remains): readonly Edge[] {
    const masks = remains.flatMap((code) => {
      const { test } = this.#classes.at(classOf(code));
      return test.kind === "atoms" && test !== always ? [test.mask] : [];
    });
    const byChild = new Map<Leaf | Branch, bigint>();
    for (const { domain, inside } of domainsOf(field, scope)) {
      for (const part of split(domain, new Set(masks))) {
        this.#budget.spend(remains.length, () => "too many combinations of conditions");
        const holds = (_: number, test: Test) =>
          test === always || (test.kind === "atoms" && (test.mask & part) !== 0n);
        const child = this.#build(depth + 1, inside, this.#after(remains, holds));
        if (child === undefined) continue;
        byChild.set(child, (byChild.get(child) ?? 0n) | part);
        if (this.#isWanted !== undefined) return [{ values: { kind: "atoms", mask: part }, child }];
      }
    }
    return [...byChild].map(([child, mask]) => ({ values: { kind: "atoms", mask }, child }));
  }

  #textEdges(depth: number, field: TextField, scope: Scope, remains: Remains): readonly Edge[] {
    const presence = presenceOf(field.name, scope);
    const absents = new Set<Leaf | Branch>();
    const byChild = new Map<Leaf | Branch, TextClass[]>();
    const build = (left: Remains) => this.#build(depth + 1, scope, left);
    if (presence !== "always") {
      const lacks = (test: TextTest) => (presence === "never" ? test.impossible : test.absent);
      const child = build(this.#after(remains, (_, test) => test.kind === "atoms" || lacks(test)));
      if (child !== undefined) absents.add(child);
    }
    const isEnough = this.#isWanted !== undefined && absents.size > 0;
    const asking = presence === "never" || isEnough ? undefined : this.#asking(remains);
    if (asking !== undefined) {
      for (const one of this.#kindsOf(field, asking)) {
        this.#budget.spend(asking.rests.length, () => "too many combinations of conditions");
        const child = build(restsMet(asking.rests, one.truth));
        if (child !== undefined) byChild.set(child, [...(byChild.get(child) ?? []), one]);
        if (child !== undefined && this.#isWanted !== undefined) break;
      }
    }
    return [...new Set([...absents, ...byChild.keys()])].map((child) => ({
      values: {
        kind: "texts",
        absent: absents.has(child),
        groups: asking?.questions ?? [],
        classes: byChild.get(child) ?? [],
      },
      child,
    }));
  }

  #kindsOf(field: TextField, { questions, groups, rests }: Asking): readonly TextClass[] {
    return textClasses({
      language: field.language,
      groups: groups.map(({ of, question }) => ({ group: of.group, start: of.start, question })),
      isSettled: settledBy(rests),
      spend: (steps) => {
        this.#budget.spend(steps, () => statesText(field, questions));
      },
    });
  }

  #asking(remains: Remains): Asking {
    return askingOf(
      remains.map((code) => {
        const id = classOf(code);
        return { id, ...this.#classes.at(id), standing: standingOf(code) };
      }),
    );
  }
}

/** Steps of one node beside those of its statements. */
const nodeSteps = 20;
const stepsOfTail = 5;

function statesText(field: TextField, groups: readonly TextGroup[]): string {
  const longest = groups.flatMap(({ patterns }) => patterns).sort((a, b) => b.length - a.length)[0] ?? "";
  return `the patterns of ${field.name}, such as \`${longest.slice(0, 60)}\`, take too many states`;
}

/** One key for one set of values, so that equal branches are one. */
function valuesKey(values: Values): string {
  if (values.kind === "atoms") return `m${values.mask}`;
  const classes = values.classes.map(({ truth }) => truth.map(Number).join("")).sort();
  return `t${values.absent ? 1 : 0}${values.groups.map(({ key }) => key).join("&")}:${classes.length}:${classes.join()}`;
}

/** What goes on of the classes where the questions have these answers. */
function restsMet(rests: readonly Rest[], truth: readonly boolean[]): Remains {
  return tidy(
    rests.filter((rest) => holdsIn(rest, truth) === true).map(({ next, standing }) => placed(next, standing)),
  );
}

/** The parts of a set of atoms that no mask tells apart. */
function split(domain: bigint, masks: ReadonlySet<bigint>): readonly bigint[] {
  let parts = [domain];
  for (const mask of masks)
    parts = parts.flatMap((part) => [part & mask, part & ~mask]).filter((part) => part !== 0n);
  return parts;
}
