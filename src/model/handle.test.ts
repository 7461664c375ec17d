import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseHandle } from "./handle.ts";

describe("parseHandle", () => {
  const table: readonly [string, string, string, string | undefined][] = [
    ["E.164", "+15550100001", "US", "+15550100001"],
    ["punctuation", "+1 (555) 010-0001", "US", "+15550100001"],
    ["no-break spaces and dashes", "+1\u00a0555\u2011010\u20130001", "US", "+15550100001"],
    ["a number of the region", "(202) 456-1111", "US", "+12024561111"],
    ["the same number elsewhere", "0151 23456789", "DE", "+4915123456789"],
    ["dialled from abroad", "0049 151 23456789", "DE", "+4915123456789"],
    ["a national prefix in brackets", "+49 (0) 151 2345678", "DE", "+491512345678"],
    ["a region's number with its country", "12024561111", "US", "+12024561111"],
    ["a number with + has no use for the region", "+442071234567", "US", "+442071234567"],
    ["digits of another script", "+٤٩١٥١٢٣٤٥٦٧٨٩", "DE", "+4915123456789"],
    ["full-width digits", "＋１２０２４５６１１１１", "JP", "+12024561111"],
    ["an e-mail", "Anna@Example.COM", "US", "anna@example.com"],
    ["an e-mail with digits", "A1@b.c", "US", "a1@b.c"],
    ["one prefix", "imessage:+15550100001", "US", "+15550100001"],
    ["many prefixes in any case", "iMessage:SMS: auto:imessage:Anna@b.c", "US", "anna@b.c"],
    ["white space around", "  +15550100001\n", "US", "+15550100001"],
    ["a short code", "22000", "US", "22000"],
    ["a short code with a prefix", "sms:22000", "US", "22000"],
    ["an emergency number", "911", "US", "911"],
    ["an alphanumeric sender", "AMAZON", "US", "amazon"],
    ["an alphanumeric sender with digits", "AMAZON1", "US", "amazon1"],
    ["letters among digits", "1-800-FLOWERS", "US", "1-800-flowers"],
    ["a business", "urn:biz:4567-ABC", "US", "urn:biz:4567-abc"],
    ["a number of zeros", "+49000000", "US", "+490000"],
    ["no possible number", "+12", "US", "+12"],
    ["an extension is no part of a handle", "+12024561111 ext 5", "US", "+12024561111 ext 5"],
    ["nothing", "", "US", undefined],
    ["white space", " \t", "US", undefined],
    ["a prefix and nothing", "imessage: sms:", "US", undefined],
  ];
  test.each(table)("%s", (_, text, region, expected) => {
    expect(parseHandle(text, region)).toBe(expected);
  });

  test("senders without digits are not the same sender", () => {
    const senders = ["AMAZON", "GOOGLE", "Bank", "22000", "22001", "anna@b.c", "anna@b.co"];
    expect(new Set(senders.map((sender) => parseHandle(sender, "US"))).size).toBe(senders.length);
  });

  const region = fc.constantFrom("US", "DE", "JP", "IT", "AR", "EG");
  const prefix = fc
    .array(fc.constantFrom("imessage:", "SMS:", "Auto: "), { maxLength: 3 })
    .map((all) => all.join(""));
  const digits = fc.string({ unit: fc.constantFrom(..."0123456789".split("")), minLength: 1, maxLength: 15 });
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 20 }),
    fc.string({ unit: fc.constantFrom(..."0123456789+-() ./@aZ:".split("")), maxLength: 20 }),
    digits.map((all) => `+${all}`),
    digits,
  );

  test("reading what was read changes nothing, in any region", () => {
    fc.assert(
      fc.property(text, region, region, (text, one, other) => {
        const handle = parseHandle(text, one);
        if (handle === undefined) return;
        expect(parseHandle(handle, one)).toBe(handle);
        // A number in normal form is the same number everywhere.
        if (/^\+\d{8,}$/.test(handle)) expect(parseHandle(handle, other)).toBe(handle);
      }),
      { numRuns: 2000 },
    );
  });

  test("prefixes, case and white space around change nothing", () => {
    fc.assert(
      fc.property(text, prefix, region, (text, prefix, region) => {
        expect(parseHandle(` ${prefix}${text} `, region)).toBe(parseHandle(text, region));
      }),
      { numRuns: 1000 },
    );
  });
});
