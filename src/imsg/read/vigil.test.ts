import { expect, it } from "vitest";
import { asId, type AccountId } from "../../model/ids.ts";
import type { InboundMessage } from "../../model/message.ts";
import type { WatchSink } from "../../model/ports.ts";
import { Handover } from "./handover.ts";
import type { HeadCheck } from "./head-check.ts";
import type { Session } from "../child/session.ts";
import { DEFAULT_TIMING } from "../child/timing.ts";
import { Vigil, type Ending } from "./vigil.ts";
import { parseMessage } from "./wire.ts";

function row(id: number): InboundMessage {
  return parseMessage({ id, guid: `G-${id}`, chat_id: 1, chat_guid: "any;-;x" }, asId<AccountId>("home"));
}

/** Keeps a vigil without any grace whose checks see what `untoldAt` says, until the last of them. */
async function keep(checks: number, untoldAt: (check: number) => readonly InboundMessage[]) {
  const sink = { onEvent: async () => {} } as unknown as WatchSink;
  const handover = new Handover({
    sink,
    healthyAtMs: () => 0,
    onRejected: () => {},
    pause: () => {},
    resume: () => {},
  });
  const ended = Promise.withResolvers<Ending>();
  const over: Ending = { kind: "reopen", because: "the test is over" };
  let seen = 0;
  const check: HeadCheck = {
    told: () => {},
    look: async () => {
      seen += 1;
      if (seen >= checks) ended.resolve(over);
      const untold = untoldAt(seen);
      return {
        untold,
        isComplete: false,
        head: untold.at(-1)?.rowId ?? 0,
        whole: true,
        otherDatabase: false,
      };
    },
  };
  const vigil = new Vigil({
    handover,
    check,
    head: 0,
    clock: { now: () => 0 },
    timing: { ...DEFAULT_TIMING, headCheckMs: 1, aheadGraceMs: 0 },
    probeTimeoutMs: 1000,
    log: () => {},
  });
  const queries = { within: () => queries } as unknown as Session["queries"];
  const session = { queries, isSameFile: async () => true } as unknown as Session;
  const events = { onAgreed: () => {}, onAhead: () => {}, nextRemedy: () => 0 };
  return { ending: await vigil.keep(session, ended.promise, events), over, seen };
}

it("leaves a busy stream alone: at every check there are rows on their way, but never the same", async () => {
  const { ending, over } = await keep(10, (check) => [row(2 * check), row(2 * check + 1)]);
  expect(ending).toBe(over);
});

it("opens again when rows that a check saw are not told by the next", async () => {
  const { ending, seen } = await keep(10, (check) => [row(1), row(check + 1)]);
  expect([ending.kind, seen]).toEqual(["reopen", 2]);
  expect(ending).toMatchObject({ because: "the database has row 1, the stream stands at 0" });
});
