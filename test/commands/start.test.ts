import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";

/** A copy of dist/, and of the code in it that was compiled ahead. */
function copyOfDist(): { folder: string; compiled: string } {
  const folder = mkdtempSync(join(tmpdir(), "oss-policy-start-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  cpSync("dist", folder, { recursive: true, preserveTimestamps: true });
  const [version = "none"] = readdirSync(join(folder, "compiled"));
  return { folder, compiled: join(folder, "compiled", version) };
}

const version = (folder: string) =>
  execFileSync(process.execPath, [join(folder, "cli.js"), "--version"], { encoding: "utf8" });

describe("code that was compiled ahead is left aside where", () => {
  const right = version("dist");

  test("there is none", () => {
    const { folder } = copyOfDist();
    rmSync(join(folder, "compiled"), { recursive: true });
    expect(version(folder)).toBe(right);
  });

  test("it is not whole", () => {
    const { folder, compiled } = copyOfDist();
    truncateSync(join(compiled, "main.js"), 5_000);
    expect(version(folder)).toBe(right);
  });

  test("it is another thing", () => {
    const { folder, compiled } = copyOfDist();
    writeFileSync(join(compiled, "main.js"), readFileSync(join(folder, "main.js")));
    expect(version(folder)).toBe(right);
  });

  test("the source was edited since, also to one of the same length", () => {
    const { folder } = copyOfDist();
    const file = join(folder, "main.js");
    writeFileSync(file, readFileSync(file, "utf8").replace(`version: "${right.trim()}"`, 'version: "9.9.9"'));
    expect(version(folder)).toBe("9.9.9\n");
  });
});
