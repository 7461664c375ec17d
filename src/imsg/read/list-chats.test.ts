// Chats of a large Mac: listed as far as it takes, a row's chat found among them, nothing called whole that is not.
import { describe, expect, it } from "vitest";
import { asId, type AccountId } from "../../model/ids.ts";
import type { InboundMessage } from "../../model/message.ts";
import { ChatBook } from "./chat-book.ts";
import { findChat } from "./find-chat.ts";
import { findTarget, joinRows } from "./find-rows.ts";
import { HistoryCheck } from "./head-check.ts";
import { chatsActiveSince, listChats } from "./list-chats.ts";
import type { HistoryRange, Queries } from "./queries.ts";
import { RowLedger } from "./row-ledger.ts";
import { parseChats, parseMessage } from "./wire.ts";

const NOW = Date.UTC(2026, 10, 1);

interface Row {
  readonly id: number;
  readonly chat: number;
  readonly atMs: number;
}

/** A legacy imsg on rows: chats by newest activity, histories by date. */
class Fake {
  readonly limits: number[] = [];
  readonly histories: number[] = [];
  readonly rows: Row[] = [];
  #chats = 0;

  constructor(chats: number, options: { readonly broken?: number } = {}) {
    this.#chats = chats;
    this.broken = options.broken ?? 0;
    // One row a chat, the first chat the newest, a minute apart.
    for (let chat = 1; chat <= chats; chat += 1) this.add({ id: chat, chat, atMs: NOW - chat * 60_000 });
  }

  readonly broken: number;

  add(row: Row): void {
    this.rows.push(row);
    this.#chats = Math.max(this.#chats, row.chat);
  }

