// A voice message's words in the property lists that hold them.

import { expect, test } from "vitest";
import { textInPropertyList } from "./property-list.ts";

const KEY = "audio-transcription";

function xml(inside: string): Buffer {
  return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">${inside}</plist>
`);
}

/** A dictionary of texts in Apple's binary form. */
function binary(entries: Readonly<Record<string, string>>): Buffer {
  const texts = [...Object.keys(entries), ...Object.values(entries)];
  const count = Object.keys(entries).length;
  const refs = texts.map((_text, index) => index + 1);
  const objects = [Buffer.from([0xd0 | count, ...refs]), ...texts.map(binaryText)];
  const offsets: number[] = [];
  let at = 8;
  for (const object of objects) {
    offsets.push(at);
    at += object.length;
  }
  const trailer = Buffer.alloc(32);
  trailer.writeUInt8(2, 6);
  trailer.writeUInt8(1, 7);
  trailer.writeUInt32BE(objects.length, 12);
  trailer.writeUInt32BE(at, 28);
  const table = Buffer.concat(offsets.map((offset) => Buffer.from([offset >> 8, offset & 0xff])));
  return Buffer.concat([Buffer.from("bplist00"), ...objects, table, trailer]);
}

function binaryText(text: string): Buffer {
  const isAscii = /^[\0-\u007F]*$/u.test(text);
  const bytes = isAscii ? Buffer.from(text) : Buffer.from(text, "utf16le").swap16();
  const kind = isAscii ? 0x50 : 0x60;
  const length = Buffer.from(text.length < 15 ? [kind | text.length] : [kind | 0xf, 0x10, text.length]);
  return Buffer.concat([length, bytes]);
}

test.each<[string, Uint8Array, string | undefined]>([
  ["a binary one", binary({ other: "x", [KEY]: "hello" }), "hello"],
  ["a long text", binary({ [KEY]: "word ".repeat(40) }), "word ".repeat(40)],
  ["letters beyond ASCII", binary({ [KEY]: "Grüße 🎿" }), "Grüße 🎿"],
  ["a binary one without the key", binary({ other: "x" }), undefined],
  ["a binary one that is cut", binary({ [KEY]: "hello" }).subarray(0, 30), undefined],
  ["XML", xml(`<dict><key>${KEY}</key><string>hello</string></dict>`), "hello"],
  [
    "XML with entities",
    xml(`<dict><key>${KEY}</key><string>a &lt;b&gt; &amp; &#233;&#x1F3BF;</string></dict>`),
    "a <b> & é🎿",
  ],
  [
    "XML with a section taken as it is",
    xml(`<dict><key>${KEY}</key><string><![CDATA[<a>]]></string></dict>`),
    "<a>",
  ],
  [
    "XML with other values",
    xml(
      `<dict><key>n</key><integer>1</integer><key>t</key><true/><key>${KEY}</key><string>x</string></dict>`,
    ),
    "x",
  ],
  [
    "XML with the key further in",
    xml(`<dict><key>in</key><dict><key>${KEY}</key><string>x</string></dict></dict>`),
    undefined,
  ],
  ["XML whose value is a number", xml(`<dict><key>${KEY}</key><integer>1</integer></dict>`), undefined],
  ["XML that is not closed", Buffer.from(`<plist><dict><key>${KEY}</key><string>x</string>`), undefined],
  ["an array", xml(`<array><string>${KEY}</string></array>`), undefined],
  ["plain text", Buffer.from("hello"), undefined],
  ["nothing", Buffer.alloc(0), undefined],
])("%s", (_title, blob, wanted) => {
  expect(textInPropertyList(blob, KEY)).toBe(wanted);
});
