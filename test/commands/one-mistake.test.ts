import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { accountFile, environmentOf, runCli, writeTree } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";

const policy = (fields: string) =>
  `policy:\n  Version: "1"\n  Statement:\n    - Effect: Allow\n      Principal: ["202147604049351234"]\n      Action: ["oss:GetObject"]\n      Resource: ["acs:oss:*:*:\${bucket}/*"]\n${fields}`;

async function validate(files: Readonly<Record<string, string>>) {
  const folder = writeTree({ "account.yaml": accountFile, ...files });
  const { code, stdout } = await runCli(["validate", "--policies", folder]);
  const errors = stdout.split("\n").filter((line) => line.includes(": error: "));
  return {
    code,
    errors: errors.map((line) => line.replace(`${folder}/`, "")),
    stdout: stdout.replaceAll(`${folder}/`, ""),
  };
}

const many = (line: (name: string) => string) =>
  Object.fromEntries(
    Array.from({ length: 300 }, (_, i) => [
      `b-${1000 + i}.yaml`,
      `bucket: b-${1000 + i}\n${line(`b-${1000 + i}`)}`,
    ]),
  );

describe("one mistake is one message", () => {
  test("variables that are unknown, lists in a text, or hold variables", async () => {
    const { errors } = await validate({
      "web.yaml": `bucket: web\nvars: { readers: ["202147604049351234"], nested: ["\${readers}"] }\n${policy(
        ["${readers}", '["${nested}"]', '["${raeders}"]']
          .map(
            (one) =>
              `    - Effect: Allow\n      Principal: ${one.startsWith("[") ? one : `"${one}"`}\n      Action: ["oss:GetObject"]\n      Resource: ["acs:oss:*:*:web/*"]\n`,
          )
          .join(""),
      )}`,
    });
    expect(errors).toEqual([
      "web.yaml:2:51: error: the value of a variable cannot contain a variable [variable]",
      "web.yaml:11:18: error: `readers` is a list, which can only be a whole list item [variable]",
      "web.yaml:19:19: error: there is no variable `raeders` [variable]",
    ]);
  });

  test("one wrong value of a variable of the account in 300 files", async () => {
    const { errors, stdout } = await validate({
      "account.yaml": `${accountFile}vars: { team: acs:ram::1746495857600001:user/ann }\n`,
      ...many(() => policy("").replace("202147604049351234", "${team}")),
    });
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(/^b-1000\.yaml:6:19: error: .*\[principal-form\]$/);
    expect(stdout).toContain(
      "  the same here: b-1001.yaml:6:19, b-1002.yaml:6:19, b-1003.yaml:6:19 and 296 more\n",
    );
    expect(stdout).toContain("300 buckets, 1 error,");
  });

  test.each([
    [
      "a variable that the account has no more",
      () => policy("").replace("202147604049351234", "${team}"),
      /there is no variable `team`/,
    ],
    [
      "a set that is gone",
      (name: string) => `use: [tls]\n${policy("").replaceAll("${bucket}", name)}`,
      /there is no statement set `tls`/,
    ],
  ])("%s in 300 files", async (_, line, message) => {
    const { errors, stdout } = await validate(many(line));
    expect(errors).toEqual([expect.stringMatching(message)]);
    expect(stdout).toContain(" and 296 more\n");
  });

  test("no region in the account of 300 files", async () => {
    const { errors } = await validate({
      "account.yaml": 'account: "1746495857600001"\n',
      ...many(() => policy("")),
    });
    expect(errors).toEqual([expect.stringContaining("the bucket has no region")]);
  });

  test("a statement set with a mistake, used by 300 files", async () => {
    const { errors, stdout } = await validate({
      "_sets/tls.yaml":
        'Statement: [{ Effect: Deny, Principal: ["1"], Action: "s3:GetObject", Resource: "acs:oss:*:*:${bucket}/*" }]\n',
      ...many(() => "use: [tls]\n"),
    });
    expect(errors).toEqual([expect.stringContaining("_sets/tls.yaml:1:")]);
    expect(stdout).toMatch(/used here: b-1000\.yaml:2:7, .* and 297 more/);
  });

  test("a misspelt Version is not named again as what OSS refuses", async () => {
    const text = policy("").replace("Version", "Verson");
    const { errors, stdout } = await validate({ "web.yaml": `bucket: web\n${text}` });
    expect(errors).toEqual([expect.stringContaining("web.yaml:3:3: error: `Verson`")]);
    expect(stdout).toContain("1 error, 0 warnings,");
  });

  test("a silenced cause hides nothing", async () => {
    const text = policy("").replace(
      "Resource:",
      "# oss-policy-ignore unknown-field: to be tried\n      Resourse:",
    );
    const { errors } = await validate({ "web.yaml": `bucket: web\n${text}` });
    expect(errors).toEqual([expect.stringContaining("`Resource` is missing")]);
  });
});

describe("what is not read or not kept is said", () => {
  test("files of another kind are one note", async () => {
    const { code, stdout } = await validate({
      "web.yaml": `bucket: web\n${policy("")}`,
      "old/web.json": "{}",
      "main.tf": "",
      "README.md": "",
      "schema.json": "{}",
      ".keep": "",
    });
    expect(code).toBe(0);
    expect(stdout).toContain(
      "note: 2 files are not read, since only .yaml and .yml are: `main.tf`, `old/web.json` [not-read]\n",
    );
    expect(stdout).toContain("rename a bucket file to .yaml");
  });

  test("import --force names the variables that it writes out", async () => {
    const live =
      '{"Version":"1","Statement":[{"Effect":"Deny","Principal":["1"],"Action":"oss:GetObject","Resource":"acs:oss:*:1746495857600001:web/*"}]}';
    const sandbox = await sandboxWith({ buckets: [{ name: "web", region: "cn-hangzhou", policy: live }] });
    const folder = writeTree({ "account.yaml": accountFile, "web.yaml": `bucket: web\n${policy("")}` });
    const { stdout } = await runCli(["import", "--force", "--policies", folder], {
      env: environmentOf(sandbox),
    });
    expect(stdout).toContain("web.yaml (a variable is now written out as text: ${bucket})\n");
    expect(readFileSync(join(folder, "web.yaml"), "utf8")).not.toContain("${bucket}");
  });
});
