import fc from "fast-check";
import { expect, it } from "vitest";
import type { NewPart } from "../model/delivery.ts";
import { plainText, type FormattedText } from "../model/formatting.ts";
import { composeReply, type ReplyPolicy } from "./compose-reply.ts";

const TO = { origin: "turn", target: { kind: "chat_id", chatId: 1 } } as const;
const WIDE: ReplyPolicy = { prefix: "", limit: 4000, mode: "length" };

function compose(answer: FormattedText, policy: Partial<ReplyPolicy> = {}): readonly NewPart[] {
  return composeReply(answer, { ...WIDE, ...policy }, TO);
}

/** What of a message is formatted. */
function formatted(parts: readonly NewPart[]): (readonly string[])[] {
  return parts.map(({ text, formatting }) =>
    (formatting ?? []).map(
      ({ start, length, styles }) => `${styles.join("+")}:${text.slice(start, start + length)}`,
    ),
  );
}

it("sends nothing for white space, prefix or not", () => {
  expect(compose(plainText(" \n\t"), { prefix: "[bot] " })).toEqual([]);
});

it("puts the prefix before the first message only, and says nothing of formatting where there is none", () => {
  expect(compose(plainText("one\n\ntwo"), { prefix: "> ", mode: "newline" })).toEqual([
    { ...TO, text: "> one" },
    { ...TO, text: "two" },
  ]);
});

it("moves ranges behind the prefix", () => {
  const parts = compose(
    { text: "so bold", ranges: [{ start: 3, length: 4, styles: ["bold"] }] },
    { prefix: "🤖 " },
  );
  expect(parts[0]?.text).toBe("🤖 so bold");
  expect(formatted(parts)).toEqual([["bold:bold"]]);
});

it("cuts a range where the messages are cut, and leaves out what the cut dropped", () => {
  const text = "aa bb\n\ncc dd";
  const ranges = [
    { start: 3, length: 6, styles: ["bold"] },
    { start: 10, length: 2, styles: ["italic"] },
  ] as const;
  const parts = compose({ text, ranges }, { mode: "newline" });
  expect(formatted(parts)).toEqual([["bold:bb"], ["bold:cc", "italic:dd"]]);
  const gap = compose({ text, ranges: [{ start: 5, length: 2, styles: ["bold"] }] }, { mode: "newline" });
  expect(gap).toEqual([
    { ...TO, text: "aa bb" },
    { ...TO, text: "cc dd" },
  ]);
});

it("counts the fence line that is added to code that goes on", () => {
  const code = Array.from({ length: 12 }, (_, index) => `line ${index}`).join("\n");
  const text = `\`\`\`\n${code}\n\`\`\`\nend`;
  const ranges = [{ start: text.length - 3, length: 3, styles: ["bold"] }] as const;
  const parts = compose({ text, ranges }, { limit: 60 });
  expect(parts.length).toBeGreaterThan(1);
  expect(parts.at(-1)?.text.startsWith("```\n")).toBe(true);
  expect(formatted(parts).at(-1)).toEqual(["bold:end"]);
});

it("keeps every formatted character formatted, and none besides", () => {
  const answers = fc
    .array(fc.tuple(fc.constantFrom("a", "Bc", " ", "\n", "\n\n", "é", "👩‍👩‍👧", "```\n", "x. "), fc.boolean()))
    .map((bits) => {
      let text = "";
      const ranges: FormattedText["ranges"][number][] = [];
      for (const [bit, isBold] of bits) {
        if (isBold) ranges.push({ start: text.length, length: bit.length, styles: ["bold"] });
        text += bit;
      }
      return { text, ranges };
    });
  const visible = (text: string): string => text.replaceAll(/\s/gu, "");
  fc.assert(
    fc.property(
      answers,
      fc.integer({ min: 1, max: 40 }),
      fc.constantFrom("length", "newline"),
      (answer, limit, mode) => {
        const parts = compose(answer, { limit, mode, prefix: "» " });
        for (const { text, formatting = [] } of parts)
          for (const { start, length } of formatting)
            expect(start >= 0 && length > 0 && start + length <= text.length).toBe(true);
        const bold = answer.ranges
          .map(({ start, length }) => answer.text.slice(start, start + length))
          .join("");
        const kept = parts.flatMap(({ text, formatting = [] }) =>
          formatting.map(({ start, length }) => text.slice(start, start + length)),
        );
        expect(visible(kept.join(""))).toBe(answer.text.trim() === "" ? "" : visible(bold));
      },
    ),
  );
});
