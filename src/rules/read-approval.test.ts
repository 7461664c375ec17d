// Every way to say yes, no, a number or `more`; and all that is none of them.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asId, type MessageGuid } from "../model/ids.ts";
import { readApproval, readTapback, type Mood } from "./read-approval.ts";

const number = (value: number, mood?: Mood) => ({ kind: "number", number: value, mood });
const mood = (one: Mood) => ({ kind: "mood", mood: one });

describe("a number", () => {
  test.each([
    ["1", 1],
    [" 2. ", 2],
    ["#3", 3],
    ["4)", 4],
    ["(1)", 1],
    ["12", 12],
    ["1!", 1],
    ["1️⃣", 1],
    ["1⃣", 1],
    ["1️⃣0️⃣", 10],
    ["４", 4],
    ["①", 1],
    ["𝟐", 2],
    ["٣", 3],
    ["۴", 4],
    ["४", 4],
    ["৩", 3],
    ["๓", 3],
    ["\u200F٢\u200F", 2],
    ["1 please", 1],
    ["option 2", 2],
    ["Number 3, thanks", 3],
  ])("%j", (text, value) => {
    expect(readApproval(text)).toEqual(number(value));
  });

  test.each([
    ["1 👍", number(1, "allow")],
    ["ok 1", number(1, "allow")],
    ["1. yes", number(1, "allow")],
    ["3, no", number(3, "deny")],
    ["no. 2", number(2, "deny")],
  ])("beside a yes or a no: %j", (text, said) => {
    expect(readApproval(text)).toEqual(said);
  });

  test("every digit of every script is read as what it is", () => {
    for (let code = 0; code < 0x11_0000; code += 1) {
      const character = code >= 0xd800 && code < 0xe000 ? "" : String.fromCodePoint(code);
      if (!/^\p{Nd}$/u.test(character)) continue;
      // Tens stand together, from nought on.
      const tenth = readApproval(`1${character}`);
      expect(tenth.kind, `U+${code.toString(16)}`).toBe("number");
      const next = String.fromCodePoint(code + 1);
      if (tenth.kind === "number" && tenth.number < 19)
        expect(readApproval(`1${next}`), `U+${code.toString(16)}`).toEqual(number(tenth.number + 1));
    }
  });
});

describe("a yes or a no", () => {
  test.each<[Mood, string]>([
    [
      "allow",
      "yes|Yes!|y|YES!!!|yes.|yep|Yeah|yup|ok|OK.|okay|k|sure|Sure!|sure thing|of course|yes please|please, yes|ok thanks|allow|allow once|Approve|approved|go ahead|do it|sounds good|lgtm|👍|👍🏽|👍👍|ok 👍|👍 thank you|✅|✔️|✔|☑️|👌🏿|🆗|Ｙｅｓ|yes, 🙏",
    ],
    [
      "deny",
      "no|No.|n|nope|NOPE!|nah|no way|no thanks|No, thank you|not now|don't|don’t|dont|do not|Don't allow|deny|reject|👎|👎🏿|👎👎|❌|✖️|🚫|🙅‍♀️|🙅🏽|no 👎|please no|no no no",
    ],
    ["always", "always|Always allow|yes, always|always 👍"],
    ["never", "never|Never allow|no, never"],
  ])("%s", (one, texts) => {
    for (const text of texts.split("|")) {
      expect(readApproval(text), text).toEqual(mood(one));
    }
  });

  test("a no wins over everything beside it", () => {
    for (const text of [
      "yes no",
      "no yes",
      "👍👎",
      "👎 👍",
      "no, go ahead",
      "always no",
      "ok, don't",
      "yes please do not",
      "yes never",
    ]) {
      const said = readApproval(text);
      expect(said.kind === "mood" && (said.mood === "deny" || said.mood === "never"), text).toBe(true);
    }
  });

  test.each(
    (
      "|0|01|00|-1|+1|1.5|1,5|1 2|1 and 2|123456|1/2|½|yes?|ok?|ok...|ok…|sure?|no?|is it ok?|" +
      "yes but not there|no problem|no worries|no idea|not sure|maybe|hmm|stop|cancel|don't stop|don't worry|go|it|do|please|" +
      'thanks|🙏|😀|❤️|❤|👀|🎉|uh|уes|nо|yes\u202E|y\u0301es|1\u0301|/1|/yes|> 1|"yes"|yes yes yes and do the rest|[1]|one|un|一'
    ).split("|"),
  )("%j says nothing", (text) => {
    expect(readApproval(text)).toEqual({ kind: "nothing" });
  });
});

test.each([
  ["more", undefined],
  ["More.", undefined],
  ["show more", undefined],
  ["more please", undefined],
  ["more 4", 4],
])("%j asks for the rest", (text, value) => {
  expect(readApproval(text)).toEqual({ kind: "more", number: value });
});

test("a text of words that it does not know never says anything", () => {
  const known = "yes no ok 1 2 always never more please 👍 👎".split(" ");
  const strange = fc
    .stringMatching(/^[\p{L}]{2,8}$/u)
    .filter((word) => readApproval(word).kind === "nothing");
  const texts = fc
    .tuple(
      fc.array(fc.constantFrom(...known), { maxLength: 4 }),
      strange,
      fc.array(fc.constantFrom(...known), { maxLength: 4 }),
    )
    .filter(
      ([, word]) =>
        !/^(?:once|it|this|allow|thing|course|right|ahead|good|time|way|thank|you|thanks|now|not|do|go|for)$/iu.test(
          word,
        ),
    );
  fc.assert(
    fc.property(texts, ([before, word, after]) => {
      expect(readApproval([...before, word, ...after].join(" "))).toEqual({ kind: "nothing" });
    }),
    { numRuns: 500 },
  );
});

test("any text is read in a time that grows with its length, and a long one says nothing", () => {
  for (const unit of ["yes ", "👍", "1", "no\n", "1\uFE0F\u20E3", "don't allow it ", "."]) {
    expect(readApproval(unit.repeat(100_000))).toEqual({ kind: "nothing" });
    expect(readApproval(unit.repeat(80)).kind).toBe("nothing");
  }
});

describe("a tapback", () => {
  const tapback = (type: string, emoji: string) => ({
    type,
    emoji,
    added: true,
    target: asId<MessageGuid>("Q"),
  });

  test.each([
    ["like", "👍", "allow"],
    ["love", "❤️", "allow"],
    ["dislike", "👎", "deny"],
    ["custom", "👍🏽", "allow"],
    ["custom", "✅", "allow"],
    ["custom", "❤", "allow"],
    ["custom", "👌", "allow"],
    ["custom", "❌", "deny"],
    ["custom", "👎🏿", "deny"],
    ["custom", "🙅🏽‍♂️", "deny"],
    ["laugh", "😂", undefined],
    ["emphasis", "‼️", undefined],
    ["question", "❓", undefined],
    ["custom", "🎉", undefined],
    ["custom", "yes", undefined],
    ["custom", "1", undefined],
    ["custom", "constructor", undefined],
    ["custom", "", undefined],
  ])("%s %s", (type, emoji, expected) => {
    expect(readTapback(tapback(type, emoji))).toBe(expected);
  });
});
