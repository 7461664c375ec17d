import { describe, expect, it, vi } from "vitest";
import { asId, type AccountId } from "../../model/ids.ts";
import type { InboundMessage } from "../../model/message.ts";
import type { WatchEvent, WatchSink } from "../../model/ports.ts";
import { Handover } from "./handover.ts";
import { parseMessage } from "./wire.ts";

function row(id: number): InboundMessage {
  return parseMessage({ id, guid: `G-${id}`, chat_id: 1, chat_guid: "any;-;x" }, asId<AccountId>("home"));
}

/** A handover into a sink whose events wait until they are let through. */
function make(onEvent: (event: WatchEvent) => Promise<void>) {
  const onRejected = vi.fn<(error: unknown) => void>();
  const pause = vi.fn<() => void>();
  const resume = vi.fn<() => void>();
  const sink = { onEvent } as unknown as WatchSink;
  const handover = new Handover({ sink, healthyAtMs: () => 42, onRejected, pause, resume });
  return { handover, onRejected, pause, resume };
}

function summary(event: WatchEvent): unknown {
  if (event.kind !== "rows") return event.kind;
  return [event.rows.map(({ rowId }) => rowId), event.cursor, event.missed, event.healthyAtMs];
}

describe("handover", () => {
  it("gives what comes in one read as one event, in row order, missed rows apart", async () => {
    const events: unknown[] = [];
    const { handover } = make(async (event) => void events.push(summary(event)));
    handover.rewind(10);
    handover.missedUpTo(12);
    for (const id of [12, 11, 14, 13]) handover.add(row(id));
    await handover.idle();
    await handover.emit({ kind: "caught-up" });
    expect(events).toEqual([[[11, 12], 12, true, 42], [[13, 14], 14, false, 42], "caught-up"]);
  });

  it("hands over one event at a time and gathers what comes meanwhile", async () => {
    const events: unknown[] = [];
    const first = Promise.withResolvers<void>();
    let running = 0;
    const { handover } = make(async (event) => {
      running += 1;
      expect(running).toBe(1);
      events.push(summary(event));
      if (events.length === 1) await first.promise;
      running -= 1;
    });
    handover.rewind(0);
    handover.add(row(1));
    await expect.poll(() => events.length).toBe(1);
    handover.add(row(2));
    await Promise.resolve();
    handover.add(row(3));
    first.resolve();
    await handover.idle();
    expect(events).toEqual([
      [[1], 1, false, 42],
      [[2, 3], 3, false, 42],
    ]);
  });

  it("keeps the cursor before a gap, and tells it once the gap proved empty", async () => {
    const events: unknown[] = [];
    const { handover } = make(async (event) => void events.push(summary(event)));
    handover.rewind(10);
    handover.add(row(13));
    await handover.idle();
    handover.ledger.confirm(13);
    await handover.giveCursor();
    expect(events).toEqual([
      [[13], 10, false, 42],
      [[], 13, false, 42],
    ]);
  });

  it("gives nothing more after a rejection, until it is rewound", async () => {
    const events: unknown[] = [];
    let fails = true;
    const { handover, onRejected } = make(async (event) => {
      events.push(summary(event));
      if (fails) throw new Error("disk full");
    });
    handover.rewind(0);
    handover.add(row(1));
    await handover.idle();
    handover.add(row(2));
    await expect(handover.emit({ kind: "caught-up" })).rejects.toThrow("reopened");
    await handover.idle();
    expect(events).toHaveLength(1);
    expect(onRejected).toHaveBeenCalledExactlyOnceWith(new Error("disk full"));
    fails = false;
    handover.rewind(0);
    handover.add(row(1));
    await handover.idle();
    expect(events.at(-1)).toEqual([[1], 1, false, 42]);
  });

  it("has the child wait while the owner is far behind", async () => {
    const gate = Promise.withResolvers<void>();
    let seen = 0;
    const { handover, pause, resume } = make(async (event) => {
      await gate.promise;
      if (event.kind === "rows") seen += event.rows.length;
    });
    handover.rewind(0);
    for (let id = 1; id <= 6_000; id += 1) handover.add(row(id));
    expect(pause).toHaveBeenCalledTimes(1);
    expect(resume).not.toHaveBeenCalled();
    gate.resolve();
    await handover.idle();
    expect(resume).toHaveBeenCalledTimes(1);
    expect([seen, handover.ledger.watermark]).toEqual([6_000, 6_000]);
  });
});
