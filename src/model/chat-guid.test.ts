import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chatGuidKey, sameChatGuid } from "./chat-guid.ts";

describe("sameChatGuid", () => {
  const table: readonly [string, string, boolean][] = [
    ["iMessage;-;+15550100001", "SMS;-;+15550100001", true],
    ["iMessage;-;+15550100001", "any;-;+15550100001", true],
    ["iMessage;+;chat123", "any;+;chat123", true],
    ["RCS;-;a;b", "any;-;a;b", true],
    ["iMessage;-;+15550100001", "iMessage;-;+15550100002", false],
    ["iMessage;-;chat123", "iMessage;+;chat123", false],
    ["iMessage;-;Anna@b.c", "iMessage;-;anna@b.c", false],
    ["no guid", "no guid", true],
    ["no guid", "another", false],
    ["iMessage;*;x", "SMS;*;x", false],
    ["", "", true],
  ];
  test.each(table)("%s and %s: %s", (one, other, expected) => {
    expect(sameChatGuid(one, other)).toBe(expected);
    expect(sameChatGuid(other, one)).toBe(expected);
  });

  test("the key of a key is the key", () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom("", "iMessage;-;", "any;+;"), (text, head) => {
        const key = chatGuidKey(head + text);
        expect(sameChatGuid(key, head + text)).toBe(true);
      }),
    );
  });
});
