import { defineConfig } from "vitest/config";

// What takes longer: the tests that hold laws over generated input, on many more cases.
export default defineConfig({
  test: {
    include: [
      "test/policy/**/*.test.ts",
      "test/access/**/*.test.ts",
      "test/plan/**/*.test.ts",
      "test/desired/**/*.test.ts",
      "test/properties/**/*.test.ts",
      "test/report/**/*.test.ts",
      "test/simulation/simulation.test.ts",
      "test/transitions/**/*.test.ts",
      "test/commands/import.test.ts",
      "test/mutants/**/*.test.ts",
    ],
    setupFiles: ["test/support/seed.ts"],
    testTimeout: 600_000,
    env: { OSS_POLICY_RUNS: "15" },
  },
});
