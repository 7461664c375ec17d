// How the scenarios run over a real SSH server: every one that means something there, by both kinds of `cliPath`.
import { defineConfig } from "vitest/config";
import { overSsh, SCENARIOS_ELSEWHERE, whereThereIsSsh } from "./vitest.config.ts";

export default defineConfig({
  test: {
    maxWorkers: 2,
    passWithNoTests: true,
    include: [],
    projects: [
      ...whereThereIsSsh(overSsh("ssh", SCENARIOS_ELSEWHERE), overSsh("wrapper", SCENARIOS_ELSEWHERE)),
    ],
  },
});
