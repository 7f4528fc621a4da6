import { defineConfig } from "vitest/config";
import { limits } from "./scripts/test-support/limits.ts";

export default defineConfig({
  test: {
    include: ["*/src/**/*.test.ts", "*/test/**/*.test.ts", "scripts/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**"],
    // Most tests run a real Postgres or the built command, and wait for it half of their time.
    maxWorkers: 3,
    expect: { poll: { timeout: limits.poll } },
    testTimeout: limits.test,
    hookTimeout: limits.test,
    teardownTimeout: 30_000,
    tags: [{ name: "tools", description: "needs more than Node, npm and git: npm run test-tools" }],
  },
});
