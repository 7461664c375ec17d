import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    env: { NODE_NO_WARNINGS: "1", NODE_COMPILE_CACHE: "node_modules/.cache/node-compile" },
  },
});
