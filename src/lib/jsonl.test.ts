import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createLineSplitter } from "./jsonl.ts";

/** Splits bytes that arrive in pieces of the given sizes. */
function split(bytes: Uint8Array, cuts: readonly number[], maxBytes?: number): string[] {
  const lines: string[] = [];
  const splitter = createLineSplitter((line) => lines.push(line), maxBytes);
  let from = 0;
  for (const size of cuts) {
    splitter.push(bytes.subarray(from, from + size));
    from += size;
  }
  splitter.push(bytes.subarray(from));
  splitter.end();
  return lines;
}

const text = fc.string({ unit: "binary" }).map((line) => line.replaceAll(/[\n\r]/gu, "").toWellFormed());
const cuts = fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 40 });

describe("line splitter", () => {
  it("gives every line back whatever the chunks", () => {
    fc.assert(
      fc.property(fc.array(text), cuts, fc.constantFrom("\n", "\r\n"), (lines, sizes, ending) => {
        const bytes = Buffer.from(lines.map((line) => line + ending).join(""), "utf8");
        expect(split(bytes, sizes)).toEqual(lines);
      }),
    );
  });

  it("ends lines at LF only: U+2028, U+2029, U+0085 and VT stay inside", () => {
    const line = JSON.stringify({ text: "a\u2028b\u2029c\u0085d" }) + "\v";
    expect(split(Buffer.from(`${line}\n`), [3, 1, 7])).toEqual([line]);
  });

  it("puts a multi-byte character together that a chunk's edge cut", () => {
    const bytes = Buffer.from("👩‍👩‍👧 日本\n");
    expect(
      split(
        bytes,
        Array.from(bytes, () => 1),
      ),
    ).toEqual(["👩‍👩‍👧 日本"]);
  });

  it("never throws and keeps the count of lines for any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), cuts, (bytes, sizes) => {
        const ends = bytes.filter((byte) => byte === 0x0a).length;
        const open = bytes.length > 0 && bytes.at(-1) !== 0x0a ? 1 : 0;
        expect(split(bytes, sizes)).toHaveLength(ends + open);
      }),
    );
  });

  it("drops a line that is too long, says so once, and goes on with the next", () => {
    const lines: string[] = [];
    const dropped: number[] = [];
    const splitter = createLineSplitter(
      (line) => lines.push(line),
      10,
      (bytes) => dropped.push(bytes),
    );
    for (const chunk of ["12345678", "90123", "456\nshort", "\n"]) splitter.push(Buffer.from(chunk));
    expect(lines).toEqual(["short"]);
    expect(dropped).toEqual([13]);
  });
});
