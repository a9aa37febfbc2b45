import fc from "fast-check";
import type { PrincipalWord } from "../../src/access/describe/describe.ts";
import type { AccessDifference, KnownAccessChange } from "../../src/access/difference.ts";
import type { AccessEffect } from "../../src/access/effect.ts";
import type { Decision, Request } from "../../src/access/request.ts";
import type { Diagnostic, Span } from "../../src/diagnostic.ts";
import { diffPolicies } from "../../src/plan/diff.ts";
import { hazardCodes, type Hazard } from "../../src/plan/hazard.ts";
import { policyCalls } from "../../src/actiontrail/event.ts";
import type { PublicAccess } from "../../src/plan/public-access.ts";
import type {
  Cause,
  Change,
  LastChange,
  Plan,
  PlanBase,
  UnmanagedBucket,
  WritingChange,
} from "../../src/plan/plan.ts";
import { changeRequests, planRequests } from "./seen-effects.ts";
import type { JsonObject } from "../../src/policy/json.ts";
import type { ReadProblem } from "../../src/policy/live.ts";
import { canonicalPolicy, type Policy } from "../../src/policy/policy.ts";

/** Plans with this text in every place that takes one from a file, from OSS or from the command line. */
export function planWith(text: fc.Arbitrary<string>): fc.Arbitrary<Plan> {
  const parts = fc.record({
    changes: fc.array(fc.oneof(writing(text), unreadable(text), unchanged(text)), { maxLength: 4 }),
    unmanaged: fc.array(unmanaged(text), { maxLength: 2 }),
    diagnostics: fc.array(diagnostic(text), { maxLength: 3 }),
  });
  return fc
    .tuple(
      parts,
      fc.option(planBase(text), { nil: undefined }),
      fc.option(planRequests(), { nil: undefined }),
    )
    .map(([plan, base, requests]) => ({
      ...plan,
      ...(base === undefined ? {} : { base }),
      ...(requests === undefined ? {} : { requests }),
    }));
}

function planBase(text: fc.Arbitrary<string>): fc.Arbitrary<PlanBase> {
  const line = fc.constant(1);
  const loosening = fc.record({ message: text, file: text, line });
  const abandoned = fc.record({ account: text, bucket: text, region: text, file: text, line });
  return fc.record({
    revision: text,
    base: text,
    word: text,
    uncommitted: fc.array(text, { maxLength: 3 }),
    loosened: fc.array(loosening, { maxLength: 3 }),
    abandoned: fc.array(abandoned, { maxLength: 3 }),
  });
}

function base(text: fc.Arbitrary<string>) {
  return {
    account: text,
    bucket: text,
    region: text,
    file: text.map((name) => `${name}.yaml`),
    line: fc.integer({ min: 1, max: 9_999 }),
    names: fc.constant(new Map<string, string>()),
    blocked: fc.boolean(),
    cause: fc.constantFrom<Cause>("edit", "drift", "both", "none", "unknown"),
  };
}

function compared(text: fc.Arbitrary<string>) {
  return {
    ...base(text),
    before: fc.constant(null),
    after: fc.constant(null),
    digests: fc.constant({ desired: "none", live: "none" }),
    access: access(text),
    hazards: fc.array(hazard(text), { maxLength: 3 }),
  };
}

function writing(text: fc.Arbitrary<string>): fc.Arbitrary<Change> {
  const difference = fc
    .tuple(policy(text), policy(text), text)
    .map(([before, after, file]) => diffPolicies(before, after, () => ({ file, line: 1 })));
  return fc
    .record(
      { ...compared(text), action: fc.constant("delete" as const), difference, publicAccess: openness(text) },
      { noNullPrototype: true },
    )
    .chain((change) =>
      fc
        .tuple(
          fc.option(lastChange(text), { nil: null }),
          fc.option(changeRequests(text), { nil: undefined }),
        )
        .map(([last, requests]) => ({
          ...change,
          names: namesIn(change),
          lastChange: last,
          ...(requests === undefined ? {} : { requests }),
        })),
    );
}

function lastChange(text: fc.Arbitrary<string>): fc.Arbitrary<LastChange> {
  return fc.record({
    call: fc.constantFrom(...policyCalls),
    at: fc.constant("2026-05-31T08:24:43Z"),
    by: fc.record({
      type: fc.oneof(text, fc.constantFrom("root-account", "ram-user", "assumed-role", "")),
      name: text,
      id: text,
      account: text,
    }),
    from: text,
    userAgent: text,
    eventType: fc.oneof(text, fc.constantFrom("ApiCall", "ConsoleOperation", "AliyunServiceEvent")),
    eventId: text,
    fitsLive: fc.boolean(),
    others: fc.nat({ max: 3 }),
  });
}

/** Names every principal of a change with a text from outside, its region. */
function namesIn({
  access,
  difference,
  region,
}: Pick<WritingChange, "access" | "difference" | "region">): ReadonlyMap<string, string> {
  const regions = access.verdict === "different" ? access.regions : [];
  const callers = regions.flatMap(({ principals }) =>
    principals.flatMap(({ all }) => all.flatMap((word) => (word.kind === "UID" ? [word.uid] : []))),
  );
  const listed = difference.added.flatMap(({ statement }) => statement.principal ?? []);
  return new Map([...callers, ...listed].map((principal) => [principal, region]));
}

