// Tables of cases for what every row goes through and for direct messages, through the one function the flow calls.
import { describe, expect, test } from "vitest";
import type { Decision } from "../model/decision.ts";
import { asId, type MessageGuid } from "../model/ids.ts";
import type { Entry, EntryFacts } from "../model/journal.ts";
import type { AccountSettings, DmPolicy } from "../model/settings.ts";
import {
  account,
  allow,
  ANNA,
  codeOf,
  decide as decideBy,
  entry,
  FACTS,
  handleOf,
  IN_GROUP,
  NOW,
  policyOf,
  SELF,
} from "../../test/rules/admission-for-test.ts";
import { decideAdmission } from "./admit.ts";

function decide(
  over: Partial<AccountSettings>,
  row: Entry = entry(),
  facts: Partial<EntryFacts> = {},
): Decision {
  return decideBy(policyOf(account(over)), row, facts);
}

describe("dmPolicy × listed × paired", () => {
  const cases: [DmPolicy, string[], boolean, string][] = [
    ["disabled", [], false, "dm.disabled"],
    ["disabled", [ANNA], true, "dm.disabled"],
    ["open", ["*"], false, "turn"],
    ["allowlist", [], false, "dm.not-allowed"],
    ["allowlist", [], true, "dm.not-allowed"],
    ["allowlist", [ANNA], false, "turn"],
    ["allowlist", ["imessage:(415) 555-0001"], false, "turn"],
    ["allowlist", ["*"], false, "turn"],
    ["allowlist", ["chat_id:3"], false, "turn"],
    ["allowlist", ["chat_id:4"], false, "dm.not-allowed"],
    ["allowlist", [`chat_guid:any;-;${ANNA}`], false, "turn"],
    ["allowlist", [`chat_guid:iMessage;-;+14155550002`], false, "dm.not-allowed"],
    ["allowlist", [`chat_identifier:${ANNA}`], false, "turn"],
    ["pairing", [], false, "pairing.code-sent"],
    ["pairing", [], true, "turn"],
    ["pairing", [ANNA], false, "turn"],
    ["pairing", ["+14155550002"], false, "pairing.code-sent"],
  ];
  test.each(cases)("%s, allowFrom %j, paired %s: %s", (dmPolicy, list, paired, expected) => {
    expect(codeOf(decide({ dmPolicy, allowFrom: allow(...list) }, entry(), { paired }))).toBe(expected);
  });
});

describe("pairing", () => {
  test("a stranger gets one reply with sender id, code and command, and the owner is told", () => {
    const decision = decide({});
    if (decision.outcome.kind !== "hold" || !decision.outcome.request) throw new Error("no request");
    const { reply, expiresAtMs } = decision.outcome.request;
    expect(reply.text).toContain(ANNA);
    expect(reply.text).toContain("ABCDEFGH");
    expect(reply.text).toContain("coderclaw pairing approve imessage ABCDEFGH");
    expect(reply.target).toEqual({ kind: "chat_id", chatId: 3 });
    expect(expiresAtMs).toBe(NOW + 3_600_000);
    expect(decision.notice).toContain("ABCDEFGH");
  });
  test("a second message while the code is pending is held without a reply", () => {
    const decision = decide({}, entry(), { request: "pending" });
    expect(codeOf(decision)).toBe("pairing.code-pending");
    expect(decision.outcome).not.toHaveProperty("request");
    expect(decision.notice).toBeUndefined();
  });
  test.each([
    ["pairing.full", {}, { pendingRequests: 3 }],
    ["pairing.code-sent", {}, { pendingRequests: 2 }],
    ["pairing.denied", {}, { request: "denied" as const }],
    ["pairing.code-sent", { participants: [] }, {}],
    ["groupish.unconfigured", { participants: [ANNA, "+14155550002"] }, {}],
    ["group.sender-not-allowed", { isGroup: true }, {}],
  ])("%s", (expected, row, facts) => {
    expect(codeOf(decide({}, entry(row), facts))).toBe(expected);
  });
  test("no code goes to one of selfHandles", () => {
    const row = entry({ sender: SELF, chatIdentifier: SELF, participants: [SELF] });
    expect(codeOf(decide({ selfHandles: [handleOf(SELF)] }, row))).toBe("pairing.self");
  });
  test("a row with an old time asks for nothing", () => {
    const row = entry({ createdAtMs: NOW - 5 * 3_600_000 }, { missed: true });
    expect(codeOf(decide({}, row))).toBe("catchup.too-old");
  });
});

