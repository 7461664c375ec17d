import { expect, test } from "vitest";
import { escapeUnsafe } from "../src/lib/scrub.ts";
import { escapeLine } from "../src/model/plain-line.ts";

test("the log escapes every character that the command line escapes", () => {
  // The log knows nothing of the product, so it has a list of its own. Tags may belong to a flag there.
  const isUnsafe =
    /[\p{Cc}\p{Zl}\p{Zp}\ufff9-\ufffb]|(?![\u{e0020}-\u{e007f}])\p{Default_Ignorable_Code_Point}/u;
  const missed: string[] = [];
  for (let point = 0; point <= 0x10ffff; point += 1) {
    const character = String.fromCodePoint(point);
    if (!isUnsafe.test(character)) continue;
    const text = `a${character}b`;
    if (escapeLine(text) !== text && escapeUnsafe(text) !== escapeLine(text)) missed.push(point.toString(16));
  }
  expect(missed).toEqual([]);
});
