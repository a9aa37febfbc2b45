import { chmodSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { replaceFile } from "../../src/run/replace-file.ts";
import { writeTree } from "../support/run-cli.ts";

test("keeps the mode, whatever the mask of the process is, and leaves nothing beside the file", () => {
  const folder = writeTree({ "a.yaml": "old" });
  const file = join(folder, "a.yaml");
  for (const mode of [0o666, 0o600, 0o775]) {
    chmodSync(file, mode);
    const before = readFileSync(file, "utf8");
    expect(replaceFile(file, before, `${before}+`)).toBeUndefined();
    expect(statSync(file).mode & 0o777).toBe(mode);
  }
  expect(readFileSync(file, "utf8")).toBe("old+++");
  expect(readdirSync(folder)).toEqual(["a.yaml"]);
});

test("touches no file that another run, or a killed one, left beside it", () => {
  const folder = writeTree({ "a.yaml": "old", ".oss-policy-write.tmp": "another's" });
  expect(replaceFile(join(folder, "a.yaml"), "old", "new")).toBeUndefined();
  expect(readFileSync(join(folder, ".oss-policy-write.tmp"), "utf8")).toBe("another's");
});

test("leaves a file alone that changed meanwhile", () => {
  const folder = writeTree({ "a.yaml": "changed" });
  expect(replaceFile(join(folder, "a.yaml"), "old", "new")?.message).toContain("changed meanwhile");
  expect(readFileSync(join(folder, "a.yaml"), "utf8")).toBe("changed");
});

test("writes through a link, and keeps a byte order mark", () => {
  const folder = writeTree({ "a.yaml": "\ufeffold" });
  symlinkSync("a.yaml", join(folder, "link.yaml"));
  expect(replaceFile(join(folder, "link.yaml"), "old", "new")).toBeUndefined();
  expect(readFileSync(join(folder, "a.yaml"), "utf8")).toBe("\ufeffnew");
  expect(readdirSync(folder)).toEqual(["a.yaml", "link.yaml"]);
});
