import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseJson, stableText } from "../../src/policy/json.ts";
import { canonicalPolicy, policyDigest } from "../../src/policy/policy.ts";
import type { JsonObject } from "../../src/policy/json.ts";
import { accountFile, environmentOf, runCli, writeTree } from "../support/run-cli.ts";
import { runs } from "../support/runs.ts";
import { sandboxWith } from "../support/store.ts";

/** Values as YAML writes them, of all types that some reader knows. */
const value = fc.constantFrom(
  ..."yes no on off y n true True false null ~ 1 -0 1.0 1e3 1E400 0x1F 0o17 017 1_000 +1 .5 .inf -.INF .nan 2026-12-31 2026-12-31T00:00:00Z 20:30 = <<".split(
    " ",
  ),
  ...'202147604049351234 0.10000000000000000000001 123456789012345678901234567890 |- >- \'\' "" "a\\0b" "\\u202e"'.split(
    " ",
  ),
  ...[
    "!!timestamp 2026-12-31",
    "!!binary aGk=",
    "!!set {a, b}",
    "!!omap [a: 1]",
    "!!pairs [a: 1]",
    "!!str 1",
    "!!int '2'",
  ],
  ...[
    "!!float 1",
    "!!bool true",
    "!!null null",
    "! 5",
    "!web a",
    "!<tag:yaml.org,2002:str> 7",
    "!!python/none x",
  ],
  ...[
    "&x a",
    "*x",
    "&y [a, *x]",
    "{ <<: *y }",
    "? a",
    "[a, b]",
    "{ a: 1 }",
    "''''",
    "a\u0000b",
    "a\rb",
    "“a”",
    "a # b",
    "a: b",
  ],
);

const mostly = (usual: string, ...others: readonly string[]) =>
  fc.oneof(
    { weight: 5, arbitrary: fc.constant(usual) },
    { weight: 2, arbitrary: fc.constantFrom(...others) },
  );
const head = mostly(
  "",
  "%YAML 1.1\n---\n",
  "%YAML 1.2\n---\n",
  "%TAG ! tag:x,2000:\n---\n",
  "---\n",
  "\uFEFF",
  "%FOO bar\n---\n",
);
const tail = mostly("", "---\n", "...\n", "---\na: 1\n", "# end");

const file = fc
  .record({
    head,
    tail,
    values: fc.array(value, { minLength: 1, maxLength: 2 }),
    anchor: fc.boolean(),
    isCrlf: fc.boolean(),
  })
  .map(({ head: before, tail: after, values, anchor, isCrlf }) => {
    const tests = values
      .map((one, index) => `          "oss:ExistingObjectTag/t${index}": ${one}\n`)
      .join("");
    const principal = anchor ? '&x "202147604049351234"' : '"202147604049351234"';
    const text = `${before}bucket: one\npolicy:\n  Version: "1"\n  Statement:\n    - Effect: Deny\n      Principal: ${principal}\n      Action: ["oss:GetObject"]\n      Resource: ["acs:oss:*:1746495857600001:one/*"]\n      Condition:\n        StringEquals:\n${tests}${after}`;
    return isCrlf ? text.replaceAll("\n", "\r\n") : text;
  });

interface PlanFile {
  readonly changes: readonly { readonly after: JsonObject; readonly digests: { readonly desired: string } }[];
}

test("a file has an error, or the plan shows, digests and sends the same document", async () => {
  const sandbox = await sandboxWith({ buckets: [{ name: "one", region: "cn-hangzhou" }] });
  const env = environmentOf(sandbox);
  const seen = { refused: 0, sent: 0 };
  await fc.assert(
    fc.asyncProperty(file, async (text) => {
      sandbox.setPolicy("one", undefined);
      const tree = writeTree({ "account.yaml": accountFile, "one.yaml": text });
      const validated = await runCli(["validate", "--policies", tree]);
      const planned = await runCli(["plan", "--policies", tree, "--json", `${tree}/plan.json`], { env });
      if (validated.code !== 0) {
        expect(validated.stdout, text).toMatch(/\.yaml:\d+:\d+: error: /);
        expect(await runCli(["apply", "--policies", tree], { env }), text).not.toMatchObject({ code: 0 });
        seen.refused += 1;
        return;
      }
      await runCli(["apply", "--policies", tree], { env });
      const body = sandbox.policyOf("one");
      const plan = parseJson(readFileSync(`${tree}/plan.json`, "utf8"));
      const [change] = "value" in plan ? (plan.value as unknown as PlanFile).changes : [];
      if (body === undefined || change === undefined) {
        // Blocked by a hazard, such as a value that nothing decides: then nothing is sent at all.
        expect(planned.code, planned.stdout).not.toBe(0);
        return;
      }
      const sent = parseJson(body);
      expect("value" in sent && stableText(sent.value), text).toBe(stableText(change.after));
      expect("value" in sent && policyDigest(canonicalPolicy(sent.value as JsonObject)), text).toBe(
        change.digests.desired,
      );
      expect(await runCli(["plan", "--policies", tree, "--detailed-exitcode"], { env }), text).toMatchObject({
        code: 0,
      });
      seen.sent += 1;
    }),
    { numRuns: runs(20) },
  );
  expect(Math.min(seen.refused, seen.sent)).toBeGreaterThan(runs(20) / 10);
});
