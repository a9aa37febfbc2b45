import { configDefaults, defineConfig } from "vitest/config";

// What a change needs: every test, each property on some generated cases.
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Each mutant is a build of its own: in `npm run test:deep`.
    exclude: [...configDefaults.exclude, "test/mutants/**"],
    setupFiles: ["test/support/seed.ts"],
    testTimeout: 60_000,
  },
});
