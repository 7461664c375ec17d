import { homedir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { AccountSettings } from "../../model/settings.ts";
import { renderEntry } from "../../model/target.ts";
import { imessage, settings } from "../../../test/config/compile-for-test.ts";

function account(section: unknown, rest: object = {}): AccountSettings {
  const [only] = settings({ ...rest, ...imessage(section) }).accounts;
  if (only === undefined) throw new Error("no account");
  return only;
}

describe("defaults", () => {
  test("no file: no account, the echo agent, a warning that says how to add an account", () => {
    const empty = settings("");
    expect(empty).toMatchObject({
      accounts: [],
      agents: [{ id: "main", name: "main", runtime: { type: "echo" }, workspace: "/state/workspace" }],
      defaultAgentId: "main",
      dmScope: "main",
      sessionReset: { mode: "never" },
      debounceMs: 0,
      maxConcurrentTurns: 4,
      gateway: expect.objectContaining({ bind: "127.0.0.1", port: 18_789, token: undefined }),
      storePath: "/state/state.db",
      logLevel: "info",
    });
    expect(empty.warnings).toEqual([
      {
        path: "channels.imessage",
        message: "No account is configured: no messages are read",
        hint: expect.stringContaining("coderclaw config set channels.imessage.cliPath imsg"),
      },
    ]);
  });

  test("an empty section is one account with the built-in defaults", () => {
    expect(account({})).toEqual({
      id: "default",
      name: "default",
      transport: {
        cliPath: "imsg",
        dbPath: undefined,
        probeTimeoutMs: 10_000,
        reach: { kind: "local" },
      },
      service: "auto",
      region: "US",
      dmPolicy: "pairing",
      allowFrom: [],
      groupPolicy: "allowlist",
      groupAllowFrom: [],
      groups: [],
      historyLimit: 50,
      dmHistoryLimit: undefined,
      dmHistoryLimits: [],
      configWrites: true,
      allowTo: undefined,
      selfHandles: [],
      owners: [],
      notified: [],
      media: {
        isTaken: false,
        roots: [join(homedir(), "Library/Messages/Attachments")],
        maxBytes: 16 * 1024 * 1024,
      },
      catchupMaxAgeMs: 7_200_000,
      textChunkLimit: 4000,
      chunkMode: "length",
      responsePrefix: "",
      maxPartsPerReply: 20,
      turnsPerMinute: 20,
      sendsPerMinute: 10_000,
      sendsPerHour: 100_000,
    });
  });

  test.each([["// nothing"], ["{}"], ["  \n"], ["/* a */ // b\n"], ["\uFEFF{}"]])("%j is empty", (text) => {
    expect(settings(text).accounts).toEqual([]);
  });

  test("Settings are frozen to the bottom", () => {
    const frozen = settings({
      ...imessage({ allowFrom: ["a@b.c"] }),
      bindings: [{ agentId: "main", match: {} }],
    });
    const visit = (value: unknown): void => {
      if (typeof value !== "object" || value === null) return;
      expect(Object.isFrozen(value)).toBe(true);
      Object.values(value).forEach(visit);
    };
    visit(frozen);
  });
});

describe("default < channel < account", () => {
  test.each<[string, unknown, unknown, unknown, (account: AccountSettings) => unknown]>([
    ["service", "sms", "imessage", "auto", (a) => a.service],
    ["region", "de", "FR", "US", (a) => a.region],
    ["dmPolicy", "disabled", "allowlist", "pairing", (a) => a.dmPolicy],
    ["textChunkLimit", 10, 20, 4000, (a) => a.textChunkLimit],
    ["chunkMode", "newline", "length", "length", (a) => a.chunkMode],
    ["probeTimeoutMs", 1, 2, 10_000, (a) => a.transport.probeTimeoutMs],
    ["responsePrefix", "c", "", "", (a) => a.responsePrefix],
    ["catchup", { maxAgeMinutes: 1 }, { maxAgeMinutes: 0 }, 7_200_000, (a) => a.catchupMaxAgeMs],
    ["limits", { turnsPerMinute: 1 }, { turnsPerMinute: 2 }, 20, (a) => a.turnsPerMinute],
    ["limits", { sendsPerMinute: 1 }, { sendsPerMinute: 2 }, 10_000, (a) => a.sendsPerMinute],
    ["limits", { sendsPerHour: 1 }, { sendsPerHour: 2 }, 100_000, (a) => a.sendsPerHour],
    ["groupPolicy", "open", "disabled", "allowlist", (a) => a.groupPolicy],
    ["groupAllowFrom", ["a@b.c"], ["d@e.f"], [], (a) => a.groupAllowFrom.map(renderEntry)],
    ["groups", { 1: {}, 2: {} }, { 3: {} }, [], (a) => a.groups.map(({ key }) => renderEntry(key))],
    ["historyLimit", 0, 1, 50, (a) => a.historyLimit],
    ["dmHistoryLimit", 1, 0, undefined, (a) => a.dmHistoryLimit],
    [
      "dms",
      { "a@b.c": { historyLimit: 1 }, "x@y.z": { historyLimit: 1 } },
      { "d@e.f": { historyLimit: 2 } },
      [],
      (a) => a.dmHistoryLimits,
    ],
    ["configWrites", false, true, true, (a) => a.configWrites],
    ["allowTo", ["*"], ["a@b.c"], undefined, (a) => a.allowTo?.map(renderEntry)],
    ["allowFrom", ["a@b.c"], ["d@e.f"], [], (a) => a.allowFrom.map(renderEntry)],
    ["selfHandles", ["a@b.c"], [], [], (a) => a.selfHandles],
    ["cliPath", "/c", "/a", "imsg", (a) => a.transport.cliPath],
    ["dbPath", "/c", "/a", undefined, (a) => a.transport.dbPath],
    ["name", "c", "a", "work", (a) => a.name],
  ])("%s", (name, ofChannel, ofAccount, ...[fallback, read]) => {
    const only = (channel: object, own: object) => {
      const [first] = settings(imessage({ ...channel, accounts: { work: own } })).accounts;
      return first && read(first);
    };
    const plain = (value: unknown) => account({ [name]: value });
    expect(only({}, {})).toEqual(fallback);
    expect(only({ [name]: ofChannel }, {})).toEqual(read(plain(ofChannel)));
    expect(only({}, { [name]: ofAccount })).toEqual(read(plain(ofAccount)));
    expect(only({ [name]: ofChannel }, { [name]: ofAccount })).toEqual(read(plain(ofAccount)));
    expect(read(plain(ofChannel))).not.toEqual(name === "responsePrefix" ? undefined : fallback);
  });

  test("top-level limits and responsePrefix lie under the channel's", () => {
    const rest = { limits: { turnsPerMinute: 3, sendsPerHour: 5 }, messages: { responsePrefix: "m" } };
    expect(account({}, rest)).toMatchObject({ turnsPerMinute: 3, sendsPerHour: 5, responsePrefix: "m" });
    const channel = { limits: { turnsPerMinute: 4 }, responsePrefix: "" };
    expect(account(channel, rest)).toMatchObject({
      turnsPerMinute: 4,
      sendsPerMinute: 10_000,
      sendsPerHour: 5,
      responsePrefix: "",
      maxPartsPerReply: 20,
    });
    expect(account({ ...channel, accounts: { a: { limits: { sendsPerMinute: 6 } } } }, rest)).toMatchObject({
      turnsPerMinute: 4,
      sendsPerMinute: 6,
      sendsPerHour: 5,
    });
  });

  test.each<[string, object, object, string[]]>([
    ["unset: allowFrom", { allowFrom: ["a@b.c"] }, {}, ["a@b.c"]],
    ["unset: the account's allowFrom", { allowFrom: ["a@b.c"] }, { allowFrom: ["d@e.f"] }, ["d@e.f"]],
    [
      "the channel's over the account's allowFrom",
      { groupAllowFrom: ["g@h.i"] },
      { allowFrom: ["d@e.f"] },
      ["g@h.i"],
    ],
    ["an explicit [] stays empty", { allowFrom: ["a@b.c"], groupAllowFrom: [] }, {}, []],
    ["an account's [] too", { allowFrom: ["a@b.c"], groupAllowFrom: ["g@h.i"] }, { groupAllowFrom: [] }, []],
  ])("groupAllowFrom: %s", (_name, channel, ...[own, expected]) => {
    const [only] = settings(imessage({ ...channel, accounts: { work: own } })).accounts;
    expect(only?.groupAllowFrom.map(renderEntry)).toEqual(expected);
  });

  test("an account's historyLimit is that of its groups, wherever the groups are written", () => {
    const section = {
      historyLimit: 9,
      groups: { 12: {}, 13: { historyLimit: 1 } },
      accounts: { a: { historyLimit: 4 } },
    };
    const [only] = settings(imessage(section)).accounts;
    expect(only?.groups.map(({ historyLimit }) => historyLimit)).toEqual([4, 1]);
  });

  test("any accounts: exactly those; disabled ones are listed apart; the channel's false stops all", () => {
    const accounts = {
      a: { dbPath: "/a" },
      b: { enabled: false, name: "Bee" },
      c: { dbPath: "/c", enabled: true },
    };
    const some = settings(imessage({ accounts }));
    expect(some.accounts.map(({ id }) => id)).toEqual(["a", "c"]);
    expect(some.stoppedAccounts).toEqual([{ id: "b", name: "Bee", owners: [] }]);
    const none = settings(imessage({ enabled: false, accounts }));
    expect(none.accounts).toEqual([]);
    expect(none.stoppedAccounts.map(({ id }) => id)).toEqual(["a", "b", "c"]);
    expect(none.warnings.map(({ message }) => message)).toEqual([
      "Every account is disabled: no messages are read",
    ]);
    expect(settings(imessage({ enabled: false })).stoppedAccounts).toEqual([
      { id: "default", name: "default", owners: [] },
    ]);
    expect(settings(imessage({ accounts: {} })).accounts.map(({ id }) => id)).toEqual(["default"]);
  });
});

describe("paths", () => {
  test("`~` expands, a bare program stays, what is relative starts at the file's folder", () => {
    const read = (cliPath: string) => account({ cliPath }).transport.cliPath;
    expect(read("~/bin/imsg")).toBe(join(homedir(), "bin/imsg"));
    expect(read("imsg")).toBe("imsg");
    expect(read("./imsg")).toBe("/etc/claw/imsg");
    expect(read("/a/../b")).toBe("/b");
  });

  test.each([
    ["sqlite:/x/y.db", "/x/y.db"],
    ["sqlite:///x/y.db", "/x/y.db"],
    ["sqlite:~/y.db", join(homedir(), "y.db")],
    ["sqlite:y.db", "/etc/claw/y.db"],
  ])("store.url %s", (url, path) => {
    expect(settings({ store: { url } }).storePath).toBe(path);
  });

  test("workspaces", () => {
    const of = (agents: object) => settings({ agents }).agents.map(({ workspace }) => workspace);
    expect(of({ list: [{ id: "a" }, { id: "b" }] })).toEqual(["/state/workspace", "/state/workspace-b"]);
    expect(of({ list: [{ id: "a" }, { id: "b", default: true }] })).toEqual([
      "/state/workspace-a",
      "/state/workspace",
    ]);
    expect(of({ list: [{ id: "a", workspace: "~/w" }] })).toEqual([join(homedir(), "w")]);
    expect(of({ defaults: { workspace: "w" }, list: [{ id: "a" }] })).toEqual(["/etc/claw/w"]);
  });
});

describe("who is told, who is one person, what commands may do", () => {
  const allowFrom = ["a@b.c", "+15551234567"];
  test.each<[string, readonly string[] | undefined, string[]]>([
    ["anywhere", undefined, ["a@b.c", "+15551234567"]],
    ["`*`", ["*"], ["a@b.c", "+15551234567"]],
    ["one of them", ["chat_id:1", "A@B.C"], ["a@b.c"]],
    ["nowhere", [], []],
  ])("notified owners where allowTo is %s", (_name, allowTo, notified) => {
    const only = account({ allowFrom, ...(allowTo && { allowTo }) });
    expect([only.owners, only.notified]).toEqual([allowFrom, notified]);
  });

  test("identity links: handles by the channel's region, the same one kept once", () => {
    const identityLinks = { anna: ["0171 1234567", "+491711234567", "A@b.c"], 12: [] };
    expect(settings({ ...imessage({ region: "DE" }), session: { identityLinks } }).identityLinks).toEqual([
      { name: "12", handles: [] },
      { name: "anna", handles: ["+491711234567", "a@b.c"] },
    ]);
  });

  test("commands", () => {
    expect(settings({}).commands).toEqual({ config: false, useAccessGroups: true, allowSms: false });
    const commands = { config: true, useAccessGroups: false, allowSms: false };
    expect(settings({ commands }).commands).toEqual(commands);
  });

  test("mention patterns: the agent's, an explicit [] too, else those of messages", () => {
    const of = (agent: object, messages?: object) =>
      settings({ agents: { list: [{ id: "a", ...agent }] }, ...(messages && { messages }) }).agents[0]
        ?.mentionPatterns;
    const messages = { groupChat: { mentionPatterns: ["claw", "小爪"] } };
    expect(of({})).toEqual([]);
    expect(of({}, messages)).toEqual(["claw", "小爪"]);
    expect(of({ groupChat: {} }, messages)).toEqual(["claw", "小爪"]);
    expect(of({ groupChat: { mentionPatterns: ["^hey .*$"] } }, messages)).toEqual(["^hey .*$"]);
    expect(of({ groupChat: { mentionPatterns: [] } }, messages)).toEqual([]);
    expect(settings({ messages }).agents[0]?.mentionPatterns).toEqual(["claw", "小爪"]);
  });
});

describe("agents, bindings, gateway", () => {
  test("a command runtime, the default agent and bindings", () => {
    const all = settings({
      ...imessage({ region: "DE", accounts: { work: { region: "FR" } } }),
      agents: {
        defaults: {
          runtime: { type: "command", command: ["a", "b"], timeoutSeconds: 1.5 },
          maxConcurrent: 9,
        },
        list: [{ id: "one" }, { id: "two", default: true, name: "Two", runtime: { type: "echo" } }],
      },
      bindings: [
        { agentId: "one", match: { account: "work", handle: "06 12 34 56 78" } },
        { agentId: "two", match: { channel: "imessage", chat: "chat_id:3" } },
        { agentId: "one", match: { channel: "imessage" } },
      ],
      session: { dmScope: "per-peer" },
      messages: { inbound: { debounceMs: 250 } },
      logging: { level: "silent" },
    });
    expect(all.agents).toMatchObject([
      {
        id: "one",
        name: "one",
        runtime: { type: "command", command: ["a", "b"], input: "text", timeoutMs: 1500 },
      },
      { id: "two", name: "Two", runtime: { type: "echo" } },
    ]);
    expect(all.bindings).toEqual([
      { agentId: "one", accountId: "work", peer: { kind: "handle", handle: "+33612345678" } },
      { agentId: "two", accountId: undefined, peer: { kind: "chat_id", chatId: 3 } },
      { agentId: "one", accountId: undefined, peer: undefined },
    ]);
    expect(all).toMatchObject({
      defaultAgentId: "two",
      maxConcurrentTurns: 9,
      dmScope: "per-peer",
      debounceMs: 250,
      logLevel: "silent",
    });
  });
});
