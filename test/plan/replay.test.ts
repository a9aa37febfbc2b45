import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { replay, type ReplayedChange } from "../../src/plan/replay.ts";
import type { RequestEffect } from "../../src/plan/request-effects.ts";
import { canonicalPolicy, type Policy } from "../../src/policy/policy.ts";
import type { SeenCaller, SeenRequest } from "../../src/requests/seen-request.ts";
import { allow, bucket, owner, policyOf, policyText, seen, seenRequests } from "./replay-worlds.ts";
import { possibleDecisions, type Decided } from "./possible-decisions.ts";
import { runs } from "../support/runs.ts";

/** The expected effect, from the words of the documentation and not from the code. */
function expected(request: SeenRequest, decisions: readonly Decided[], acls: ReplayedChange["acls"]): string {
  const isOwner = request.caller.kind === "owner";
  const isForeign =
    request.caller.kind === "anonymous" ||
    (request.caller.kind === "uid" && request.caller.account === "999");
  const isAlone =
    isForeign &&
    (acls === "nothing" || (acls === "objects" && request.key === "" && request.isKeyUnknown !== true));
  const turn = ({ before, after }: Decided) => {
    if (after === "deny" && before !== "deny") return "refused";
    if (isOwner || before === after) return "unchanged";
    if (before === "allow") return isAlone ? "refused" : "loses-allow";
    return after === "allow" ? "gains-allow" : "unchanged";
  };
  const turns = new Set(decisions.map(turn));
  if (turns.size === 1) return [...turns][0] ?? "";
  const isLost = decisions.every(({ before, after }) => before === "allow" && after !== "allow");
  return isLost && !isOwner ? "loses-allow" : "depends";
}

function replayed(
  before: Policy,
  after: Policy,
  requests: readonly SeenRequest[],
  acls: ReplayedChange["acls"],
) {
  const running = replay({ before, after, bucket, names: new Map(), acls });
  for (const request of requests) running.add(request);
  return running.result();
}

const sumOf = (effects: readonly RequestEffect[], kind: string) =>
  effects.filter(({ effect }) => effect === kind).reduce((sum, { count }) => sum + count, 0);

test("what is decided once for a class is what the evaluator decides line by line, whatever the log does not have", () => {
  const kinds = ["refused", "loses-allow", "gains-allow", "depends"];
  const acls = fc.constantFrom<ReplayedChange["acls"]>("nothing", "objects", "unknown");
  const met = new Set<string>();
  fc.assert(
    fc.property(policyText, policyText, seenRequests, acls, (one, other, requests, private_) => {
      const [before, after] = [canonicalPolicy(one), canonicalPolicy(other)];
      const result = replayed(before, after, requests, private_);
      fc.pre(result.cause === undefined);
      const wanted = requests.map((request) =>
        expected(request, possibleDecisions(request, before, after, bucket), private_),
      );
      for (const kind of kinds) {
        expect(sumOf(result.effects, kind), kind).toBe(wanted.filter((effect) => effect === kind).length);
        if (wanted.includes(kind)) met.add(kind);
      }
      expect(result.total).toBe(requests.length);
    }),
    { numRuns: runs(60) },
  );
  expect([...met].sort()).toEqual([...kinds].sort());
});

test("what is certain of a request on an unknown key is so for every key, and what differs between keys is never certain", () => {
  const kinds = new Set<string>();
  fc.assert(
    fc.property(policyText, policyText, seenRequests, (one, other, requests) => {
      const [before, after] = [canonicalPolicy(one), canonicalPolicy(other)];
      for (const request of requests.slice(0, 4)) {
        const open = { ...request, key: "", isKeyUnknown: true };
        const result = replayed(before, after, [open], "objects");
        fc.pre(result.cause === undefined);
        const wanted = expected(open, possibleDecisions(open, before, after, bucket), "objects");
        const found = result.effects[0]?.effect ?? "unchanged";
        kinds.add(found);
        // Keys that no text can be may be counted as possible, so it may be more open than it needs to be.
        if (found !== "depends") expect(found).toBe(wanted);
        expect(result.effects.map(({ prefix }) => prefix)).toEqual(result.effects.map(() => "?"));
      }
    }),
    { numRuns: runs(60) },
  );
  expect([...kinds].sort()).toEqual(["depends", "gains-allow", "loses-allow", "refused", "unchanged"]);
});

