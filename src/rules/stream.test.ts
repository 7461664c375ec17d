import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findCodeBlocks } from "./code-block.ts";
import { Blocks } from "./stream.ts";

function cut(...pieces: readonly string[]): { readonly blocks: string[]; readonly rest: string } {
  const blocks = new Blocks();
  const complete = pieces.flatMap((piece) => blocks.push(piece));
  return { blocks: complete, rest: blocks.rest };
}

describe("a block is complete once the next one has begun", () => {
  test.each<[what: string, text: string, blocks: readonly string[], rest: string]>([
    ["nothing", "", [], ""],
    ["one paragraph, whatever follows it", "One.\n\n \n", [], "One.\n\n \n"],
    ["two", "One.\n\nT", ["One.\n\n"], "T"],
    ["lines of one paragraph", "One\nmore\n\nTwo\n\nThree", ["One\nmore\n\n", "Two\n\n"], "Three"],
    ["line ends of Windows", "One\r\n\r\nTwo", ["One\r\n\r\n"], "Two"],
    ["blank lines with spaces in them", "One\n \t\n\nTwo", ["One\n \t\n\n"], "Two"],
    ["blank lines first", "\n\nOne\n\nTwo", ["\n\nOne\n\n"], "Two"],
    ["code with blank lines", "```js\na\n\nb\n```\n\nTwo", ["```js\na\n\nb\n```\n\n"], "Two"],
    ["code that is not closed", "```js\na\n\nb\n\nc", [], "```js\na\n\nb\n\nc"],
    ["a shorter fence in code", "````\n```\n\nb\n````\n\nTwo", ["````\n```\n\nb\n````\n\n"], "Two"],
    ["a list and what leads to it", "See:\n\n- a\n- b\n\nTwo", ["See:\n\n- a\n- b\n\n"], "Two"],
    ["numbers with blank lines between", "1. a\n\n2. b\n\nTwo", ["1. a\n\n2. b\n\n"], "Two"],
    ["what may become a list item", "One\n\n1", [], "One\n\n1"],
    ["a number that is none", "One\n\n1984 was", ["One\n\n"], "1984 was"],
    ["emphasis that is no list item", "One\n\n*T", ["One\n\n"], "*T"],
    ["what belongs to a list item", "- a\n\n  more\n\nTwo", ["- a\n\n  more\n\n"], "Two"],
    [
      "a heading and what follows",
      "# One\n\nText\n\n## Two\n\nMore",
      ["# One\n\nText\n\n"],
      "## Two\n\nMore",
    ],
  ])("%s", (_what, text, blocks, rest) => {
    expect(cut(text)).toEqual({ blocks, rest });
  });
});

const words = fc.constantFrom(
  "One.",
  "two",
  " ",
  "  ",
  "\t",
  "\n",
  "\n\n",
  "\r\n",
  "```",
  "~~~",
  "```js\n",
  "`",
  "- ",
  "1. ",
  "1",
  "# ",
  "é",
  "👍",
);
const text = fc.array(words, { maxLength: 40 }).map((parts) => parts.join(""));

/** A text with the places where it is cut. */
const inPieces = text.chain((whole) =>
  fc.array(fc.nat(whole.length)).map((places) => {
    const edges = [0, ...places.toSorted((one, other) => one - other), whole.length];
    return { whole, pieces: edges.slice(1).map((end, at) => whole.slice(edges[at], end)) };
  }),
);

describe("whatever the text, whatever the pieces", () => {
  test("the blocks are the same, and with the rest they are the text", () => {
    fc.assert(
      fc.property(inPieces, ({ whole, pieces }) => {
        const found = cut(...pieces);
        expect(found).toEqual(cut(whole));
        expect(found.blocks.join("") + found.rest).toBe(whole);
      }),
    );
  });

  test("no block ends inside of code, and none is blank", () => {
    fc.assert(
      fc.property(text, (whole) => {
        const code = findCodeBlocks(whole);
        let at = 0;
        for (const block of cut(whole).blocks) {
          expect(block.trim()).not.toBe("");
          at += block.length;
          expect(code.filter(({ start, end }) => start < at && at < end)).toEqual([]);
        }
      }),
    );
  });
});
