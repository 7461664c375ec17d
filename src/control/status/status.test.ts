import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { account, HEALTHY, RunningWorld, settings } from "../../../test/control/running-world.ts";
import { ANNA, BERT, CARL, HOME, HOUR, WORK } from "../../../test/contracts/store-world.ts";
import type { AccountSettings, AgentSettings, GroupSettings, Settings } from "../../model/settings.ts";
import { parseAllowEntry, type AllowEntry } from "../../model/target.ts";
import { GatewayError } from "../../model/errors.ts";
import { sharedMemories } from "./reach.ts";
import { readConfigStatus, readStatus, type StatusReport } from "./status.ts";

let running: RunningWorld;
beforeEach(async () => {
  running = await RunningWorld.create();
});
afterEach(async () => running.remove());

function entries(...texts: string[]): readonly AllowEntry[] {
  return texts.map((text) => {
    const parsed = parseAllowEntry(text, "US");
    if (!parsed.ok) throw new Error(parsed.reason);
    return parsed.value;
  });
}

const report = async (): Promise<StatusReport> => readStatus(running, running.world.nowMs);

async function warningsOfHome(): Promise<readonly string[]> {
  const { accounts } = await report();
  return accounts.find((one) => one.id === HOME)?.warnings.map((warning) => warning.message) ?? [];
}

describe("an account", () => {
  test("that is well has verdicts, figures, policy and no warning", async () => {
    running.settingsInForce = settings([account(HOME, { allowFrom: entries(ANNA) })]);
    await running.world.waits(ANNA, "hi");
    const [home] = (await report()).accounts;
    expect(home).toMatchObject({
      state: "running",
      health: { reading: { state: "ready" }, watching: { ok: true }, sending: { state: "ready" } },
      figures: { cursor: 101, waiting: 1, parked: 0 },
      policy: { dmPolicy: "pairing", allowFrom: [ANNA], paired: [] },
      warnings: [],
    });
  });

  test("that could not be started says why", async () => {
    running.accountErrors.set(
      HOME,
      new GatewayError("gateway/already-running", "Another gateway answers it", { hint: "Stop it." }),
    );
    expect(await warningsOfHome()).toEqual(["The account does not run: Another gateway answers it"]);
  });

  test.each([
    [
      "reading",
      { reading: { state: "waiting", reason: "imsg not found", restarts: 3 } },
      "Messages are not being read: imsg not found",
    ],
    [
      "watching",
      { watching: { ...HEALTHY.watching, ok: false, reason: "behind" } },
      "New messages are not being watched: behind",
    ],
    ["sending", { sending: { state: "waiting", reason: "gone", restarts: 1 } }, "Nothing can be sent: gone"],
  ] as const)("is not called well when %s is not", async (_which, changes, warning) => {
    running.health = { ...HEALTHY, ...changes };
    expect(await warningsOfHome()).toEqual([warning]);
  });

  test("says what waits for a person", async () => {
    const { world } = running;
    await world.answer(ANNA, "one");
    const [part] = await world.claim();
    await world.settle(part as never, { state: "parked", reason: "no" });
    await world.asks(BERT, "ABCD2345");
    await world.decide([world.message(CARL, "let me in")], {
      outcome: { kind: "ignore", code: "pairing.full", because: "full", fix: "approve" },
    });
    const warnings = await warningsOfHome();
    expect(warnings).toEqual([
      "1 message could not be sent and waits for you",
      "1 pairing request waits for you",
      `${CARL} wrote in the last hour and got no pairing code: 3 requests were pending`,
    ]);
    await world.asks(CARL, "EFGH2345");
    expect((await warningsOfHome()).join()).not.toContain(CARL);
    running.world.nowMs += HOUR + 1;
    expect(await warningsOfHome()).toEqual(["1 message could not be sent and waits for you"]);
  });

  test("that is disabled is listed as such", async () => {
    running.settingsInForce = settings([account(HOME)], {
      stoppedAccounts: [{ id: WORK, name: "Work", owners: [] }],
    });
    expect((await report()).accounts).toMatchObject([{ state: "running" }, { id: WORK, state: "disabled" }]);
  });
});

