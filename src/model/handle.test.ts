import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { faultOfHandle, isMachine, kindOfHandle, parseHandle, parseSender, type Handle } from "./handle.ts";

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
    ["a short code with a dash", "22-000", "US", "22000"],
    ["a country in brackets", "(+1) 555 010 0001", "US", "+15550100001"],
    ["brackets around all of it", "(+15550100001)", "US", "+15550100001"],
    ["a country and an area in brackets", "(+1 555) 010-0001", "US", "+15550100001"],
    ["a minus sign", "+1\u2212555\u2212010\u22120001", "US", "+15550100001"],
    ["a link to a phone", "tel:+1-555-010-0001", "US", "+15550100001"],
    ["a link with slashes", "sms://+15550100001", "US", "+15550100001"],
    ["a link to an e-mail", "mailto:Anna@b.c", "US", "anna@b.c"],
    ["marks of direction around", "\u202a+1 555 010 0001\u202c", "US", "+15550100001"],
    ["characters that are not seen", "\ufeff+1\u200b555\u00ad0100001\u2060", "US", "+15550100001"],
    ["characters that are not seen in a prefix", "i\u200bmessage:\u200eanna@b.c", "US", "anna@b.c"],
    ["a number of a country nobody knows", "+999 1234567890", "US", "+9991234567890"],
    ["a letter that looks like a k", "MI\u212aE@b.c", "US", "mi\u212ae@b.c"],
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

describe("parseSender", () => {
  const table: readonly [string, string, string | undefined][] = [
    ["E.164", "+15550100001", "+15550100001"],
    ["an e-mail", "Third.Person@Example.com", "third.person@example.com"],
    ["a number of the region", "5550100001", "+15550100001"],
    ["a short code", "22395", "22395"],
    ["a name", "AMAZON", "amazon"],
    ["a business", "urn:biz:4567-ABC", "urn:biz:4567-abc"],
    ["a number nobody knows", "+9991234567890", "+9991234567890"],
    ["nothing", "", undefined],
    ["white space", " ", undefined],
  ];
  test.each(table)("%s", (_what, text, expected) => {
    expect(parseSender(text, "US")).toBe(expected);
  });

  /** What an owner's entries are, and senders that a careless reading would take for them. */
  const ENTRIES = ["+15550100001", "mike@b.c", "22000", "amazon"].map((text) => parseHandle(text, "US"));
  test.each([
    "imessage:+15550100001",
    "SMS: +15550100001",
    "tel:+15550100001",
    "mailto:mike@b.c",
    "auto:mike@b.c",
    "(+1) 5550100001",
    "+١٥٥٥٠١٠٠٠٠١",
    "＋１５５５０１００００１",
    "\uff0b15550100001",
    "+1\u200b5550100001",
    "\u202a+15550100001\u202c",
    "+1\u00a05550100001",
    "+1\u20115550100001",
    "mіke@b.c",
    "MI\u212aE@b.c",
    "mike\uff20b.c",
    "mike@b.c\u200b",
    "２２０００",
    "22\u2060000",
    "ａｍａｚｏｎ",
    "аmazon",
    "amazon\u0000",
  ])("%j is nobody who is listed", (sender) => {
    expect(ENTRIES).not.toContain(parseSender(sender, "US"));
  });

  test("only ASCII equals an entry that a configuration may have, and reading again changes nothing", () => {
    const unit = fc.constantFrom(..."0123456789+-() ./@aZkK:\u212aа１\u200b".split(""));
    const texts = fc.oneof(fc.string({ unit, maxLength: 16 }), fc.string({ unit: "binary", maxLength: 16 }));
    fc.assert(
      fc.property(texts, (text) => {
        const sender = parseSender(text, "US");
        if (sender === undefined) return;
        expect(parseSender(sender, "US")).toBe(sender);
        if (/[^ -~]/u.test(text)) expect(faultOfHandle(sender)).toBeDefined();
        else if (faultOfHandle(sender) === undefined) expect(parseHandle(sender, "US")).toBe(sender);
      }),
      { numRuns: 3000 },
    );
  });
});

describe("kinds", () => {
  const table: readonly [string, ReturnType<typeof kindOfHandle>, boolean][] = [
    ["+15550100001", "phone", false],
    ["anna@b.c", "email", false],
    ["22395", "short code", true],
    ["911", "short code", true],
    ["amazon", "name", true],
    ["dhl-info", "name", true],
    ["urn:biz:4567-abc", "business", true],
    ["shop_x1@rbm.goog", "business", true],
    ["+490", undefined, true],
    ["аmazon", undefined, true],
    ["123456789", undefined, true],
    ["anna smith jones", undefined, true],
    ["anna@", undefined, true],
  ];
  test.each(table)("%s", (text, kind, machine) => {
    const handle = text as Handle;
    expect([kindOfHandle(handle), isMachine(handle)]).toEqual([kind, machine]);
    expect(faultOfHandle(handle) === undefined).toBe(kind !== undefined);
  });
});
