import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { swallowedOptions } from "../../src/run/npm-options.ts";
import { sampled } from "../support/runs.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The real npm, in this package, as a user types it; without credentials nothing can be connected to. */
function npm(...words: string[]) {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|OSS_|ALIBABA_)/i.test(name)),
  );
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
  test.each(sampled(options, 2))("%s", (_, words, mend) => {
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
