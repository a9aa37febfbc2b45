import { configDefaults, defineConfig } from "vitest/config";

// The suite for every change: each behavior once, each property on a few generated cases.
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // What takes minutes belongs to `npm run test:deep`.
    exclude: [...configDefaults.exclude, "test/**/*.deep.test.ts"],
    globalSetup: ["test/support/missing-programs.ts"],
    setupFiles: ["test/support/seed.ts"],
    testTimeout: 60_000,
    // All cores; the default leaves one of two idle.
    maxWorkers: "100%",
    // Loading the modules anew for each file takes longer than most tests. No test may leave state behind.
    isolate: false,
  },
});
