// The contract of rows that are the same message: delivered again under another guid, and the two rows of a note to self.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ChatGuid, MessageGuid } from "../../src/model/ids.ts";
import type { InboundAttachment } from "../../src/model/message.ts";
import { ANNA, BERT, HOUR, only, World, type StateDatabase } from "./store-world.ts";

const LOOKED = { outcome: { kind: "remember", code: "reaction", because: "looking" } } as const;

function file(name: string, bytes = 7): InboundAttachment {
  return { name, path: `/a/${name}`, mimeType: "", uti: "", bytes, isSticker: false, missing: false };
}

export function describeSame(create: () => Promise<StateDatabase>): void {
  describe("the same message", () => {
    let world: World;
    beforeEach(async () => {
      world = await World.create(create);
    });
    afterEach(async () => world.database.remove());
    type Changes = Parameters<World["message"]>[2];

    /** The facts of a second row that differs so from `hello` of Anna, whose guid is another one. */
    const delivered = async (text: string, changes: Changes = {}, first: Changes = {}) => {
      const one = world.message(ANNA, "hello", first);
      await world.decide([one], LOOKED);
      const facts = await world.factsFor(world.message(ANNA, text, changes));
      return facts.delivered === one.rowId;
    };

    test.each<[string, string, Changes, Changes]>([
      ["the same words", "hello", {}, {}],
      ["words in another Unicode form", "he\u0301llo", {}, { text: "h\u00E9llo" }],
      ["white space at the end", "hello \n", {}, {}],
      ["the service of the chat", "hello", { chatGuid: `any;-;${ANNA}` as ChatGuid }, {}],
      ["the sender's letters", "hello", { sender: "A@b.c" }, { sender: "a@B.C" }],
      ["the same file", "hello", { attachments: [file("a.png")] }, { attachments: [file("a.png")] }],
      [
        "no words but a file",
        "",
        { attachments: [file("a.png")] },
        { text: "", attachments: [file("a.png")] },
      ],
      ["whom an own row names", "hello", { isFromMe: true, sender: BERT }, { isFromMe: true }],
    ])("comes again with %s", async (_what, text, changes, first) => {
      expect(await delivered(text, changes, first)).toBe(true);
    });

    test.each<[string, string, (now: number) => Changes, Changes]>([
      ["other words", "hello!", () => ({}), {}],
      ["a date a second later", "hello", (now) => ({ createdAtMs: now + 1000 }), {}],
      ["a date a millisecond later", "hello", (now) => ({ createdAtMs: now + 1 }), {}],
      ["another sender in the chat", "hello", () => ({ sender: BERT }), {}],
      ["the other direction", "hello", () => ({ isFromMe: true }), {}],
      ["another chat", "hello", () => ({ chatGuid: `iMessage;-;${BERT}` as ChatGuid }), {}],
      ["a file", "hello", () => ({ attachments: [file("a.png")] }), {}],
      ["another file", "hello", () => ({ attachments: [file("b.png")] }), { attachments: [file("a.png")] }],
      [
        "a file of other size",
        "hello",
        () => ({ attachments: [file("a", 8)] }),
        { attachments: [file("a")] },
      ],
      [
        "one more file",
        "hello",
        () => ({ attachments: [file("a"), file("a")] }),
        { attachments: [file("a")] },
      ],
      ["no date", "hello", () => ({ createdAtMs: 0 }), { createdAtMs: 0 }],
      ["nothing said", "", () => ({}), { text: "" }],
    ])("is another one with %s", async (_what, text, changes, first) => {
      expect(await delivered(text, changes(world.nowMs), first)).toBe(false);
    });

    test("is told from its copy in one read, and of the two the first is the message", async () => {
      const [one, two] = [world.message(ANNA, "hello"), world.message(ANNA, "hello")];
      await world.accept(one, two);
      const seen: unknown[] = [];
      await world.store.inbox.decide(
        one.accountId,
        world.verdict((_entry, facts) => {
          seen.push(facts.delivered);
          return LOOKED;
        }),
      );
      expect(seen).toEqual([undefined, one.rowId]);
    });

    test("is known by the guid in any case", async () => {
      const row = world.message(ANNA, "hello", { guid: "ABC-1" as MessageGuid });
      await world.decide([row], LOOKED);
      expect(await world.store.records.explain({ guid: "abc-1" as MessageGuid })).toHaveLength(1);
    });

    describe("in two rows of a note to self", () => {
      const note = (changes: Changes = {}) => world.message(ANNA, "note", changes);

      test("each is the other's twin, whichever comes first", async () => {
        const own = note({ isFromMe: true });
        const { entry } = only(await world.decide([own], LOOKED));
        const facts = await world.factsFor(note({ createdAtMs: world.nowMs + 900 }));
        expect(facts.twin).toEqual({ id: entry.id, rowId: own.rowId });
        const again = await world.factsFor(note({ isFromMe: true, createdAtMs: world.nowMs + 1500 }));
        expect(again.twin).toBeDefined();
      });

      test("a pair that is known has no third", async () => {
        const first = only(await world.decide([note({ isFromMe: true })], LOOKED)).entry;
        const copy = note({ createdAtMs: world.nowMs + 1 });
        await world.decide([copy], { ...LOOKED, pairs: first.id });
        const more = [
          note({ createdAtMs: world.nowMs + 2 }),
          note({ isFromMe: true, createdAtMs: world.nowMs + 3 }),
        ];
        expect((await world.factsFor(more[1] ?? copy)).twin).toBeUndefined();
        expect((await world.factsFor(more[0] ?? copy)).twin?.rowId).toBe(more[1]?.rowId);
      });

      test("the copy of what we sent is nobody's twin", async () => {
        const echo = { outcome: { kind: "remember", code: "own.echo", because: "ours" } } as const;
        await world.decide([note()], echo);
        expect(
          (await world.factsFor(note({ isFromMe: true, createdAtMs: world.nowMs + 9 }))).twin,
        ).toBeUndefined();
      });

      test("rows far apart are two notes", async () => {
        await world.decide([note({ isFromMe: true })], LOOKED);
        const later = await world.factsFor(note({ createdAtMs: world.nowMs + HOUR }));
        expect(later.twin).toBeUndefined();
      });
    });
  });
}
