// Which of several requests an answer is to, and what one gets that is over.
import { describe, expect, test } from "vitest";
import { asId, type ChatGuid, type MessageGuid } from "../model/ids.ts";
import type { MadeDecision, ShownApproval } from "../model/approval.ts";
import type { InboundMessage } from "../model/message.ts";
import { allow, ANNA, BEN, handleOf, NOW } from "../../test/rules/admission-for-test.ts";
import { ALL, request } from "../../test/rules/approval-for-test.ts";
import {
  asked,
  outcome,
  over,
  second,
  tapback,
  told,
  write,
  type Around,
} from "../../test/rules/approval-answers.ts";

describe("several requests in one chat", () => {
  const both = [asked(), second()];

  test("a number belongs to one of them", () => {
    expect([outcome("1", both), outcome("6", both)]).toEqual(["3: once", "4: always"]);
  });

  test("words could mean either", () => {
    for (const text of ["yes", "no", "always", "👍"]) expect(outcome(text, both)).toBe("approval.unclear");
    expect(told("yes", both)).toBe("2 questions are open. Please answer with a number: 1 to 4 or 5 to 8.");
  });

  test("an inline reply and a tapback mean the one that they are on", () => {
    const quoted = { guid: asId<MessageGuid>("R") };
    expect(outcome({ text: "yes", quoted }, both)).toBe("4: once");
    expect(outcome({ text: "6", quoted }, both)).toBe("4: always");
    expect(outcome({ text: "2", quoted }, both)).toBe("approval.unclear");
    expect(outcome(tapback({ target: asId<MessageGuid>("R"), type: "dislike" }), both)).toBe("4: no");
  });

  test("an inline reply to something else says nothing to either", () => {
    for (const text of ["yes", "1", "more"])
      expect(outcome({ text, quoted: { guid: asId<MessageGuid>("other") } }, both)).toBe("turn");
  });

  test("more shows the newest, or the one that is named", () => {
    expect(write("more", both).about).toEqual({ approvalId: 4, how: "more" });
    expect(write("more 1", both).about).toEqual({ approvalId: 3, how: "more" });
    expect(outcome("more 9", both)).toBe("turn");
  });
});

describe("a request that is over", () => {
  test.each<[string, string | Partial<InboundMessage>, readonly ShownApproval[], string]>([
    ["a number", "1", [asked(over())], "approval.over"],
    ["a number, while another is open", "2", [asked(over()), second()], "approval.over"],
    ["a number, while another was just asked", "2", [asked(over()), second({}, NOW - 10)], "approval.over"],
    ["a word, when nothing else was said since", "yes", [asked(over())], "approval.over"],
    ["a word, when something else was said since", "yes", [asked({ ...over(), isLastSaid: false })], "turn"],
    ["a word, while another is open", "yes", [asked(over()), second()], "4: once"],
    [
      "a word, while another was just asked",
      "yes",
      [asked(over()), second({}, NOW - 10)],
      "approval.too-early",
    ],
    [
      "an inline reply",
      { text: "ok", quoted: { guid: asId<MessageGuid>("Q") } },
      [asked({ ...over(), isLastSaid: false })],
      "approval.over",
    ],
    [
      "an inline reply that is none",
      { text: "why?", quoted: { guid: asId<MessageGuid>("Q") } },
      [asked(over())],
      "turn",
    ],
    ["a tapback", tapback(), [asked(over())], "approval.over"],
    ["more", "more", [asked(over())], "turn"],
    ["other words", "thanks a lot", [asked(over())], "turn"],
    ["a number after its time", "1", [asked({ expiresAtMs: NOW })], "approval.over"],
  ])("%s", (_what, written, approvals, code) => {
    expect(outcome(written, approvals)).toBe(code);
  });

  test.each<[Partial<MadeDecision>, string]>([
    [{}, "You already answered that question: allowed."],
    [{ allowed: false, decider: handleOf(BEN) }, `That question was already answered by ${BEN}: denied.`],
    [
      { by: "time-out", allowed: false, decider: undefined },
      "That question is over: it was denied because no answer came within 10 minutes.",
    ],
    [
      { by: "turn-over", allowed: false, decider: undefined },
      "That question is over: the agent no longer needs an answer.",
    ],
  ])("says how it ended: %j", (made, text) => {
    expect(told("1", [asked(over(made))])).toBe(`${text} If that was for the agent, write it in words.`);
    expect(told("1", [asked(over(made)), second()])).toBe(`${text} The open question takes 5 to 8.`);
    expect(told(tapback(), [asked(over(made))])).toBe(text);
  });
});

describe("a tapback", () => {
  test.each<[string, Partial<InboundMessage>, readonly ShownApproval[], Around, string]>([
    ["on the request", tapback(), [asked()], {}, "3: once"],
    ["that says no", tapback({ type: "dislike" }), [asked()], {}, "3: no"],
    [
      "over SMS",
      { ...tapback(), chatGuid: asId<ChatGuid>(`SMS;-;${ANNA}`) },
      [asked()],
      {},
      "owner.not-imessage",
    ],
    ["on something else", tapback({ target: asId<MessageGuid>("other") }), [asked()], {}, "reaction"],
    ["that says neither", tapback({ type: "laugh", emoji: "😂" }), [asked()], {}, "reaction"],
    ["that is taken back", tapback({ added: false }), [asked()], {}, "reaction"],
    ["of somebody else", tapback(), [asked()], { settings: { allowFrom: allow(ANNA) } }, "reaction"],
    ["without a request", tapback(), [], {}, "reaction"],
    ["of our own", { ...tapback(), isFromMe: true }, [asked()], {}, "own.row"],
  ])("%s", (...[, row, approvals, around, code]) => {
    expect(outcome(row, approvals, around)).toBe(code);
  });

  test("decides nothing once for all", () => {
    const only = request({ options: ALL.filter(({ kind }) => kind !== "allow_once") });
    expect(outcome(tapback(), [asked({ request: only })])).toBe("approval.unclear");
  });
});
