/**
 * Classes of seen requests that two policies decide alike. The class of a request costs little: what is known of it is reduced
 * to the answers to the tests of the policies, and whatever repeats is looked up.
 */

import { addressClasses } from "../access/engine/intervals.ts";
import { evaluate } from "../access/evaluate.ts";
import type { Interpretation } from "../access/request.ts";
import { memoizeBy } from "../memoize.ts";
import type { Bucket } from "../policy/bucket.ts";
import { textNames } from "./short-names.ts";
import { findConditionKey } from "../policy/conditions.ts";
import { globMatches } from "../policy/glob.ts";
import type { ConditionTest, Policy, Statement } from "../policy/policy.ts";
import { parseResource } from "../policy/resource.ts";
import type { SeenRequest } from "../requests/seen-request.ts";

/** Condition key whose value is the time of the request. */
export const timeKey = "acs:CurrentTime";

/** Classes of requests by what two policies can tell of them. */
export interface RequestClasses {
  /** Returns the number of the class of the condition keys of a request. */
  readonly ofContext: (request: SeenRequest) => number;
  /** Returns the class of its key and its time. */
  readonly ofTarget: (request: SeenRequest) => number | string;
}

export function requestClasses(
  statements: readonly Statement[],
  bucket: Bucket,
  interpretations: readonly Interpretation[],
): RequestClasses {
  const ofKey = keyClasses(statements, bucket);
  const cuts = timeCuts(statements);
  return {
    ofContext: contextClasses(statements, bucket, interpretations),
    ofTarget: ({ key, isKeyUnknown, timeMs }) => {
      const own = isKeyUnknown === true ? unknownKeyClass : ofKey(key);
      return cuts.length === 0 ? own : `${own} ${timeClass(timeMs, cuts)}`;
    },
  };
}

/** Class of all keys that are unknown. */
const unknownKeyClass = "unknown";

/** Patterns whose answers fit into a small number, which is faster than a text. */
const maxBits = 28;

/** Returns the function from a key to the patterns that it matches. */
function keyClasses(statements: readonly Statement[], bucket: Bucket): (key: string) => number | string {
  const names = statements.flatMap(({ resource }) =>
    (resource ?? []).flatMap((word) => {
      const parsed = parseResource(word);
      return parsed === undefined || parsed.kind === "everything" ? [] : [parsed.name];
    }),
  );
  const matchers = [...new Set(names)].sort().map((name) => matcherOf(name, bucket.name));
  if (matchers.length > maxBits)
    return (key) => `${Number(key === "")}${matchers.map((matches) => Number(matches(key))).join("")}`;
  return (key) => {
    let bits = key === "" ? 1 : 2;
    for (const matches of matchers) bits = bits * 2 + (matches(key) ? 1 : 0);
    return bits;
  };
}

/** Returns the function that decides whether a key matches. Most patterns have few `*` and no `?`, for which texts are searched. */
function matcherOf(name: string, bucket: string): (key: string) => boolean {
  const head = `${bucket}/`;
  if (!name.startsWith(head) || name.includes("?"))
    return (key) => globMatches(name, key === "" ? bucket : `${bucket}/${key}`);
  const [first = "", ...others] = name.slice(head.length).split("*");
  const last = others.pop();
  if (last === undefined) return (key) => key !== "" && key === first;
  return (key) => key !== "" && key.startsWith(first) && hasParts(key, first.length, others, last);
}

/** Returns true if the parts follow each other, and the last one ends the text: each `*` takes as little as it can. */
function hasParts(text: string, start: number, parts: readonly string[], last: string): boolean {
  let from = start;
  for (const part of parts) {
    const at = text.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return text.length - last.length >= from && text.endsWith(last);
}

/** Values of a condition key whose answers are kept: a website has as many addresses as visitors. */
const maxValues = 20_000;

/** Returns the function from the condition keys of a request to the answers to the tests. */
function contextClasses(
  statements: readonly Statement[],
  bucket: Bucket,
  interpretations: readonly Interpretation[],
): (request: SeenRequest) => number {
  const tests = statements.flatMap(({ condition }) => condition ?? []);
  const keys = [...new Set(tests.map(({ key }) => key ?? ""))].filter((key) => key !== timeKey).sort();
  const answersOf = keys.map((key) =>
    answersTo(
      tests.filter((test) => test.key === key),
      bucket,
      interpretations,
    ),
  );
  const nameOf = textNames();
  return ({ context, absent }) => {
    const answers = keys
      .map((key, at) => {
        const value = context.get(key);
        if (value !== undefined) return answersOf[at]?.(value) ?? "";
        return isAbsent(absent, key) ? "a" : "u";
      })
      .join(",");
    return nameOf(answers);
  };
}

/** Returns whether a key was certainly not there: itself, or all keys that begin like it. */
export function isAbsent(absent: ReadonlySet<string>, key: string): boolean {
  return absent.has(key) || absent.has(key.slice(0, key.indexOf("/") + 1));
}

/** Returns the function from a value of a key to the answers of all tests under all interpretations. */
function answersTo(
  tests: readonly ConditionTest[],
  bucket: Bucket,
  interpretations: readonly Interpretation[],
): (value: string) => string {
  const policies = tests.map((test): Policy => {
    const { key } = test;
    const names = { principal: ["*"], action: ["oss:GetObject"], resource: ["*"] };
    const alone: Statement = { effect: "Allow", ...names, condition: [{ ...test, key }], other: [] };
    return { version: "1", statements: [alone], other: [] };
  });
  const key = tests[0]?.key ?? "";
  const classOf = findConditionKey(key)?.family === "Ip" ? addressClasses(tests) : (value: string) => value;
  const answersOfClass = memoizeBy(
    (value: string) => value,
    (value) => {
      const context = new Map([[key, value]]);
      const request = { principal: "anonymous", action: "oss:GetObject", resource: "a", context };
      return policies
        .flatMap((policy) =>
          interpretations.map((one) => evaluate(policy, request, bucket, one).decision === "allow"),
        )
        .map(Number)
        .join("");
    },
    maxValues,
  );
  return memoizeBy(
    (value: string) => value,
    (value) => answersOfClass(classOf(value)),
    maxValues,
  );
}

/** Returns the dates that the policies name, sorted. */
function timeCuts(statements: readonly Statement[]): readonly number[] {
  const dates = statements
    .flatMap(({ condition }) => condition ?? [])
    .flatMap(({ key, values }) => (key === timeKey ? values.map((value) => Date.parse(value)) : []))
    .filter((ms) => !Number.isNaN(ms));
  return [...new Set(dates)].sort((a, b) => a - b);
}

/** Returns the place of a time among dates. */
function timeClass(timeMs: number, cuts: readonly number[]): string {
  const at = cuts.findIndex((cut) => timeMs <= cut);
  if (at < 0) return String(cuts.length);
  return cuts[at] === timeMs ? `${at}=` : String(at);
}
