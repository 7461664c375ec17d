import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { account, RunningWorld, settings } from "../../../test/control/running-world.ts";
import { ANNA, BERT, HOME, WORK } from "../../../test/contracts/store-world.ts";
import type { AccountSettings, AgentSettings, GroupSettings, Settings } from "../../model/settings.ts";
import type { AllowEntry } from "../../model/target.ts";
import { testPolicy, type PolicyAnswer, type PolicyQuestion } from "./policy.ts";

const agent: AgentSettings = {
  id: "main" as never,
  name: "main",
  runtime: { type: "echo" },
  workspace: "/w",
  mentionPatterns: ["claw", "cl(a|o)w+"],
  streaming: "off",
  longTurnMs: 60_000,
};

let running: RunningWorld;
beforeEach(async () => {
  running = await RunningWorld.create();
});
afterEach(async () => running.remove());

function config(changes: Partial<AccountSettings>): Settings {
  return settings([account(HOME, changes)], { agents: [agent] });
}

async function ask(
  changes: Partial<AccountSettings>,
  question: Partial<PolicyQuestion>,
): Promise<PolicyAnswer> {
  const place = { settings: config(changes), store: running.store, nowMs: running.world.nowMs };
  const whole = {
    accountId: undefined,
    from: ANNA,
    chat: undefined,
    isGroup: false,
    text: "hi",
    ...question,
  };
  return testPolicy(place, whole);
}

const listed: readonly AllowEntry[] = [{ kind: "handle", handle: ANNA }];

function group(key: GroupSettings["key"], changes: Partial<GroupSettings> = {}): GroupSettings {
  return {
    key,
    enabled: true,
    requireMention: true,
    allowFrom: undefined,
    agentId: undefined,
    systemPrompt: "",
    historyLimit: 50,
    ...changes,
  };
}

describe("a direct message", () => {
  test("of somebody listed is answered, with every gate passed", async () => {
    const answer = await ask({ allowFrom: listed }, {});
    expect(answer).toMatchObject({
      handle: ANNA,
      chat: { target: ANNA, isGroup: false, inJournal: false },
      outcome: { kind: "turn", agentId: "main", sessionKey: "agent:main:main" },
      replyTo: ANNA,
      words: { fate: "answered", fix: undefined },
    });
    expect(answer.gates.length).toBeGreaterThan(4);
    expect(answer.gates.every(({ passed }) => passed)).toBe(true);
  });

  test("is read with the account's region, whatever stands before the number", async () => {
    expect((await ask({ allowFrom: listed }, { from: " iMessage:(555) 000-0001" })).handle).toBe(ANNA);
  });

  test("of a stranger would be sent a code, and none is made", async () => {
    const answer = await ask({}, { from: BERT });
    expect(answer).toMatchObject({ outcome: { kind: "hold", code: "pairing.code-sent" }, replyTo: BERT });
    expect(answer.words.fix).toContain("coderclaw pairing approve imessage CODE");
    expect(await running.store.pairings.pending(running.world.nowMs)).toEqual([]);
    expect(await running.store.outbox.list({ limit: 10 })).toEqual([]);
  });

  test("of somebody approved, or who waits: as the state database says", async () => {
    const { world } = running;
    await world.asks(BERT, "ABCD2345");
    expect((await ask({}, { from: BERT })).words.code).toBe("pairing.code-pending");
    const route = () => ({ agentId: "main" as never, sessionKey: "agent:main:main" as never });
    await world.store.pairings.approve("ABCD2345", { notice: "in", nowMs: world.nowMs, route });
    const answer = await ask({}, { from: BERT });
    expect(answer).toMatchObject({
      outcome: { kind: "turn" },
      chat: { inJournal: true },
      replyTo: "chat_id:2",
    });
  });

  test("in a thread of the journal that only claims to be direct", async () => {
    const { world } = running;
    const several = { participants: [ANNA, BERT], chatId: 9 as never, chatGuid: "any;-;x" as never };
    const outcome = {
      kind: "ignore",
      code: "groupish.unconfigured",
      because: "several",
      fix: "add",
    } as const;
    await world.decide([world.message(ANNA, "hi", several)], { outcome });
    expect((await ask({ allowFrom: listed }, { chat: "9" })).words.code).toBe("groupish.unconfigured");
    const groups = [group({ kind: "chat_id", chatId: 9 })];
    const answer = await ask(
      { allowFrom: listed, groupAllowFrom: listed, groups },
      { chat: "9", text: "claw, hi" },
    );
    expect(answer.outcome).toMatchObject({ kind: "turn", sessionKey: "agent:main:imessage:group:9" });
  });
});

