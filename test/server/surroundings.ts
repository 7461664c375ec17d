// What the page does beside a gateway, for tests that start no programs.
import type { Surroundings } from "../../src/server/serving.ts";

/** Surroundings in which nothing happens. */
export const QUIET: Surroundings = {
  configPath: "/nowhere/coderclaw.json",
  searchPath: async () => [],
  tryAgent: async (agentId, prompt) => ({ ok: true, text: `${agentId}: ${prompt}`, tookMs: 1 }),
  findRepairs: async () => [],
  reload: async () => {},
};
