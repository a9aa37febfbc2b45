import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { runCli, writeTree } from "../support/run-cli.ts";
import { root } from "../support/tool-repository.ts";

interface Hook {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly entry: string;
  readonly language: string;
  readonly files: string;
  readonly pass_filenames: boolean;
}

const hooks = parse(readFileSync(join(root, ".pre-commit-hooks.yaml"), "utf8")) as readonly Hook[];
const { bin } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { bin: object };

test("there is a hook that builds the tool, and one that runs the installed tool", () => {
  expect(hooks.map(({ id, language }) => [id, language])).toEqual([
    ["oss-policy", "node"],
    ["oss-policy-system", "system"],
  ]);
});

describe.each(hooks.map((hook) => [hook.id, hook] as const))("the hook %s", (_, hook) => {
  test("runs for policy files, and judges all of them together", () => {
    const files = new RegExp(hook.files);
    const changed = [
      "policies/a.yaml",
      "policies/team/_sets/b.yml",
      "src/policies/a.yaml",
      "policies/a.json",
    ];
    expect(changed.filter((file) => files.test(file))).toEqual([
      "policies/a.yaml",
      "policies/team/_sets/b.yml",
    ]);
    expect(hook.pass_filenames).toBe(false);
  });

  test.each([
    ["none", 0],
    ["nothing", 1],
  ])("runs validate: `policy: %s` ends with %i", async (policy, expected) => {
    const [program = "", ...words] = hook.entry.replace(/^npx --no -- /, "").split(" ");
    expect(Object.keys(bin)).toContain(program);
    const folder = writeTree({
      "policies/account.yaml": 'account: "1746495857600001"\nregion: cn-hangzhou\n',
      "policies/a.yaml": `bucket: examplebucket\npolicy: ${policy}\n`,
    });
    expect((await runCli(words, { folder })).code).toBe(expected);
  });
});
