import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ChatWorld, SECRETS } from "../../../test/control/chat-world.ts";
import { HEALTHY } from "../../../test/control/running-world.ts";
import { ANNA, BERT, CARL, HOME, WORK } from "../../../test/contracts/store-world.ts";

const CONFIG = `{
  // ours
  channels: { imessage: {
    allowFrom: ["${ANNA}"],
    groups: { "42": {} }, // the family
    accounts: { home: {}, work: { dbPath: "/other.db", configWrites: false } },
  } },
  agents: { list: [{ id: "main", default: true }, { id: "coder", name: "Coder" }] },
  messages: { responsePrefix: "\${SECRET}", groupChat: { mentionPatterns: ["claw"] } },
  gateway: { token: "${SECRETS.token}" },
  commands: { config: true },
}
`;

let chat: ChatWorld;
beforeEach(async () => {
  chat = await ChatWorld.create(CONFIG);
});
afterEach(async () => {
  await chat.remove();
  expect(chat.errors).toEqual([]);
});

const IN_GROUP = { chatId: 42 as never, chatGuid: "iMessage;+;c42" as never, isGroup: true };

describe("/help", () => {
  test("lists what the sender may use, and nothing else", async () => {
    const owner = await chat.ask("/help");
    for (const name of [
      "help",
      "whoami",
      "status",
      "page",
      "new",
      "reset",
      "stop",
      "agent",
      "mode",
      "model",
      "pairing",
      "config",
    ])
      expect(owner).toContain(`/${name}`);
    const other = await chat.ask("/commands", { role: "authorised" });
    expect(other).toContain("/status");
    expect(other).not.toMatch(/\/agent|\/mode|\/pairing|\/config/);
  });

  test("without /config where that is off", async () => {
    chat.write(CONFIG.replace("config: true", "config: false"));
    await chat.reload();
    expect(await chat.ask("/help")).not.toContain("/config");
  });
});

test("/whoami says how the gateway sees the sender and the chat", async () => {
  expect(await chat.ask("/id", { role: "authorised" })).toBe(
    `You: ${ANNA}\nChat: chat_id:1\nSession: agent:main:main\nRole: authorised`,
  );
  expect(await chat.ask("/whoami", { message: IN_GROUP })).toContain("Chat: chat_id:42\n");
});

describe("/status", () => {
  test("agent, session, health and queue for everybody; the inside for the owner alone", async () => {
    await chat.running.world.answer(ANNA, "one");
    await chat.running.world.waits(ANNA, "two");
    const other = await chat.ask("/status", { role: "authorised" });
    expect(other.split("\n")).toEqual([
      "Agent: main",
      "Session: 1 turn, the last 0 s ago",
      "Messages: received and sent",
      "Queue: at work on an answer here (/stop ends it)",
    ]);
    const owner = await chat.ask("/status");
    expect(owner.startsWith(other)).toBe(true);
    expect(owner).toContain("Account home: 1 waiting");
    expect(owner).toContain("Gateway: 1.2.3");
  });

  test("in a group even the owner is told nothing of the inside", async () => {
    expect(await chat.ask("/status", { message: IN_GROUP })).not.toMatch(/Account|Gateway|⚠️/);
  });

  test("says that there is trouble, and to the owner which", async () => {
    chat.running.health = {
      ...HEALTHY,
      sending: { state: "waiting", reason: "imsg not found", restarts: 1 },
    };
    expect(await chat.ask("/status", { role: "authorised" })).toMatch(/received; trouble with sending/);
    expect(await chat.ask("/status", { role: "authorised" })).not.toContain("imsg not found");
    expect(await chat.ask("/status")).toContain("imsg not found");
  });
});

describe("/pairing", () => {
  test("list, approve and deny, for the account of the conversation", async () => {
    const { world, store } = chat.running;
    expect(await chat.ask("/pairing")).toBe("No pending imessage pairing requests.");
    await world.asks(BERT, "ABCD2345");
    await world.asks(CARL, "EFGH2345");
    await world.asks(CARL, "JKLM2345", { accountId: WORK });
    const list = await chat.ask("/pairing LIST");
    expect(list).toContain(`ABCD2345 ${BERT} (1 message, 1 h left)`);
    expect(list).not.toContain("JKLM2345");
    const [approved, memory] = (await chat.ask("/pairing approve abcd2345")).split("\n");
    expect(approved).toBe(`Approved ${BERT}. 1 held message will be answered.`);
    expect(memory).toContain("They share one memory of agent main with ");
    expect(chat.running.nudged).toEqual([HOME]);
    expect(await chat.ask("/pairing deny imessage \u200eEFGH2345.")).toContain(`Denied ${CARL}.`);
    expect(await chat.ask("/pairing approve JKLM2345")).toMatch(
      /^⚠️ No pending pairing request found for code: JKLM2345\n\/pairing list shows/,
    );
    expect(await store.pairings.approved()).toMatchObject([{ accountId: HOME, handle: BERT }]);
  });

  test.each(["approve", "deny", "revoke x", "list me"])("%s is answered with what there is", async (args) => {
    expect(await chat.ask(`/pairing ${args}`)).toMatch(/^Use \/pairing list|^No pending/);
  });
});

