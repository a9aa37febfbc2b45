import { readdirSync, readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";

/** The files whose properties run on more cases here: those that take their number of cases from runs.ts. */
const withProperties = readdirSync("test", { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".test.ts") && !name.endsWith(".deep.test.ts"))
  .filter((name) => readFileSync(`test/${name}`, "utf8").includes("/support/runs.ts"))
  .map((name) => `test/${name}`);

// The long suite: mutants, other engines, storms, whole workflows, and each property on many generated cases.
export default defineConfig({
  test: {
    include: ["test/mutants/**/*.test.ts", "test/**/*.deep.test.ts", ...withProperties],
    setupFiles: ["test/support/seed.ts"],
    testTimeout: 600_000,
    maxWorkers: "100%",
    isolate: false,
    env: { OSS_POLICY_RUNS: process.env["OSS_POLICY_RUNS"] ?? "15" },
  },
});
