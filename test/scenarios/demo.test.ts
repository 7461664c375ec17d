// The demo through the real executable: by itself as a check, and typed to in a pseudo terminal.
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { until } from "./world.ts";

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

/** A running demo. */
class Demo {
  readonly child: ChildProcess;
  readonly dir: string;
  readonly ended: Promise<number | null>;
  #output = "";

  private constructor(child: ChildProcess, dir: string) {
    this.child = child;
    this.dir = dir;
    child.stdout?.on("data", (chunk: Buffer) => (this.#output += chunk.toString()));
    child.stderr?.on("data", (chunk: Buffer) => (this.#output += chunk.toString()));
    this.ended = new Promise((resolve) => child.on("close", resolve));
  }

  /** Starts `command` in an environment whose temporary folder is empty. */
  static async start(command: string, args: readonly string[]): Promise<Demo> {
    const dir = await mkdtemp(join(tmpdir(), "demo-test-"));
    const child = spawn(command, args, {
      env: { ...process.env, TMPDIR: dir, NO_COLOR: "1" },
      stdio: "pipe",
    });
    return new Demo(child, dir);
  }

  /** Everything shown so far, as plain text. */
  shown(): string {
    return stripVTControlCharacters(this.#output);
  }

  /** Waits until the demo has shown `text` `times` times. */
  async untilShown(text: string, times = 1): Promise<void> {
    await until(
      () => this.shown().split(text).length > times || this.child.exitCode !== null,
      () => `no "${text}" in:\n${this.shown()}`,
    );
    expect(this.shown()).toContain(text);
  }

  type(line: string): void {
    this.child.stdin?.write(`${line}\r`);
  }

  /** What the demo left behind: files in its folder, processes that name it. */
  async leftovers(): Promise<{ files: string[]; processes: string[] }> {
    const processes = execFileSync("ps", ["-A", "-ww", "-o", "args="], { encoding: "utf8" })
      .split("\n")
      .filter((line) => line.includes(this.dir));
    return {
      files: (await readdir(this.dir)).filter((name) => name.startsWith("coderclaw-demo-")),
      processes,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null) this.child.kill("SIGTERM");
    await this.ended;
    await rm(this.dir, { recursive: true, force: true });
  }
}

const NOTHING = { files: [], processes: [] };

test("by itself every step holds, in time, and nothing is left behind", async () => {
  await using demo = await Demo.start(process.execPath, [MAIN, "demo"]);
  const startedAt = performance.now();
  demo.child.stdin?.end();
  expect([await demo.ended, demo.shown()]).toEqual([0, expect.stringMatching(/All \d+ steps held/)]);
  expect(performance.now() - startedAt).toBeLessThan(30_000);
  expect(demo.shown()).not.toContain("✗");
  expect(await demo.leftovers()).toEqual(NOTHING);
});

test("--keep keeps the folder, with a program in it that goes on", async () => {
  await using demo = await Demo.start(process.execPath, [MAIN, "demo", "--keep"]);
  demo.child.stdin?.end();
  expect([await demo.ended, demo.shown()]).toEqual([0, expect.stringContaining("Kept: ")]);
  const [folder = ""] = (await demo.leftovers()).files;
  const status = execFileSync(join(demo.dir, folder, "coderclaw"), ["channels", "status"], {
    encoding: "utf8",
  });
  expect(status).toContain("Gateway not reachable; showing config-only status.");
});

test.each(["SIGINT", "SIGTERM"] as const)("%s in the middle ends everything", async (signal) => {
  await using demo = await Demo.start(process.execPath, [MAIN, "demo"]);
  demo.child.stdin?.end();
  await demo.untilShown("✓ A stranger writes");
  demo.child.kill(signal);
  expect(await demo.ended).toBe(1);
  expect(await demo.leftovers()).toEqual(NOTHING);
});

test("nothing is left behind when nobody reads its output any more", async () => {
  const command = `'${process.execPath}' '${MAIN}' demo </dev/null | head -n 4`;
  await using demo = await Demo.start("sh", ["-c", command]);
  await demo.ended;
  expect(demo.shown()).toContain("✓ The gateway starts");
  await until(async () => JSON.stringify(await demo.leftovers()) === JSON.stringify(NOTHING));
});

/** util-linux has a `script` that runs a command in a pseudo terminal and gives its exit code. */
function hasScript(): boolean {
  try {
    execFileSync("script", ["-qec", "true", "/dev/null"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

async function atTerminal(): Promise<Demo> {
  const demo = await Demo.start("script", ["-qec", `'${process.execPath}' '${MAIN}' demo`, "/dev/null"]);
  await demo.untilShown("/help shows what else there is");
  return demo;
}

test.skipIf(!hasScript())("at a terminal: pair, approve, crash, explain, quit", async () => {
  await using demo = await atTerminal();
  demo.type("hello");
  await demo.untilShown("/approve lets you in");
  demo.type("/approve");
  await demo.untilShown("$ coderclaw pairing approve imessage");
  await demo.untilShown("│ You said: hello │");
  demo.type("/crash What now?");
  await demo.untilShown("The gateway is dead, in the middle of the answer.");
  await demo.untilShown('I thought for a second about "What now?" (attempt 2).');
  await demo.untilShown("the answer came once");
  demo.type("/explain");
  await demo.untilShown("$ coderclaw explain ");
  demo.type("/status");
  await demo.untilShown("$ coderclaw channels status");
  demo.type("thanks");
  await demo.untilShown("│ You said: thanks │");
  demo.type("/quit");
  expect([await demo.ended, demo.shown()]).toEqual([0, expect.stringContaining("the folder is removed")]);
  expect(demo.shown()).not.toContain("✗");
  expect(await demo.leftovers()).toEqual(NOTHING);
});

test.skipIf(!hasScript())("nothing is left behind when the terminal goes away", async () => {
  await using demo = await atTerminal();
  demo.child.kill("SIGKILL");
  await demo.ended;
  await until(async () => JSON.stringify(await demo.leftovers()) === JSON.stringify(NOTHING));
});

test.skipIf(!hasScript()).each([
  ["Ctrl-C", "\u0003"],
  ["Ctrl-D", "\u0004"],
])("%s at a terminal ends cleanly", async (_name, key) => {
  await using demo = await atTerminal();
  demo.child.stdin?.write(key);
  expect([await demo.ended, demo.shown()]).toEqual([0, expect.stringContaining("the folder is removed")]);
  expect(await demo.leftovers()).toEqual(NOTHING);
});
