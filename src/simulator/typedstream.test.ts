// The archive of a text: what was recorded is reproduced, and every text survives the way there and back.

import { assert, property, string, uint8Array } from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeAttributedBody, encodeAttributedBody } from "./typedstream.ts";

/** Row 9 of the database imsg 0.9.0 was recorded on. */
const RECORDED =
  "040b73747265616d747970656481e803840140848484124e5341747472696275746564537472696e67008484084e534f626a65637400" +
  "8592848484084e53537472696e67019484012b2054657874206f6e6c7920696e2061747472696275746564426f647920f09f918b8684" +
  "026949011e928484840c4e5344696374696f6e617279009484016901928496961d5f5f6b494d4d657373616765506172744174747269" +
  "627574654e616d658692848484084e534e756d626572008484074e5356616c7565009484012a84999900868686";

describe("attributedBody", () => {
  it("is written as it was recorded", () => {
    const blob = encodeAttributedBody("Text only in attributedBody 👋");
    expect(Buffer.from(blob).toString("hex")).toBe(RECORDED);
  });

  it("is read as it was recorded", () => {
    expect(decodeAttributedBody(Buffer.from(RECORDED, "hex"))).toBe("Text only in attributedBody 👋");
  });

  it.each([0, 1, 127, 128, 255, 256, 32_767, 32_768, 65_535, 65_536, 100_000])("holds %i bytes", (length) => {
    const text = "x".repeat(length);
    expect(decodeAttributedBody(encodeAttributedBody(text))).toBe(text);
  });

  it("gives every text back", () => {
    assert(
      property(string({ unit: "grapheme" }), (text) => {
        expect(decodeAttributedBody(encodeAttributedBody(text))).toBe(text);
      }),
    );
  });

  it("reads any bytes as some text", () => {
    assert(
      property(uint8Array(), uint8Array(), (before, after) => {
        const blob = Buffer.concat([before, Buffer.from("84012b", "hex"), after]);
        expect(typeof decodeAttributedBody(blob)).toBe("string");
      }),
    );
  });
});
