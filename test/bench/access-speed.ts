import { fileURLToPath } from "node:url";
import { accessDifference } from "../../src/access/difference.ts";
import { OverBudget } from "../../src/access/budget.ts";
import { compareUnder } from "../../src/access/engine/diagram.ts";
import { defaultInterpretation } from "../../src/access/request.ts";
import type { JsonObject } from "../../src/policy/json.ts";
import { canonicalPolicy, type Policy } from "../../src/policy/policy.ts";
import { prove, requestSetOf } from "../../src/access/query.ts";
import { timedProcess, type Row } from "./measure.ts";

const bucket = { name: "examplebucket", owner: "1746495857600001" };

/** The same numbers in every run (mulberry32). */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below;
  };
}

type Pick = <T>(items: readonly T[]) => T;

const words = [
  "logs",
  "data",
  "public",
  "private",
  "2024",
  "2025",
  "team-a",
  "team-b",
  "export",
  "raw",
  "tmp",
];
const users = Array.from({ length: 12 }, (_, index) => String(202147604049350000n + BigInt(index)));
const verbs = [
  "oss:GetObject",
  "oss:PutObject",
  "oss:DeleteObject",
  "oss:ListObjects",
  "oss:Get*",
  "oss:*",
  "oss:Put*",
];

function statement(next: (below: number) => number): JsonObject {
  const pick: Pick = (items) => items[Math.floor(next(items.length))] as (typeof items)[number];
  const glob = () => {
    const parts = Array.from({ length: 1 + Math.floor(next(3)) }, () => pick(words));
    const prefix = `${parts.join("/")}/*`;
    return pick([
      prefix,
      prefix,
      prefix,
      `*${parts[0] ?? ""}*`,
      `${parts.join("/")}/*.gz`,
      `${parts.join("-")}?.gz`,
    ]);
  };
  const resources = Array.from(
    { length: 1 + Math.floor(next(2)) },
    () => `acs:oss:*:*:examplebucket/${glob()}`,
  );
  const who = next(8) < 1 ? ["*"] : [pick(users), pick(users)];
  return {
    Effect: next(4) < 1 ? "Deny" : "Allow",
    Principal: who,
    Action: [pick(verbs), pick(verbs)],
    Resource: [...resources, ...(next(3) < 1 ? ["acs:oss:*:*:examplebucket"] : [])],
    ...conditionOf(next, pick),
  };
}

function conditionOf(next: (below: number) => number, pick: Pick): JsonObject {
  switch (Math.floor(next(5))) {
    case 0:
      return { Condition: { Bool: { "acs:SecureTransport": [pick(["true", "false"])] } } };
    case 1:
      return {
        Condition: {
          IpAddress: { "acs:SourceIp": [`10.${Math.floor(next(4))}.0.0/${pick(["8", "16", "24"])}`] },
        },
      };
    case 2:
      return { Condition: { StringLike: { "acs:SourceVpc": [pick(["vpc-*", "vpc-a*", "vpc-b1"])] } } };
  }
  return {};
}

function policy(statements: readonly JsonObject[]): Policy {
  return canonicalPolicy({ Version: "1", Statement: statements });
}

function list(count: number, next: (below: number) => number): readonly JsonObject[] {
  return Array.from({ length: count }, () => statement(next));
}

function edited(statements: readonly JsonObject[], next: (below: number) => number): readonly JsonObject[] {
  const [first, second] = [Math.floor(next(statements.length)), Math.floor(next(statements.length))];
  return statements.map((one, index) => (index === first || index === second ? statement(next) : one));
}

