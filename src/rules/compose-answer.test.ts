import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { plainText, type FormattedText } from "../model/formatting.ts";
import type { OutboundFile } from "../model/media.ts";
import { composeAnswer, type AnswerPolicy, type ComposedAnswer } from "./compose-answer.ts";

const TO = { origin: "turn", target: { kind: "chat_id", chatId: 1 } } as const;

function file(name: string): OutboundFile {
  return { path: `/media/${name}`, name, mimeType: "image/png", bytes: 1 };
}

function compose(
  pieces: readonly (string | FormattedText | OutboundFile)[],
  policy: Partial<AnswerPolicy> = {},
): ComposedAnswer {
  const said = pieces.map((piece) => (typeof piece === "string" ? plainText(piece) : piece));
  return composeAnswer(said, { prefix: "", limit: 10, mode: "length", most: 3, ...policy }, TO);
}

function shown({ parts, rest }: ComposedAnswer): string[] {
  return [...parts.map((part) => part.file?.name ?? part.text), ...(rest === "" ? [] : [`rest: ${rest}`])];
}

describe("an answer becomes", () => {
  test.each<
    [what: string, pieces: (string | OutboundFile)[], shown: string[], policy?: Partial<AnswerPolicy>]
  >([
    ["nothing, of nothing", ["", " \n"], []],
    ["its messages, where there is room", ["one two three"], ["one two", "three"]],
    ["fuller messages, where there is none", ["a\n\nb\n\nc\n\nd"], ["a", "b", "c\n\nd"], { mode: "newline" }],
    [
      "the first ones and the rest",
      ["one two three four five six seven"],
      ["one two", "three four", "rest: five six seven"],
    ],
    ["texts and files in their order", ["one", file("a"), "two"], ["one", "a", "two"]],
    [
      "all files, and what room they leave",
      ["one two three four", file("a"), "five"],
      ["a", "rest: one two three four\n\nfive"],
      { most: 2 },
    ],
    ["files alone", [file("a"), file("b"), " "], ["a", "b"]],
    ["one message, though it is the last that there is room for", ["one"], ["one"], { most: 1 }],
    [
      "the rest alone, where there is room for nothing else",
      ["one two three"],
      ["rest: one two three"],
      { most: 1 },
    ],
    ["a prefix before the first text", [file("a"), "one", "two"], ["a", "> one", "two"], { prefix: "> " }],
    [
      "a code block that goes on in the rest",
      ["```sh\naaaaaaaa\nbbbbbbbb\ncccccccc\n```"],
      ["```sh\naaaaaaaa\n```", "rest: ```sh\nbbbbbbbb\ncccccccc\n```"],
      { limit: 20, most: 2 },
    ],
  ])("%s", (_what, pieces, expected, policy) => {
    expect(shown(compose(pieces, policy))).toEqual(expected);
  });

  test("formatting keeps its place behind a prefix", () => {
    const { parts } = compose([{ text: "so bold", ranges: [{ start: 3, length: 4, styles: ["bold"] }] }], {
      prefix: "> ",
    });
    expect(parts).toEqual([
      { ...TO, text: "> so bold", formatting: [{ start: 5, length: 4, styles: ["bold"] }] },
    ]);
  });
});

test("never more messages than there may be, every file once, and no word lost", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", "é", "😀"), minLength: 1, maxLength: 12 });
  const text = fc
    .array(fc.tuple(word, fc.constantFrom(" ", "\n", "\n\n")), { maxLength: 30 })
    .map((all) => all.flat().join(""));
  const piece = fc.oneof(text, fc.constant(undefined));
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 6 }),
      fc.record({
        limit: fc.integer({ min: 4, max: 40 }),
        mode: fc.constantFrom("length", "newline"),
        more: fc.integer({ min: 1, max: 8 }),
      }),
      (pieces, { limit, mode, more }) => {
        const files = pieces.filter((one) => one === undefined).length;
        const most = files + more;
        const said = pieces.map((one, at) => one ?? file(`f${at}`));
        const { parts, rest } = compose(said, { limit, mode, most });
        expect(parts.length + (rest === "" ? 0 : 1)).toBeLessThanOrEqual(most);
        expect(parts.filter((part) => part.file).length).toBe(files);
        const written = (texts: readonly string[]): string =>
          Array.from(texts.join("").replaceAll(/\s/gu, "")).toSorted().join("");
        const texts = pieces.filter((one) => one !== undefined);
        expect(written([...parts.map((part) => part.text), rest])).toBe(written(texts));
      },
    ),
  );
});
