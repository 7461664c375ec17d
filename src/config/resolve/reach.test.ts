import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseRemoteHost, renderRemoteHost } from "../../model/remote-host.ts";
import type { TransportSettings } from "../../model/settings.ts";
import { imessage, problems, settings } from "../../../test/config/compile-for-test.ts";
import { parseSshAddress } from "./reach.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "reach-"));
  await writeFile(join(folder, "binary"), Buffer.from("\x7fELF\0 ssh \0", "latin1"));
  await writeFile(join(folder, "local.sh"), '#!/bin/sh\nexec /opt/imsg "$@"\n');
  await writeFile(join(folder, "remote.sh"), '#!/bin/sh\nexec ssh -T -p 2222 -i key bot@mac imsg "$@"\n');
  await writeFile(join(folder, "odd.sh"), '#!/bin/sh\n\nexec ssh "$(cat ~/host)" imsg "$@"\n');
});
afterAll(async () => rm(folder, { recursive: true }));

function transport(section: Record<string, unknown>): TransportSettings {
  const [account] = settings(imessage(section), { PATH: `/nowhere:${folder}` }).accounts;
  if (account === undefined) throw new Error("no account");
  return account.transport;
}

const bot = { user: "bot", host: "mac", port: 2222 };
const more = { identityFile: "key", options: [] };
const bare = { identityFile: undefined, options: [] };

test.each([
  ["a program", { cliPath: "binary" }, { kind: "local" }],
  ["a script without ssh", { cliPath: "local.sh" }, { kind: "local" }],
  ["nothing there to look into", { cliPath: "missing" }, { kind: "local" }],
  ["a script that uses ssh", { cliPath: "remote.sh" }, { kind: "wrapper", remote: bot, ...more }],
  [
    "an explicit host without a wrapper",
    { cliPath: "binary", remoteHost: "anna@imac" },
    { kind: "wrapper", remote: { user: "anna", host: "imac", port: undefined }, ...bare },
  ],
  [
    "an explicit host wins",
    { cliPath: "remote.sh", remoteHost: "imac" },
    { kind: "wrapper", remote: { user: undefined, host: "imac", port: undefined }, ...bare },
  ],
  [
    "an explicit user wins, the rest is the wrapper's to the same host",
    { cliPath: "remote.sh", remoteHost: "anna@MAC" },
    { kind: "wrapper", remote: { ...bot, user: "anna", host: "MAC" }, ...more },
  ],
  [
    "an explicit host where the script cannot be told",
    { cliPath: "odd.sh", remoteHost: "imac" },
    { kind: "wrapper", remote: { user: undefined, host: "imac", port: undefined }, ...bare },
  ],
  [
    "a script that cannot be told",
    { cliPath: "odd.sh" },
    { kind: "unclear", because: "line 3: the host is the output of a command" },
  ],
  [
    "an address",
    { cliPath: "ssh://bot@mac:2222/opt/imsg" },
    { kind: "ssh", remote: bot, program: "/opt/imsg" },
  ],
])("%s", (_name, section, reach) => {
  expect(transport(section).reach).toEqual(reach);
  if (section.cliPath.includes(":")) return;
  expect(transport({ ...section, cliPath: join(folder, section.cliPath) }).reach).toEqual(reach);
});

const home = join(homedir(), "chat.db");
test.each([
  ["binary", "~/chat.db", home],
  ["local.sh", "~/chat.db", home],
  ["remote.sh", "~/chat.db", "~/chat.db"],
  ["odd.sh", "~/chat.db", "~/chat.db"],
  ["missing", "~/chat.db", "~/chat.db"],
  ["ssh://mac", "~/chat.db", "~/chat.db"],
  ["remote.sh", "/Users/bot/chat.db", "/Users/bot/chat.db"],
  ["binary", "~bot/chat.db", "~bot/chat.db"],
])("%s reads the database at %s as %s", (cliPath, dbPath, expected) => {
  expect(transport({ cliPath, dbPath }).dbPath).toBe(expected);
});

test("a script that cannot be told is a warning with its line and what to set", () => {
  const { warnings } = settings(imessage({ accounts: { work: { cliPath: join(folder, "odd.sh") } } }));
  expect(warnings).toEqual([
    {
      path: "channels.imessage.accounts.work.cliPath",
      message: `Could not tell which machine ${join(folder, "odd.sh")} goes to (line 3: the host is the output of a command): files cannot be copied from and to it`,
      hint: 'Set channels.imessage.accounts.work.remoteHost to it, such as "bot@mac-mini".',
    },
  ]);
});

test("an address and a remoteHost that names another machine", () => {
  const { warnings } = settings(imessage({ cliPath: "ssh://mac", remoteHost: "imac" }));
  expect(warnings.map(({ path, message }) => [path, message])).toEqual([
    ["channels.imessage.remoteHost", "remoteHost (imac) is not used: cliPath says that the Mac is mac"],
  ]);
});

