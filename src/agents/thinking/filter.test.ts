import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ThoughtFilter } from "./filter.ts";

function seen(...pieces: string[]): string {
  const filter = new ThoughtFilter();
  return [...pieces.map((piece) => filter.push(piece)), filter.end()].reduce(
    (before, { startsOver, text }) => (startsOver ? text : before + text),
    "",
  );
}

describe("what is seen of an answer", () => {
  test.each([
    ["an answer", "an answer"],
    ["  indented\n", "  indented\n"],
    ["", ""],
    [" \n", " \n"],
    // Tags at the start, in the forms that models have.
    ["<think>hm</think>yes", "yes"],
    ["\n<think>\nhm\n</think>\n\nyes", "yes"],
    ["<thinking>hm</thinking> yes", "yes"],
    ["<Thinking>hm</THINKING>yes", "yes"],
    ["<think >hm</think >yes", "yes"],
    ['<think lang="en">hm</think>yes', "yes"],
    ["<reasoning>hm</reasoning>yes", "yes"],
    ["<thought>hm</thought>yes", "yes"],
    ["<seed:think>hm</seed:think>yes", "yes"],
    ["<longcat_think>hm</longcat_think>yes", "yes"],
    ["<think>hm</thinking>yes", "yes"],
    ["<thinking>a<reflection>b</reflection>c</thinking>yes", "yes"],
    ["<think></think><think>again</think>yes", "yes"],
    ["<think/>yes", "yes"],
    ["[THINK]hm[/THINK]yes", "yes"],
    ["◁think▷hm◁/think▷yes", "yes"],
    ["<|begin_of_thought|>hm<|end_of_thought|><|begin_of_solution|>yes<|end_of_solution|>", "yes"],
    ["<|START_THINKING|>hm<|END_THINKING|><|START_RESPONSE|>yes<|END_RESPONSE|>", "yes"],
    ["<｜begin▁of▁thinking｜>hm<｜end▁of▁thinking｜>yes", "yes"],
    ["<|inner_prefix|>hm<|inner_suffix|>yes", "yes"],
    ["<unused94>thought\nhm<unused95>yes", "yes"],
    ["<|channel>thought\nhm<channel|>yes", "yes"],
    ["<think>hm</think>\n<answer>\nyes\n</answer>", "yes\n"],
    ["<answer>yes</answer>", "<answer>yes</answer>"],
    // Channels.
    [
      "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>yes<|return|>",
      "yes",
    ],
    [
      "<|start|>assistant<|channel|>commentary to=functions.x <|constrain|>json<|message|>{}<|call|><|start|>assistant<|channel|>final <|constrain|>json<|message|>yes",
      "yes",
    ],
    ["hm<|end|><|start|>assistant<|channel|>final<|message|>yes", "yes"],
    ["<|channel|>analysis<|message|>hm<|channel|>final<|message|>yes", "yes"],
    ["<|channel|>analysis<|message|>hm", ""],
    ["<|start|>assistant<|message|>yes<|end|>", "yes"],
    ["yes<|end|>", "yes"],
    // Only a closing mark: the opening one was in the prompt.
    ["hm\n</think>\n\nyes", "yes"],
    ["</think>yes", "yes"],
    ["a</think>b</think>yes", "yes"],
    ["hm[/THINK]yes", "yes"],
    ["hm◁/think▷yes", "yes"],
    ["hm</reasoning>yes", "yes"],
    ["```\ncode\n</think>\n\nyes", "yes"],
    ["hm</think>", ""],
    ["hm</think>\n<think>more</think>yes", "yes"],
    // No closing mark.
    ["<think>without an end", ""],
    ["<think>hm</think>", ""],
    ["yes\n\n<think>without an end", "yes\n\n"],
    // In the middle, and stray.
    ["yes <think>hm</think>no", "yes no"],
    ["yes.<think>hm</think> No.", "yes. No."],
    ["one\n\n<think>hm</think>\n\ntwo", "one\n\ntwo"],
    ["<think>a <b>c</think>yes</think>", "yes"],
    ["<think>it ends with `</think>` soon</think>yes", "yes"],
    // No marks.
    ["<thin", "<thin"],
    ["<thinner>", "<thinner>"],
    ["a < b", "a < b"],
    ["[THINK about it]", "[THINK about it]"],
    ["Write `<think>` first, then `</think>`.", "Write `<think>` first, then `</think>`."],
    ["Write `<think>hm</think>` first.", "Write `<think>hm</think>` first."],
    ["```xml\n<think>\nhm\n</think>\n```\n", "```xml\n<think>\nhm\n</think>\n```\n"],
    ["It`s <think>hm</think>yes", "It`s yes"],
    ["```\ncode\n```\n<think>hm</think>yes", "```\ncode\n```\nyes"],
  ])("%j", (text, expected) => {
    expect(seen(text)).toBe(expected);
    expect(seen(...Array.from(text))).toBe(expected);
    for (let cut = 1; cut < text.length; cut += 1)
      expect(seen(text.slice(0, cut), text.slice(cut))).toBe(expected);
  });
});

const part = fc.constantFrom(
  "<think>",
  "</think>",
  "</thinking>",
  "<answer>",
  "</answer>",
  "[THINK]",
  "[/THINK]",
  "<|channel|>",
  "<|message|>",
  "<|end|>",
  "final",
  "analysis",
  "<",
  "/",
  "th",
  " ",
  "\n",
  "`",
  "```\n",
  "a",
);

test("what is seen does not depend on the pieces", () => {
  fc.assert(
    fc.property(fc.array(part), fc.array(fc.nat(80)), (parts, cuts) => {
      const text = parts.join("");
      const sorted = [0, ...cuts.toSorted((a, b) => a - b), text.length];
      const pieces = sorted.slice(1).map((end, at) => text.slice(sorted[at], end));
      expect(seen(...pieces)).toBe(seen(text));
    }),
  );
});

test("a text without marks is seen as it is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      expect(seen(text)).toBe(text);
    }),
  );
});

test("a thought that was opened is never seen", () => {
  const forms = [
    ["<think>", "</think>"],
    ["<reasoning>", "</reasoning>"],
    ["[THINK]", "[/THINK]"],
    ["◁think▷", "◁/think▷"],
    ["<|begin_of_thought|>", "<|end_of_thought|>"],
  ] as const;
  const plain = fc.string().map((text) => text.replaceAll(/[`<[◁~]/gu, ""));
  const thought = fc.string().map((text) => text.replaceAll(/[`<[◁]/gu, ""));
  fc.assert(
    fc.property(fc.constantFrom(...forms), plain, thought, plain, ([open, close], before, hm, after) => {
      const text = seen(`${before}${open}SECRET${hm}SECRET${close}${after}`);
      expect(text).not.toContain("SECRET");
      expect(text.replaceAll(/\s/gu, "")).toBe((before + after).replaceAll(/\s/gu, ""));
    }),
  );
});

test("a long thought is not kept, and takes time in proportion to its length", () => {
  const filter = new ThoughtFilter();
  filter.push("<think>");
  for (let count = 0; count < 1000; count++)
    expect(filter.push("thought < [ ` \n".repeat(50))).toEqual({ startsOver: false, text: "" });
  expect(filter.push("</think>done").text + filter.end().text).toBe("done");
});