function unchanged(text: fc.Arbitrary<string>): fc.Arbitrary<Change> {
  return fc.record({ ...compared(text), action: fc.constant("none" as const) });
}

function unreadable(text: fc.Arbitrary<string>): fc.Arbitrary<Change> {
  return fc.record({ ...base(text), action: fc.constant("unreadable" as const), problem: problem(text) });
}

function problem(text: fc.Arbitrary<string>): fc.Arbitrary<ReadProblem> {
  return fc.record({ message: text, help: text });
}

/** Statements of everyone's words, unknown fields and operators among them. */
function policy(text: fc.Arbitrary<string>): fc.Arbitrary<Policy> {
  const list = fc.array(text, { maxLength: 3 });
  const statement = fc
    .record({ Effect: text, Principal: list, Action: list, Resource: list, values: list, name: text })
    .map(({ values, name, ...known }): JsonObject => ({
      ...known,
      Condition: { [name]: { [name]: values } },
      [`x${name}`]: name,
    }));
  return fc
    .record({ Version: text, Statement: fc.array(statement, { maxLength: 2 }) })
    .map((document) => canonicalPolicy(document));
}

const decision = fc.constantFrom<Decision>("allow", "deny", "none");

function request(text: fc.Arbitrary<string>): fc.Arbitrary<Request> {
  return fc
    .record({ principal: text, action: text, resource: text, key: text, value: text })
    .map(({ key, value, ...rest }) => ({ ...rest, context: new Map([[key, value]]) }));
}

function access(text: fc.Arbitrary<string>): fc.Arbitrary<AccessDifference> {
  const style = fc.record({ isLiteral: fc.boolean(), foldsCase: fc.boolean() });
  const terms = <W>(word: fc.Arbitrary<W>) =>
    fc.array(fc.record({ all: fc.array(word, { maxLength: 2 }), except: fc.array(word, { maxLength: 2 }) }), {
      minLength: 1,
      maxLength: 8,
    });
  const words = terms(fc.record({ text, style }));
  const region: fc.Arbitrary<KnownAccessChange> = fc.record({
    effect: fc.constantFrom<AccessEffect>("gains", "loses", "newlyBlocked", "blockLifted"),
    before: decision,
    after: decision,
    principals: terms<PrincipalWord>(
      fc.oneof(
        fc.constantFrom({ kind: "anonymous" as const }, { kind: "any UID" as const }),
        text.map((uid) => ({ kind: "UID" as const, uid })),
        text.map((pattern) => ({ kind: "role" as const, pattern, foldsCase: false })),
      ),
    ),
    actions: words,
    on: fc.record({ bucket: fc.boolean(), keys: words }),
    conditions: fc.array(
      fc.record({
        key: fc.oneof(text, fc.constantFrom("acs:SourceVpc", "acs:SourceIp")),
        values: terms(fc.record({ kind: fc.constant("text" as const), word: fc.record({ text, style }) })),
        orAbsent: fc.boolean(),
      }),
      { maxLength: 2 },
    ),
    witness: request(text),
    dependsOn: fc.constantFrom([], [[{ name: "foreignOwner" as const, position: "matches" }]]),
  });
  return fc.oneof(
    fc.constant({ verdict: "equal" as const }),
    text.map((cause) => ({ verdict: "undecided" as const, cause })),
    fc.record({
      verdict: fc.constant("different" as const),
      regions: fc.array(region, { minLength: 1, maxLength: 4 }),
      dependsOn: fc.constantFrom([], ["emptyCondition" as const, "namedRegion" as const]),
    }),
  );
}

function hazard(text: fc.Arbitrary<string>): fc.Arbitrary<Hazard> {
  return fc.record(
    {
      code: fc.constantFrom(...hazardCodes),
      severity: fc.constantFrom<Hazard["severity"]>("block", "warn", "note"),
      message: text,
      witness: request(text),
      accepted: text,
      about: fc.record({ sentence: text, adds: text }),
      guardrail: text,
    },
    { requiredKeys: ["code", "severity", "message"], noNullPrototype: true },
  );
}

function openness(text: fc.Arbitrary<string>): fc.Arbitrary<PublicAccess> {
  return fc.record({
    status: fc.constantFrom<PublicAccess["status"]>("yes", "undocumented", "no"),
    allowsAnonymous: fc.constantFrom<PublicAccess["allowsAnonymous"]>("yes", "no", "unknown"),
    exposure: fc.oneof(
      fc.record({ state: fc.constant("known" as const), acl: text, blockPublicAccess: fc.boolean() }),
      fc.record({ state: fc.constant("unknown" as const), problem: problem(text) }),
    ),
  });
}

function unmanaged(text: fc.Arbitrary<string>): fc.Arbitrary<UnmanagedBucket> {
  return fc.record({
    bucket: text,
    region: text,
    state: fc.constant("policy" as const),
    problem: fc.option(problem(text)),
  });
}

function diagnostic(text: fc.Arbitrary<string>): fc.Arbitrary<Diagnostic> {
  const start = { line: 1, column: 1 };
  const span: fc.Arbitrary<Span> = text.map((file) => ({ file, start, end: start }));
  return fc.record({
    code: text,
    severity: fc.constantFrom<Diagnostic["severity"]>("error", "warning", "note"),
    message: text,
    span,
    help: text,
    related: fc.array(fc.record({ message: text, span }), { maxLength: 7 }),
  });
}