describe("/new, /reset and /stop", () => {
  test("a new session is told where nothing follows; else its first answer is the reply", async () => {
    for (const name of ["new", "reset"]) {
      const bare = await chat.operations.run(chat.command(`/${name}`) as never);
      expect(bare.effect).toEqual({ kind: "reset", first: "" });
      expect(bare.reply({ stopped: undefined, dropped: 0 })).toContain("New session");
      const withText = await chat.operations.run(chat.command(`/${name}: a b`) as never);
      expect(withText.effect).toEqual({ kind: "reset", first: "a b" });
      expect(withText.reply({ stopped: undefined, dropped: 0 })).toBe("");
    }
  });

  test.each([
    [{ stopped: undefined, dropped: 0 }, "Nothing was running."],
    [{ stopped: "t" as never, dropped: 0 }, "Stopped."],
    [{ stopped: "t" as never, dropped: 1 }, "Stopped; 1 waiting message will not be answered."],
    [{ stopped: undefined, dropped: 2 }, "Nothing was running; 2 waiting messages will not be answered."],
  ])("what a stop came to: %j", async (done, text) => {
    expect(await chat.ask("/stop", { done })).toBe(text);
  });
});

describe("/config", () => {
  test("is off until the configuration says so", async () => {
    chat.write(CONFIG.replace("config: true", "config: false"));
    await chat.reload();
    for (const text of ["/config", "/config show", "/config set channels.imessage.name x", "/config undo"])
      expect(await chat.ask(text)).toBe("⚠️ /config is disabled. Set commands.config=true to enable.");
    expect(chat.read()).toContain("config: false");
  });

  test.each(["set channels.imessage.name x", "unset channels.imessage.groups", "undo"])(
    "%s needs configWrites",
    async (args) => {
      chat.write(CONFIG.replace("home: {}", "home: { configWrites: false }"));
      await chat.reload();
      const before = chat.read();
      expect(await chat.ask(`/config ${args}`)).toBe(
        "⚠️ Config writes are disabled for imessage. Set channels.imessage.configWrites=true to enable.",
      );
      expect(chat.read()).toBe(before);
      expect(await chat.ask("/config get channels.imessage.dmPolicy")).toContain("pairing");
    },
  );

  test("show and get redact", async () => {
    for (const text of [
      "/config show",
      "/config get gateway",
      "/config get gateway.token",
      "/config show messages",
    ]) {
      const reply = await chat.ask(text);
      expect(reply).toContain("••••");
      for (const secret of Object.values(SECRETS)) expect(reply).not.toContain(secret);
    }
  });

  test("get says where a value comes from", async () => {
    expect(await chat.ask("/config get channels.imessage.dmPolicy")).toMatch(
      /^channels\.imessage\.dmPolicy \(not set; .*\):\npairing$/,
    );
    expect(await chat.ask("/config get channels.imessage.allowFrom[0]")).toBe(
      `channels.imessage.allowFrom[0]:\n${ANNA}`,
    );
  });

  test("what is long is cut to what a phone shows", async () => {
    const many = Array.from({ length: 400 }, (_, index) => `"+1555000${1000 + index}"`).join(", ");
    chat.write(CONFIG.replace(`allowFrom: [`, `allowFrom: [${many}, `));
    const reply = await chat.ask("/config show");
    expect(reply.length).toBeLessThan(1700);
    expect(reply).toMatch(/\n… Ask for a part with \/config get PATH\.$/);
  });

  test.each([
    ["set channels.imessage.name Fred the Second", "name", "Fred the Second"],
    ["set channels.imessage.name=Fred", "name", "Fred"],
    ["SET channels.imessage.name = Fred", "name", "Fred"],
    ["set channels.imessage.dms[“a@b.c”].historyLimit 3", "dms", { "a@b.c": { historyLimit: 3 } }],
    ['set channels.imessage.dms["a b=c"].historyLimit=3', "dms", { "a b=c": { historyLimit: 3 } }],
    [
      "set channels.imessage.groupAllowFrom [“+15550000009”, ‘a@b.c’]",
      "groupAllowFrom",
      ["+15550000009", "a@b.c"],
    ],
    ["set channels.imessage.responsePrefix “»”", "responsePrefix", "»"],
    ["set channels.imessage.responsePrefix He said “hi”", "responsePrefix", "He said “hi”"],
    ["set channels.imessage.groups.42.requireMention false", "groups", { "42": { requireMention: false } }],
  ])("%s", async (args, key, value) => {
    expect(await chat.ask(`/config ${args}`)).toContain(" is ");
    await chat.reload();
    const { configFile: configPath, environment } = chat;
    const { getConfig } = await import("../../config/edit/operations.ts");
    const found = await getConfig(`channels.imessage.${key}`, { configPath, environment });
    expect(found.value).toEqual(value);
    for (const comment of ["// ours", "// the family"]) expect(chat.read()).toContain(comment);
    const undone = await chat.ask("/config undo");
    expect(undone).toContain("channels.imessage");
    expect(chat.read()).toBe(CONFIG);
  });

  test("an empty text is seen", async () => {
    expect(await chat.ask('/config set channels.imessage.responsePrefix ""')).toMatch(
      /^channels\.imessage\.responsePrefix is ""\n/,
    );
    expect(await chat.ask("/config get channels.imessage.responsePrefix")).toBe(
      'channels.imessage.responsePrefix:\n""',
    );
  });

  test("unset, and what was not set", async () => {
    expect(await chat.ask("/config unset channels.imessage.allowFrom")).toBe(
      "channels.imessage.allowFrom is not set any more.\n/config undo takes it back.",
    );
    expect(await chat.ask("/config unset channels.imessage.allowFrom")).toBe(
      "channels.imessage.allowFrom was not set.",
    );
  });

  test.each([
    "set channels.imessage.cliPath /bin/sh",
    "set channels.imessage.accounts.home.dbPath /x",
    'set channels.imessage {cliPath: "/bin/sh"}',
    "set channels {}",
    "set agents.list[0].runtime {type:'echo'}",
    "set agents []",
    "set commands.ownerAllowFrom ['*']",
    "set gateway.bind 0.0.0.0",
    "unset gateway.token",
    "unset commands",
    "unset channels",
    "set channels.imessage.name ${SECRET}",
    "set store.url sqlite:/tmp/x",
  ])("%s is refused, names the place, and leaves the file", async (args) => {
    const reply = await chat.ask(`/config ${args}`);
    expect(reply).toMatch(/^⚠️ .*(?:channels|agents|gateway|commands|store).*\n.+$/);
    expect(chat.read()).toBe(CONFIG);
  });

  test("undo does not give back what chat may not set, and says what when there is nothing", async () => {
    expect(await chat.ask("/config undo")).toMatch(/^⚠️ There is no earlier configuration/);
    const { setConfig } = await import("../../config/edit/operations.ts");
    const { configFile: configPath, environment } = chat;
    await setConfig("channels.imessage.cliPath", "/usr/bin/imsg", { configPath, environment });
    const before = chat.read();
    expect(await chat.ask("/config undo")).toMatch(/^⚠️ channels\.imessage\.cliPath/);
    expect(chat.read()).toBe(before);
  });

  test.each([
    ["set channels.imessage.dmPolicy maybe", "channels.imessage.dmPolicy"],
    ["set channels.imessage.dmPolcy open", "dmPolcy"],
    ["set channels.imessage.dmPolicy open", 'requires channels.imessage.allowFrom to include "*"'],
    ["set channels..x 1", '"channels..x" is not a config path'],
    ["set channels.imessage.allowFrom [", "["],
    ["get nothing.here", "nothing"],
    ["set channels.imessage.name", "channels.imessage.name: the value is missing"],
  ])("%s is a short error that names the place", async (args, place) => {
    const reply = await chat.ask(`/config ${args}`);
    expect(reply).toContain(place);
    expect(reply.split("\n").length).toBeLessThanOrEqual(2);
    expect(reply).not.toMatch(/ {4}at /);
    expect(chat.read()).toBe(CONFIG);
  });

  test.each(["", "list", "get", "unset", "set"])("%j is answered with what there is", async (args) => {
    expect(await chat.ask(`/config ${args}`)).toContain("Use /config show, get PATH");
  });
});

