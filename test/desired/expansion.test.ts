import { describe, expect, test } from "vitest";
import { parseDesired } from "../../src/desired/desired.ts";
import { accountFile } from "../support/run-cli.ts";

const statement = (fields: string) =>
  `policy:\n  Version: "1"\n  Statement:\n    - { Effect: Allow, Principal: ["1"], Action: ["oss:GetObject"], ${fields} }\n`;

/** The findings of a tree as `file:line code message`, and how many buckets it has. */
function judged(files: Readonly<Record<string, string>>) {
  const texts = { "account.yaml": accountFile, ...files };
  const { buckets, diagnostics } = parseDesired(
    Object.entries(texts).map(([path, text]) => ({ path, text })),
  );
  const findings = diagnostics.map(
    ({ span, code, message }) => `${span?.file ?? ""}:${span?.start.line ?? 0} ${code} ${message}`,
  );
  return { buckets: buckets.length, findings };
}

const tooMuch = "variable the variables expand this text to more than 65536 characters";

describe("what variables can make of a file is bounded, with a finding at the reference", () => {
  test.each([
    [
      "a long string many times",
      `vars: { a: "${"x".repeat(100_000)}" }\n`,
      `Resource: ["acs:oss:*:*:one/${"${a}".repeat(6_000)}"]`,
    ],
    [
      "a list in a long list",
      `vars: { v: [${Array(4_000).fill("x").join()}] }\n`,
      `Resource: [${Array(4_000).fill('"${v}"').join()}]`,
    ],
    [
      "empty members",
      `vars: { v: [${Array(5_000).fill('""').join()}] }\n`,
      `Resource: [${Array(5_000).fill('"${v}"').join()}]`,
    ],
    ["a built-in name", "", `Resource: ["${"${account}".repeat(8_000)}"]`],
  ])("%s", (_, vars, resource) => {
    const start = performance.now();
    expect(judged({ "one.yaml": `bucket: one\n${vars}${statement(resource)}` })).toEqual({
      buckets: 0,
      findings: [`one.yaml:${vars === "" ? 5 : 6} ${tooMuch}`],
    });
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  test("in guardrails of the account, too", () => {
    const account = `${accountFile}vars: { v: [${Array(2_000).fill("x").join()}] }\nguardrails:\n  - { name: g, Principal: "*", Action: [${Array(2_000).fill('"${v}"').join()}], Resource: "*" }\n`;
    const { findings } = judged({
      "account.yaml": account,
      "one.yaml": `bucket: one\n${statement('Resource: "*"')}`,
    });
    expect(findings).toEqual([`account.yaml:5 ${tooMuch}`]);
  });

  test("what a large policy needs is far below", () => {
    const members = Array.from({ length: 400 }, (_, index) => `"acs:oss:*:*:one/k${index}*"`).join();
    const { buckets, findings } = judged({
      "one.yaml": `bucket: one\nvars: { v: [${members}] }\n${statement('Resource: ["${v}"]')}`,
    });
    expect([buckets, findings]).toEqual([1, []]);
  });

  test("many sets of many statements", () => {
    const set = `Statement:\n${'  - { Effect: Deny, Principal: ["1"], Action: "oss:*", Resource: "*" }\n'.repeat(300)}`;
    const tree = { "_sets/a.yaml": set, "_sets/b.yaml": set, "one.yaml": `bucket: one\nuse: [a, b]\n` };
    expect(judged(tree)).toEqual({
      buckets: 0,
      findings: ["one.yaml:2 wrong-value the policy has more than 400 statements, which 16 KB cannot hold"],
    });
  });

  test("many buckets of a long policy", () => {
    const names = Array.from({ length: 1_000 }, (_, index) => `b-${index}`).join();
    const text = `buckets: [${names}]\n${statement(`Resource: ["${"x".repeat(80_000)}\${bucket}"]`)}`;
    const start = performance.now();
    expect(judged({ "one.yaml": text })).toEqual({
      buckets: 0,
      findings: [
        "one.yaml:1 wrong-value with this file, the policies of the tree have more than 64000000 characters",
      ],
    });
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});
