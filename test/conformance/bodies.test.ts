// Neighbours of the recorded message bodies: other archives than the one recorded, and texts that are no texts.

import { afterEach, beforeEach, expect, test } from "vitest";
import { encodeAttributedBody } from "../../src/simulator/typedstream.ts";
import { Neighbour } from "./neighbour.ts";

const BEGIN = [0x01, 0x2b];
const END = [0x86, 0x84];
const XML =
  '<?xml version="1.0"?><plist version="1.0"><dict><key>NS.string</key><string>Hi</string></dict></plist>';

function utf16(text: string): number[] {
  return [...Buffer.from(text, "utf16le")];
}

function archive(...parts: (string | readonly number[])[]): Buffer {
  return Buffer.concat(parts.map((part) => Buffer.from(part as string)));
}

let neighbour: Neighbour;
beforeEach(() => {
  neighbour = new Neighbour();
});
afterEach(() => neighbour.destroy());

test.each<[string, Uint8Array | null, string]>([
  ["a typedstream", encodeAttributedBody("Hello"), "Hello"],
  ["none", null, ""],
  ["an empty one", Buffer.alloc(0), ""],
  ["an XML property list", archive(XML), XML],
  ["an XML property list behind a mark of UTF-8", archive([0xef, 0xbb, 0xbf], XML), XML],
  ["a binary property list", archive("bplist00", [0xd1, 0x01, 0x02]), "bplist00\u{FFFD}\u0001\u0002"],
  ["JSON", archive('{"text":"Hi"}'), '{"text":"Hi"}'],
  ["plain text", archive("\n\tHi"), "Hi"],
  ["UTF-16 of little end", archive([0xff, 0xfe], utf16("Grüße 🎿")), "Grüße 🎿"],
  ["UTF-16 of little end, nothing behind the mark", archive([0xff, 0xfe]), ""],
  ["UTF-16 of big end", archive([0xfe, 0xff, 0x00, 0x48]), "\u{FFFD}\u{FFFD}\0H"],
  ["a typedstream of UTF-16", archive(BEGIN, [4], utf16("Hi"), END), "H\0i\0"],
  [
    "a typedstream of UTF-16 that is no UTF-8",
    archive("x", BEGIN, [2], utf16("é"), END),
    "x\u0001+\u0002\u{FFFD}\0\u{FFFD}\u{FFFD}",
  ],
  ["a length of two bytes", archive(BEGIN, [0x81, 0x02], "Hi", END), "Hi"],
  ["a length of three bytes", archive(BEGIN, [0x82, 0x02, 0x00], "Hi", END), "Hi"],
  ["a length that is wrong", archive(BEGIN, [9], "Hi", END), "Hi"],
  ["a length that is a letter", archive(BEGIN, [65], "x".repeat(65), END), "x".repeat(65)],
  ["a length that is a letter, and wrong", archive(BEGIN, [65], "x", END), "Ax"],
  ["two texts: the longer", archive(BEGIN, [2], "Hi", END, BEGIN, [5], "Hello", END), "Hello"],
  ["two texts as long: the first", archive(BEGIN, [2], "Hi", END, BEGIN, [2], "Yo", END), "Hi"],
  [
    "two texts, counted in characters",
    archive(BEGIN, [2], "Hi", END, BEGIN, [8], "👩‍🚒".slice(0, 2), END),
    "Hi",
  ],
  ["a text without an end", archive("a", BEGIN, [2], "Hi"), "a\u0001+\u0002Hi"],
  ["an end without a text", archive("a", END), "a\u{FFFD}\u{FFFD}"],
  ["an empty text", archive("a", BEGIN, [0], END), "a\u0001+\0\u{FFFD}\u{FFFD}"],
  ["control characters alone", archive([1, 2, 10, 13]), ""],
  ["the mark of a byte order inside", encodeAttributedBody("a\u{FEFF}b"), "a\u{FEFF}b"],
])("%s is read", (_title, body, text) => {
  neighbour.add({ text: null, attributedBody: body });
  expect(neighbour.told()).toMatchObject([{ text }]);
});

test.each<[string, string | number | Uint8Array | null, string]>([
  ["text", "words", "words"],
  ["the empty text", "", "body"],
  ["NULL", null, "body"],
  ["a blank", " ", " "],
  ["a text that ends at NUL", "wo\0rds", "wo"],
  ["a text that begins with NUL", "\0words", "body"],
  ["a blob", Buffer.from("words"), "body"],
  ["control characters", "\u0001\u0002", "\u0001\u0002"],
])("a column that holds %s", (_title, column, text) => {
  neighbour.add({ text: column, attributedBody: encodeAttributedBody("body") });
  expect(neighbour.told()).toMatchObject([{ text }]);
});

test("a body that is text of the database is none", () => {
  neighbour.add({ text: null, attributedBody: "words" });
  expect(neighbour.told()).toMatchObject([{ text: "" }]);
});