describe("once only", () => {
  test.each([
    ["/config set a b", true],
    ["/config SET a=b", true],
    ["/config unset a", true],
    ["/config undo", true],
    ["/config", false],
    ["/config show", false],
    ["/config get a", false],
    ["/pairing approve X", true],
    ["/pairing Deny X", true],
    ["/pairing list", false],
    ["/stop", false],
    ["/agent coder", false],
    ["/mode plan", false],
    ["/model large", false],
    ["/new set", false],
  ])("%s: %s", (text, once) => {
    expect(chat.operations.isOnceOnly(chat.command(text) as never)).toBe(once);
  });

  test("what a crash left begun is not done again: it says so, and how to look", async () => {
    await chat.running.world.asks(BERT, "ABCD2345");
    const set = await chat.ask("/config set channels.imessage.name x", { wasBegun: true });
    expect(set).toContain("not done again");
    expect(set).toContain("/config get");
    expect(await chat.ask("/pairing approve ABCD2345", { wasBegun: true })).toContain("/pairing list");
    expect(chat.read()).toBe(CONFIG);
    expect(await chat.running.store.pairings.approved()).toEqual([]);
    expect(await chat.ask("/config get channels.imessage.name", { wasBegun: true })).toContain("is not set");
  });
});

test("what should be impossible is a short reply; the cause is in the log", async () => {
  chat.running.store.pairings.pending = async () => {
    throw new Error("secret detail");
  };
  expect(await chat.ask("/pairing list")).toBe("⚠️ Something went wrong. The gateway's log has the cause.");
  expect(chat.errors.splice(0)).toEqual(["/pairing failed"]);
});
