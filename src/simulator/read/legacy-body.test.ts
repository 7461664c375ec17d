// Where imsg up to 0.13 reads an attributedBody right, and where it does not.

import { assert, property, string } from "fast-check";
import { expect, test } from "vitest";
import { encodeAttributedBody } from "../typedstream.ts";
import { misreadAttributedBody } from "./legacy-body.ts";

function read(text: string): string {
  return misreadAttributedBody(encodeAttributedBody(text));
}

test("most texts are read as they are", () => {
  assert(
    property(string({ unit: "grapheme-ascii", minLength: 1, maxLength: 2000 }), (text) => {
      expect(read(text)).toBe(text);
    }),
  );
});

test.each([1, 31, 32, 126, 127, 128, 255, 256, 8191, 32_768, 100_000])("%i bytes are read", (length) => {
  expect(read("x".repeat(length))).toBe("x".repeat(length));
});

test.each([
  [8192, " "],
  [8192 + 256, "!"],
  [32_767, ""], // U+007F, a control character: cut off
])("%i bytes have %j before them", (length, stray) => {
  expect(read("x".repeat(length))).toBe(stray + "x".repeat(length));
});

test.each(["ↄ", "so 🆄 say", "憄"])("%s holds the end mark: the archive stands for the text", (text) => {
  expect(read(text)).toMatch(/^streamtyped/u);
});

test("control characters before a text are cut off", () => {
  expect(read("\n\u200Bhello\n")).toBe("hello\n");
});

test("any bytes are read as some text", () => {
  expect(misreadAttributedBody(Buffer.from([0x01, 0x2b]))).toBe("+");
  expect(misreadAttributedBody(new Uint8Array())).toBe("");
});
