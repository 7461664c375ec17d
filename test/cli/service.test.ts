// `coderclaw service` on Linux: the unit is right for systemd, its command runs as written, and every trouble is a sentence.
import { execFile } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CliWorld, type Finished } from "./world.ts";

const SYSTEMCTL = fileURLToPath(new URL("../fixtures/service/systemctl.js", import.meta.url));
const MARK = "# Written by `coderclaw service install`";

let world: CliWorld;
let unit: string;
let fake: string;
let port: string;
beforeEach(async () => {
  world = new CliWorld();
  unit = join(world.folder, "xdg/systemd/user/coderclaw.service");
  fake = join(world.folder, "systemd");
  port = String(await freePort());
  for (const folder of ["systemd", "bin", "xdg"]) mkdirSync(join(world.folder, folder));
  program("systemctl", `exec '${process.execPath}' '${SYSTEMCTL}' "$@"`);
  program("loginctl", "echo Linger=no");
  program("journalctl", 'echo "journal: $*"');
});
afterEach(async () => {
  await service("uninstall", "--yes");
  world.remove();
});

function program(name: string, body: string): void {
  const path = join(world.folder, "bin", name);
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port: free } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return free;
}

async function run(...argv: readonly string[]): Promise<Finished> {
  const environment = {
    PATH: `${join(world.folder, "bin")}:${dirname(process.execPath)}:/usr/bin:/bin`,
    XDG_CONFIG_HOME: join(world.folder, "xdg"),
    FAKE_SYSTEMD: fake,
    CODERCLAW_GATEWAY_PORT: port,
  };
  return world.runWith({ environment }, ...argv);
}

async function service(...argv: readonly string[]): Promise<Finished> {
  return run("service", ...argv);
}

describe("install", () => {
  test("shows the file and the steps, writes them, and the gateway runs and answers", async () => {
    const { code, stdout, stderr } = await service("install", "--yes");
    expect({ code, stderr: stderr.split("\n").at(0) }).toEqual({ code: 0, stderr: `… write ${unit}` });
    expect(stdout).toContain(MARK);
    expect(stdout).toContain("systemctl --user enable coderclaw.service");
    expect(stdout).toContain("sudo loginctl enable-linger");
    expect(stdout).toMatch(/The gateway runs in the background \(process \d+\)/u);
    expect((await service("status")).stdout).toMatch(/^running, process \d+; starts by itself/u);
    expect((await run("channels", "status")).stdout).not.toContain("Gateway not reachable");
    const before = readFileSync(unit, "utf8");
    expect((await service("install", "--yes")).code).toBe(0);
    expect(readFileSync(unit, "utf8")).toBe(before);
  });

  test("systemd accepts the file", async () => {
    await service("install", "--yes");
    const verify = promisify(execFile)("systemd-analyze", ["--user", "verify", unit]).catch(
      (error: NodeJS.ErrnoException & { stderr?: string }) => error,
    );
    const result = await verify;
    if ((result as NodeJS.ErrnoException).code === "ENOENT") return; // no systemd on this machine
    const about = (result.stderr ?? "").split("\n").filter((line) => line.includes("coderclaw"));
    expect(about.filter((line) => !line.includes("Command man"))).toEqual([]);
  });

  test("names every path whole: no shim, no script as the program", async () => {
    const { stdout } = await service("install", "--dry-run", "--json");
    const { text } = JSON.parse(stdout) as { text: string };
    const [, line = ""] = /^ExecStart=(.*)$/mu.exec(text) ?? [];
    expect(line).toMatch(
      new RegExp(`^"${process.execPath}" "--env-file-if-exists=/[^"]*" "/[^"]*/main.ts" "gateway"$`, "u"),
    );
    expect(existsSync(unit)).toBe(false);
  });

  test("tells which variables of the config a service would not have", async () => {
    world.config({ gateway: { token: "${MY_GATEWAY_TOKEN}" } });
    const environment = {
      XDG_CONFIG_HOME: join(world.folder, "xdg"),
      MY_GATEWAY_TOKEN: "a-token-of-some-length",
    };
    const { stdout } = await world.runWith({ environment }, "service", "install", "--dry-run");
    expect(stdout).toContain("takes MY_GATEWAY_TOKEN from the environment");
    expect(stdout).toContain(join(world.folder, "service.env"));
    expect(stdout).not.toContain("a-token-of-some-length");
  });

  test("asks before it changes anything, and without a terminal names --yes", async () => {
    const { code, stderr } = await service("install");
    expect(code).toBe(2);
    expect(stderr).toContain("Answer with --yes");
    expect(existsSync(unit)).toBe(false);
  });

  test("a file of somebody else is left alone", async () => {
    mkdirSync(dirname(unit), { recursive: true });
    writeFileSync(unit, "[Service]\nExecStart=/bin/true\n");
    const { code, stderr } = await service("install", "--yes");
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining(`"${unit}" was not written by CoderClaw`) as string,
    });
    expect(readFileSync(unit, "utf8")).toBe("[Service]\nExecStart=/bin/true\n");
    rmSync(unit);
  });

  test("without a systemd session it says how to run in the foreground", async () => {
    writeFileSync(join(fake, "no-bus"), "");
    const { code, stderr } = await service("install", "--yes");
    expect(code).toBe(1);
    expect(stderr).toContain(
      "No systemd user session answers here (Failed to connect to bus: No medium found)",
    );
    expect(stderr).toContain("coderclaw gateway");
    expect(existsSync(unit)).toBe(false);
    rmSync(join(fake, "no-bus"));
  });

  test("a step that fails is named, and the same command goes on where it stopped", async () => {
    writeFileSync(join(fake, "fail-enable"), "");
    const { code, stderr } = await service("install", "--yes");
    expect(code).toBe(1);
    expect(stderr).toContain(
      "`systemctl --user enable coderclaw.service` failed: Failed to enable unit: Access denied",
    );
    rmSync(join(fake, "fail-enable"));
    expect((await service("install", "--yes")).code).toBe(0);
  });
});

