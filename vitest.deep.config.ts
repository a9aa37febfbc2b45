import { readdirSync, readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";

/** The files that run more here: those that ask runs.ts how much. */
const scaled = readdirSync("test", { recursive: true, encoding: "utf8" })
  .map((name) => `test/${name}`)
  .filter((name) => name.endsWith(".test.ts") && readFileSync(name, "utf8").includes("/support/runs.ts"));

// The long suite: mutants, other engines, storms, whole workflows, and each property on many generated cases.
export default defineConfig({
  test: {
    include: ["test/**/*.deep.test.ts", ...scaled],
    globalSetup: ["test/support/missing-programs.ts"],
    setupFiles: ["test/support/seed.ts"],
    testTimeout: 600_000,
    maxWorkers: "100%",
    isolate: false,
    env: { OSS_POLICY_RUNS: process.env["OSS_POLICY_RUNS"] ?? "10" },
  },
});
