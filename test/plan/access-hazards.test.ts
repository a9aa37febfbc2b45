import { describe, expect, test } from "vitest";
import { parseDesired } from "../../src/desired/desired.ts";
import type { Gate } from "../../src/plan/hazard-input.ts";
import { defaultSeverities, type HazardCode } from "../../src/plan/hazard.ts";
import { knownPrincipals } from "../../src/plan/known-principals.ts";
import { planChange } from "../../src/plan/plan-change.ts";
import type { JsonObject } from "../../src/policy/json.ts";
import { canonicalPolicy } from "../../src/policy/policy.ts";
import { openGate } from "../support/gate.ts";
import { callers, closed, conditions, overrides, quiet } from "./access-edits.ts";
import { accountText, alice, allow, bob, deny, get, readAll, vpc, type Statements } from "./statements.ts";

interface Given {
  readonly before: Statements;
  readonly after: Statements;
  readonly account?: string;
  readonly more?: string;
  readonly gate?: Partial<Gate>;
  /** The policy at the base; the live one if absent. */
  readonly base?: readonly JsonObject[];
}

/** Plans one bucket whose live policy is that of the base. */
function changeOf({ before, after, account = accountText, more = "", gate = {}, base }: Given) {
  const documentOf = (statements: readonly JsonObject[]) => ({ Version: "1", Statement: [...statements] });
  const wanted = after === "none" ? '"none"' : JSON.stringify(documentOf(after));
  const { buckets, accounts, diagnostics } = parseDesired([
    { path: "account.yaml", text: account },
    { path: "one.yaml", text: `bucket: one\npolicy: ${wanted}\n${more}` },
  ]);
  expect(diagnostics).toEqual([]);
  const [bucket] = buckets;
  if (bucket === undefined) throw new Error("the tree has no bucket");
  const live = before === "none" ? undefined : documentOf(before);
  const policy = live === undefined ? "none" : canonicalPolicy(live);
  const change = planChange({
    bucket,
    reading: {
      live: live === undefined ? { state: "none" } : { state: "policy", body: JSON.stringify(live) },
      region: "cn-hangzhou",
    },
    findings: [],
    gate: { ...openGate, ...gate },
    base: {
      policy: base === undefined ? policy : canonicalPolicy(documentOf(base)),
      everDesired: new Set(),
      isComplete: true,
    },
    known: knownPrincipals(accounts, [], [policy]),
  });
  if (change.action === "unreadable") throw new Error("the live policy can be read");
  return change;
}

function hazardsOf(given: Given): readonly string[] {
  return changeOf(given)
    .hazards.filter(({ severity }) => severity !== "note")
    .map(({ code, severity }) => `${severity} ${code}`);
}

const messagesOf = (given: Given) =>
  changeOf(given)
    .hazards.map(({ message }) => message)
    .join("\n");

describe.each([
  ["a Deny", overrides],
  ["a condition", conditions],
  ["a caller", callers],
  ["nothing above a note", quiet],
] as const)("%s", (_, rows) => {
  test.each(rows)("%s", (_, before, after, hazards) => {
    expect(hazardsOf({ before, after })).toEqual(hazards);
  });
});

test("a hazard has its default severity, but for public access that a network confines", () => {
  const rows = [...overrides, ...conditions, ...callers, ...quiet].flatMap(([, , , hazards]) => hazards);
  const lower = rows.filter((row) => {
    const [severity = "", code = ""] = row.split(" ");
    return defaultSeverities[code as HazardCode] !== severity;
  });
  expect([...new Set(lower)]).toEqual(["warn grants-public-access"]);
});

