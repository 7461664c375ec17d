// Hostile hosts: whatever stands in remoteHost, in an ssh:// address or in a wrapper script, ssh gets no option and no shell a word of it.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { compile, imessage } from "../config/compile-for-test.ts";
import { probe } from "../../src/imsg/probe.ts";
import type { TransportSettings } from "../../src/model/settings.ts";

const SSH = ["/usr/bin/ssh", "/usr/local/bin/ssh"].find((path) => existsSync(path));
const before = process.env["PATH"];

/** What would run `canary`, a program that leaves a mark, if anybody read it as a command or as an option. */
const TRAPS = [
  "-oProxyCommand=canary",
  "-o ProxyCommand=canary",
  "-oPermitLocalCommand=yes -oLocalCommand=canary",
  "-oKnownHostsCommand=canary",
  "--oProxyCommand=canary",
  "-Fcanary",
  "-S/tmp/canary",
  "-E canary",
  "-w0",
  "$(canary)",
  "`canary`",
  "$(canary).example.org",
  "${IFS}canary",
  "$IFS$(canary)",
  "mac;canary",
  "mac&canary",
  "mac|canary",
  "mac&&canary",
  "mac||canary",
  "mac\ncanary",
  "mac\r\ncanary",
  "mac canary",
  "mac\tcanary",
  "mac\u00a0canary",
  "mac\u2028canary",
  "mac>canary",
  "mac<canary",
  "mac'canary",
  "mac';canary;'",
  'mac";canary;"',
  "mac\\;canary",
  "mac#canary",
  "mac!canary",
  "mac*",
  "ma?c",
  "{mac,canary}",
  "mac%h",
  "%i",
  "mac\u202e",
  "mас",
  "mac😀",
  "[::1;canary]",
  "[$(canary)]",
  "[-oProxyCommand=canary]",
  "::1 -oProxyCommand=canary",
  "mac:22:-oProxyCommand=canary",
  "mac/../canary",
  "../canary",
  "~/canary",
  "mac,canary",
  "mac=canary",
  "<(canary)",
  "$((canary))",
  "mac\u0007",
] as const;
const USERS = [
  "-lroot",
  "-oProxyCommand=canary",
  "$(canary)",
  "`canary`",
  "a b",
  "a;canary",
  "a\ncanary",
  "'canary'",
  '"',
  "a@b",
  "",
  "%r",
  "a:b",
  "~",
  "a/b",
  "😀",
  "a\\b",
  "a|canary",
  "-",
  ".",
];
const PORTS = [
  "0",
  "-1",
  "65536",
  "22;canary",
  "22 -oProxyCommand=canary",
  "$(canary)",
  "2e1",
  "٢٢",
  "22\n",
  "",
];
const PROGRAMS = [
  "$(canary)",
  "`canary`",
  "x;canary",
  "x'; canary; '",
  'x"; canary; "',
  "x & canary",
  "x|canary",
  "x\ncanary",
  "-x",
  "x\\'; canary; \\'",
  "x#y",
  "~/$(canary)",
  "*",
  "x y",
  "é😀",
  "${IFS}canary",
  "x\u2028canary",
  "!!",
];

/** One text, and the keys of `channels.imessage` that it makes; `script` is the wrapper's. */
interface Case {
  readonly section: Readonly<Record<string, unknown>>;
  readonly script?: string;
}

const HOSTS = [
  ...TRAPS,
  ...USERS.map((user) => `${user}@mac`),
  ...TRAPS.slice(0, 20).map((trap) => `bot@${trap}`),
];
const quotedOnce = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
const CASES = {
  remoteHost: HOSTS.map((host): Case => ({ section: { remoteHost: host } })),
  "ssh://": [
    ...HOSTS.map((host): Case => ({ section: { cliPath: `ssh://${host}` } })),
    ...PORTS.map((port): Case => ({ section: { cliPath: `ssh://bot@mac:${port}/opt/imsg` } })),
    ...PROGRAMS.flatMap((program): Case[] => [
      { section: { cliPath: `ssh://bot@mac/opt/${program}`, dbPath: `/db/${program}` } },
      { section: { cliPath: `ssh://bot@mac/${encodeURIComponent(program)}`, dbPath: program } },
    ]),
  ],
  wrapper: [
    ...HOSTS.flatMap((host): Case[] => [
      { section: {}, script: `exec ssh ${quotedOnce(host)} imsg "$@"` },
      { section: {}, script: `HOST=${quotedOnce(host)}\nexec ssh -T -- "$HOST" imsg "$@"` },
      { section: {}, script: `exec ssh ${host} imsg "$@"` },
    ]),
    ...TRAPS.flatMap((trap): Case[] =>
      ["-i", "-l", "-p", "-J", "-F", "-o"].map((letter) => ({
        section: {},
        script: `exec ssh ${letter} ${quotedOnce(trap)} imac imsg "$@"`,
      })),
    ),
  ],
} satisfies Record<string, readonly Case[]>;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "coderclaw-hosts-"));
  await mkdir(join(folder, "bin"));
  await program("canary", `touch '${folder}/canary-ran'`);
  // Says what it was called with and what the real one would make of it, runs the command as the shell there would, and gives up.
  await program(
    "ssh",
    `call=$(mktemp '${folder}/calls/XXXXXX')
printf '%s\\0' "$@" >"$call.words"
${SSH} -G "$@" >"$call.means" 2>&1
for last; do :; done
[ "$last" = sftp ] || (cd '${folder}/there' && sh -c "$last") >/dev/null 2>&1 </dev/null
rm "$call"
exit 255`,
  );
  process.env["PATH"] = `${folder}/bin:${before}`;
});
beforeEach(async () => {
  await rm(join(folder, "calls"), { recursive: true, force: true });
  for (const name of ["calls", "there"]) await mkdir(join(folder, name), { recursive: true });
});
afterAll(async () => {
  process.env["PATH"] = before;
  await rm(folder, { recursive: true, force: true });
});

