// What of a group becomes context, mirrors in groups, where their replies may go, the session they have.
import { describe, expect, test } from "vitest";
import { asId, type ChatGuid, type ChatId, type MessageGuid, type PartId } from "../model/ids.ts";
import type { Decision } from "../model/decision.ts";
import type { EntryFacts, OwnPart } from "../model/journal.ts";
import type { InboundMessage } from "../model/message.ts";
import type { AccountSettings } from "../model/settings.ts";
import {
  account,
  allow,
  ANNA,
  BEN,
  CALLED,
  codeOf,
  decide,
  decideInGroup,
  EIGHT,
  entry,
  group,
  GROUPISH,
  inGroup,
  isContext,
  NOW,
  policyOf,
  SEVEN,
} from "../../test/rules/admission-for-test.ts";

describe("context", () => {
  const old = { createdAtMs: NOW - 5 * 3_600_000 };
  const missed = { missed: true };
  const decideOld = (over: Partial<AccountSettings>, text = "hi") =>
    decide(policyOf(account({ groupPolicy: "open", ...over })), inGroup({ ...old, text }, missed));

  test("what is too old to be answered, of those who are let through", () => {
    const cases: [Partial<AccountSettings>, boolean][] = [
      [{}, true],
      [{ groupPolicy: "disabled" }, false],
      [{ groupPolicy: "allowlist" }, false],
      [{ groupPolicy: "allowlist", allowFrom: allow(ANNA) }, true],
      [{ groups: [group(EIGHT)] }, false],
      [{ groups: [group(SEVEN, { enabled: false })] }, false],
      [{ groups: [group(SEVEN, { allowFrom: allow(BEN) })] }, false],
    ];
    for (const [over, expected] of cases) {
      const decision = decideOld(over);
      expect([codeOf(decision), isContext(decision)]).toEqual(["catchup.too-old", expected]);
    }
  });
  test("an old command is neither carried out nor shown", () => {
    expect(isContext(decideOld({ allowFrom: allow(ANNA) }, "/stop"))).toBe(false);
  });
  test("what was there before the first start is no context", () => {
    const policy = policyOf(account({ groupPolicy: "open" }));
    const decision = decide(policy, inGroup({ createdAtMs: NOW - 1000 }, missed), { firstStartMs: NOW });
    expect([codeOf(decision), isContext(decision)]).toEqual(["catchup.before-first-start", false]);
  });

  describe("own rows", () => {
    const PART: OwnPart = {
      id: asId<PartId>(11),
      state: "sent",
      text: "You said: hi",
      guid: asId<MessageGuid>("OWN"),
      sentAtMs: NOW - 2000,
      echoed: false,
      returned: false,
    };
    const mine = (
      over: Partial<AccountSettings>,
      facts: Partial<EntryFacts> = {},
      row: Partial<InboundMessage> = {},
    ) =>
      decide(
        policyOf(account({ groupPolicy: "allowlist", ...over })),
        inGroup({ isFromMe: true, sender: "", text: "by hand", ...row }),
        facts,
      );
    test("what is written by hand belongs to what was said", () => {
      const decision = mine({});
      expect([codeOf(decision), isContext(decision), decision.settles]).toEqual(["own.row", true, undefined]);
    });
    test.each<[string, Decision]>([
      ["our own part", mine({}, { ownByGuid: PART })],
      ["our own text", mine({}, { ownRecent: [PART] }, { text: "You said: hi" })],
      ["a group that is not answered", mine({ groupPolicy: "disabled" })],
      ["another group", mine({ groups: [group(EIGHT)] })],
      ["a disabled group", mine({ groups: [group(SEVEN, { enabled: false })] })],
      [
        "a reaction",
        mine({}, {}, { reaction: { type: "love", emoji: "", added: true, target: asId<MessageGuid>("X") } }),
      ],
      ["an event", mine({}, {}, { text: "" })],
      ["a direct chat", decide(policyOf(account()), entry({ isFromMe: true }))],
    ])("%s does not", (_, decision) => {
      expect([codeOf(decision), isContext(decision)]).toEqual(["own.row", false]);
    });
    test("history of ours is no context", () => {
      const row = inGroup({ isFromMe: true, createdAtMs: NOW - 60_000 }, missed);
      expect(isContext(decide(policyOf(account()), row, { firstStartMs: NOW }))).toBe(false);
    });
  });
});

describe("mirror", () => {
  const facts = { lastReply: ["claw ok"], mirrorStreak: 2 };
  test("a third repetition that would be answered is not", () => {
    const decision = decideInGroup("claw ok", {}, { facts });
    expect([codeOf(decision), decision.mirrorStreak]).toEqual(["echo.mirror", 3]);
    expect(decision.notice).toContain(ANNA);
  });
  test("who only talks in the group is no mirror, and ends one", () => {
    expect(decideInGroup("hello", {}, { facts }).mirrorStreak).toBe(0);
    const repeated = decideInGroup("ok", {}, { facts: { lastReply: ["ok"], mirrorStreak: 7 } });
    expect([codeOf(repeated), repeated.notice]).toEqual(["group.not-mentioned", undefined]);
  });
});

describe("where replies may go", () => {
  test.each<[string, string]>([
    ["chat_id:7", "turn"],
    ["chat_guid:any;+;chat7", "turn"],
    ["chat_identifier:chat7", "turn"],
    ["*", "turn"],
    [ANNA, "reply.not-allowed"],
    ["chat_id:8", "reply.not-allowed"],
  ])("allowTo %s: %s", (text, expected) => {
    expect(codeOf(decideInGroup("claw", { allowTo: allow(text) }))).toBe(expected);
  });
  test("a thread that says it is direct is a group here, too: its writer's handle opens nothing", () => {
    const settings = account({ groupPolicy: "open", groups: [group(SEVEN)], allowTo: allow(ANNA) });
    expect(codeOf(decide(policyOf(settings), entry(GROUPISH)))).toBe("reply.not-allowed");
  });
  test("a group without any name is answered nowhere", () => {
    const nameless = { chatId: asId<ChatId>(0), chatGuid: asId<ChatGuid>(""), chatIdentifier: "" };
    const decision = decide(policyOf(account({ groupPolicy: "open" })), inGroup(nameless));
    expect(codeOf(decision)).toBe("reply.not-allowed");
  });
});

test("a row without a sender is nobody's", () => {
  expect(codeOf(decide(policyOf(account({ groupPolicy: "open" })), inGroup({ sender: "" })))).toBe(
    "sender.missing",
  );
});

test("a session of its own, by the name that the chat keeps", () => {
  expect(decideInGroup("claw", {}, { facts: { groupName: "7@work" } }).outcome).toEqual({
    kind: "turn",
    agentId: "main",
    sessionKey: "agent:main:imessage:group:7@work",
  });
});

test("the gates in their order, each with what it saw", () => {
  const settings = account({ groupAllowFrom: allow(ANNA), groups: [group(SEVEN)], allowTo: allow("*") });
  const decision = decide(policyOf(settings, { agents: CALLED }), inGroup({ text: "Claw?" }));
  expect(decision.gates.map(({ name, saw }) => `${name}: ${saw}`)).toEqual([
    "own row: from somebody else",
    "content: 5 characters, 0 attachments",
    "age: 0 s old, limit 7200 s",
    "chat kind: group",
    `group policy: allowlist, ${ANNA} listed`,
    'groups: groups["7"]',
    'mention: matches "claw"',
    "allowTo: covers chat_id:7",
    "mirror: 0 in a row repeat our last reply",
    "route: agent main (default)",
  ]);
});
