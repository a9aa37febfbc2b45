import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { accountFile, writeTree } from "../support/run-cli.ts";

const deep = { flow: "{".repeat(50_000), lists: "[".repeat(100_000), block: "- ".repeat(60_000) };

// V8 ends a process that compiles a regular expression near the end of the stack, from the second file on.
test("several files that are nested too deeply end no process", () => {
  const files = Object.entries(deep).flatMap(([name, text]) =>
    [1, 2, 3].map((number) => [`${name}${number}.yaml`, text] as const),
  );
  const tree = writeTree({ "account.yaml": accountFile, ...Object.fromEntries(files) });
  const { status, signal, stdout } = spawnSync(
    process.execPath,
    ["dist/cli.js", "validate", "--policies", tree],
    { encoding: "utf8" },
  );
  expect([status, signal]).toEqual([1, null]);
  expect(stdout.match(/the YAML is nested too deeply/g)).toHaveLength(files.length);
});