describe("a group message", () => {
  const open = { groupPolicy: "open", groups: [group({ kind: "any" })] } as const;
  const forms = [
    "42",
    "chat_id:42",
    "chat:42",
    "chat_guid:iMessage;+;c42",
    "iMessage;+;c42",
    "chat_identifier:c42",
  ];

  test.each(forms)("in %s, known to the journal by any of its names", async (chat) => {
    const { world } = running;
    const known = {
      isGroup: true,
      chatId: 42 as never,
      chatGuid: "iMessage;+;c42" as never,
      chatIdentifier: "c42",
      participants: [ANNA, BERT],
    };
    await world.decide([world.message(ANNA, "hi", known)]);
    const answer = await ask(open, { chat, isGroup: true, text: "claw" });
    expect(answer).toMatchObject({ chat: { isGroup: true, inJournal: true }, replyTo: "chat_id:42" });
    expect(answer.outcome).toMatchObject({ sessionKey: "agent:main:imessage:group:42" });
  });

  test.each([
    ["not called", "hello", "group.not-mentioned"],
    ["a command passes the mention gate", "/status", undefined],
    ["called, by a pattern that needs the engine", "clowww", undefined],
  ])("%s", async (_name, text, code) => {
    const answer = await ask({ ...open, groupAllowFrom: listed }, { chat: "7", isGroup: true, text });
    expect(answer.words.code).toBe(code);
    expect(answer.chat).toMatchObject({ isGroup: true, inJournal: false, target: "chat_id:7" });
  });

  test("not let in: the gate that stopped it is the last one, and there is a fix", async () => {
    const answer = await ask({ groupAllowFrom: [] }, { chat: "7", isGroup: true });
    expect(answer.gates.at(-1)?.passed).toBe(false);
    expect(answer.words).toMatchObject({ code: "group.sender-not-allowed", fate: "ignored" });
    expect(answer.words.fix).not.toBe("");
    expect(answer.replyTo).toBeUndefined();
  });
});

describe("what cannot be asked", () => {
  test.each([
    [{ from: " sms: " }, "cli/usage"],
    [{ chat: "bob" }, "send/bad-target"],
    [{ chat: "chat_id:12abc" }, "send/bad-target"],
    [{ chat: "*" }, "send/bad-target"],
    [{ chat: "" }, "send/bad-target"],
    [{ accountId: "nobody" }, "account/unknown"],
  ] as const)("%j is %s, with a hint", async (question, code) => {
    await expect(ask({}, question)).rejects.toMatchObject({
      code,
      hint: expect.stringMatching(/./) as string,
    });
  });

  test("an account must be named where there are several", async () => {
    const place = { settings: settings([account(HOME), account(WORK)]), store: undefined, nowMs: 1 };
    const question = { from: ANNA, chat: undefined, isGroup: false, text: "hi" };
    await expect(testPolicy(place, { ...question, accountId: undefined })).rejects.toMatchObject({
      code: "account/unknown",
    });
    expect((await testPolicy(place, { ...question, accountId: "work" })).accountId).toBe(WORK);
  });
});

test.each(["*", "\u001b[2J", "chat_id:7", "__proto__", "🦞", "+1".repeat(50), '"; rm -rf /', "${HOME}"])(
  "a hostile sender or text %j is data",
  async (hostile) => {
    const answer = await ask({ allowFrom: listed }, { from: hostile, text: hostile });
    expect(answer.outcome).toMatchObject({ kind: "ignore", code: "pairing.machine" });
  },
);

test("without a state database nothing is made, and the answer is that of an empty one", async () => {
  const folder = mkdtempSync(join(tmpdir(), "policy-"));
  const place = {
    settings: settings([account(HOME, { allowFrom: listed })], { storePath: join(folder, "state.db") }),
    store: undefined,
    nowMs: 5,
  };
  const question = { accountId: undefined, from: ANNA, chat: "7", isGroup: true, text: "hi" };
  expect((await testPolicy(place, question)).words.code).toBe("group.sender-not-allowed");
  expect(readdirSync(folder)).toEqual([]);
  rmSync(folder, { recursive: true });
});