test("stop, start and restart do what they say, and messages wait meanwhile", async () => {
  await service("install", "--yes");
  expect((await service("stop")).stdout).toContain("The gateway is stopped.");
  const stopped = await service("status", "--json");
  expect(stopped.code).toBe(1);
  expect(JSON.parse(stopped.stdout)).toMatchObject({ isInstalled: true, isEnabled: true, isRunning: false });
  expect((await service("start")).stdout).toMatch(/^The gateway runs \(process \d+\)/u);
  expect((await service("restart", "--json")).code).toBe(0);
});

test("uninstall stops it, removes the file and keeps everything else", async () => {
  await service("install", "--yes");
  writeFileSync(world.configFile, "{}", { mode: 0o600 });
  expect((await service("uninstall", "--yes")).stdout).toContain("The service is removed.");
  expect(existsSync(unit)).toBe(false);
  expect(readFileSync(world.configFile, "utf8")).toBe("{}");
  expect((await service("uninstall", "--yes")).stdout).toContain("The service is not installed");
});

test("`coderclaw uninstall` removes the service, and says how to remove the program and what stays", async () => {
  await service("install", "--yes");
  writeFileSync(world.configFile, "{}", { mode: 0o600 });
  const { code, stdout } = await run("uninstall", "--yes");
  expect(code).toBe(0);
  expect(existsSync(unit)).toBe(false);
  expect(stdout).toMatch(/Remove the program: {2}.*npm uninstall --global coderclaw/u);
  expect(stdout).toContain(`${world.folder}  (messages, pairings, config)`);
  expect(existsSync(world.configFile)).toBe(true);
});

test.each(["start", "stop", "restart"])(
  "%s of a service that is not installed says how to install it",
  async (verb) => {
    const { code, stderr } = await service(verb);
    expect(code).toBe(1);
    expect(stderr).toContain("coderclaw service install");
  },
);

test("logs come from the journal", async () => {
  const { stdout } = await service("logs");
  expect(stdout).toBe("journal: --user --unit coderclaw.service --lines 200 --no-pager\n");
  expect((await service("logs", "--follow")).stdout).toContain("--follow");
});

test("doctor tells of a service whose program has moved", async () => {
  await service("install", "--yes");
  await service("stop");
  expect((await run("doctor")).stdout).not.toContain("service:");
  const text = readFileSync(unit, "utf8");
  writeFileSync(unit, text.replaceAll(process.execPath, "/opt/gone/node"));
  const moved = await run("doctor");
  expect(moved.stdout).toContain('BROKEN  service: The service runs "/opt/gone/node", which does not exist');
  expect(moved.stdout).toContain("coderclaw service install");
  writeFileSync(unit, text);
});
