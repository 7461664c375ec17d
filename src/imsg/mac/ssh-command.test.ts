import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseHost } from "../../model/remote-host.ts";
import { copyCommand, imsgCommand, quoteForRemote } from "./ssh-command.ts";

const run = promisify(execFile);
const remote = { user: "bot", host: "mac", port: 2222 };

test("imsg there: nobody is asked, no key is trusted, nothing is lent, the host stands behind `--`", () => {
  const { command, args } = imsgCommand({ kind: "ssh", remote, program: "~/bin/my imsg" }, "~/a'b.db", 8);
  const line = args.join(" ");
  expect(command).toBe("ssh");
  for (const setting of [
    "BatchMode=yes",
    "StrictHostKeyChecking=yes",
    "ConnectTimeout=8",
    "ServerAliveInterval=5",
    "ForwardAgent=no",
    "ForwardX11=no",
  ])
    expect(line).toContain(`-o ${setting} `);
  expect(args.slice(-7)).toEqual([
    "-p",
    "2222",
    "-l",
    "bot",
    "--",
    "mac",
    String.raw`exec ~/'bin/my imsg' rpc --db ~/'a'\''b.db'`,
  ]);
});

test("a bare name is looked up where Homebrew puts it too", () => {
  const { args } = imsgCommand({ kind: "ssh", remote, program: "imsg" }, undefined, 8);
  expect(args.at(-1)).toBe(`exec env PATH="$PATH:/opt/homebrew/bin:/usr/local/bin" 'imsg' rpc`);
});

test("copies ask for the SFTP server, with the key and options of the wrapper", () => {
  const { args } = copyCommand({ remote, connectSeconds: 8, identityFile: "/k", options: ["-J", "jump"] });
  expect(args.slice(-10)).toEqual(["-l", "bot", "-i", "/k", "-J", "jump", "-s", "--", "mac", "sftp"]);
});

test.each(["-oProxyCommand=x", "mac x", "", "a@b", "mac\n", "$(id)"])("the host %j is never run", (host) => {
  expect(() => copyCommand({ remote: { ...remote, host }, connectSeconds: 8 })).toThrow("not checked");
  expect(() => copyCommand({ remote: { ...remote, user: host }, connectSeconds: 8 })).toThrow("not checked");
});

test("hosts that the grammar takes are the words that ssh gets", () => {
  fc.assert(
    fc.property(fc.string(), (host) => {
      if (parseHost(host) === undefined || host.startsWith("[")) return;
      expect(
        copyCommand({ remote: { user: undefined, host, port: undefined }, connectSeconds: 1 }).args.at(-2),
      ).toBe(host);
    }),
  );
});

const SHELLS = ["/bin/sh", "/bin/bash", "/usr/bin/zsh", "/usr/bin/fish"].filter((shell) => existsSync(shell));
const HOSTILE = [
  "a b",
  "it's",
  "''",
  "\\",
  "\\'",
  "a\\\\b",
  "$(touch /tmp/x)",
  "`id`",
  "$HOME",
  "!!",
  "*",
  "~bot/x",
  "a;b|c&d>e<f",
  "\n",
  "\t",
  "-rf",
  "#",
  "{a,b}",
  "é😀",
  '"',
  "%",
  "",
  "a~/b",
];

test.each(SHELLS)("%s gets every word as it was written", async (shell) => {
  const words = HOSTILE.map((text) => quoteForRemote(text)).join(" ");
  const { stdout } = await run(shell, ["-c", `printf '%s\\0' ${words}`]);
  expect(stdout.split("\0").slice(0, -1)).toEqual(HOSTILE);
  const home = await run(shell, ["-c", `printf '%s' ${quoteForRemote("~/a b'c")}`], {
    env: { HOME: "/home/anna" },
  });
  expect(home.stdout).toBe("/home/anna/a b'c");
});

test("three hundred texts, none of them read by the shell", async () => {
  const texts = fc
    .sample(fc.string({ unit: "binary", maxLength: 30 }), 300)
    .map((text) => text.replaceAll("\0", "").toWellFormed());
  const { stdout } = await run("/bin/sh", [
    "-c",
    `printf '%s\\0' ${texts.map((text) => quoteForRemote(`./${text}`)).join(" ")}`,
  ]);
  expect(stdout.split("\0").slice(0, -1)).toEqual(texts.map((text) => `./${text}`));
});