describe("what is no message", () => {
  const open = { dmPolicy: "open" as const, allowFrom: allow("*") };
  test.each([
    ["event.empty", { text: " " }],
    ["reaction", { reaction: { type: "love", emoji: "❤️", added: true, target: asId<MessageGuid>("X") } }],
    ["sender.missing", { sender: "" }],
  ])("%s", (expected, row) => {
    expect(codeOf(decide(open, entry(row)))).toBe(expected);
  });
  test("a file without a word is a message", () => {
    const file = {
      name: "a.png",
      path: "/a.png",
      mimeType: "image/png",
      uti: "",
      bytes: 1,
      isSticker: false,
      missing: false,
    };
    expect(codeOf(decide(open, entry({ text: "\uFFFC", attachments: [file] })))).toBe("turn");
    for (const text of ["/help\uFFFC", "\uFFFC/HELP", "/help \uFFFC"])
      expect(codeOf(decide(open, entry({ text, attachments: [file] })))).toBe("/help");
    expect(codeOf(decide(open, entry({ text: "\uFFFCstop.", attachments: [file] }), { busy: true }))).toBe(
      "/stop",
    );
  });
});

describe("age", () => {
  const open = { dmPolicy: "open" as const, allowFrom: allow("*"), catchupMaxAgeMs: 0 };
  const opened = NOW - 3_600_000;
  test.each([
    [
      "missed before the start, limit 0",
      { createdAtMs: opened - 1000 },
      { missed: true, healthyAtMs: opened },
      "catchup.too-old",
    ],
    [
      "missed in a stall of the running watch",
      { createdAtMs: opened + 60_000 },
      { missed: true, healthyAtMs: opened + 1 },
      "turn",
    ],
    ["live, a little behind the last check", { createdAtMs: NOW - 5000 }, { healthyAtMs: NOW }, "turn"],
    [
      "live, but written long before",
      { createdAtMs: NOW - 3_000_000 },
      { healthyAtMs: NOW },
      "catchup.too-old",
    ],
    [
      "long before the first start, come in later",
      { createdAtMs: NOW - 11 * 86_400_000 },
      {},
      "catchup.too-old",
    ],
  ])("%s", (_, row, beside, expected) => {
    expect(codeOf(decide(open, entry(row, beside)))).toBe(expected);
  });
});

test("in the first run what was there before is history; later it is aged like any other", () => {
  const row = entry({ createdAtMs: NOW - 60_000 }, { missed: true });
  const handle = handleOf(ANNA);
  const decideAt = (firstStartMs: number, openedAtMs: number): string => {
    const base = policyOf(account({ dmPolicy: "open", allowFrom: allow("*") }));
    const aged = { ...base, age: { ...base.age, openedAtMs } };
    return codeOf(decideAdmission(aged, row, { handle, facts: { ...FACTS, firstStartMs } }));
  };
  expect(decideAt(NOW, NOW)).toBe("catchup.before-first-start");
  expect(decideAt(NOW - 30_000, NOW)).toBe("turn");
});

test("every refusal says why and what to do, and shows its gates in order", () => {
  const decision = decide({ dmPolicy: "allowlist" });
  expect(decision.outcome).toMatchObject({ kind: "ignore", fix: expect.stringContaining(ANNA) });
  expect(decision.gates.map((gate) => [gate.name, gate.passed])).toEqual([
    ["own row", true],
    ["content", true],
    ["age", true],
    ["chat kind", true],
    ["direct policy", false],
  ]);
});

describe("rows that repeat or react", () => {
  const open = { dmPolicy: "open" as const, allowFrom: allow("*") };
  const after = (text: string, ...justBefore: readonly string[]): string =>
    codeOf(decide(open, entry({ text }), { justBefore }));

  test.each([
    ["https://example.com/a", "https://example.com/a"],
    ["https://example.com/a", "look at this: https://example.com/a, please"],
    ["\ufffchttps://example.com/a", "https://example.com/a"],
    ["https://www.Example.com/", "example.com is down"],
    ["http://example.com/a/", "see www.example.com/a"],
  ])("%s behind %j is its preview", (link, before) => {
    expect(after(link, "something else", before)).toBe("link.preview");
  });
  test.each([
    ["https://example.com/a", "look at this"],
    ["https://example.com/a", "https://example.com/b"],
    ["https://example.com/a and more", "https://example.com/a"],
    ["example", "example.com"],
  ])("%s behind %j is a message", (text, before) => {
    expect(after(text, before)).toBe("turn");
  });
  test("a link by itself is a message at once", () => {
    expect(after("https://example.com/a")).toBe("turn");
  });
  test("a tapback in words is a reaction, in a group too", () => {
    expect(after("Liked “You said: hello”")).toBe("reaction");
    const { outcome } = decide({ groupPolicy: "open" }, entry({ ...IN_GROUP, text: "Loved “hello”" }));
    expect(outcome).toEqual({ kind: "remember", code: "reaction", because: expect.any(String) });
  });
  test("a text in which nothing is seen is nothing", () => {
    for (const text of ["\u200b", "\ufffc", "\u2060\ufeff \n"]) expect(after(text)).toBe("event.empty");
  });
});
