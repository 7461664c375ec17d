import { expect, test } from "vitest";
import { withoutThoughts } from "./whole.ts";

test.each([
  ["an answer", "an answer"],
  ["<think>hm</think>yes", "yes"],
  ["hm</think>yes", "yes"],
  ["hm</think>", ""],
  ["analysisWe look.assistantfinalyes", "yes"],
  ["analysisWe look.assistantcommentary to=x {}assistantfinalyes", "yes"],
  ["analysis of the problem: it is final", "analysis of the problem: it is final"],
  ["Here is my thought process: hm\n\nHere is my response: yes", "yes"],
  ["Here's my thought process: it is simple.", "Here's my thought process: it is simple."],
  ["Thinking...\nhm\n...done thinking.\n\nyes\n", "yes\n"],
  ["Thinking… about it", "Thinking… about it"],
])("%j", (text, expected) => {
  expect(withoutThoughts(text)).toBe(expected);
});

test("a long answer takes time in proportion to its length", () => {
  const time = (size: number): number => {
    const text = `analysis${"assistantcommentary < ` [ <think".repeat(size)}`;
    const times = [1, 2, 3].map(() => {
      const from = performance.now();
      withoutThoughts(text);
      return performance.now() - from;
    });
    return Math.min(...times);
  };
  time(1000);
  expect(time(20_000)).toBeLessThan(10 * Math.max(time(5000), 10));
});