describe("groups", () => {
  const bot = (id: string, ...mentionPatterns: string[]): AgentSettings => ({
    id: id as never,
    name: id,
    runtime: { type: "echo" },
    workspace: "/w",
    mentionPatterns,
    streaming: "off",
    longTurnMs: 60_000,
  });
  const key = (chatId: number, changes: Partial<GroupSettings> = {}): GroupSettings => ({
    key: { kind: "chat_id", chatId },
    enabled: true,
    requireMention: true,
    allowFrom: undefined,
    agentId: undefined,
    systemPrompt: "",
    historyLimit: 50,
    ...changes,
  });
  const star = { key: { kind: "any" } } as const;
  const main = [bot("main", "claw")];
  const mute = [bot("main"), bot("coder", "coder")];

  const cases: readonly [Partial<AccountSettings>, readonly AgentSettings[], string, readonly string[]][] = [
    [{ groupPolicy: "disabled" }, mute, "nobody: groups are disabled", []],
    [{}, mute, "nobody, in every group", []],
    [{ groupAllowFrom: entries(ANNA, "chat_id:7") }, main, `${ANNA} or chat_id:7, in every group`, []],
    [{ groupPolicy: "open" }, main, "anyone, in every group", []],
    [
      { groupPolicy: "open" },
      mute,
      "anyone, in every group; mention gating cannot be enforced: no patterns (main)",
      ["main"],
    ],
    [{ groupPolicy: "open", groups: [key(42, { agentId: "coder" as never })] }, mute, "anyone, in 42", []],
    [
      { groupPolicy: "open", groups: [key(42, { requireMention: false })] },
      mute,
      "anyone, in 42 (every message)",
      [],
    ],
    [
      { groupPolicy: "open", groups: [key(42, { enabled: false }), key(0, star)] },
      main,
      "anyone, in 42 (off), every group",
      [],
    ],
    [
      {
        groupAllowFrom: entries(ANNA),
        groups: [key(42, { allowFrom: entries(BERT) }), key(43, { allowFrom: [] })],
      },
      main,
      `${ANNA}, in 42 (${BERT}), 43 (nobody)`,
      [],
    ],
  ];
  test.each(cases)("%j is told", async (changes, agents, summary, unenforced) => {
    running.settingsInForce = settings([account(HOME, changes)], { agents });
    const [home] = (await report()).accounts;
    expect(home?.groups).toMatchObject({ summary, unenforced });
  });

  test("a binding of the whole account says who answers there; one to a person does not", async () => {
    const to = (agentId: string, peer: AllowEntry | undefined) => ({
      agentId: agentId as never,
      accountId: undefined,
      peer,
    });
    const open = account(HOME, { groupPolicy: "open" });
    const bindings = [to("main", entries(ANNA)[0]), to("coder", undefined)];
    running.settingsInForce = settings([open], { agents: mute, bindings });
    expect((await report()).accounts[0]?.groups?.unenforced).toEqual([]);
    running.settingsInForce = settings([open], { agents: mute, bindings: bindings.slice(0, 1) });
    expect((await report()).accounts[0]?.groups?.unenforced).toEqual(["main"]);
  });

  test("a held thread is told with the key to add, and what a first key does", async () => {
    const { world } = running;
    const several = { participants: [ANNA, BERT], chatId: 9 as never, chatGuid: "any;-;x" as never };
    const outcome = {
      kind: "ignore",
      code: "groupish.unconfigured",
      because: "several",
      fix: "add",
    } as const;
    await world.decide([world.message(ANNA, "hi", several)], { outcome });
    const [home] = (await report()).accounts;
    expect(home).toMatchObject({
      unconfigured: [{ chatId: 9, participants: [ANNA, BERT] }],
      unanswered: { "groupish.unconfigured": 1 },
    });
    expect(home?.warnings[0]?.message).toContain("Messages of chat 9");
    expect(home?.warnings[0]?.hint).toMatch(/"9": \{\}.*"\*": \{\}/);
    running.settingsInForce = settings([account(HOME, { groups: [key(42)] })], { agents: main });
    expect((await report()).accounts[0]?.warnings[0]?.hint).not.toContain('"*"');
    const guid = { kind: "chat_guid", guid: "iMessage;-;x" } as const;
    running.settingsInForce = settings([account(HOME, { groups: [{ ...key(42), key: guid }] })], {
      agents: main,
    });
    expect((await report()).accounts[0]).toMatchObject({ unconfigured: [], warnings: [] });
    running.settingsInForce = settings([account(HOME)], { agents: main });
    world.nowMs += 25 * HOUR;
    expect((await report()).accounts[0]).toMatchObject({ unconfigured: [], unanswered: {}, warnings: [] });
  });
});

