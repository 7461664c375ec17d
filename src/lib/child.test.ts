import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { endProcessGroup, startChild, type Child, type ChildEnd } from "./child.ts";

interface Started {
  readonly child: Child;
  readonly ended: Promise<ChildEnd>;
  readonly output: () => string;
  /** Settles once the output holds this text. */
  readonly says: (text: string) => Promise<void>;
}

function start(command: string, args: readonly string[]): Started {
  let output = "";
  const waiting: { text: string; resolve: () => void }[] = [];
  const end = Promise.withResolvers<ChildEnd>();
  const tell = (): void => {
    for (const { text, resolve } of waiting) if (output.includes(text)) resolve();
  };
  const child = startChild({
    command,
    args,
    onStdout: (chunk) => {
      output += Buffer.from(chunk).toString();
      tell();
    },
    onStderr: () => {},
    onEnd: end.resolve,
  });
  return {
    child,
    ended: end.promise,
    output: () => output,
    says: (text) =>
      new Promise((resolve) => {
        waiting.push({ text, resolve });
        tell();
      }),
  };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe("a child", () => {
  it("is ended by the end of its stdin, what it said last included", async () => {
    const { child, ended, output } = start("sh", ["-c", "cat; echo last"]);
    expect(child.write("first\n")).toBe(true);
    await child.end(5_000);
    expect(await ended).toMatchObject({ code: 0, signal: null });
    expect(output()).toBe("first\nlast\n");
    expect(child.write("too late\n")).toBe(false);
  });

  it("that does not listen is killed with everything it started", async () => {
    const script = "trap '' TERM; (trap '' TERM; sleep 60) & echo pid $!; echo ready; sleep 60; wait";
    const { child, ended, output, says } = start("sh", ["-c", script]);
    await says("ready");
    const grandchild = Number(/pid (\d+)/u.exec(output())?.[1]);
    expect(isAlive(grandchild)).toBe(true);
    await child.end(100);
    expect((await ended).signal).toBe("SIGKILL");
    await expect.poll(() => isAlive(grandchild), { timeout: 5_000 }).toBe(false);
  });

  it("that cannot be started says why, and takes nothing", async () => {
    const { child, ended } = start("/nowhere/imsg", []);
    expect((await ended).error?.code).toBe("ENOENT");
    expect(child.pid).toBeUndefined();
    expect(child.write("x\n")).toBe(false);
    await child.end(10);
  });

  it("may go while something it started holds its stdout", async () => {
    const { child, ended, says } = start("sh", ["-c", "sleep 60 & echo ready; read line"]);
    await says("ready");
    child.write("go\n");
    expect(await ended).toMatchObject({ code: 0 });
  });
});

describe("endProcessGroup", () => {
  it("is nothing for a process that is gone, and refuses groups that are not one child's", async () => {
    const { child, ended } = start("true", []);
    await ended;
    await endProcessGroup(child.pid ?? 0, 100);
    await endProcessGroup(0, 100);
    await endProcessGroup(1, 100);
    expect(isAlive(process.pid)).toBe(true);
  });
});

describe("a child that the operating system does not start", () => {
  it.each([
    ["more arguments than there may be", ["x".repeat(4_000_000)], "E2BIG"],
    ["what cannot be an argument", ["a\0b"], "ERR_INVALID_ARG_VALUE"],
  ])("%s is a failed start, told later", async (_what, args, code) => {
    let isReturned = false;
    const ended = Promise.withResolvers<ChildEnd>();
    const child = startChild({
      command: "true",
      args,
      onStdout: () => {},
      onStderr: () => {},
      onEnd: (end) => {
        expect(isReturned).toBe(true);
        ended.resolve(end);
      },
    });
    isReturned = true;
    expect([child.pid, child.write("x")]).toEqual([undefined, false]);
    expect((await ended.promise).error?.code).toBe(code);
    await child.end(10);
  });

  it.skipIf(process.platform === "win32")("is one where no file can be opened any more", async () => {
    const fixture = fileURLToPath(new URL("../../test/fixtures/without-descriptors.ts", import.meta.url));
    const { ended, output } = start("sh", ["-c", 'ulimit -n 60; exec "$0" "$1"', process.execPath, fixture]);
    expect(await ended).toMatchObject({ code: 0 });
    const lines = output().trim().split("\n");
    expect(lines).toHaveLength(7);
    expect(lines[0]).toBe("0 EMFILE false");
    for (const line of lines) expect(line).toMatch(/^\d (?:EMFILE|exit 0) false$/u);
  });
});
