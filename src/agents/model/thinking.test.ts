import fc from "fast-check";
import { expect, test } from "vitest";
import { ThoughtFilter } from "./thinking.ts";

function seen(...pieces: string[]): string {
  const filter = new ThoughtFilter();
  return pieces.map((piece) => filter.push(piece)).join("") + filter.end();
}

test.each([
  ["an answer", "an answer"],
  ["  indented\n", "  indented\n"],
  ["<think>hm</think>yes", "yes"],
  ["\n<think>\nhm\n</think>\n\nyes", "yes"],
  ["<thinking>hm</thinking> yes", "yes"],
  ["<think></think><think>again</think>yes", "yes"],
  ["<think>a <b>c</think>yes</think>", "yes</think>"],
  ["<thin", "<thin"],
  ["<thinner>", "<thinner>"],
  ["yes <think>no thought</think>", "yes <think>no thought</think>"],
  ["<think>without an end", ""],
  ["<think>hm</think>", ""],
  ["", ""],
])("%j", (text, expected) => {
  expect(seen(text)).toBe(expected);
  expect(seen(...Array.from(text))).toBe(expected);
});

test("what is seen does not depend on the pieces", () => {
  const part = fc.constantFrom(
    "<think>",
    "</think>",
    "<thinking>",
    "</thinking>",
    "<",
    "/",
    "th",
    " ",
    "\n",
    "a",
  );
  fc.assert(
    fc.property(fc.array(part), fc.array(fc.nat(40)), (parts, cuts) => {
      const text = parts.join("");
      const sorted = [0, ...cuts.toSorted((a, b) => a - b), text.length];
      const pieces = sorted.slice(1).map((end, at) => text.slice(sorted[at], end));
      expect(seen(...pieces)).toBe(seen(text));
    }),
  );
});

test("a long thought is not kept", () => {
  const filter = new ThoughtFilter();
  filter.push("<think>");
  for (let count = 0; count < 1000; count++) expect(filter.push("thought ".repeat(100))).toBe("");
  expect(JSON.stringify(filter).length).toBeLessThan(200);
  expect(filter.push("</think>done") + filter.end()).toBe("done");
});
