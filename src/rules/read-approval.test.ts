// Every answer there is to an agent's question; whatever an agent calls things.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asId, type MessageGuid } from "../model/ids.ts";
import type { ReactionEvent } from "../model/message.ts";
import type { ApprovalOption, ApprovalRequest } from "../model/approval.ts";
import { ALL, ALWAYS, NEVER, NO, ONCE, option, question } from "../../test/rules/approval-for-test.ts";
import { chooseOption } from "./approval-options.ts";
import { readAnswer, readTapback } from "./read-approval.ts";

function answerTo(text: string, asked: ApprovalRequest): ApprovalOption | undefined {
  return readAnswer(text, { request: asked, isAskedHere: true });
}

describe("an answer in words", () => {
  test.each([
    ["1", "once"],
    [" 2. ", "always"],
    ["#3", "no"],
    ["4)", "never"],
    ["(1)", "once"],
    ["yes", "once"],
    ["Yes!", "once"],
    ["OK", "once"],
    ["allow", "once"],
    ["approve", "once"],
    ["allow once", "once"],
    ["always", "always"],
    ["YES, and don't  ask again.", "always"],
    ["no", "no"],
    ["deny", "no"],
    ["reject", "no"],
    ["never", "never"],
    ["Never allow", "never"],
  ])("%j", (text, id) => {
    expect(answerTo(text, question())?.id).toBe(id);
  });

  test.each([
    "",
    "0",
    "5",
    "11",
    "1 2",
    "1 and 2",
    "-1",
    "1.5",
    "yes please",
    "yes, but not there",
    "no idea",
    "is it ok?",
    "ok?",
    "stop",
    "Cancel",
    "abort!",
    "don't allow",
    "/1",
    "> 1",
  ])("%j is none", (text) => {
    expect(answerTo(text, question())).toBeUndefined();
  });

  test.each(["stop", "cancel", "abort"])(
    "an option that is called %s is not chosen by that word",
    (label) => {
      expect(
        answerTo(label, question({ options: [ONCE, option("x", label, "reject_once")] })),
      ).toBeUndefined();
    },
  );

  test("a word that no option fits is none", () => {
    const only = question({ options: [ALWAYS, NO] });
    expect(answerTo("yes", only)).toBeUndefined();
    expect(answerTo("never", only)).toBeUndefined();
    expect(answerTo("always", only)).toBe(ALWAYS);
  });

  test("an option that calls its yes a no is not chosen by a no", () => {
    const trap = option("trap", "No", "allow_always");
    expect(answerTo("no", question({ options: [trap, NO] }))).toBe(NO);
    expect(answerTo("no", question({ options: [trap] }))).toBeUndefined();
    expect(answerTo("1", question({ options: [trap] }))).toBe(trap);
  });

  test("of two options of one name none is meant by it", () => {
    const twice = [option("a", "Go", "allow_once"), option("b", "Go", "allow_always")];
    expect(answerTo("go", question({ options: twice }))).toBeUndefined();
  });

  test("what is not shown cannot be chosen", () => {
    const many = Array.from({ length: 12 }, (_, at) => option(`o${at}`, `Option ${at}`, "allow_once"));
    expect(answerTo("Option 8", question({ options: many }))?.id).toBe("o8");
    expect(answerTo("Option 9", question({ options: many }))).toBeUndefined();
  });

  test("where the question is not to be seen is none; a number is", () => {
    const elsewhere = { request: question(), isAskedHere: false };
    for (const text of ["yes", "ok", "always", "no", "Allow once"])
      expect(readAnswer(text, elsewhere)).toBeUndefined();
    expect(readAnswer("#3", elsewhere)).toBe(NO);
  });

  test("no other text is an answer", () => {
    const words = "yes y ok okay allow approve once always no n deny reject never".split(" ");
    const phrases = [...words, "allow always", "always allow", "always reject", "never allow"];
    const labels = ALL.map(({ label }) => label.toLowerCase());
    const known = new Set([...phrases, ...labels]);
    const near = fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 20 }),
      fc
        .array(fc.constantFrom(...phrases, "1", "2", "#", ".", "(", "?", "\n"), { maxLength: 4 })
        .map((w) => w.join(" ")),
    );
    fc.assert(
      fc.property(near, (text) => {
        const plain = text
          .trim()
          .replace(/\s+/gu, " ")
          .replace(/[.!]+$/u, "")
          .toLowerCase();
        const isKnown = known.has(plain) || /^[#(]?[1-4][.):]?$/u.test(plain);
        fc.pre(!isKnown && !/\p{C}/u.test(text));
        expect(answerTo(text, question())).toBeUndefined();
      }),
      { numRuns: 2000 },
    );
  });
});

describe("a tapback", () => {
  const guids = [asId<MessageGuid>("Q1")];
  const tapback = (over: Partial<ReactionEvent>): ReactionEvent => ({
    type: "like",
    emoji: "👍",
    added: true,
    target: asId<MessageGuid>("Q1"),
    ...over,
  });

  test.each([
    ["like", "👍", "once"],
    ["love", "❤️", "once"],
    ["dislike", "👎", "no"],
    ["custom", "👍🏽", "once"],
    ["custom", "✅", "once"],
    ["custom", "❤", "once"],
    ["custom", "❌", "no"],
    ["custom", "👎🏿", "no"],
  ])("%s %s", (type, emoji, id) => {
    expect(readTapback(tapback({ type, emoji }), { request: question(), guids })?.id).toBe(id);
  });

  test.each([
    [{ type: "laugh", emoji: "😂" }],
    [{ type: "emphasis", emoji: "‼️" }],
    [{ type: "question", emoji: "❓" }],
    [{ type: "custom", emoji: "🎉" }],
    [{ type: "custom", emoji: "constructor" }],
    [{ added: false }],
    [{ target: asId<MessageGuid>("other") }],
  ])("%j is no answer", (over) => {
    expect(readTapback(tapback(over), { request: question(), guids })).toBeUndefined();
  });

  test("decides nothing once for all", () => {
    const only = { request: question({ options: [ALWAYS, NEVER] }), guids };
    expect(readTapback(tapback({}), only)).toBeUndefined();
    expect(readTapback(tapback({ type: "dislike" }), only)).toBeUndefined();
  });
});

test("an option for once goes before one for all", () => {
  expect(chooseOption(question({ options: [ALWAYS, ONCE, NEVER, NO] }), "allow")).toBe(ONCE);
  expect(chooseOption(question({ options: [ALWAYS, NEVER] }), "deny")).toBe(NEVER);
  expect(chooseOption(question({ options: [ALWAYS] }), "deny")).toBeUndefined();
});
