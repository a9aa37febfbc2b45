import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { swallowedOptions } from "../../src/run/npm-options.ts";
import { environmentOf, writeTree } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** No credentials of whoever runs the tests, and none of npm's own settings. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_|OSS_|ALIBABA_|CI$|FORCE_COLOR)/i.test(name)),
);

/** The real npm, in this package, as a user types it; without credentials nothing can be connected to. */
function npm(...words: string[]) {
  const { status, stdout, stderr } = spawnSync("npm", words, { cwd: root, env, encoding: "utf8" });
  return { status, text: stdout + stderr };
}

const options: readonly (readonly [name: string, words: readonly string[], help: string])[] = [
  ["--bucket web-assets", ["--bucket", "web-assets"], "npm run plan -- --bucket web-assets"],
  ["--bucket=web-assets", ["--bucket=web-assets"], "npm run plan -- --bucket web-assets"],
  ["--detailed-exitcode", ["--detailed-exitcode"], "npm run plan -- --detailed-exitcode"],
  ["--sandbox", ["--sandbox"], "npm run plan -- --sandbox"],
  ["--buckets, nearly an option", ["--buckets=web-assets"], "npm run plan -- --bucket web-assets"],
  ["--dry-run, which is plan", ["--dry-run"], "npm kept `--dry-run`"],
  ["--json, which npm has too", ["--json"], "npm run plan -- --json"],
];

describe("options that npm keeps for itself are refused, with the form that works", () => {
  test.each(options)("%s", (_, words, mend) => {
    const { status, text } = npm("run", "plan", ...words);
    expect([status, text]).toEqual([1, expect.stringContaining(mend)]);
  });

  test("after a -- they arrive", () => {
    const { status, text } = npm(
      "run",
      "plan",
      "--",
      "--sandbox",
      "--bucket",
      "web-assets",
      "--detailed-exitcode",
    );
    expect([status, text]).toEqual([
      2,
      expect.stringContaining("Plan: 1 to create, 0 to update, 0 to delete, 0 unchanged."),
    ]);
  });
});

test("settings of npm's own files, and calls without npm, are left alone", () => {
  expect(
    swallowedOptions(
      { npm_lifecycle_event: "plan", npm_config_yes: "", npm_config_color: "false" },
      ["plan"],
      ["json"],
    ),
  ).toEqual([]);
  expect(swallowedOptions({ npm_config_bucket: "a" }, ["plan"], ["bucket", "json"])).toEqual([]);
});

test("npx runs the tool as the pages call it", () => {
  const { stdout } = spawnSync("npx", ["oss-policy", "validate", "--quiet"], {
    cwd: root,
    env,
    encoding: "utf8",
  });
  expect(stdout).toContain("Exit 0, success.");
});

test("first import, plan and apply work in the real process, through npm", async () => {
  const policy =
    '{"Version":"1","Statement":[{"Effect":"Allow","Principal":["1"],"Action":"oss:GetObject","Resource":"*"}]}';
  const sandbox = await sandboxWith({ buckets: [{ name: "web-1", region: "us-west-1", policy }] });
  const folder = writeTree({});
  const run = (script: string, ...words: string[]) =>
    new Promise<string>((resolve) => {
      const child = spawn("npm", ["run", "--silent", script, "--", "--policies", folder, ...words], {
        cwd: root,
        env: { ...env, ...environmentOf(sandbox) },
      });
      let text = "";
      child.stdout.on("data", (part: Buffer) => (text += part.toString()));
      child.on("close", (code) => resolve(`${code ?? "signal"}\n${text}`));
    });
  expect(await run("import")).toContain("Import: 1 written");
  expect(await run("validate")).toMatch(/^0\n/);
  expect(await run("plan", "--detailed-exitcode", "--bucket", "web-*")).toMatch(
    /^0\nNo changes\n\nPlan: 0 to create/,
  );
  sandbox.setPolicy("web-1", undefined);
  expect(await run("plan", "--detailed-exitcode")).toMatch(/^2\n/);
  expect(await run("apply")).toContain("Apply: 1 applied.\nExit 0, success.");
});
