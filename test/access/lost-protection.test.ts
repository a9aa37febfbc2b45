import fc from "fast-check";
import { expect, test } from "vitest";
import { evaluate } from "../../src/access/evaluate.ts";
import { lostProtection, protectionLosses, type ProtectionLoss } from "../../src/access/lost-protection.ts";
import { defaultInterpretation, type Decision, type Request } from "../../src/access/request.ts";
import type { Json, JsonObject } from "../../src/policy/json.ts";
import { canonicalPolicy, type Policy } from "../../src/policy/policy.ts";
import { isDeep, runs } from "../support/runs.ts";

const bucket = { name: "one", owner: "1746495857600001" };
const [alice, bob] = ["202147604049351234", "202147604049355678"];

/** Values of a key, each with a sample of a request, so that every class of values is sampled. */
const samples = {
  "acs:SecureTransport": ["true", "false"],
  "acs:MFAPresent": ["true", "false", undefined],
  "acs:SourceVpc": ["", "vpc-1", "vpc-2", "vpc-other"],
  "acs:SourceIp": ["10.0.0.1", "203.0.113.7", "11.0.0.1", "198.51.100.9", "2001:db8::1"],
  "acs:CurrentTime": ["2026-01-01T00:00:00Z", "2030-01-01T00:00:00Z", "2040-01-01T00:00:00Z"],
} as const;
const narrow = ["10.0.0.1", "203.0.113.7"];
const lastTime = "2040-01-01T00:00:00Z";

type Context = Readonly<Record<string, string | undefined>>;

const contexts: readonly Context[] = Object.entries(samples).reduce<readonly Context[]>(
  (all, [key, values]) => all.flatMap((one) => values.map((value) => ({ ...one, [key]: value }))),
  [{}],
);

const targets = [alice, bob, "anonymous"].flatMap((principal) =>
  ["oss:GetObject", "oss:PutObject"].flatMap((action) =>
    ["a/x", "b/x"].map((resource) => ({ principal, action, resource })),
  ),
);

type Target = (typeof targets)[number];

interface Sampled {
  readonly context: Context;
  readonly before: Decision;
  readonly after: Decision;
}

function sampledAt(before: Policy, after: Policy, target: Target): readonly Sampled[] {
  return contexts.map((context) => {
    const given = Object.entries(context).flatMap(([key, value]) =>
      value === undefined ? [] : [[key, value] as const],
    );
    const request: Request = { ...target, context: new Map(given) };
    const decide = (policy: Policy) => evaluate(policy, request, bucket, defaultInterpretation).decision;
    return { context, before: decide(before), after: decide(after) };
  });
}

const isVpc = ({ context }: Sampled) => ["vpc-1", "vpc-2"].includes(context["acs:SourceVpc"] ?? "");

/** The confinements as the documents define them, on the samples. */
const confines: Readonly<Record<string, (all: readonly Sampled[]) => boolean>> = {
  network: (all) => all.every((one) => isVpc(one) || narrow.includes(one.context["acs:SourceIp"] ?? "")),
  TLS: (all) => all.every(({ context }) => context["acs:SecureTransport"] === "true"),
  MFA: (all) => all.every(({ context }) => context["acs:MFAPresent"] === "true"),
  time: (all) => all.every(({ context }) => context["acs:CurrentTime"] !== lastTime),
};

const networkOf = ({ context }: Sampled) => `${context["acs:SourceVpc"]} ${context["acs:SourceIp"]}`;
const timeOf = ({ context }: Sampled) => context["acs:CurrentTime"] ?? "";

function lossesAt(all: readonly Sampled[], { principal }: Target): ReadonlySet<ProtectionLoss> {
  const was = all.filter(({ before }) => before === "allow");
  const is = all.filter(({ after }) => after === "allow");
  const gained = is.filter(({ before }) => before !== "allow");
  const losses = new Set<ProtectionLoss>();
  if (gained.length === 0) return losses;
  const ways = was.length === 0 ? [] : Object.keys(confines).filter((way) => confines[way]?.(was));
  const gone = ways.filter((way) => confines[way]?.(is) === false);
  const isNew = (keyOf: (one: Sampled) => string) =>
    gained.some((one) => !was.some((other) => keyOf(other) === keyOf(one)));
  const isWider = (ways.includes("network") && isNew(networkOf)) || (ways.includes("time") && isNew(timeOf));
  if (principal === "anonymous" && confines["network"]?.(gained) === false) losses.add("public, any network");
  if (gone.length > 0) losses.add("condition dropped");
  else if (isWider) losses.add("condition weakened");
  const undenied = gained.filter(({ before }) => before === "deny");
  if (undenied.length === 0) return losses;
  const denied = all.filter(({ before }) => before === "deny");
  const goesOn = denied.every(({ after }) => after !== "none");
  const isException =
    goesOn && confines["network"]?.(undenied) === true && confines["network"]?.(denied) === false;
  const isStill = gone.length === 0 && (isException || ways.includes("network") || ways.includes("time"));
  return losses.add(isStill ? "condition weakened" : "Deny overridden");
}

