import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { parseDesired } from "../../src/desired/desired.ts";
import { filesSchema } from "../../src/desired/json-schema.ts";
import { hasErrors } from "../../src/diagnostic.ts";
import { lintBucket } from "../../src/lint/lint.ts";
import { actions, isGrantable } from "../../src/policy/actions.ts";
import { conditionKeys, operators } from "../../src/policy/conditions.ts";
import { accountFile, runCli } from "../support/run-cli.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const accepts = new Ajv({ strict: false, allErrors: true }).compile(filesSchema());

/** Every policy file of the project, right and wrong. */
const fixtures = ["test/lint", "policies", "test/commands/mistakes", "test/commands/sdk-example"].flatMap(
  (folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".yaml"))
      .map((name) => join(folder, name)),
);

/** What the schema of an editor would be given, and whether validate has an error for it. */
function judged(text: string, path = "x.yaml"): { readonly bySchema: boolean; readonly byValidate: boolean } {
  const isAccount = /account\.yaml$/.test(path);
  const own = { path: isAccount ? "account.yaml" : path, text };
  const { buckets, diagnostics } = parseDesired(
    isAccount
      ? [own, { path: "x.yaml", text: "bucket: xxx\nregion: cn-x\npolicy: none\n" }]
      : [{ path: "account.yaml", text: accountFile }, own],
  );
  const findings = [...diagnostics, ...buckets.flatMap(lintBucket)];
  return { bySchema: accepts(parse(text, { stringKeys: true })), byValidate: !hasErrors(findings) };
}

test("policies/schema.json is what `schema` prints, and current", async () => {
  const { stdout } = await runCli(["schema"]);
  expect(readFileSync(join(root, "policies/schema.json"), "utf8")).toBe(stdout);
});

describe("whatever the schema refuses, validate refuses too", () => {
  test.each(fixtures)("%s", (path) => {
    const { bySchema, byValidate } = judged(readFileSync(join(root, path), "utf8"), path);
    if (!bySchema) expect(byValidate).toBe(false);
  });

  test.each([
    ["an unknown key", "bucket: one\npolicy: none\nx: 1\n"],
    ["a wrong region", "bucket: one\nregion: Mars\npolicy: none\n"],
    ["a bucket and buckets", "bucket: one\nbuckets: [two]\npolicy: none\n"],
    ["no policy", "bucket: one\n"],
    [
      "a typo in an action",
      'bucket: one\npolicy: { Version: "1", Statement: [{ Effect: Allow, Principal: "1", Action: oss:GetObjct, Resource: "*" }] }\n',
    ],
    [
      "an unknown operator",
      'bucket: one\npolicy: { Version: "1", Statement: [{ Effect: Allow, Principal: "1", Action: "oss:*", Resource: "*", Condition: { StringIs: { "acs:SourceVpc": x } } }] }\n',
    ],
    [
      "an unquoted UID",
      'bucket: one\npolicy: { Version: "1", Statement: [{ Effect: Allow, Principal: [1], Action: "oss:*", Resource: "*" }] }\n',
    ],
    [
      "an unknown field",
      'bucket: one\npolicy: { Version: "1", Statement: [{ Effect: Allow, Principal: "1", Action: "oss:*", Resource: "*", NotAction: x }] }\n',
    ],
    [
      "a Sid that is no text",
      'bucket: one\npolicy: { Version: "1", Statement: [{ Sid: 1, Effect: Allow, Principal: "1", Action: "oss:*", Resource: "*" }] }\n',
    ],
  ])("and the schema does refuse %s", (_, text) => {
    expect(judged(text)).toEqual({ bySchema: false, byValidate: false });
  });

  test.each([
    [
      "variables everywhere",
      'bucket: one\nvars: { e: Allow, v: "1", a: oss:GetObject }\npolicy: { Version: "${v}", Statement: [{ Effect: "${e}", Principal: "1", Action: ["${a}"], Resource: "*", Condition: { StringEquals: { "acs:SourceVpc": "x" } } }] }\n',
    ],
    [
      "wildcards in actions",
      'bucket: one\npolicy: { Version: "1", Statement: [{ Effect: Deny, Principal: "1", Action: ["oss:Get*", "*"], Resource: "*" }] }\n',
    ],
    [
      "a key that is not documented",
      'bucket: one\npolicy: { Version: "1", Statement: [{ Effect: Deny, Principal: "1", Action: "oss:*", Resource: "*", Condition: { Bool: { "acs:New": "true" } } }] }\n',
    ],
    [
      "names of statements and of the policy",
      'bucket: one\npolicy: { Version: "1", Id: "p", Statement: [{ Sid: s, Effect: Allow, Principal: "1", Action: "oss:*", Resource: "*" }] }\n',
    ],
  ])("and the schema takes %s", (_, text) => {
    expect(judged(text)).toEqual({ bySchema: true, byValidate: true });
  });
});

describe("for editors", () => {
  const text = JSON.stringify(filesSchema());

  test("every key has a description", () => {
    const bare: string[] = [];
    const visit = (node: unknown, path: string): void => {
      if (typeof node !== "object" || node === null) return;
      for (const [name, value] of Object.entries(node)) {
        if (name !== "properties") visit(value, `${path}/${name}`);
        else
          for (const [key, property] of Object.entries(value as object)) {
            if (!JSON.stringify(property).includes('"description"') && !("$ref" in (property as object)))
              bare.push(`${path}.${key}`);
            visit(property, `${path}.${key}`);
          }
      }
    };
    visit(filesSchema(), "");
    expect(bare).toEqual([]);
  });

  test("actions, operators and condition keys are complete", () => {
    const names = [...actions.filter(isGrantable), ...operators, ...conditionKeys].map(({ name }) => name);
    expect(names.filter((name) => !text.includes(`"${name}"`))).toEqual([]);
  });
});
