// Files from and to a Mac: this machine, and one behind OpenSSH's own SFTP server; only the way to it is a script here.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import {
  appendFile,
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CopyTiming } from "../../src/imsg/mac/copy.ts";
import { createMac } from "../../src/imsg/mac/remote.ts";
import { asId, type AccountId } from "../../src/model/ids.ts";
import type { FetchLimits, Mac } from "../../src/model/ports.ts";

const SERVER = [
  "/usr/lib/openssh/sftp-server",
  "/usr/libexec/sftp-server",
  "/usr/libexec/openssh/sftp-server",
].find((path) => existsSync(path));
const REMOTE = { user: "bot", host: "mac", port: undefined };
const before = process.env["PATH"];

let folder: string;
let home: string;
let macs: Mac[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "coderclaw-copies-"));
  home = join(folder, "home");
  await mkdir(home);
  macs = [];
  process.env["PATH"] = `${folder}:${before}`;
  await ssh(`cd '${home}' && exec ${SERVER}`);
});
afterEach(async () => {
  await Promise.all(macs.map(async (mac) => mac.close()));
  process.env["PATH"] = before;
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** What stands for ssh. */
async function ssh(line: string): Promise<void> {
  await writeFile(join(folder, "ssh"), `#!/bin/sh\necho $$ >>'${folder}/started'\n${line}\n`);
  await chmod(join(folder, "ssh"), 0o755);
}

function open(kind: "ssh" | "local", timing: Partial<CopyTiming> = {}, accountId = "default"): Mac {
  const reach = kind === "local" ? ({ kind } as const) : ({ kind, remote: REMOTE, program: "imsg" } as const);
  const transport = { cliPath: "imsg", dbPath: undefined, probeTimeoutMs: 2000, reach };
  const stagingDir = join(folder, "staging");
  const mac = createMac({ accountId: asId<AccountId>(accountId), transport, stagingDir, timing });
  macs.push(mac);
  return mac;
}

function limits(more: Partial<FetchLimits> = {}): FetchLimits {
  return { expectedBytes: undefined, maxBytes: 1_000_000, signal: AbortSignal.timeout(10_000), ...more };
}

function started(): Promise<string[]> {
  return readFile(join(folder, "started"), "utf8").then(
    (text) => text.trim().split("\n"),
    () => [],
  );
}

describe.each(["local", "ssh"] as const)("%s", (kind) => {
  test.skipIf(SERVER === undefined && kind === "ssh")(
    "three hundred hostile names, byte for byte, and nothing beside",
    async () => {
      const mac = open(kind);
      const made = [
        "a b",
        "it's",
        '"',
        "$(touch x)",
        "`id`",
        "a&b;c|d",
        "-rf",
        "--",
        "\n",
        "*?[x]",
        "é",
        "e\u0301",
        "😀",
        "小爪",
        "\\",
        "%s",
        "~",
        "a'b\"c",
      ];
      const names = fc
        .sample(fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }), 300)
        .map((text) => text.replaceAll(/[/\0]/gu, "_").toWellFormed());
      await mkdir(join(home, "files"));
      let count = 0;
      for (const name of new Set([...made, ...names])) {
        if (name === "." || name === ".." || Buffer.byteLength(name) > 250) continue;
        const content = createHash("sha256").update(name).digest();
        await writeFile(join(home, "files", name), content);
        const to = join(folder, `got-${count++}`);
        expect(await mac.fetch(join(home, "files", name), to, limits({ expectedBytes: 32 }))).toEqual({
          bytes: 32,
        });
        expect(await readFile(to)).toEqual(content);
      }
      expect(existsSync(join(home, "x"))).toBe(false);
      expect((await readdir(folder)).filter((name) => name.startsWith("got-"))).toHaveLength(count);
    },
  );

  test.skipIf(SERVER === undefined && kind === "ssh")("what cannot be had leaves nothing", async () => {
    const mac = open(kind, { lookMs: 10, stillMs: 100 });
    await writeFile(join(home, "large"), Buffer.alloc(2_000_000));
    await writeFile(join(home, "half"), "half");
    const to = join(folder, "got");
    const code = async (path: string, more: Partial<FetchLimits> = {}) =>
      mac.fetch(path, to, limits(more)).catch((error: { code: string }) => error.code);
    expect(await code(join(home, "none"))).toBe("media/missing");
    expect(await code(home)).toBe("media/not-a-file");
    expect(await code("/dev/zero")).toBe("media/not-a-file");
    expect(await code(join(home, "large"))).toBe("media/too-large");
    expect(await code(join(home, "half"), { expectedBytes: 10 })).toBe("media/timeout");
    expect(await code(join(home, "half"), { expectedBytes: 10, signal: AbortSignal.timeout(50) })).toBe(
      "media/timeout",
    );
    expect(existsSync(to)).toBe(false);
  });

  test.skipIf(SERVER === undefined && kind === "ssh")(
    "a file that is still being written is waited for",
    async () => {
      const mac = open(kind, { lookMs: 20 });
      const path = join(home, "growing");
      await writeFile(path, "first ");
      const fetching = mac.fetch(path, join(folder, "got"), limits({ expectedBytes: 18 }));
      for (const part of ["second", " third"]) {
        await delay(100);
        await appendFile(path, part);
      }
      expect(await fetching).toEqual({ bytes: 18 });
      expect(await readFile(join(folder, "got"), "utf8")).toBe("first second third");
    },
  );

  test.skipIf(SERVER === undefined && kind === "ssh")(
    "a file that grows past the limit while it is copied",
    async () => {
      const mac = open(kind, { lookMs: 5 });
      const path = join(home, "growing");
      await writeFile(path, "x");
      const fetching = mac
        .fetch(path, join(folder, "got"), limits({ expectedBytes: 100_000, maxBytes: 1000 }))
        .catch((error: { code: string }) => error.code);
      await delay(50);
      await appendFile(path, Buffer.alloc(2000));
      expect(await fetching).toBe("media/too-large");
      expect(existsSync(join(folder, "got"))).toBe(false);
    },
  );

  test.skipIf(SERVER === undefined && kind === "ssh")(
    "a file is staged under its name for nobody else to read, and released",
    async () => {
      const mac = open(kind);
      await writeFile(join(folder, "abc123.png"), "picture", { mode: 0o600 });
      const staged = await mac.stage(join(folder, "abc123.png"), "../it's & my\npicture.png");
      expect(staged.path.split("/").at(-1)).toBe("it's & my picture.png");
      expect(await readFile(staged.path, "utf8")).toBe("picture");
      expect((await stat(staged.path)).mode & 0o077).toBe(0);
      expect((await stat(join(staged.path, ".."))).mode & 0o077).toBe(0);
      await staged.release();
      await staged.release();
      expect(existsSync(staged.path)).toBe(false);
      expect(existsSync(join(staged.path, ".."))).toBe(false);
      await expect(mac.stage(join(folder, "none"), "none")).rejects.toMatchObject({ code: "media/missing" });
    },
  );

  test.skipIf(SERVER === undefined && kind === "ssh")(
    "what an earlier run staged goes, what this one stages stays",
    async () => {
      await writeFile(join(folder, "file"), "x");
      const left = await open(kind).stage(join(folder, "file"), "left");
      const mac = open(kind);
      await mac.tidy();
      expect(existsSync(left.path)).toBe(false);
      const staged = await mac.stage(join(folder, "file"), "mine");
      if (kind === "ssh") await mac.tidy();
      expect(existsSync(staged.path)).toBe(true);
    },
  );
});

