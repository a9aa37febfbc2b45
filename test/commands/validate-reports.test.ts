import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { runCli, writeTree } from "../support/run-cli.ts";

const tree = {
  "account.yaml": 'account: "1746495857600001"\nregion: cn-hangzhou\n',
  "_sets/shared.yaml":
    'Statement: [{ Effect: Deny, Principal: [7], Action: "oss:PutObject", Resource: "*" }]\n',
  "a b.yaml":
    'bucket: one\nuse: [shared]\npolicy: { Version: "1", Statement: [{ Effect: Allow, Principal: "*", Action: "oss:GetObject", Resource: "*" }] }\n',
  "two.yaml": "bucket: two\nuse: [shared]\n",
  "x.yaml": "bukcet: x\npolicy: none\n",
};

function anonymous(text: string, folder: string): string {
  return text
    .replaceAll(folder, "policies")
    .replaceAll(/"finding\/v1": "\w+"/g, '"finding/v1": "FINGERPRINT"')
    .replace(/"version": "\d[^"]*"(,\n\s+"rules")/, '"version": "VERSION"$1');
}

test("--sarif writes the findings in SARIF, with rules, places and related places", async () => {
  const folder = writeTree(tree);
  const { code } = await runCli(["validate", "--policies", folder, "--sarif", join(folder, "out.sarif")]);
  expect(code).toBe(1);
  const text = anonymous(readFileSync(join(folder, "out.sarif"), "utf8"), folder);
  await expect(text).toMatchFileSnapshot("../golden/validate.sarif");
});

/**
 * The part of SARIF 2.1.0 that is written here, as its specification has it: required members, closed
 * lists of values, numbers from 1. The types of the whole format are checked by the compiler.
 */
const sarifSchema = {
  type: "object",
  required: ["version", "runs"],
  additionalProperties: false,
  properties: {
    $schema: { type: "string" },
    version: { const: "2.1.0" },
    runs: {
      type: "array",
      items: {
        type: "object",
        required: ["tool"],
        additionalProperties: false,
        properties: {
          columnKind: { enum: ["utf16CodeUnits", "unicodeCodePoints"] },
          tool: {
            type: "object",
            required: ["driver"],
            additionalProperties: false,
            properties: {
              driver: {
                type: "object",
                required: ["name"],
                additionalProperties: false,
                properties: {
                  name: { type: "string" },
                  version: { type: "string" },
                  rules: { type: "array", uniqueItems: true, items: { $ref: "#/definitions/rule" } },
                },
              },
            },
          },
          results: { type: "array", items: { $ref: "#/definitions/result" } },
        },
      },
    },
  },
  definitions: {
    message: {
      type: "object",
      required: ["text"],
      additionalProperties: false,
      properties: { text: { type: "string", minLength: 1 } },
    },
    level: { enum: ["none", "note", "warning", "error"] },
    rule: {
      type: "object",
      required: ["id"],
      additionalProperties: false,
      properties: {
        id: { type: "string" },
        shortDescription: { $ref: "#/definitions/message" },
        fullDescription: { $ref: "#/definitions/message" },
        help: { $ref: "#/definitions/message" },
        defaultConfiguration: {
          type: "object",
          additionalProperties: false,
          properties: { level: { $ref: "#/definitions/level" } },
        },
      },
    },
    location: {
      type: "object",
      additionalProperties: false,
      properties: {
        message: { $ref: "#/definitions/message" },
        physicalLocation: {
          type: "object",
          required: ["artifactLocation"],
          additionalProperties: false,
          properties: {
            artifactLocation: {
              type: "object",
              additionalProperties: false,
              properties: { uri: { type: "string", pattern: "^[^ \\\\]+$" } },
            },
            region: {
              type: "object",
              additionalProperties: false,
              properties: Object.fromEntries(
                ["startLine", "startColumn", "endLine", "endColumn"].map((name) => [
                  name,
                  { type: "integer", minimum: 1 },
                ]),
              ),
            },
          },
        },
      },
    },
    result: {
      type: "object",
      required: ["message"],
      additionalProperties: false,
      properties: {
        ruleId: { type: "string" },
        ruleIndex: { type: "integer", minimum: 0 },
        level: { $ref: "#/definitions/level" },
        message: { $ref: "#/definitions/message" },
        locations: { type: "array", items: { $ref: "#/definitions/location" } },
        relatedLocations: { type: "array", uniqueItems: true, items: { $ref: "#/definitions/location" } },
        partialFingerprints: { type: "object", additionalProperties: { type: "string" } },
      },
    },
  },
};

describe("SARIF", () => {
  const accepts = new Ajv().compile(sarifSchema);

  test.each([
    ["findings", tree],
    ["none", { "account.yaml": tree["account.yaml"], "one.yaml": "bucket: one\npolicy: none\n" }],
    ["findings without a place", {}],
  ])("of %s is as its specification has it", async (_, files) => {
    const { stdout } = await runCli(["validate", "--policies", writeTree(files), "--sarif", "-"]);
    accepts(JSON.parse(stdout));
    expect(accepts.errors).toBeNull();
  });

  test("names for each result the rule that stands at its index", async () => {
    const { stdout } = await runCli(["validate", "--policies", writeTree(tree), "--sarif", "-"]);
    const [run] = (
      JSON.parse(stdout) as {
        runs: {
          tool: { driver: { rules: { id: string }[] } };
          results: { ruleId: string; ruleIndex: number }[];
        }[];
      }
    ).runs;
    for (const { ruleId, ruleIndex } of run?.results ?? [])
      expect(run?.tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
  });

  test("keeps its fingerprints when lines above come and go, and tells findings apart", async () => {
    const folder = writeTree(tree);
    const prints = async () => {
      const { stdout } = await runCli(["validate", "--policies", folder, "--sarif", "-"]);
      return [...stdout.matchAll(/"finding\/v1": "(\w{32})"/g)].map(([, print]) => print);
    };
    const before = await prints();
    writeFileSync(join(folder, "x.yaml"), `# a line\n\n${tree["x.yaml"]}`);
    expect(await prints()).toEqual(before);
    expect(new Set(before).size).toBe(3);
  });
});

test("--json writes the findings, and their counts", async () => {
  const folder = writeTree(tree);
  const { stdout, stderr } = await runCli(["validate", "--policies", folder, "--json", "-"]);
  const { summary, diagnostics } = JSON.parse(stdout) as {
    summary: object;
    diagnostics: { code: string; related: object[] }[];
  };
  expect(summary).toEqual({ errors: 2, warnings: 1, notes: 0 });
  expect(diagnostics.map(({ code, related }) => [code, related.length])).toEqual([
    ["unquoted-uid", 2],
    ["public-policy", 0],
    ["unknown-key", 0],
  ]);
  expect(stderr).toContain("Exit 1, error: 2 error findings.");
});