  get queries(): Queries {
    const queries = {
      chatPage: async (limit: number) => {
        this.limits.push(limit);
        const all = Array.from({ length: this.#chats }, (_, index) => index + 1)
          .map((id) => ({
            id,
            at: Math.max(0, ...this.rows.filter(({ chat }) => chat === id).map(({ atMs }) => atMs)),
          }))
          .sort((one, other) => other.at - one.at)
          .map(({ id, at }) => ({
            id: id <= this.broken ? "none" : id,
            guid: `iMessage;-;p${id}`,
            identifier: `p${id}`,
            last_message_at: new Date(at).toISOString(),
          }));
        const listed = all.slice(0, limit);
        return { chats: parseChats({ chats: listed }, () => {}), mayBeMore: listed.length >= limit };
      },
      history: async (chatId: number, { limit, startMs = 0, endMs = Infinity }: HistoryRange) => {
        this.histories.push(limit);
        return this.rows
          .filter(({ chat, atMs }) => chat === chatId && atMs >= startMs && atMs < endMs)
          .sort((one, other) => other.atMs - one.atMs || other.id - one.id)
          .slice(0, limit)
          .map(message);
      },
    };
    return queries as unknown as Queries;
  }
}

function message({ id, chat, atMs }: Row): InboundMessage {
  const created = new Date(atMs).toISOString();
  const place = { chat_id: chat, chat_guid: `iMessage;-;p${chat}`, chat_identifier: `p${chat}` };
  const fields = { id, guid: `G-${id}`, ...place, sender: `p${chat}`, text: "x", created_at: created };
  return parseMessage(fields, asId<AccountId>("home"));
}

const clock = { now: () => NOW };

describe("a list", () => {
  it.each([0, 1, 49, 50, 51, 400, 401, 3_200, 5_000])("of %i chats is whole in the end", async (count) => {
    const { chats, isWhole } = await listChats(new Fake(count).queries, () => false);
    expect([chats.length, isWhole]).toEqual([count, true]);
  });

  it("goes no further than is enough, and is not called whole", async () => {
    const fake = new Fake(5_000);
    const { isWhole } = await listChats(fake.queries, (chats) => chats.some(({ chatId }) => chatId === 60));
    expect([isWhole, fake.limits]).toEqual([false, [50, 400]]);
  });

  it("that has chats which cannot be read is not taken for shorter than it is", async () => {
    const { chats, isWhole } = await listChats(new Fake(120, { broken: 3 }).queries, () => false);
    expect([chats.length, isWhole]).toEqual([117, true]);
  });

  it("of what was active since a moment has all of it and nothing else", async () => {
    const { chats, isWhole } = await chatsActiveSince(new Fake(1_000).queries, NOW - 700 * 60_000);
    expect([chats.length, isWhole]).toEqual([700, true]);
  });
});

describe("a chat", () => {
  const wanted = (chatId: number, guid = `any;-;p${chatId}`) => ({ chatId, guid });

  it("is found at its number without a list", async () => {
    const fake = new Fake(3_000);
    const places = { queries: fake.queries, book: new ChatBook() };
    expect(await findChat(wanted(2_900), places)).toEqual({ guid: "iMessage;-;p2900" });
    expect(fake.limits).toEqual([]);
  });

  it("is found in lists where its number is another's", async () => {
    const places = { queries: new Fake(3_000).queries, book: new ChatBook() };
    expect(await findChat(wanted(1, "any;-;p2900"), places)).toEqual({ guid: "iMessage;-;p2900" });
  });

  it("is gone only when every chat was listed", async () => {
    const fake = new Fake(3_000);
    const places = { queries: fake.queries, book: new ChatBook() };
    expect(await findChat(wanted(9_999, "any;-;nobody"), places)).toBe("gone");
    expect(fake.limits.at(-1)).toBeGreaterThan(3_000);
  });

  it("is found by what a target names, however old", async () => {
    const places = { queries: new Fake(3_000).queries, book: new ChatBook() };
    expect((await findTarget({ kind: "chat_identifier", identifier: "p2999" }, places))?.chatId).toBe(2_999);
    expect(await findTarget({ kind: "chat_identifier", identifier: "nobody" }, places)).toBeUndefined();
  });
});

describe("rows that came without a chat", () => {
  it("are found in any of many chats that were active since", async () => {
    const fake = new Fake(300);
    const late = Array.from({ length: 40 }, (_, index) => ({
      id: 1_000 + index,
      chat: 100 + index,
      atMs: NOW + index,
    }));
    for (const row of late) fake.add(row);
    const unjoined = late.map((row) => ({ ...message(row), ...message({ ...row, chat: 0 }), chatGuid: "" }));
    const found = await joinRows(unjoined as InboundMessage[], {
      queries: fake.queries,
      dialect: { hasPages: false },
    });
    expect(found.map(({ chatId }) => chatId)).toEqual(late.map(({ chat }) => chat));
  });
});

describe("a check of a legacy watch", () => {
  /** A check of a Mac on which everything was told up to row 300. */
  function checked(): { fake: Fake; check: HistoryCheck; ledger: RowLedger; tell: (row: Row) => void } {
    const fake = new Fake(300);
    const anchor = { rowId: 300, guid: "G-300", chatId: 1, createdAtMs: NOW - 60_000 } as never;
    const check = new HistoryCheck({ rowId: 300, anchor, chats: [] }, anchor, clock);
    const ledger = new RowLedger();
    ledger.rewind(300);
    return {
      fake,
      check,
      ledger,
      tell: (row) => {
        fake.add(row);
        check.told(message(row));
        ledger.handOver(row.id);
      },
    };
  }

  /** Looks until nothing is left over. */
  async function settle({ fake, check, ledger }: ReturnType<typeof checked>): Promise<number[]> {
    for (let looks = 0; looks < 100; looks += 1) {
      const seen = await check.look(fake.queries, ledger);
      if (seen.untold.length > 0) return seen.untold.map(({ rowId }) => rowId);
      if (seen.whole) return [];
    }
    throw new Error("it never ends");
  }

  it.each([1, 19, 21, 60, 299])("sees the row that was swallowed in chat %i of 300", async (place) => {
    const world = checked();
    world.fake.add({ id: 301, chat: place, atMs: NOW - 30_000 });
    for (let chat = 1; chat <= 300; chat += 1)
      if (chat !== place) world.tell({ id: 301 + chat, chat, atMs: NOW - 20_000 + chat });
    expect(await settle(world)).toEqual([301]);
    expect(world.ledger.watermark).toBe(300);
  });

  it.each([5, 30, 150])("sees the row that was swallowed before %i others of its chat", async (count) => {
    const world = checked();
    world.fake.add({ id: 301, chat: 7, atMs: NOW - 30_000 });
    for (let index = 1; index <= count; index += 1)
      world.tell({ id: 301 + index, chat: 7, atMs: NOW - 20_000 + index });
    expect(await settle(world)).toEqual([301]);
    expect(world.ledger.watermark).toBe(300);
  });

  it("goes over a gap in which there is nothing", async () => {
    const world = checked();
    for (let chat = 1; chat <= 60; chat += 1) world.tell({ id: 302 + chat, chat, atMs: NOW - 20_000 + chat });
    expect(await settle(world)).toEqual([]);
    expect(world.ledger.watermark).toBe(362);
  });

  it("is not blinded by a message that is dated in the future", async () => {
    const world = checked();
    world.tell({ id: 301, chat: 1, atMs: NOW + 10 * 365 * 86_400_000 });
    expect(await settle(world)).toEqual([]);
    world.fake.add({ id: 302, chat: 200, atMs: NOW });
    world.tell({ id: 303, chat: 3, atMs: NOW });
    expect(await settle(world)).toEqual([302]);
  });

  it("reads no more than one row of a chat where nothing is missing", async () => {
    const world = checked();
    for (let index = 0; index < 200; index += 1)
      world.tell({ id: 301 + index, chat: 7, atMs: NOW - 20_000 + index });
    expect(await settle(world)).toEqual([]);
    expect(Math.max(...world.fake.histories)).toBe(1);
  });
});
