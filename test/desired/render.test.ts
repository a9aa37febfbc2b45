import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { renderBucketFile } from "../../src/desired/render.ts";
import { escapeVariables } from "../../src/desired/variables.ts";
import type { JsonObject } from "../../src/policy/json.ts";
import { describeWith } from "../support/describe-with.ts";
import { runs } from "../support/runs.ts";

/** Texts that some reader of YAML takes for a boolean, null, a number, a date or a sign of its own. */
const oddTexts = [
  ..."no on y n yes off Y NO True FALSE ~ null Null NaN .nan .inf -.Inf = << 0o17 017 1_000 .5 +1 0x1f 0b11 1e3 1. -0".split(
    " ",
  ),
  ..."20:30 190:20:30.15 2026-01-01 2026-1-1 2026-12-31T00:00:00Z 12e03 685.230_15e+03 -- --- ... ! & * | > % @ ` ? : -".split(
    " ",
  ),
  ...[
    "",
    " ",
    " a",
    "a ",
    "- ",
    "- a",
    "? ",
    "? a",
    ": ",
    "a: b",
    "a:",
    "# a",
    "a # b",
    "%a",
    "a\tb",
    "a\nb",
    "a\n",
    "\n",
  ],
  ...[
    "\u0000",
    "\u0085",
    "\u2028",
    "\uFEFFa",
    "\uFFFE",
    "é",
    "文",
    "😀",
    "\u{E0041}",
    "[a",
    "{a",
    "a]",
    "a, b",
    '"a"',
    "'a'",
    "a\\b",
  ],
];

const text = fc.oneof(
  fc.constantFrom(...oddTexts),
  fc.string({ unit: "binary", maxLength: 8 }).filter((one) => !/\p{Cs}/u.test(one)),
  fc.string({ unit: fc.constantFrom(..."0123456789:.-+_eExoTZ ~".split("")), maxLength: 10 }),
  fc.string({ unit: fc.constantFrom(..."yYnNoOfFeEsStTrRuUlLaA".split("")), maxLength: 5 }),
);

const policy: fc.Arbitrary<JsonObject> = fc.record({
  Version: text,
  values: fc.array(text, { maxLength: 12 }),
  keys: fc.dictionary(
    text.filter((name) => name !== "__proto__"),
    text,
    { maxKeys: 8 },
  ),
});

/** The policy with `${` as the file has it. */
function written(value: JsonObject): unknown {
  return JSON.parse(escapeVariables(JSON.stringify(value)));
}

describe("what import writes is read alike by readers of YAML 1.1 and 1.2", () => {
  test.each([
    ["the core schema of YAML 1.2", { version: "1.2", schema: "core" }],
    ["YAML 1.1", { version: "1.1", schema: "yaml-1.1" }],
  ] as const)("%s", (_, options) => {
    fc.assert(
      fc.property(policy, (value) => {
        const file = renderBucketFile("no", undefined, value);
        expect(parse(file, { ...options, stringKeys: false, maxAliasCount: 0 }), file).toEqual({
          bucket: "no",
          policy: written(value),
        });
      }),
      { numRuns: runs(150) },
    );
  });

  describeWith("pyyaml", "PyYAML", (python) => {
    test("safe_load", () => {
      const values = fc.sample(policy, runs(60));
      const files = values.map((value) => renderBucketFile("no", undefined, value));
      const program =
        "import json,sys,yaml\nprint(json.dumps([yaml.safe_load(f) for f in json.load(sys.stdin)]))";
      const { stdout, stderr } = spawnSync(python, ["-c", program], {
        input: JSON.stringify(files),
        encoding: "utf8",
      });
      expect(stderr).toBe("");
      expect(JSON.parse(stdout)).toEqual(values.map((value) => ({ bucket: "no", policy: written(value) })));
    });
  });
});