const tests: readonly JsonObject[] = [
  { Bool: { "acs:SecureTransport": ["true"] } },
  { Bool: { "acs:SecureTransport": ["false"] } },
  { Bool: { "acs:MFAPresent": ["true"] } },
  { StringEquals: { "acs:SourceVpc": ["vpc-1"] } },
  { StringEquals: { "acs:SourceVpc": ["vpc-1", "vpc-2"] } },
  { StringNotEquals: { "acs:SourceVpc": ["vpc-1"] } },
  { StringNotEquals: { "acs:SourceVpc": ["vpc-1", "vpc-2"] } },
  { StringLike: { "acs:SourceVpc": ["vpc-*"] } },
  ...[["10.0.0.0/8"], ["10.0.0.0/8", "203.0.113.0/24"], ["0.0.0.0/1"], ["0.0.0.0/1", "128.0.0.0/1"]].flatMap(
    (ranges): JsonObject[] => [
      { IpAddress: { "acs:SourceIp": ranges } },
      { NotIpAddress: { "acs:SourceIp": ranges } },
    ],
  ),
  { DateLessThan: { "acs:CurrentTime": ["2027-01-01T00:00:00Z"] } },
  { DateLessThan: { "acs:CurrentTime": ["2035-01-01T00:00:00Z"] } },
  { DateGreaterThan: { "acs:CurrentTime": ["2035-01-01T00:00:00Z"] } },
];

const condition = fc
  .uniqueArray(fc.constantFrom(...tests), { maxLength: 2, selector: (one) => Object.keys(one)[0] ?? "" })
  .map((chosen) => Object.assign({}, ...chosen) as JsonObject);

const statement = fc
  .record({
    Effect: fc.constantFrom("Allow", "Allow", "Deny"),
    Principal: fc.constantFrom<Json>([alice], [alice, bob], ["*"]),
    Action: fc.constantFrom<Json>(["oss:GetObject"], ["oss:*Object"]),
    Resource: fc.constantFrom("one/a/*", "one/*").map((name): Json => [`acs:oss:*:*:${name}`]),
    Condition: condition,
  })
  .map(({ Condition, ...rest }): JsonObject =>
    Object.keys(Condition).length === 0 ? rest : { ...rest, Condition },
  );

/** A policy, and one that an edit made of it: most statements stay. */
const edit = fc
  .record({
    kept: fc.array(statement, { maxLength: 2 }),
    removed: fc.array(statement, { maxLength: 2 }),
    added: fc.array(statement, { minLength: 1, maxLength: 2 }),
  })
  .map(({ kept, removed, added }) => {
    const policyOf = (list: readonly JsonObject[]) =>
      canonicalPolicy({ Version: "1", Statement: list as Json });
    return [policyOf([...kept, ...removed]), policyOf([...kept, ...added])] as const;
  });

test("what a change takes of the protection is what the definitions say, on every sample", () => {
  const seen = new Map<ProtectionLoss, number>();
  const law = fc.property(edit, ([before, after]) => {
    const answer = lostProtection(before, after, bucket);
    if (answer.kind === "undecided") throw new Error(answer.cause);
    const sampled = new Map(
      targets.map((target) => [JSON.stringify(target), lossesAt(sampledAt(before, after, target), target)]),
    );
    for (const loss of protectionLosses) {
      const found = answer.lost.find((one) => one.loss === loss);
      const isSampled = [...sampled.values()].some((losses) => losses.has(loss));
      expect([loss, found !== undefined]).toEqual([loss, isSampled]);
      if (found === undefined) continue;
      seen.set(loss, (seen.get(loss) ?? 0) + 1);
      const decide = (policy: Policy) =>
        evaluate(policy, found.witness, bucket, defaultInterpretation).decision;
      expect([decide(before) === "allow", decide(after)]).toEqual([false, "allow"]);
    }
  });
  fc.assert(law, { numRuns: runs(10, 150) });
  expect(seen.size).toBe(isDeep ? protectionLosses.length : seen.size);
});
