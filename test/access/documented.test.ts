import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { compareUnder } from "../../src/access/engine/diagram.ts";
import type { Diagram, Values } from "../../src/access/engine/nodes.ts";
import { evaluate } from "../../src/access/evaluate.ts";
import type { AtomField, Field } from "../../src/access/engine/fields.ts";
import { prove, requestSetOf, type Property } from "../../src/access/query.ts";
import { interpretationsOf } from "../../src/access/interpretations.ts";
import type { OpenQuestion } from "../../src/access/interpretation-texts.ts";
import {
  defaultInterpretation,
  openQuestions,
  type Interpretation,
  type Request,
} from "../../src/access/request.ts";
import { unsupported } from "../../src/access/unsupported.ts";
import { parseIpRange } from "../../src/policy/ip-range.ts";
import type { JsonObject } from "../../src/policy/json.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { isDeep } from "../support/runs.ts";
import { policyOf } from "./worlds.ts";

const bucket = { name: "examplebucket", owner: "1746495857600001" };

const decision = z.enum(["allow", "deny", "none"]);

/** What follows from a switch; the likelier position stands first. */
const dependent = z.strictObject({
  reading: z.enum(Object.keys(openQuestions) as [OpenQuestion, ...OpenQuestion[]]),
  likely: decision,
  otherwise: decision,
});

/** The bucket itself is asked where there is no key. What a request has beside `with` is in `requestOf`. */
const question = z.strictObject({
  by: z.string(),
  action: z.string(),
  key: z.string().optional(),
  with: z.record(z.string(), z.string()).optional(),
  is: z.union([decision, dependent]),
});

const documented = z.strictObject({
  name: z.string(),
  /** Where OSS's documentation says so. */
  docs: z.string(),
  policy: z.array(z.record(z.string(), z.unknown())),
  requests: z.array(question),
});

type Question = z.infer<typeof question>;
type Expected = Question["is"];

const folder = join(import.meta.dirname, "documented");
const cases = readdirSync(folder)
  .sort()
  .flatMap((file) => z.array(documented).parse(parse(readFileSync(join(folder, file), "utf8"))));

/** From the Internet, over TLS and signed with a lasting key unless it is anonymous, but for what is given. */
function requestOf({ by, action, key, with: given }: Question): Request {
  const signed = by === "anonymous" ? {} : { "acs:AccessId": "LTAI5tExampleKey" };
  const usual = {
    "acs:SecureTransport": "true",
    "acs:SourceIp": "203.0.113.7",
    "acs:CurrentTime": "2026-03-01T12:00:00Z",
  };
  const context = new Map(Object.entries({ ...usual, ...signed, ...given }));
  return { principal: by, action, resource: key ?? "", context };
}

function expectedUnder(is: Expected, reading: Interpretation): string {
  if (typeof is === "string") return is;
  // As the empty text, an absent one meets a negated operator whatever becomes of other keys.
  if (is.reading === "absentKey" && reading.absentText === "is the empty text") return is.likely;
  return reading[is.reading] === openQuestions[is.reading][0] ? is.likely : is.otherwise;
}

/** The points that no example of the documentation is about keep their default: each multiplies the work. */
const unmentioned: readonly string[] = ["mixedPrincipals", "boolCase", "hostBits", "unquotedValue"];
const every = interpretationsOf(
  (Object.keys(openQuestions) as OpenQuestion[]).filter((name) => !unmentioned.includes(name)),
);
/** All combinations in the long suite; in the short one the defaults, and each point alone the other way. */
const readings = isDeep
  ? every
  : every.filter((one) => Object.entries(one).filter(([name, is]) => is !== defaultIs(name)).length < 2);

function defaultIs(name: string): string {
  return defaultInterpretation[name as OpenQuestion];
}

/** Where a decision is not the documented one, in words; none where all are. */
function mismatches(
  questions: readonly Question[],
  under: readonly Interpretation[],
  decide: (reading: Interpretation) => (request: Request) => string,
): readonly string[] {
  return under.flatMap((reading) => {
    const decideNow = decide(reading);
    return questions.flatMap((asked) => {
      const [found, wanted] = [decideNow(requestOf(asked)), expectedUnder(asked.is, reading)];
      if (found === wanted) return [];
      return [`${JSON.stringify(asked)}: ${found}, not ${wanted}, under ${JSON.stringify(reading)}`];
    });
  });
}

/** What a diagram of a policy against none says of a request: what it does not hold is decided by neither. */
function decisionIn(diagram: Diagram, request: Request): string {
  if (diagram === undefined) return "none";
  if (diagram.kind === "leaf") return diagram.after;
  const value = valueOf(diagram.field.name, request);
  const taken = diagram.edges.filter(({ values }) => holds(diagram.field, values, value));
  if (taken.length > 1) return `${taken.length} edges of ${diagram.field.name} at once`;
  return decisionIn(taken[0]?.child, request);
}

function valueOf(name: string, { principal, action, resource, context }: Request): string | undefined {
  if (name === "principal") return principal;
  if (name === "action") return action;
  if (name === "resource") return resource || undefined;
  return context.get(name) ?? (name === "acs:SourceVpc" ? "" : undefined);
}

/** Found without the engine's own automaton. */
function holds(field: Field, values: Values, value: string | undefined): boolean {
  if (values.kind === "atoms") {
    const index = field.kind === "atoms" ? atomOf(field, value) : -1;
    // Only actions on something else than a bucket and its objects have no place.
    if (index < 0 && value !== notGrantable)
      throw new Error(`${field.name} has no place for ${value ?? "none"}`);
    return index >= 0 && ((values.mask >> BigInt(index)) & 1n) === 1n;
  }
  if (value === undefined) return values.absent;
  const text = field.name === "resource" ? `${bucket.name}/${value}` : value;
  const truth = values.groups.map(({ patterns, style }) =>
    patterns.some((one) => toRegExp(one, style).test(text)),
  );
  return values.classes.some((one) => one.truth.join() === truth.join());
}

