import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { runs } from "../support/runs.ts";
import { soakValidate } from "../soak/validate.ts";

test("a mistake in a file is one error, and no file ends the run in another way than 0 or 1", async () => {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const { files, injected, single, broken, several } = await soakValidate(root, runs(134), 11);
  expect(broken).toEqual([]);
  expect(files).toBe(runs(134));
  expect(injected).toBeGreaterThan(files / 2);
  expect(single / injected, [...several.keys()].join(", ")).toBeGreaterThanOrEqual(0.95);
});
