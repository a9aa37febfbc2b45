/** Access of a plan, read back from its JSON. */

import type { ConditionTerm, PrincipalWord, ValueWord } from "../access/describe/describe.ts";
import type { PatternWord } from "../access/describe/pattern-words.ts";
import type { Term } from "../access/describe/set-cover.ts";
import type { AccessDifference, KnownAccessChange } from "../access/difference.ts";
import type { AccessEffect } from "../access/effect.ts";
import type { Dependence, OpenQuestion, PointPosition } from "../access/interpretation-texts.ts";
import type { Request } from "../access/request.ts";
import type { PlanDocument } from "./plan-schema.ts";

type AccessJson = NonNullable<PlanDocument["changes"][number]["access"]>;
type RegionJson = AccessJson["gains"][number];
type TermJson = RegionJson["terms"]["actions"][number];
type MemberJson = TermJson["all"][number];
type ConditionJson = RegionJson["terms"]["conditions"][number];
type RequestJson = Omit<RegionJson["witness"], "before" | "after">;

export function accessFrom(json: AccessJson): AccessDifference {
  const observed = json.observed === undefined ? {} : { observed: json.observed as PointPosition[] };
  if (json.verdict === "equal") return { verdict: "equal", ...observed };
  if (json.verdict === "undecided") return { verdict: "undecided", cause: json.cause ?? "" };
  return {
    verdict: "different",
    regions: regionsInOrder(json),
    // The schema does not list the points, so that a later version may add some.
    dependsOn: json.dependsOn as OpenQuestion[],
    ...observed,
  };
}

function regionsInOrder(json: AccessJson): readonly KnownAccessChange[] {
  const taken: Record<AccessEffect, number> = { gains: 0, blockLifted: 0, loses: 0, newlyBlocked: 0 };
  return (json.order ?? []).flatMap((effect) => {
    const region = json[effect][taken[effect]++];
    return region === undefined ? [] : [regionFrom(region, effect)];
  });
}

function regionFrom({ terms, witness, holdsIf }: RegionJson, effect: AccessEffect): KnownAccessChange {
  return {
    effect,
    principals: terms.principals.map((term) => termFrom(term, principalFrom)),
    actions: terms.actions.map((term) => termFrom(term, wordFrom)),
    on: { bucket: terms.on.bucket, keys: terms.on.keys.map((term) => termFrom(term, wordFrom)) },
    conditions: terms.conditions.map(conditionFrom),
    witness: requestFrom(witness),
    before: witness.before,
    after: witness.after,
    dependsOn: holdsIf as Dependence,
  };
}

function termFrom<W>({ all, except }: TermJson, wordOf: (member: MemberJson) => W): Term<W> {
  return { all: all.map(wordOf), except: except.map(wordOf) };
}

const kinds = ["anonymous", "owner", "any UID", "any role session"] as const;

function principalFrom(member: MemberJson): PrincipalWord {
  if (typeof member !== "string")
    return { kind: "role", pattern: wordFrom(member).text, foldsCase: isFolding(member) };
  const kind = kinds.find((one) => one === member);
  if (kind !== undefined) return { kind };
  return /^\d+$/.test(member)
    ? { kind: "UID", uid: member }
    : { kind: "role", pattern: member, foldsCase: false };
}

/** Returns a word. A pattern without a wildcard is a literal text. */
function wordFrom(member: MemberJson): PatternWord {
  const isLiteral = typeof member !== "string" && "literal" in member;
  const text = textOf(member);
  return { text, style: { isLiteral: isLiteral || !/[*?]/.test(text), foldsCase: isFolding(member) } };
}

function textOf(member: MemberJson): string {
  if (typeof member === "string") return member;
  if ("pattern" in member) return member.pattern;
  return "literal" in member ? member.literal : member.from;
}

function isFolding(member: MemberJson): boolean {
  return typeof member !== "string" && "ignoreCase" in member && member.ignoreCase === true;
}

function conditionFrom({ key, values, kind, orAbsent }: ConditionJson): ConditionTerm {
  return { key, values: values.map((term) => termFrom(term, (member) => valueFrom(member, kind))), orAbsent };
}

function valueFrom(member: MemberJson, kind: ConditionJson["kind"]): ValueWord {
  if (typeof member !== "string" && "from" in member)
    return { kind: "span", from: member.from, to: member.to };
  if (kind === "bool") return { kind, value: textOf(member) };
  if (kind === "network") return { kind, cidr: textOf(member) };
  return { kind: "text", word: wordFrom(member) };
}

export function requestFrom({ principal, action, resource, context }: RequestJson): Request {
  return { principal, action, resource, context: new Map(Object.entries(context)) };
}
