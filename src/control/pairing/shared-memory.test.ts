// Whose memory somebody shares whom an owner lets in.
import { afterEach, beforeEach, expect, test } from "vitest";
import { ANNA, BERT, CARL, HOME, WORK } from "../../../test/contracts/store-world.ts";
import { account, RunningWorld, settings } from "../../../test/control/running-world.ts";
import type { AccountSettings, Settings } from "../../model/settings.ts";
import type { AllowEntry } from "../../model/target.ts";
import { describeSharedMemory } from "./shared-memory.ts";

let running: RunningWorld;
beforeEach(async () => {
  running = await RunningWorld.create();
});
afterEach(async () => running.remove());

const BERT_IN = { accountId: HOME, handle: BERT };
const allow = (...handles: readonly (typeof ANNA)[]): AllowEntry[] =>
  handles.map((handle) => ({ kind: "handle", handle }));

async function said(
  accounts: readonly AccountSettings[],
  over: Partial<Settings> = {},
): Promise<string | undefined> {
  const whole = settings(accounts, over);
  const line = await describeSharedMemory({ settings: whole, store: running.store }, BERT_IN, ANNA);
  return line && /^They share one memory of agent (.*): what one/.exec(line)?.[1];
}

test.each<[string, Partial<AccountSettings>, Partial<Settings>, string | undefined]>([
  ["the owner", { allowFrom: allow(ANNA) }, {}, "main with you"],
  ["several", { allowFrom: allow(CARL, ANNA) }, {}, `main with you and ${CARL}`],
  ["themselves alone", { allowFrom: allow(BERT) }, {}, undefined],
  ["anybody", { dmPolicy: "open", allowFrom: [{ kind: "any" }] }, {}, "main with everybody else who writes"],
  ["people who are kept apart", { allowFrom: allow(ANNA) }, { dmScope: "per-peer" }, undefined],
  [
    "a second handle of the same person",
    { allowFrom: allow(CARL) },
    { identityLinks: [{ name: "bert", handles: [BERT, CARL] }] },
    undefined,
  ],
  [
    "an agent of their own",
    { allowFrom: allow(ANNA) },
    { bindings: [{ agentId: "b" as never, accountId: undefined, peer: { kind: "handle", handle: BERT } }] },
    undefined,
  ],
])("%s", async (_who, over, beside, expected) => {
  expect(await said([account(HOME, over)], beside)).toBe(expected);
});

test("people of other accounts and approved ones count, and a long list is cut", async () => {
  const many = ["1", "2", "3", "4"].map((digit) => `+1555000010${digit}` as typeof ANNA);
  const accounts = [account(HOME, { allowFrom: allow(...many) }), account(WORK, { allowFrom: allow(ANNA) })];
  expect(await said(accounts)).toBe(`main with you, ${many[0]}, ${many[1]} and 2 more`);
  await running.world.asks(CARL, "ABCD2345");
  await running.store.pairings.approve("ABCD2345", {
    notice: "in",
    nowMs: running.world.nowMs,
    route: () => ({ agentId: "main" as never, sessionKey: "agent:main:main" as never }),
  });
  expect(await said([account(HOME)])).toBe(`main with ${CARL}`);
});