async function program(name: string, body: string): Promise<void> {
  await writeFile(join(folder, "bin", name), `#!/bin/sh\n${body}\n`);
  await chmod(join(folder, "bin", name), 0o755);
}

/** The account's transport; undefined when the config is refused. */
async function transportOf({ section, script }: Case): Promise<TransportSettings | undefined> {
  const wrapper = join(folder, "wrapper");
  // It may be read and not run: what a person writes there is theirs to run, and would spring its own traps.
  await writeFile(wrapper, `#!/bin/sh\n${script ?? "exec ssh mac imsg"}\n`, { mode: 0o644 });
  const compiled = compile(imessage({ cliPath: wrapper, probeTimeoutMs: 3000, ...section }));
  return compiled.ok ? compiled.settings.accounts[0]?.transport : undefined;
}

/** What ssh was called with, and what OpenSSH reads in it, name by name. */
async function calls(): Promise<{ words: string[]; means: Map<string, string> }[]> {
  const files = await readdir(join(folder, "calls"));
  const names = files
    .filter((name) => name.endsWith(".words"))
    .map((name) => name.slice(0, -".words".length));
  return Promise.all(
    names.map(async (name) => {
      const words = await readFile(join(folder, "calls", `${name}.words`), "utf8");
      const means = await readFile(join(folder, "calls", `${name}.means`), "utf8");
      const pairs = means.split("\n").map((line) => line.split(/ (.*)/su) as [string, string]);
      return { words: words.split("\0").slice(0, -1), means: new Map(pairs) };
    }),
  );
}

/** Tries a case for real; true when the config was taken and a machine was asked. */
async function spring(one: Case): Promise<boolean> {
  const transport = await transportOf(one);
  if (transport === undefined || transport.reach.kind === "local" || transport.reach.kind === "unclear")
    return false;
  const { host, user, port } = transport.reach.remote;
  await probe(transport);
  const asked = await calls();
  expect(asked.length).toBeGreaterThan(0);
  for (const { words, means } of asked) {
    expect(words.at(-3)).toBe("--");
    expect(words.at(-2)).toBe(host);
    expect(host).toMatch(/^[A-Za-z0-9_:][A-Za-z0-9._:-]*$/u);
    // What a wrapper says of its own configuration file or jump host: ssh itself refuses what is none, and goes nowhere.
    const isPassedOn = words.includes("-F") || words.includes("-J");
    if (isPassedOn && !means.has("hostname")) continue;
    expect(means.get("hostname")).toBe(host.toLowerCase());
    expect(means.get("port")).toBe(String(port ?? 22));
    if (user !== undefined) expect(means.get("user")).toBe(user);
    expect(means.get("batchmode")).toBe("yes");
    expect(means.get("stricthostkeychecking")).toMatch(/^(?:true|yes)$/u);
    for (const name of ["permitlocalcommand", "forwardagent", "forwardx11"])
      expect(means.get(name)).toBe("no");
    for (const name of ["proxycommand", "localcommand", "knownhostscommand", "localforward", "tunneldevice"])
      expect([name, means.get(name)]).toEqual([name, name === "tunneldevice" ? "any:any" : undefined]);
  }
  return true;
}

describe.skipIf(SSH === undefined)("hostile", () => {
  test.each(Object.keys(CASES) as (keyof typeof CASES)[])("%s", async (kind) => {
    const cases = CASES[kind];
    expect(cases.length).toBeGreaterThan(90);
    const taken: Case[] = [];
    for (const one of cases) {
      await rm(join(folder, "calls"), { recursive: true, force: true });
      await mkdir(join(folder, "calls"));
      try {
        if (await spring(one)) taken.push(one);
      } catch (error) {
        throw new Error(`with ${JSON.stringify(one)}`, { cause: error });
      }
      expect([one, existsSync(join(folder, "canary-ran"))]).toEqual([one, false]);
    }
    expect(await readdir(join(folder, "there"))).toEqual([]);
    // An address may name any program; a wrapper may say anything to its own ssh, whose host is still told.
    expect(taken.length > 0).toBe(kind !== "remoteHost");
  });

  test("the trap works: a host that ssh reads as an option is seen, and so is a command", async () => {
    spawnSync("ssh", ["-oProxyCommand=x", "--", "mac", "canary"]);
    const [call] = await calls();
    expect(call?.means.get("proxycommand")).toBe("x");
    expect(existsSync(join(folder, "canary-ran"))).toBe(true);
    await rm(join(folder, "canary-ran"));
  });
});
