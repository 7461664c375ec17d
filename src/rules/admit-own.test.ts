// Tables of cases for our own words come back, notes to self and messages that come again, through the one function the flow calls.
import { describe, expect, test } from "vitest";
import type { Decision } from "../model/decision.ts";
import { asId, type EntryId, type MessageGuid, type PartId, type RowId } from "../model/ids.ts";
import type { Entry, EntryFacts, OwnPart } from "../model/journal.ts";
import type { InboundMessage } from "../model/message.ts";
import type { AccountSettings } from "../model/settings.ts";
import {
  account,
  allow,
  codeOf,
  decide as decideBy,
  entry,
  handleOf,
  NOW,
  policyOf,
  SELF,
} from "../../test/rules/admission-for-test.ts";

function decide(
  over: Partial<AccountSettings>,
  row: Entry = entry(),
  facts: Partial<EntryFacts> = {},
): Decision {
  return decideBy(policyOf(account(over)), row, facts);
}

function own(over: Partial<OwnPart> = {}): OwnPart {
  return {
    id: asId<PartId>(11),
    state: "sent",
    text: "You said: hello",
    guid: asId<MessageGuid>("OWN"),
    sentAtMs: NOW - 2000,
    echoed: false,
    returned: false,
    ...over,
  };
}

describe("own words", () => {
  const open = { dmPolicy: "open" as const, allowFrom: allow("*") };
  const self = { dmPolicy: "allowlist" as const, allowFrom: allow(SELF), selfHandles: [handleOf(SELF)] };
  const selfRow = { sender: SELF, chatIdentifier: SELF, participants: [SELF] };

  test("a row from me is context and settles the part it is", () => {
    const part = own({ state: "sending", guid: undefined, sentAtMs: undefined });
    const decision = decide(open, entry({ isFromMe: true, text: "You said: hello " }), { ownRecent: [part] });
    expect(codeOf(decision)).toBe("own.row");
    expect(decision.settles).toBe(part.id);
  });
  test("a row from me written on the phone settles nothing", () => {
    const decision = decide(open, entry({ isFromMe: true, text: "mine" }), { ownRecent: [own()] });
    expect(decision.settles).toBeUndefined();
  });
  test("a file of ours come back is known by its name: rows without a word are all alike", () => {
    const file = { path: "/m/ab.png", name: "Caf\u00E9.png", mimeType: "image/png", bytes: 7 };
    const part = own({ state: "sending", guid: undefined, sentAtMs: undefined, text: "", file });
    const settledBy = (name: string, over: Partial<InboundMessage> = {}, parts = [part]) => {
      const attachment = {
        name,
        path: "/a",
        mimeType: "",
        uti: "",
        bytes: 7,
        isSticker: false,
        missing: false,
      };
      const row = entry({ isFromMe: true, text: "\uFFFC", attachments: [attachment], ...over });
      return decide(open, row, { ownRecent: parts }).settles;
    };
    expect(settledBy("Cafe\u0301.png")).toBe(part.id);
    expect(settledBy("other.png")).toBeUndefined();
    expect(settledBy("Caf\u00E9.png", { text: "with words" })).toBeUndefined();
    expect(settledBy("Caf\u00E9.png", { attachments: [] })).toBeUndefined();
    const text = own({ state: "sending", guid: undefined, sentAtMs: undefined });
    expect(settledBy("Caf\u00E9.png", {}, [text])).toBeUndefined();
    expect(decide(open, entry({ isFromMe: true, text: "" }), { ownRecent: [part] }).settles).toBeUndefined();
  });
  test("in a self chat the false copy of a file is no message, a file of the person's is", () => {
    const file = { path: "/m/ab.png", name: "a.png", mimeType: "image/png", bytes: 7 };
    const ownRecent = [own({ text: "", file })];
    const named = (name: string) => {
      const attachment = {
        name,
        path: "/a",
        mimeType: "",
        uti: "",
        bytes: 7,
        isSticker: false,
        missing: false,
      };
      return codeOf(decide(self, entry({ ...selfRow, text: "", attachments: [attachment] }), { ownRecent }));
    };
    expect([named("a.png"), named("b.png")]).toEqual(["own.echo", "turn"]);
  });
  test("in a self chat the false copy of what we sent is used up once", () => {
    const row = entry({ ...selfRow, text: "You said: hello" });
    const first = decide(self, row, { ownRecent: [own()] });
    expect([codeOf(first), first.echoes]).toEqual(["own.echo", 11]);
    expect(codeOf(decide(self, row, { ownRecent: [own({ echoed: true })] }))).toBe("turn");
  });
  test("in a self chat what the person types is a message", () => {
    expect(codeOf(decide(self, entry(selfRow), { ownRecent: [own()] }))).toBe("turn");
  });
  describe("in a self chat that has rows from me only", () => {
    const mine = (text: string, over: Partial<InboundMessage> = {}) =>
      entry({ ...selfRow, isFromMe: true, text, ...over });
    const open = own({ state: "sending", guid: undefined, sentAtMs: undefined });

    test.each<[string, string, Partial<EntryFacts>, string]>([
      ["what the person writes", "what is new?", { ownRecent: [own()] }, "turn"],
      ["ours before its answer came", "You said: hello", { ownRecent: [open] }, "own.row"],
      ["ours with accents apart", "Gru\u0308ße", { ownRecent: [own({ text: "Gr\u00FCße" })] }, "own.row"],
      ["ours by its guid", "changed", { ownByGuid: own() }, "own.row"],
      [
        "ours that was confirmed by something else than its row",
        "You said: hello",
        { ownRecent: [own()] },
        "own.row",
      ],
      ["ours that was confirmed long ago", "You said: hello", { ownUnreturned: [own()] }, "own.row"],
      [
        "ours with other punctuation",
        "You said, “hello”",
        { ownRecent: [own({ text: 'You said, "hello"' })] },
        "own.row",
      ],
      ["ours, not readable", "\uFFFD", { ownRecent: [own()] }, "own.row"],
      ["the link of ours", "https://a.bc/d", { ownRecent: [own({ text: "see https://a.bc/d" })] }, "own.row"],
      [
        "the words before the link of ours",
        "see",
        { ownRecent: [own({ text: "see https://a.bc/d" })] },
        "own.row",
      ],
      ["a repeat of ours", "You said: hello", { ownRecent: [own({ returned: true })] }, "turn"],
      [
        "the other row of a note",
        "note",
        { twin: { id: asId<EntryId>(4), rowId: asId<RowId>(9) } },
        "own.copy",
      ],
      ["a message that comes again", "note", { delivered: asId<RowId>(9) }, "row.redelivered"],
      ["nothing", "", {}, "event.empty"],
    ])("%s", (_what, text, facts, expected) => {
      expect(codeOf(decide(self, mine(text), facts))).toBe(expected);
    });

    test("a piece of ours settles it and leaves the other pieces to come", () => {
      const part = own({
        text: "see https://a.bc/d",
        state: "unknown",
        guid: undefined,
        sentAtMs: undefined,
      });
      const [piece, whole] = ["see", part.text].map((text) =>
        decide(self, mine(text), { ownRecent: [part] }),
      );
      expect([piece?.settles, piece?.settlesWhole]).toEqual([part.id, undefined]);
      expect([whole?.settles, whole?.settlesWhole]).toEqual([part.id, true]);
    });

    test("the two rows of a note are told as a pair", () => {
      const twin = { id: asId<EntryId>(4), rowId: asId<RowId>(9) };
      expect(decide(self, entry({ ...selfRow, text: "note" }), { twin }).pairs).toBe(4);
    });

    test("what the person writes in another chat is not answered", () => {
      expect(codeOf(decide(self, entry({ isFromMe: true, text: "hello" })))).toBe("own.row");
    });
  });
  test("of a link of ours the false copies are no messages, and they come one by one", () => {
    const part = own({ text: "see https://a.bc/d" });
    for (const text of ["see", "https://a.bc/d"]) {
      const decision = decide(self, entry({ ...selfRow, text }), { ownRecent: [part] });
      expect([codeOf(decision), decision.echoes]).toEqual(["own.echo", undefined]);
    }
  });
  test.each([true, false])("a message that comes again is not answered (from me: %s)", (isFromMe) => {
    const decision = decide(open, entry({ isFromMe }), { delivered: asId<RowId>(9) });
    expect(codeOf(decision)).toBe("row.redelivered");
    expect(decision.settles).toBeUndefined();
  });
  test("elsewhere a person may repeat our words", () => {
    expect(codeOf(decide(open, entry({ text: "You said: hello" }), { ownRecent: [own()] }))).toBe("turn");
  });
  test.each([
    [0, "turn", 1, false],
    [1, "turn", 2, false],
    [2, "echo.mirror", 3, true],
    [3, "echo.mirror", 4, false],
  ])("mirror: after %i repeats the next is %s", (mirrorStreak, expected, streak, told) => {
    const decision = decide(open, entry({ text: "You said: x" }), {
      lastReply: ["You said: x"],
      mirrorStreak,
    });
    expect([codeOf(decision), decision.mirrorStreak, decision.notice !== undefined]).toEqual([
      expected,
      streak,
      told,
    ]);
  });
  test("something else ends a mirror", () => {
    const decision = decide(open, entry({ text: "stop it" }), {
      lastReply: ["You said: x"],
      mirrorStreak: 5,
    });
    expect([codeOf(decision), decision.mirrorStreak]).toEqual(["turn", 0]);
  });
});