describe("what the messages say", () => {
  test("a UID with two digits swapped names the known one", () => {
    const after = [readAll, allow("202147604049355687", get, "/*")];
    expect(messagesOf({ before: [readAll], after })).toContain(`it is nearly bob, whose UID is ${bob}`);
  });

  test.each([
    ["missing", bob.slice(0, -1)],
    ["inserted", `${bob}0`],
    ["wrong", `${bob.slice(0, -1)}9`],
  ])("so does one digit %s", (_, uid) => {
    const after = [readAll, allow(uid, get, "/*")];
    expect(messagesOf({ before: [readAll], after })).toContain("it is nearly bob");
  });

  test("a gain that a network confines never says everyone", () => {
    const after = [readAll, allow("*", get, "/*", vpc("vpc-1"))];
    expect(messagesOf({ before: [readAll], after })).not.toContain("everyone");
  });

  test("actions on the bucket are not named where only objects are granted", () => {
    const messages = messagesOf({ before: [readAll], after: [readAll, allow(alice, ["oss:Put*"], "/*")] });
    expect(messages).toContain("alice can write and administer all objects");
    expect(messages).toContain(
      "administration: oss:PutObjectAcl, oss:PutObjectVersionAcl, oss:PutObjectRetention",
    );
    expect(messages).not.toContain("oss:PutBucket");
  });

  test("a Deny that goes while a date confines the caller names no network that does", () => {
    const leased = allow(alice, get, "/*", { DateLessThan: { "acs:CurrentTime": ["2027-01-31T00:00:00Z"] } });
    const before = [leased, deny(alice, get, "/*", vpc("vpc-1"))];
    expect(messagesOf({ before, after: [leased] })).toContain("a network or a date still confines it");
  });

  test("a policy that goes names its Denies", () => {
    expect(messagesOf({ before: [readAll, closed], after: "none" })).toContain(`Deny ${bob}`);
  });
});

describe("severities and consent", () => {
  const before = [readAll, closed];
  const after = [readAll];

  test("account.yaml sets a severity", () => {
    const account = `${accountText}hazards: { overrides-deny: warn }\n`;
    expect(hazardsOf({ before, after, account })).toEqual(["warn overrides-deny"]);
  });

  test.each(["one", "o*"])("a run accepts by a pattern of buckets: %s", (pattern) => {
    const gate = { accepted: [`overrides-deny@${pattern}`] };
    expect(changeOf({ before, after, gate }).blocked).toBe(false);
  });

  test("a warning can be accepted too", () => {
    const more = "accept: [{ hazard: grants-unknown-principal, reason: a partner }]\n";
    const given = { before: [readAll], after: [readAll, allow("202147604049359999", get, "/*")], more };
    expect(changeOf(given).hazards.map(({ accepted }) => accepted)).toContain("a partner");
  });

  test("an accept of a lost Deny is for one live policy", () => {
    const entry = (digest: string) =>
      `accept: [{ hazard: overrides-deny, reason: obsolete, live: "${digest}" }]\n`;
    const { digests } = changeOf({ before, after });
    expect(changeOf({ before, after, more: entry(digests.live) }).blocked).toBe(false);
    expect(changeOf({ before, after, more: entry(`sha256:${"0".repeat(64)}`) }).blocked).toBe(true);
  });

  test("an accept that has ended, or is of another hazard, does not accept", () => {
    const { digests } = changeOf({ before, after });
    const entry = (fields: string) => `accept: [{ ${fields}, reason: x, live: "${digests.live}" }]\n`;
    expect(
      changeOf({ before, after, more: entry("hazard: overrides-deny, until: 2025-12-31") }).blocked,
    ).toBe(true);
    expect(changeOf({ before, after, more: entry("hazard: drops-condition") }).blocked).toBe(true);
    expect(changeOf({ before, after, gate: { accepted: ["overrides-deny@t*"] } }).blocked).toBe(true);
  });

  test("an accept of a gain may be for one live policy", () => {
    const gaining = { before: [readAll], after: [readAll, allow(bob, ["oss:PutObjectAcl"], "/*")] };
    const { digests } = changeOf(gaining);
    const entry = (live: string) =>
      `accept: [{ hazard: grants-administration, reason: x, live: "${live}" }]\n`;
    expect(changeOf({ ...gaining, more: entry(digests.live) }).blocked).toBe(false);
    expect(changeOf({ ...gaining, more: entry("none") }).blocked).toBe(true);
  });

  test("what drift restores names no unknown principal", () => {
    const after = [readAll, allow("202147604049359999", get, "/*")];
    const codes = (base: readonly JsonObject[]) => hazardsOf({ before: [readAll], after, base });
    expect(codes([readAll])).toContain("warn grants-unknown-principal");
    expect(codes(after)).toEqual(["block reopens-drift"]);
  });
});