function toRegExp(pattern: string, style: { isLiteral: boolean; foldsCase: boolean }): RegExp {
  const source = pattern.replaceAll(/[\\^$.*+?()[\]{}|/]/g, (sign) => {
    if (!style.isLiteral && sign === "*") return ".*";
    return !style.isLiteral && sign === "?" ? "." : `\\${sign}`;
  });
  return new RegExp(`^${source}$`, style.foldsCase ? "isu" : "su");
}

function atomOf(field: AtomField, value: string | undefined): number {
  const samples = field.atoms.map(({ sample }) => sample);
  const read = points[field.name];
  if (value === undefined || samples.includes(value)) return samples.indexOf(value);
  if (field.name === "principal") return principalAtom(samples, field, value);
  if (read === undefined) return -1;
  // A point stands for all up to the next.
  const below = samples.map((one) => (one !== undefined && read(one) <= read(value) ? read(one) : -1n));
  return below.indexOf(below.reduce((most, one) => (one > most ? one : most), -1n));
}

const points: Readonly<Record<string, (text: string) => bigint>> = {
  "acs:SourceIp": (text) => {
    const range = parseIpRange(text);
    return range === undefined ? -1n : range.first + (range.version === 6 ? 1n << 64n : 0n);
  },
  "acs:CurrentTime": (text) => BigInt(Date.parse(text)),
  "oss:object-remaining-retention-days": BigInt,
};

/** A UID that no policy names stands with the last; a role session with the one that the same patterns match. */
function principalAtom(
  samples: readonly (string | undefined)[],
  { patterns: roles, foldsCase }: AtomField,
  asking: string,
): number {
  if (!asking.startsWith("arn:")) return samples.findLastIndex((one) => /^\d+$/.test(one ?? ""));
  const fold = (arn: string) => (foldsCase ? arn.replace(/\/[^/]*\//, (role) => role.toLowerCase()) : arn);
  const style = { isLiteral: false, foldsCase: false };
  const kind = (arn: string) => roles.map((role) => toRegExp(fold(role), style).test(fold(arn))).join();
  return samples.findIndex((one) => one?.startsWith("arn:") === true && kind(one) === kind(asking));
}

const proved: Readonly<Record<string, readonly Property[]>> = {
  allow: ["allowed", "not denied"],
  deny: ["denied", "not allowed"],
  none: ["not allowed", "not denied"],
};
const refuted: Readonly<Record<string, readonly Property[]>> = {
  allow: ["not allowed", "denied"],
  deny: ["not denied", "allowed"],
  none: ["allowed", "denied"],
};

/** What the answers to questions about just this request are, and what they should be. */
function answersTo(policy: Policy, asked: Question): readonly (readonly [string, string, string])[] {
  const { principal, action, resource, context } = requestOf(asked);
  const name = resource === "" ? bucket.name : `${bucket.name}/${resource}`;
  const full = new Map([["acs:SourceVpc", ""], ...context]);
  const scene = requestSetOf([principal], [action], [`acs:oss:*:*:${name}`], full);
  const answer = (demand: Property) => {
    const found = prove(policy, bucket, scene, demand);
    return found.kind === "broken" && found.dependsOn.length > 0 ? "depends" : found.kind;
  };
  const { is } = asked;
  if (typeof is === "string") {
    const sure = (proved[is] ?? []).map((demand) => [demand, answer(demand), "proved"] as const);
    return [...sure, ...(refuted[is] ?? []).map((demand) => [demand, answer(demand), "broken"] as const)];
  }
  const open: readonly Property[] =
    is.likely === "deny" || is.otherwise === "deny" ? ["denied", "not denied"] : ["allowed", "not allowed"];
  return open.map((demand) => [demand, answer(demand), "depends"] as const);
}

/** It belongs to the account: no bucket policy has a say over it. */
const notGrantable = "oss:ListBuckets";

/** A question cannot ask for the absence of a key, and an action that no bucket policy grants asks nothing. */
function canBeAsked(policy: Policy, asked: Question): boolean {
  const keys = policy.statements.flatMap(({ condition }) => (condition ?? []).map(({ key }) => key ?? ""));
  const { context } = requestOf(asked);
  const isThere = keys.every((key) => context.has(key) || key === "acs:SourceVpc");
  return isThere && asked.action !== notGrantable;
}

describe("what OSS's documentation says of its examples", () => {
  test.each(cases.map((one) => [`${one.docs}: ${one.name}`, one] as const))("%s", (_, one) => {
    const policy = policyOf(one.policy as JsonObject[]);
    expect(unsupported(policy)).toEqual([]);
    expect(
      mismatches(
        one.requests,
        readings,
        (reading) => (request) => evaluate(policy, request, bucket, reading).decision,
      ),
    ).toEqual([]);
    const engine = (reading: Interpretation) => {
      const diagram = compareUnder("none", policy, bucket, reading);
      return (request: Request) => decisionIn(diagram, request);
    };
    expect(mismatches(one.requests, readings, engine)).toEqual([]);
    for (const asked of one.requests.filter((each) => canBeAsked(policy, each)))
      for (const [demand, found, wanted] of answersTo(policy, asked))
        expect(found, `${demand}: ${JSON.stringify(asked)}`).toBe(wanted);
  });

  test("each stands once", () => {
    const names = cases.map(({ docs, name }) => `${docs}: ${name}`);
    expect(new Set(names).size).toBe(names.length);
  });

  test("the likely reading is one of those", () => {
    expect(readings[0]).toEqual(defaultInterpretation);
  });
});