test("here: what a path leads to is copied, `~` is not a name", async () => {
  await writeFile(join(home, "file"), "x");
  await symlink(join(home, "file"), join(home, "link"));
  expect(await open("local").fetch(join(home, "link"), join(folder, "got"), limits())).toEqual({ bytes: 1 });
});

describe.skipIf(SERVER === undefined)("the line", () => {
  test("`~` is the home there; a connection is kept for the next file, and one that died is replaced", async () => {
    const mac = open("ssh");
    await writeFile(join(home, "file"), "x");
    await mac.fetch("~/file", join(folder, "one"), limits());
    await mac.fetch("~/file", join(folder, "two"), limits());
    expect(await started()).toHaveLength(1);
    process.kill(Number((await started())[0]), "SIGKILL");
    expect(await mac.fetch("~/file", join(folder, "three"), limits())).toEqual({ bytes: 1 });
    expect(await started()).toHaveLength(2);
  });

  test("a host that hangs is given up with the file, and never asked for more than four at once", async () => {
    await ssh("exec sleep 60");
    const mac = open("ssh");
    const began = performance.now();
    const signal = AbortSignal.timeout(500);
    const all = Array.from({ length: 9 }, (_, index) =>
      mac
        .fetch("/x", join(folder, `got${index}`), limits({ signal }))
        .catch((error: { code: string }) => error.code),
    );
    expect(new Set(await Promise.all(all))).toEqual(new Set(["media/timeout"]));
    expect(performance.now() - began).toBeLessThan(3000);
    expect(await started()).toHaveLength(4);
  });

  test.each([
    ["echo Welcome to this Mac", /prints text of its own: "Welcome to this Mac"/],
    ["echo 'bot@mac: Permission denied (publickey).' >&2; exit 255", /without a password/],
    ["echo 'subsystem request failed on channel 0' >&2; exit 255", /does not let files be copied/],
    ["echo 'ssh: connect to host mac port 22: Connection refused' >&2; exit 255", /takes no SSH connections/],
    ["printf '\\0\\0\\0\\1\\2'; sleep 1", /cannot be reached/],
  ])("%s", async (line, message) => {
    await ssh(line);
    const fetching = open("ssh").fetch("/x", join(folder, "got"), limits());
    await expect(fetching).rejects.toMatchObject({
      code: "media/unreachable",
      message: expect.stringMatching(message),
    });
    expect(existsSync(join(folder, "got"))).toBe(false);
  });

  test("another account's files on the same Mac are left alone", async () => {
    await writeFile(join(folder, "file"), "x");
    const other = await open("ssh", {}, "other").stage(join(folder, "file"), "theirs");
    await open("ssh").tidy();
    expect(existsSync(other.path)).toBe(true);
  });
});
