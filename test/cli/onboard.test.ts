// `coderclaw onboard`: by options in a script, and one question at a time at a terminal; each step failing once, and again after it is fixed.
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "../scenarios/world.ts";
import { CliWorld, type Finished } from "./world.ts";

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const AGENT = fileURLToPath(new URL("../fixtures/agents/acp-agent.ts", import.meta.url));
const OWNER = "+14155550123";

let world: CliWorld;
beforeEach(() => {
  world = new CliWorld();
  mkdirSync(join(world.folder, "bin"));
  mkdirSync(join(world.folder, "home"));
});
afterEach(() => world.remove());

function environment(): NodeJS.ProcessEnv {
  return {
    PATH: `${join(world.folder, "bin")}:${dirname(process.execPath)}:/usr/bin:/bin`,
    HOME: join(world.folder, "home"),
    CODERCLAW_GATEWAY_PORT: "0",
  };
}

async function onboard(...argv: readonly string[]): Promise<Finished> {
  return world.runWith({ environment: environment() }, "onboard", ...argv);
}

/** A program on the PATH that is the scripted agent, whatever it is called. */
function install(name: string): void {
  const path = join(world.folder, "bin", name);
  writeFileSync(
    path,
    `#!/bin/sh\n[ "$1" = --version ] && { echo 1.2.3; exit; }\nexec '${process.execPath}' '${AGENT}'\n`,
  );
  chmodSync(path, 0o755);
}

function config(): string {
  return readFileSync(world.configFile, "utf8");
}

const QUIET = ["--no-try", "--no-service", "--yes"] as const;

describe("in a script", () => {
  test("from an empty home to an answered text, with the stand-in and an agent of this machine", async () => {
    install("opencode");
    const workspace = join(world.folder, "shop");
    const all = [
      "--mac",
      "none",
      "--owner",
      "+1 (415) 555-0123",
      "--agent",
      "opencode",
      "--workspace",
      workspace,
    ];
    const { code, stdout, stderr } = await onboard(...all, "--try", "--no-service", "--yes");
    expect([code, stderr.split("\n").filter((line) => line.includes("FAILED"))]).toEqual([0, []]);
    expect(stdout).toContain("You are set up.");
    expect(stderr).toContain("The answer is on its way to your phone.");
    expect(config()).toContain(`allowFrom: ["${OWNER}"]`);
    expect(config()).toContain(`ownerAllowFrom: ["${OWNER}"]`);
    expect(config()).toContain(`workspace: "${workspace}"`);
  });

  test("the same command again changes nothing", async () => {
    const all = ["--mac", "none", "--owner", OWNER, "--self", "+14155550100", "--agent", "none", ...QUIET];
    expect((await onboard(...all)).code).toBe(0);
    const before = config();
    expect((await onboard(...all)).code).toBe(0);
    expect(config()).toBe(before);
    const { stdout } = await onboard(
      "--mac",
      "keep",
      "--owner",
      OWNER,
      "--agent",
      "none",
      ...QUIET,
      "--json",
    );
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      steps: [
        { step: "mac" },
        { step: "check" },
        { step: "owner" },
        { step: "agent" },
        { step: "try", state: "skipped" },
        { step: "service", state: "skipped" },
      ],
    });
  });

  test("a question without an answer names the option", async () => {
    const { code, stderr } = await onboard("--mac", "none");
    expect([code, stderr.trimEnd().split("\n").at(-1)]).toEqual([2, "Answer with --owner <handle>."]);
  });

  test.each([
    ["--mac", "telnet://mac", '"telnet://mac" is not a place where Messages can be'],
    ["--owner", "somebody", "write a phone number with its country code"],
    ["--agent", "clod", '"clod" is not an agent that can be added by name'],
  ])("%s %s is refused with what is accepted", async (option, value, words) => {
    const answers = { "--mac": "none", "--owner": OWNER, "--agent": "none", [option]: value };
    const { code, stderr } = await onboard(...Object.entries(answers).flat(), ...QUIET);
    expect([code, stderr]).toEqual([2, expect.stringContaining(words) as string]);
  });

  test("imsg that is missing is named, and the command goes on once it is there", async () => {
    const first = await onboard("--mac", "this", "--owner", OWNER, "--agent", "none", ...QUIET);
    expect([first.code, first.stderr]).toEqual([
      1,
      expect.stringContaining("imsg, the program that reads and sends messages, is not on PATH") as string,
    ]);
    await onboard("--mac", "none", "--owner", OWNER, "--agent", "none", ...QUIET);
    writeFileSync(
      join(world.folder, "bin/imsg"),
      `#!/bin/sh\nexec '${join(world.folder, "stand-in/imsg")}' "$@"\n`,
    );
    chmodSync(join(world.folder, "bin/imsg"), 0o755);
    expect((await onboard("--mac", "this", "--owner", OWNER, "--agent", "none", ...QUIET)).code).toBe(0);
    expect(config()).toContain('cliPath: "imsg"');
  });

  test("a Mac that cannot be reached ends it after the checks, with the fix; what was answered is kept", async () => {
    const { code, stdout, stderr } = await onboard(
      "--mac",
      "ssh://bot@127.0.0.1:1",
      "--owner",
      OWNER,
      "--agent",
      "none",
      ...QUIET,
    );
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("FAILED");
    expect(stderr).toContain("run `coderclaw onboard` again: it keeps every answer");
    expect(config()).toContain("ssh://bot@127.0.0.1:1");
  });

  test("an agent that is missing says how to install it", async () => {
    const { code, stderr } = await onboard(
      "--mac",
      "none",
      "--owner",
      OWNER,
      "--agent",
      "gemini",
      "--workspace",
      world.folder,
      ...QUIET,
    );
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining("npm install -g @google/gemini-cli") as string,
    ]);
  });
});

