import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { shellWord } from "./shell-word.ts";

test.each([
  ["/home/x/.coderclaw", "/home/x/.coderclaw"],
  ["it's mine", `'it'\\''s mine'`],
  ["~/x", "'~/x'"],
  ["-rf", "'-rf'"],
  ["", "''"],
  ["$(touch x)", "'$(touch x)'"],
])("%j is written %s", (text, word) => {
  expect(shellWord(text)).toBe(word);
});

test("a shell reads any text back", () => {
  const texts = fc
    .sample(fc.string({ unit: "binary" }), 200)
    .map((text) => text.replaceAll("\0", "").toWellFormed());
  const script = texts.map((text) => `printf '%s\\0' ${shellWord(text)}`).join("\n");
  expect(execFileSync("sh", ["-c", script], { encoding: "utf8" }).split("\0").slice(0, -1)).toEqual(texts);
});