/** One statement for each action, in another order, some twice. */
function rewritten(
  statements: readonly JsonObject[],
  next: (below: number) => number,
): readonly JsonObject[] {
  const split = statements.flatMap((one) =>
    (one["Action"] as readonly string[]).map((action) => ({ ...one, Action: [action] })),
  );
  const doubled = [...split, ...split.filter(() => next(5) < 1)];
  return doubled
    .map((one) => ({ one, at: next(1) }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one);
}

/** Policies of 20 statements, each with an edit of two statements. */
export function editedPairs(count: number, seed: number): readonly (readonly [Policy, Policy])[] {
  const next = numbers(seed);
  return Array.from({ length: count }, () => {
    const statements = list(20, next);
    return [policy(statements), policy(edited(statements, next))] as const;
  });
}

type Judge = (before: Policy, after: Policy) => string;

const described: Judge = (before, after) => accessDifference(before, after, bucket).verdict;

/** One reading, without regions and examples. */
const decided: Judge = (before, after) => {
  try {
    return compareUnder(before, after, bucket, defaultInterpretation) === undefined ? "equal" : "different";
  } catch (failure) {
    if (failure instanceof OverBudget) return "undecided";
    throw failure;
  }
};

function timed(
  pairs: readonly (readonly [Policy, Policy])[],
  isWanted: (verdict: string) => boolean,
  judge: Judge = described,
): string {
  const verdicts = new Map<string, number>();
  const times = pairs.map(([before, after]) => {
    const start = performance.now();
    const verdict = judge(before, after);
    const took = performance.now() - start;
    verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
    if (!isWanted(verdict)) throw new Error(`${verdict} was not wanted`);
    return took;
  });
  const sorted = times.sort((a, b) => a - b);
  const at = (part: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0).toFixed(1);
  const counts = [...verdicts].map(([name, count]) => `${count} ${name}`).join(", ");
  return `p50 ${at(0.5)}, p99 ${at(0.99)}, max ${at(1)} ms (${counts})`;
}

/** Decided: under one reading. Described: under every reading, with regions and examples. */
export async function accessSpeed(): Promise<readonly Row[]> {
  const next = numbers(1);
  const rows: Row[] = [];
  const tell = (work: string, figure: string, wanted = "") =>
    rows.push({ work: `access, ${work}`, yardstick: "", figure, wanted });
  const { text } = await timedProcess([fileURLToPath(new URL("guardrails-loop.js", import.meta.url))]);
  tell("2,000 buckets with three guardrails", text.trim(), "under 1.5 s, 200 MB");
  const thousand = Array.from({ length: 1_000 }, () => list(20, next));
  const edits = thousand.map((one) => [policy(one), policy(edited(one, next))] as const);
  const any = () => true;
  tell("1,000 pairs of 20 statements, decided", timed(edits, any, decided), "p50 under 2, p99 under 15 ms");
  tell("the same, described", timed(edits, any), "p50 under 5, p99 under 40 ms");
  const large = Array.from({ length: 100 }, () => list(65, next));
  const largeEdits = large.map((one) => [policy(one), policy(edited(one, next))] as const);
  tell("100 pairs of 16 KB, decided", timed(largeEdits, any, decided), "max 150 ms");
  tell("the same, described", timed(largeEdits, any), "max 300 ms");
  const others = thousand.slice(0, 300);
  const unrelated = others.map((one) => [policy(one), policy(list(20, next))] as const);
  tell("300 unrelated pairs of 20 statements, decided", timed(unrelated, any, decided));
  const rewrites = others.map((one) => [policy(one), policy(rewritten(one, next))] as const);
  tell(
    "300 rewritings, proved equal",
    timed(rewrites, (verdict) => verdict === "equal"),
  );
  for (const marks of [14, 16]) tell(`*a and ${marks} times ?, against the same and *`, adversary(marks));
  return rows;
}

function mostMemory(): number {
  return Math.round(process.resourceUsage().maxRSS / 1_024);
}

function adversary(marks: number): string {
  const glob = `acs:oss:*:*:examplebucket/*a${"?".repeat(marks)}`;
  const of = (resource: string) =>
    policy([{ Effect: "Allow", Principal: ["1"], Action: ["oss:GetObject"], Resource: [resource] }]);
  const start = performance.now();
  const outcome = decided(of(glob), of(`${glob}*`));
  return `${(performance.now() - start).toFixed(0)} ms, ${outcome}`;
}

/** As `validate` asks them: 2,000 buckets of 12 statements, three guardrails each. */
export function manyGuardrails(): string {
  const next = numbers(2);
  const policies = Array.from({ length: 2_000 }, () => policy(list(12, next)));
  const itself = ["acs:oss:*:*:examplebucket", "acs:oss:*:*:examplebucket/*"];
  const scenes = [
    {
      scene: requestSetOf(["anonymous"], ["oss:Put*", "oss:Delete*"], itself, new Map()),
      demand: "not allowed" as const,
    },
    {
      scene: requestSetOf(["*"], ["oss:*"], itself, new Map([["acs:SecureTransport", "false"]])),
      demand: "denied" as const,
    },
    {
      scene: requestSetOf(["owner"], ["oss:PutBucketPolicy"], itself, new Map()),
      demand: "not denied" as const,
    },
  ];
  const start = performance.now();
  for (const one of policies) for (const { scene, demand } of scenes) prove(one, bucket, scene, demand);
  return `${((performance.now() - start) / 1_000).toFixed(2)} s, ${mostMemory()} MB at most`;
}
