// How the tests run: all of them here, and the scenarios a second time over a real SSH server where there is one.
import { existsSync } from "node:fs";
import { defineConfig } from "vitest/config";

const ENVIRONMENT = { NODE_NO_WARNINGS: "1", NODE_COMPILE_CACHE: "node_modules/.cache/node-compile" };
const LIMITS = { testTimeout: 60_000, hookTimeout: 60_000, globalSetup: "test/temporary-folder.ts" };

/** The scenarios that `npm test` repeats over SSH, each by one kind of `cliPath`; `npm run test:ssh` repeats all by both. */
const BY_URL = ["answers", "attachments", "own-notices"];
const BY_WRAPPER = ["echo", "look-up", "mentions"];
const ONLY_ON_DEMAND =
  "access accounts acp alive approvals catch-up commands config-writes crash delivery files-out groups live-config model outbound-limits owners pasted policy replaced sessions store-trouble trouble".split(
    " ",
  );
/** All that mean something there. The others make their own server or have no Mac. */
export const SCENARIOS_ELSEWHERE = [...BY_URL, ...BY_WRAPPER, ...ONLY_ON_DEMAND];

/** A project whose scenarios reach their Macs by one kind of `cliPath`. */
export function overSsh(kind: "ssh" | "wrapper", names: readonly string[]): object {
  return {
    test: {
      ...LIMITS,
      name: kind,
      include: names.map((name) => `test/scenarios/${name}.test.ts`),
      env: { ...ENVIRONMENT, CODERCLAW_TEST_REACH: kind },
    },
  };
}

/** The projects over SSH; none, and a message, where there is no server. */
export function whereThereIsSsh(...projects: readonly object[]): readonly object[] {
  if (process.platform === "linux" && existsSync("/usr/sbin/sshd")) return projects;
  process.stderr.write(
    "SKIPPED: no OpenSSH server here; install openssh-server for the scenarios over SSH\n",
  );
  return [];
}

const here = {
  test: { ...LIMITS, name: "here", include: ["src/**/*.test.ts", "test/**/*.test.ts"], env: ENVIRONMENT },
};

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [here, ...whereThereIsSsh(overSsh("ssh", BY_URL), overSsh("wrapper", BY_WRAPPER))],
  },
});
