import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { GatewayError } from "../../model/errors.ts";
import type { OutboundPart } from "../../model/delivery.ts";
import { ChatBook } from "../read/chat-book.ts";
import { Gate } from "../child/gate.ts";
import { sendPart } from "./send.ts";
import type { Session } from "../child/session.ts";

const PART = {
  target: { kind: "chat_guid", guid: "any;-;a@b.c" },
  text: "hi",
  formatting: [],
} as unknown as OutboundPart;

/** A child that answers, or one that is ending: it takes no request any more, and is not gone yet. */
function child(isEnding: boolean) {
  const ended = Promise.withResolvers<GatewayError>();
  const gone = new GatewayError("imsg/gone", "it is not running", { hint: "Wait.", effect: "none" });
  let calls = 0;
  const link = {
    calls: () => calls,
    ended: ended.promise,
    // Without an end, asking again and again would leave the process no moment for anything else.
    call: async () => {
      calls += 1;
      if (calls > 100) throw new Error("asked for ever");
      if (isEnding) throw gone;
      return { ok: true, guid: "G", rowid: 1 };
    },
    close: async () => {
      await delay(5);
      ended.resolve(gone);
    },
  };
  const dialect = { kind: "legacy", methods: new Set<string>() };
  const askAgain = async (): Promise<void> => {};
  return { link, session: { link, dialect, askAgain } as unknown as Session };
}

test("a child that is ending is waited for, and the next one is given the message", async () => {
  const gate = new Gate<Session>();
  const [first, second] = [child(true), child(false)];
  gate.open(first.session);
  const replace = async (): Promise<void> => {
    await first.link.ended;
    gate.shut();
    gate.open(second.session);
  };
  void replace();
  const book = new ChatBook();
  const outcome = await sendPart(PART, {
    gate,
    book,
    region: "US",
    timeoutMs: { legacy: 1000, v1: 1000 },
    onTrouble: () => {},
    endGraceMs: 10,
    stage: async () => Promise.reject(new Error("nothing is staged")),
  });
  expect(outcome).toMatchObject({ kind: "sent", guid: "G" });
  expect([first.link.calls(), second.link.calls()]).toEqual([1, 1]);
});