test.each([
  ["ssh://mac", "mac", "imsg"],
  ["ssh://mac/", "mac", "imsg"],
  ["SSH://bot@mac-mini.tail1234.ts.net:22/imsg", "bot@mac-mini.tail1234.ts.net:22", "/imsg"],
  ["ssh://bot@[fd7a::1]:2222/a/b", "bot@[fd7a::1]:2222", "/a/b"],
  ["ssh://100.64.0.7/~/bin/imsg", "100.64.0.7", "~/bin/imsg"],
  ["ssh://mac/a%20b/%27imsg%26", "mac", "/a b/'imsg&"],
])("%s", (text, host, program) => {
  const parsed = parseSshAddress(text);
  expect(parsed.ok && [renderRemoteHost(parsed.value.remote), parsed.value.program]).toEqual([host, program]);
});

test.each([
  "ssh:mac",
  "ssh:/mac",
  "ssh://",
  "ssh:///imsg",
  "ssh://-oProxyCommand=x/imsg",
  "ssh://a@b@c/imsg",
  "ssh://@mac/x",
  "ssh://bot:secret@mac/x",
  "ssh://mac:0/x",
  "ssh://mac:70000/x",
  "ssh://mac:/x",
  "ssh://mac:22:23/x",
  "ssh://fd7a::1/x",
  "ssh://ma c/x",
  "ssh://mac/a%0ab",
  "ssh://mac/a%00",
  "ssh://mac/a%zz",
  "ssh://mac/a?b",
  "ssh://mac/dir/",
  "ssh://mac\n/x",
  "ssh://-l@mac/x",
  "ssh://$(id)/x",
])("%j is refused with its place", (cliPath) => {
  expect(problems(imessage({ accounts: { work: { cliPath } } }))).toMatchObject([
    { path: "channels.imessage.accounts.work.cliPath" },
  ]);
});

const HOSTILE = [
  "",
  " ",
  "-oProxyCommand=touch x",
  "-l",
  "mac -l x",
  " mac",
  "mac ",
  "a@b@c",
  "@mac",
  "bot@",
  "bot@-mac",
  "-bot@mac",
  "mac:22",
  "bot@mac:/etc",
  "mac\n",
  "mac\0",
  "mac;id",
  "$(id)",
  "`id`",
  "mac|id",
  "mac&",
  "mac>x",
  "mac<x",
  "~",
  "../mac",
  "a/b",
  "ssh://mac",
  "fd7a::1",
  "[fd7a::1",
  "[mac]",
  "mac..local",
  ".mac",
  "mac.",
  "mac-",
  "bot mac@mac",
  "bot$@mac",
  "bot'@mac",
  'bot"@mac',
  "m\u00e4c",
  "\u202emac",
  "mac%h",
  "*",
  "mac,imac",
  "mac=x",
  "a".repeat(300),
];
test.each(HOSTILE)("remoteHost %j is refused with its place, at both levels", (remoteHost) => {
  expect(problems(imessage({ remoteHost }))).toMatchObject([{ path: "channels.imessage.remoteHost" }]);
  expect(problems(imessage({ accounts: { work: { remoteHost } } }))).toMatchObject([
    { path: "channels.imessage.accounts.work.remoteHost" },
  ]);
});

test("whatever is taken as a remoteHost cannot be read as anything else", () => {
  const names = fc.array(fc.constantFrom(..."ab-.:@[]%$ '\"\n\0/é_=1".split("")), { maxLength: 12 });
  const text = fc.oneof(
    names.map((signs) => signs.join("")),
    fc.string({ unit: "binary" }),
  );
  fc.assert(
    fc.property(text, (written) => {
      const parsed = parseRemoteHost(written);
      if (!parsed.ok) return;
      expect(renderRemoteHost(parsed.value)).toBe(written);
      expect(parsed.value.host).toMatch(/^[A-Za-z0-9_:][A-Za-z0-9._:-]*$/u);
      expect(parsed.value.user ?? "a").toMatch(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/u);
    }),
    { numRuns: 5000 },
  );
});

test("accounts of one Mac that read one database, however its imsg is named", () => {
  const shared = problems(
    imessage({
      accounts: { home: { cliPath: "ssh://bot@mac" }, work: { cliPath: "ssh://bot@mac/opt/imsg" } },
    }),
  );
  expect(shared).toMatchObject([
    { message: expect.stringContaining("home and work would read the same database") },
  ]);
  const apart = { home: { cliPath: "ssh://bot@mac" }, work: { cliPath: "ssh://anna@mac" } };
  expect(problems(imessage({ accounts: apart }))).toEqual([]);
});
