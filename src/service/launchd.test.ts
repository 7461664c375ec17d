import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "plist";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { launchd } from "./launchd.ts";
import type { ServiceManager, ServicePlan, ServiceStep } from "./service-plan.ts";

const PLAN: ServicePlan = {
  command: ["/opt/homebrew/bin/node", "/opt/x & y/coderclaw.js", "gateway"],
  environment: { PATH: "/opt/homebrew/bin:/usr/bin", CODERCLAW_STATE_DIR: "/Users/bot/<state>" },
  environmentFile: "/Users/bot/.coderclaw/service.env",
  logFile: "/Users/bot/.coderclaw/logs/gateway.log",
};

let home: string;
let manager: ServiceManager;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "launchd-"));
  manager = launchd({ home, uid: 501, logFile: PLAN.logFile });
  vi.stubEnv("PATH", `${home}:/usr/bin:/bin`);
  launchctl("exit 0");
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true, force: true });
});

/** A `launchctl` that writes down what it is asked, then does this. */
function launchctl(body: string): void {
  writeFileSync(join(home, "launchctl"), `#!/bin/sh\necho "$*" >> '${home}/asked'\n${body}\n`);
  chmodSync(join(home, "launchctl"), 0o755);
}

function asked(): readonly string[] {
  return readFileSync(join(home, "asked"), "utf8").trim().split("\n");
}

async function take(steps: readonly ServiceStep[]): Promise<void> {
  for (const step of steps) await step.run();
}

test("the property list runs Node itself, keeps it alive and sends its log to a file", () => {
  expect(parse(manager.render(PLAN))).toMatchObject({
    Label: "coderclaw",
    ProgramArguments: [...PLAN.command, "--log-file", PLAN.logFile],
    EnvironmentVariables: PLAN.environment,
    RunAtLoad: true,
    KeepAlive: true,
  });
});

test("a property list is read back as it was written", () => {
  expect(manager.read(manager.render(PLAN))).toEqual({
    command: PLAN.command,
    environment: PLAN.environment,
  });
  expect(manager.read("<plist>")).toBeUndefined();
});

test("installing writes the file, then loads it into the session of the user who is logged in", async () => {
  launchctl('case "$*" in "print gui/501/coderclaw") exit 113;; esac');
  await take(await manager.install(manager.render(PLAN)));
  expect(existsSync(manager.file)).toBe(true);
  expect(asked().slice(-2)).toEqual(["enable gui/501/coderclaw", `bootstrap gui/501 ${manager.file}`]);
});

test("installing over a loaded service replaces it", async () => {
  await take(await manager.install(manager.render(PLAN)));
  expect(asked()).toContain("bootout gui/501/coderclaw");
  await take(await manager.uninstall());
  expect(existsSync(manager.file)).toBe(false);
});

test("without a user at the Mac's screen it says so", async () => {
  launchctl("exit 112");
  await expect(manager.install("")).rejects.toMatchObject({ code: "service/no-manager" });
});

test("reads the state from what launchctl prints", async () => {
  launchctl(
    "printf 'gui/501/coderclaw = {\\n\\tstate = running\\n\\tpid = 4711\\n\\tlast exit code = 78\\n}\\n'",
  );
  expect(await manager.state()).toEqual({
    isInstalled: false,
    isEnabled: true,
    isRunning: true,
    pid: 4711,
    detail: "running, last exit code 78",
  });
});