const hasTmux = ((): boolean => {
  try {
    execFileSync("tmux", ["-V"]);
    return true;
  } catch {
    return false;
  }
})();

describe.skipIf(!hasTmux)("at a terminal", () => {
  const socket = `onboard-${process.pid}`;
  const tmux = (...argv: readonly string[]): string =>
    execFileSync("tmux", ["-L", socket, ...argv], { encoding: "utf8" });
  afterEach(() => {
    try {
      tmux("kill-server");
    } catch {
      // It ended by itself.
    }
  });

  function start(width: number): void {
    const variables = Object.entries({
      ...environment(),
      CODERCLAW_STATE_DIR: world.folder,
      NODE_NO_WARNINGS: "1",
    }).map(([name, value]) => `${name}='${value}'`);
    const command = `env ${variables.join(" ")} '${process.execPath}' '${MAIN}' onboard; echo "ended with $?"; sleep 60`;
    tmux("new-session", "-d", "-x", String(width), "-y", "50", command);
  }

  async function see(words: string): Promise<void> {
    await until(
      () =>
        tmux("capture-pane", "-p", "-J")
          .replaceAll(/[│\s]+/gu, " ")
          .includes(words),
      () => tmux("capture-pane", "-p"),
    );
  }

  test.each([100, 40])("%s columns: every question is asked, and a text is answered", async (width) => {
    start(width);
    await see("Which Mac");
    tmux("send-keys", "Up", "Enter");
    await see("text from?");
    tmux("send-keys", "nobody", "Enter");
    await see("country code");
    tmux("send-keys", "C-u", OWNER, "Enter");
    await see("itself uses");
    tmux("send-keys", "Enter");
    await see("Which agent");
    tmux("send-keys", "Enter");
    await see("first text now?");
    tmux("send-keys", "Enter");
    await see("on its way to your");
    tmux("send-keys", "n");
    await see("You are set up.");
    await see("ended with 0");
    expect(config()).toContain(OWNER);
  });

  test("Ctrl-C keeps what was answered, and says how to go on", async () => {
    start(100);
    await see("Which Mac");
    tmux("send-keys", "Up", "Enter");
    await see("text from?");
    tmux("send-keys", "C-c");
    await see("Run the same command again to go on.");
    await see("ended with 1");
    expect(config()).toContain("stand-in/imsg");
    expect(existsSync(join(world.folder, "stand-in/chat.db"))).toBe(true);
  });
});
