// Which rows answer the question of an agent: whose, behind which checks, and what stays what it was.
import { describe, expect, test } from "vitest";
import { asId, type ChatGuid, type MessageGuid, type ApprovalId } from "../model/ids.ts";
import type { EntryFacts } from "../model/journal.ts";
import type { InboundMessage, ReactionEvent } from "../model/message.ts";
import type { PendingApproval } from "../model/approval.ts";
import type { AccountSettings } from "../model/settings.ts";
import {
  account,
  allow,
  ANNA,
  BEN,
  codeOf,
  decide,
  decideInGroup,
  entry,
  handleOf,
  inGroup,
  policyOf,
  SELF,
} from "../../test/rules/admission-for-test.ts";

const QUESTION: PendingApproval = {
  id: asId<ApprovalId>(3),
  request: {
    title: "Edit notes.txt",
    toolKind: "edit",
    tool: "edit",
    places: [],
    detail: "",
    options: [
      { id: "a", label: "Allow", kind: "allow_once" },
      { id: "r", label: "Cancel", kind: "reject_once" },
    ],
  },
  asked: handleOf(ANNA),
  isAskedHere: true,
  guids: [asId<MessageGuid>("Q")],
};
const PENDING: Partial<EntryFacts> = { approval: QUESTION, busy: true };
const OWNED: Partial<AccountSettings> = { owners: [handleOf(ANNA)], allowFrom: allow(ANNA) };

function direct(
  over: Partial<InboundMessage>,
  {
    facts = PENDING,
    settings = OWNED,
  }: { facts?: Partial<EntryFacts>; settings?: Partial<AccountSettings> } = {},
) {
  return decide(policyOf(account(settings)), entry(over), facts);
}

function tapback(over: Partial<ReactionEvent> = {}): Partial<InboundMessage> {
  const reaction = { type: "like", emoji: "👍", added: true, target: asId<MessageGuid>("Q"), ...over };
  return { text: "Liked “❓ …”", reaction };
}

describe("a text", () => {
  test("of an owner answers; it says what, and to which question", () => {
    const { outcome, gates, mirrorStreak } = direct(
      { text: "1" },
      { facts: { ...PENDING, mirrorStreak: 2 } },
    );
    expect(outcome).toEqual({
      kind: "answer",
      approvalId: 3,
      optionId: "a",
      allowed: true,
      label: "Allow",
    });
    expect(gates.at(-1)).toEqual({
      name: "answer",
      saw: "to question 3, Edit notes.txt: Allow",
      passed: true,
    });
    expect(mirrorStreak).toBe(0);
  });

  test.each([
    ["without a question", { text: "1" }, { facts: {} }, "turn"],
    ["that is none", { text: "why?" }, {}, "turn"],
    ["of somebody else", { text: "1" }, { settings: { allowFrom: allow(ANNA) } }, "turn"],
    ["of nobody who may write", { text: "1" }, { settings: { dmPolicy: "allowlist" } }, "dm.not-allowed"],
    [
      "of an owner whom the policy shuts out",
      { text: "1" },
      { settings: { ...OWNED, dmPolicy: "disabled" } },
      "dm.disabled",
    ],
    ["with a file", { text: "1", attachments: [file()] }, {}, "turn"],
    ["that is a command", { text: "/stop" }, {}, "/stop"],
    ["that stops", { text: "stop" }, {}, "/stop"],
    ["that stops, though an option is called so", { text: "Cancel" }, {}, "/stop"],
    [
      "of an owner over SMS",
      { text: "1", chatGuid: asId<ChatGuid>(`SMS;-;${ANNA}`) },
      {},
      "owner.not-imessage",
    ],
    [
      "of an owner over SMS that is none",
      { text: "why?", chatGuid: asId<ChatGuid>(`SMS;-;${ANNA}`) },
      {},
      "turn",
    ],
    ["that we sent", { text: "1", isFromMe: true }, {}, "own.row"],
    ["of several people", { text: "1", participants: [ANNA, BEN] }, {}, "groupish.unconfigured"],
  ] as const)("%s", (_what, over, by, code) => {
    expect(codeOf(direct(over as Partial<InboundMessage>, by as Parameters<typeof direct>[1]))).toBe(code);
  });

  test("in a self chat answers as well", () => {
    const settings = { owners: [handleOf(SELF)], allowFrom: allow(SELF), selfHandles: [handleOf(SELF)] };
    const chat = {
      sender: SELF,
      chatIdentifier: SELF,
      participants: [SELF],
      chatGuid: asId<ChatGuid>("iMessage;-;self"),
    };
    expect(codeOf(direct({ ...chat, text: "yes" }, { settings }))).toBe("answer");
  });
});

describe("in a group", () => {
  test("an owner's answer needs no mention; what is none does", () => {
    const facts = PENDING;
    expect(codeOf(decideInGroup("1", OWNED, { facts }))).toBe("answer");
    expect(codeOf(decideInGroup("why?", OWNED, { facts }))).toBe("group.not-mentioned");
    expect(codeOf(decideInGroup("1", { owners: [handleOf(BEN)] }, { facts }))).toBe("group.not-mentioned");
  });

  test("where it was not asked, words are said to the others", () => {
    const facts = { approval: { ...QUESTION, isAskedHere: false } };
    expect(codeOf(decideInGroup("ok", OWNED, { facts }))).toBe("group.not-mentioned");
    expect(codeOf(decideInGroup("2", OWNED, { facts }))).toBe("answer");
  });

  test("that is shut nothing answers", () => {
    const settings = account({ ...OWNED, groupPolicy: "disabled" });
    expect(codeOf(decide(policyOf(settings), inGroup({ text: "1" }), PENDING))).toBe("group.disabled");
  });
});

describe("a tapback", () => {
  test.each([
    ["on the question", tapback(), {}, "answer"],
    ["over SMS", { ...tapback(), chatGuid: asId<ChatGuid>(`SMS;-;${ANNA}`) }, {}, "owner.not-imessage"],
    ["in a group", { ...inGroup().message, ...tapback() }, {}, "answer"],
    ["on something else", tapback({ target: asId<MessageGuid>("other") }), {}, "reaction"],
    ["that says neither", tapback({ type: "laugh", emoji: "😂" }), {}, "reaction"],
    ["that is taken back", tapback({ added: false }), {}, "reaction"],
    ["of somebody else", tapback(), { settings: { allowFrom: allow(ANNA) } }, "reaction"],
    ["without a question", tapback(), { facts: {} }, "reaction"],
    ["of our own", { ...tapback(), isFromMe: true }, {}, "own.row"],
  ] as const)("%s", (_what, over, by, code) => {
    expect(codeOf(direct(over, by as Parameters<typeof direct>[1]))).toBe(code);
  });
});

function file(): InboundMessage["attachments"][number] {
  return {
    name: "a.png",
    path: "/a.png",
    mimeType: "image/png",
    uti: "",
    bytes: 1,
    isSticker: false,
    missing: false,
  };
}
