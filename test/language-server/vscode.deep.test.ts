import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { writeTree } from "../support/run-cli.ts";

const source = fileURLToPath(new URL("../../editors/vscode", import.meta.url));

test("the extension of VS Code installs, is packed, and holds nothing but what it needs", () => {
  const folder = writeTree({});
  cpSync(source, folder, { recursive: true, filter: (path) => !path.includes("node_modules") });
  const run = (command: string, ...words: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(command, words, { cwd: folder, encoding: "utf8" });
    expect(status, `${stdout}\n${stderr}`).toBe(0);
    return stdout;
  };
  run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
  run("npm", "run", "package");
  const files = run("npx", "--no-install", "vsce", "ls", "--no-dependencies").trim().split("\n").sort();
  expect(files).toEqual(["README.md", "dist/extension.js", "package.json"]);
  const { version, main } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<
    string,
    string
  >;
  expect(statSync(join(folder, `oss-policy-${version ?? ""}.vsix`)).size).toBeLessThan(300_000);
  run(process.execPath, "--check", main ?? "");
});