describe("sending", () => {
  test("what the budget allows and has used, and that messages wait for it", async () => {
    const { world } = running;
    running.settingsInForce = settings([account(HOME, { sendsPerMinute: 1, sendsPerHour: 5 })]);
    await world.answer(ANNA, "one");
    await world.store.outbox.claim(HOME, world.claimLimits({ perMinute: 1, perHour: 5 }));
    const [used] = (await report()).accounts;
    expect(used?.sendBudget).toEqual({
      lastMinute: 1,
      perMinute: 1,
      lastHour: 1,
      perHour: 5,
      isHolding: false,
    });
    await world.answer(BERT, "two");
    expect((await report()).accounts[0]?.sendBudget?.isHolding).toBe(true);
    expect(await warningsOfHome()).toEqual(["1 message to be sent: the send budget is used up"]);
  });

  test("where messages may go", async () => {
    running.settingsInForce = settings([account(HOME, { allowTo: entries(ANNA, "chat_id:7") })]);
    expect((await report()).accounts[0]?.allowTo).toEqual([ANNA, "chat_id:7"]);
  });
});

test("a configuration that is not in force is told, with what to do", async () => {
  running.error = new GatewayError("config/invalid", "line 3: no", { hint: "Mend it." });
  expect((await report()).gateway).toMatchObject({
    configError: { message: "line 3: no", hint: "Mend it." },
  });
});

test("without a gateway: configuration alone, or with the figures of the state database", async () => {
  const config = running.settings();
  const alone = await readConfigStatus(config, undefined, running.world.nowMs);
  expect(alone.gateway).toEqual({ running: false });
  expect(alone.accounts[0]).toMatchObject({ state: "not running", health: undefined, figures: undefined });
  await running.world.waits(ANNA, "hi");
  const withFigures = await readConfigStatus(config, running.store, running.world.nowMs);
  expect(withFigures.accounts[0]).toMatchObject({ state: "not running", figures: { waiting: 1 } });
});

describe("shared memory", () => {
  const one = (changes: Partial<AccountSettings>) => account(HOME, changes);
  const grant = (handle: typeof ANNA, accountId = HOME) => ({ accountId, handle, approvedAtMs: 1 });
  const butler = [{ agentId: "butler" as never, accountId: undefined, peer: entries(BERT)[0] }];

  const cases: readonly [string, Settings, ReturnType<typeof grant>[], readonly string[]][] = [
    ["nobody", settings([one({})]), [], []],
    ["one person", settings([one({ allowFrom: entries(ANNA) })]), [], []],
    ["one person twice", settings([one({ allowFrom: entries(ANNA) })]), [grant(ANNA)], []],
    ["two listed", settings([one({ allowFrom: entries(ANNA, BERT) })]), [], ["main"]],
    ["one listed, one paired", settings([one({ allowFrom: entries(ANNA) })]), [grant(BERT)], ["main"]],
    [
      "two of two accounts",
      settings([one({ allowFrom: entries(ANNA) }), account(WORK, { allowFrom: entries(BERT) })]),
      [],
      ["main"],
    ],
    [
      "approvals under allowlist do not count",
      settings([one({ dmPolicy: "allowlist", allowFrom: entries(ANNA) })]),
      [grant(BERT)],
      [],
    ],
    ["open", settings([one({ dmPolicy: "open", allowFrom: entries("*") })]), [], ["main"]],
    ["disabled", settings([one({ dmPolicy: "disabled", allowFrom: entries(ANNA, BERT) })]), [], []],
    [
      "each with an agent of their own",
      settings([one({ allowFrom: entries(ANNA, BERT) })], { bindings: butler }),
      [],
      [],
    ],
    [
      "two handles of one person",
      settings([one({ allowFrom: entries(ANNA, BERT) })], {
        identityLinks: [{ name: "anna", handles: [ANNA, BERT] }],
      }),
      [],
      [],
    ],
    [
      "groups, which have memories of their own",
      settings([one({ allowFrom: entries(ANNA), groupPolicy: "open", groupAllowFrom: entries(ANNA, BERT) })]),
      [],
      [],
    ],
    ["another scope", settings([one({ allowFrom: entries(ANNA, BERT) })], { dmScope: "per-peer" }), [], []],
  ];
  test.each(cases)("%s", (_name, config, grants, agents) => {
    expect(sharedMemories(config, grants)).toEqual(agents);
  });

  test("is a warning of the whole report that names the setting", async () => {
    running.settingsInForce = cases[3]?.[1] as Settings;
    const { warnings } = await report();
    expect(warnings).toHaveLength(1);
    expect(warnings[0]?.message).toContain("session.dmScope");
  });
});
