// Three hundred hostile file names through a real SSH login, in and out: byte for byte, nothing beside, no shell.
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createMac } from "../../src/imsg/mac/remote.ts";
import { asId, type AccountId } from "../../src/model/ids.ts";
import { hasSshServer, SshServer } from "./ssh-server.ts";

const MADE = (
  "$(touch canary)|`touch canary`|a;touch canary|a&touch canary|a\ntouch canary|-rf|--|-oProxyCommand=touch canary|a b|it's|\"|*?[x]|" +
  "{a,b}|~|\\|%s|$HOME|!!|\t|\r|é|e\u0301|😀|小爪|\u202egpj.exe|\u2028|...|~root|#|%2e%2e%2fx"
).split("|");

/** More than three hundred names that a folder can have. */
function hostileNames(): readonly string[] {
  const sampled = fc
    .sample(fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }), 400)
    .map((text) => text.replaceAll(/[/\0]/gu, "_").toWellFormed());
  const names = [...new Set([...MADE, ...sampled])];
  return names.filter((name) => name !== "." && name !== ".." && Buffer.byteLength(name) <= 250);
}

test.skipIf(!hasSshServer())(
  "three hundred hostile names, there and back",
  { timeout: 120_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "coderclaw-names-"));
    const home = join(folder, "there");
    const before = process.env["PATH"];
    await mkdir(join(home, "files"), { recursive: true });
    const server = await SshServer.start(join(folder, "sshd"), { home, bin: join(folder, "bin") });
    process.env["PATH"] = `${folder}/bin:${before}`;
    const remote = { user: userInfo().username, host: "127.0.0.1", port: server.port };
    const reach = { kind: "ssh", remote, program: "imsg" } as const;
    const transport = { cliPath: "imsg", dbPath: undefined, probeTimeoutMs: 5000, reach };
    const stagingDir = join(folder, "staging");
    const mac = createMac({ accountId: asId<AccountId>("default"), transport, stagingDir, timing: {} });
    try {
      const names = hostileNames();
      expect(names.length).toBeGreaterThan(300);
      await mkdir(join(folder, "got"));
      for (const [index, name] of names.entries()) {
        const content = createHash("sha256").update(name).digest();
        const there = join(home, "files", name);
        await writeFile(there, content);
        const to = join(folder, "got", String(index));
        const limits = { expectedBytes: 32, maxBytes: 1000, signal: AbortSignal.timeout(30_000) };
        await mac.fetch(there, to, limits);
        expect([name, (await readFile(to)).equals(content)]).toEqual([name, true]);

        const staged = await mac.stage(to, name);
        // Whatever the name is, the file lies in the folder made for it, which holds nothing else.
        const [, id = "", last = "", ...more] = staged.path
          .slice(join(home, ".coderclaw-staging").length)
          .split("/");
        expect([name, more, last !== "" && last !== ".."]).toEqual([name, [], true]);
        const holder = join(home, ".coderclaw-staging", id);
        expect([name, await readdir(holder)]).toEqual([name, [last]]);
        expect([name, (await readFile(join(holder, last))).equals(content)]).toEqual([name, true]);
        await staged.release();
      }
      expect((await readdir(join(home, "files"))).sort()).toEqual([...names].sort());
      expect((await readdir(join(folder, "got"))).length).toBe(names.length);
      expect((await readdir(home)).sort()).toEqual([".coderclaw-staging", "files"]);
      expect(await readdir(join(home, ".coderclaw-staging"))).toEqual([]);
      expect((await readdir(folder)).sort()).toEqual(["bin", "got", "sshd", "there"]);
    } finally {
      process.env["PATH"] = before;
      await mac.close();
      await server.stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  },
);
