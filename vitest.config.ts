import { defineConfig } from "vitest/config";

// What a change needs: every test, each property on some generated cases.
export default defineConfig({
  test: { include: ["test/**/*.test.ts"], setupFiles: ["test/support/seed.ts"], testTimeout: 60_000 },
});