describe("what a change does to a request", () => {
  test("a resource with a region does not make a narrower one beside it match every key", () => {
    const open = seen({ key: "", isKeyUnknown: true });
    const both = allow({ Resource: ["acs:oss:cn-hangzhou:*:data/*", "acs:oss:*:*:data/raw/*"] });
    const { effects } = replayed(policyOf(allow()), policyOf(both), [open], "objects");
    expect(effects).toMatchObject([{ effect: "depends", on: ["object key"] }]);
  });

  test("a delete of unknown keys depends on them where the change keeps some of them", () => {
    const open = seen({ key: "", isKeyUnknown: true });
    const some = allow({ Resource: ["acs:oss:*:*:data/tmp/*"] });
    const of = (after: Policy) => replayed(policyOf(allow()), after, [open], "objects").effects;
    expect(of(policyOf(some))).toMatchObject([
      { effect: "depends", on: ["object key"], may: ["loses-allow", "unchanged"], prefix: "?" },
    ]);
    expect(of(policyOf())).toMatchObject([{ effect: "loses-allow", prefix: "?" }]);
    expect(of(policyOf(allow(), some))).toEqual([]);
  });

  test("a request that a new condition on the VPC may fail depends on the VPC, and on nothing else", () => {
    const inVpc = allow({
      Condition: {
        StringEquals: { "acs:SourceVpc": ["vpc-1"] },
        IpAddress: { "acs:SourceIp": ["10.0.0.0/8"] },
      },
    });
    const { effects } = replayed(policyOf(allow()), policyOf(inVpc), [seen()], "unknown");
    expect(effects).toMatchObject([
      {
        effect: "depends",
        on: ["acs:SourceVpc"],
        may: ["loses-allow", "unchanged"],
        prefix: "raw/",
        count: 1,
        of: 1,
      },
    ]);
    expect(effects[0]).not.toHaveProperty("points");
  });

  test("what only an undocumented point decides depends on that point", () => {
    const after = policyOf(allow({ Resource: ["acs:oss:cn-hangzhou:*:data/*"] }));
    const { effects } = replayed(policyOf(allow()), after, [seen()], "unknown");
    expect(effects).toMatchObject([{ effect: "depends", points: ["namedRegion"] }]);
  });

  test("three requests are kept as they are on demand, the newest first, and none otherwise", () => {
    const arn = `arn:sts::${owner}:assumed-role/ops/alice`;
    const requests = [3, 1, 5, 2, 4].map((hour) =>
      seen({
        timeMs: Date.parse(`2026-11-2${hour}T00:00:00Z`),
        key: `raw/${hour}.csv`,
        caller: { kind: "role session", arn, account: owner },
      }),
    );
    const change = {
      before: policyOf(allow({ Principal: [arn] })),
      after: policyOf(),
      bucket,
      names: new Map<string, string>(),
      acls: "unknown",
    } as const;
    const [quiet, verbose] = [replay(change), replay({ ...change, hasExamples: true })];
    for (const request of requests) for (const one of [quiet, verbose]) one.add(request);
    expect(quiet.result().effects[0]).not.toHaveProperty("examples");
    expect(verbose.result().effects[0]?.examples).toEqual(
      [5, 4, 3].map((hour) => ({
        time: `2026-11-2${hour}T00:00:00.000Z`,
        key: `raw/${hour}.csv`,
        address: "10.0.0.7",
        session: "alice",
      })),
    );
  });

  test("sessions of one role are counted together, and their names are not in the result", () => {
    const role = `arn:sts::${owner}:assumed-role/ops/`;
    const before = policyOf(allow({ Principal: [`${role}*`] }));
    const callers = ["alice@example.com", "bob"].map((name): SeenCaller => ({
      kind: "role session",
      arn: `${role}${name}`,
      account: owner,
    }));
    const { effects } = replayed(
      before,
      policyOf(),
      callers.map((caller) => seen({ caller })),
      "unknown",
    );
    expect(effects).toMatchObject([{ caller: `${role}*`, count: 2, of: 2 }]);
    expect(JSON.stringify(effects)).not.toContain("alice");
  });

  test("first path segments without end are counted as others, and no request is lost", () => {
    const requests = Array.from({ length: 1_500 }, (_, at) => seen({ key: `${at}/a` }));
    const { effects } = replayed(policyOf(allow()), policyOf(), requests, "unknown");
    expect(effects).toHaveLength(1_001);
    expect(effects[0]).toMatchObject({ prefix: "*", count: 500, of: 1_500 });
  });

  test("a policy without a known meaning is said, and nothing is claimed", () => {
    const { effects, cause, total } = replayed(
      policyOf(allow()),
      policyOf(allow({ NotAction: "x" })),
      [seen()],
      "unknown",
    );
    expect({ effects, total }).toEqual({ effects: [], total: 1 });
    expect(cause).toContain("no meaning is known");
  });
});
