// Which rows answer an agent's request: whose, where and when.
import { describe, expect, test } from "vitest";
import { asId, type ChatGuid, type MessageGuid } from "../model/ids.ts";
import type { Entry } from "../model/journal.ts";
import type { InboundMessage } from "../model/message.ts";
import {
  allow,
  ANNA,
  BEN,
  codeOf,
  decideInGroup,
  handleOf,
  inGroup,
  NOW,
  SELF,
} from "../../test/rules/admission-for-test.ts";
import { ALL, NO, ONCE, option, request, section } from "../../test/rules/approval-for-test.ts";
import {
  asked,
  OWNED,
  outcome,
  over,
  tapback,
  told,
  write,
  type Around,
} from "../../test/rules/approval-answers.ts";
import { offerOptions } from "./approval-options.ts";

describe("a text of an owner", () => {
  test("answers; it says what, and to which request", () => {
    const decision = write("1");
    expect(decision.outcome).toEqual({
      kind: "answer",
      approvalId: 3,
      optionId: "once",
      allowed: true,
      label: "Allow once",
    });
    expect(decision.gates.at(-1)).toEqual({
      name: "answer",
      saw: "to request 3, Edit notes.txt: Allow once",
      passed: true,
    });
    expect(decision).toMatchObject({ mirrorStreak: 0 });
    expect(decision.reply).toBeUndefined();
  });

  test.each([
    ["1", "once"],
    ["2", "always"],
    ["#3", "no"],
    ["4️⃣", "never"],
    ["yes", "once"],
    ["👍🏾", "once"],
    ["allow once", "once"],
    ["Allow once.", "once"],
    ["always", "always"],
    ["Always allow changes to this file", "always"],
    ["nope", "no"],
    ["Reject", "no"],
    ["yes no", "no"],
    ["never", "never"],
    ["1 👍", "once"],
    ["3, no thanks", "no"],
  ])("%j", (text, id) => {
    expect(outcome(text)).toBe(`3: ${id}`);
  });

  test("says so where it holds from now on, and where others were asked as well", () => {
    expect(write("always", [asked({ isAskedElsewhere: true })]).outcome).toMatchObject({
      isStanding: true,
      toOthers: `Already answered by ${ANNA}: allowed.`,
    });
    expect(write("no").outcome).not.toHaveProperty("isStanding");
  });

  test("is confirmed where the turn runs elsewhere", () => {
    const elsewhere = [asked({ isTurnHere: false })];
    expect([told("1", elsewhere), told("2", elsewhere), told("3", elsewhere)]).toEqual([
      "Allowed.",
      "Allowed from now on.",
      "Denied.",
    ]);
  });

  test.each([
    ["1 no", "approval.unclear"],
    ["3 yes", "approval.unclear"],
    ["why?", "turn"],
    ["yes?", "turn"],
    ["5", "turn"],
    ["/stop", "/stop"],
    ["stop", "/stop"],
    ["more", "approval.more"],
  ])("%j is none: %s", (text, code) => {
    expect(outcome(text)).toBe(code);
  });

  test("an option that calls its yes a no is not chosen by a no, nor one called stop by a stop", () => {
    const trap = request({ options: [option("trap", "No", "allow_once"), NO] });
    expect(outcome("no", [asked({ request: trap })])).toBe("3: no");
    expect(outcome("1", [asked({ request: trap })])).toBe("3: trap");
    const only = request({ options: [option("trap", "No", "allow_once")] });
    expect(outcome("no", [asked({ request: only })])).toBe("3: undefined");
    const cancel = request({ options: [ONCE, option("x", "Cancel", "reject_once")] });
    expect(outcome("Cancel", [asked({ request: cancel })])).toBe("/stop");
  });

  test("of two ways to allow it a yes chooses none", () => {
    const two = request({ options: [option("a", "Go", "allow_once"), option("b", "Go", "allow_once"), NO] });
    for (const text of ["yes", "go"])
      expect(outcome(text, [asked({ request: two })])).toBe("approval.unclear");
    expect(told("yes", [asked({ request: two })])).toBe(
      "I'm not sure which answer you mean. Please answer with a number: 1 to 3.",
    );
    expect(outcome("2", [asked({ request: two })])).toBe("3: b");
  });

  test("always chooses no mode", () => {
    const plan = request({ toolKind: "switch_mode", options: ALL });
    expect(outcome("always", [asked({ request: plan })])).toBe("approval.unclear");
    expect(outcome("2", [asked({ request: plan })])).toBe("3: always");
    expect(write("2", [asked({ request: plan })]).outcome).not.toHaveProperty("isStanding");
  });

  test("always where it is not offered is unclear; never is a no", () => {
    const offer = offerOptions(request(), { turnKind: "guests", isWhole: false });
    expect(outcome("always", [asked({ offer })])).toBe("approval.unclear");
    expect(outcome("never", [asked({ offer })])).toBe("3: no");
  });
});

describe("whose it is", () => {
  test.each<[string, Partial<InboundMessage>, Around, string]>([
    ["somebody else", { text: "1" }, { settings: { allowFrom: allow(ANNA) } }, "turn"],
    ["nobody who may write", { text: "1" }, { settings: { dmPolicy: "allowlist" } }, "dm.not-allowed"],
    [
      "an owner whom the policy shuts out",
      { text: "1" },
      { settings: { ...OWNED, dmPolicy: "disabled" } },
      "dm.disabled",
    ],
    ["an owner, with a file", { text: "1", attachments: [file()] }, {}, "turn"],
    ["an owner over SMS", { text: "1", chatGuid: asId<ChatGuid>(`SMS;-;${ANNA}`) }, {}, "owner.not-imessage"],
    [
      "an owner over SMS who asks for more",
      { text: "more", chatGuid: asId<ChatGuid>(`SMS;-;${ANNA}`) },
      {},
      "owner.not-imessage",
    ],
    [
      "an owner over SMS who says something else",
      { text: "why?", chatGuid: asId<ChatGuid>(`SMS;-;${ANNA}`) },
      {},
      "turn",
    ],
    ["ourselves", { text: "1", isFromMe: true }, {}, "own.row"],
    ["several people", { text: "1", participants: [ANNA, BEN] }, {}, "groupish.unconfigured"],
  ])("%s", (_who, row, around, code) => {
    expect(outcome(row, [asked()], around)).toBe(code);
  });

  test("in a self chat it answers as well", () => {
    const settings = { owners: [handleOf(SELF)], allowFrom: allow(SELF), selfHandles: [handleOf(SELF)] };
    const chat = {
      sender: SELF,
      chatIdentifier: SELF,
      participants: [SELF],
      chatGuid: asId<ChatGuid>("iMessage;-;self"),
    };
    expect(outcome({ ...chat, text: "yes" }, [asked()], { settings })).toBe("3: once");
  });

  test.each(["1", "yes", "no", "more", "why?"])("in a group %j says nothing to it", (text) => {
    expect(codeOf(decideInGroup(text, OWNED, { facts: { approvals: [asked()] } }))).toBe(
      "group.not-mentioned",
    );
  });
});

describe("when it was written", () => {
  test.each<[string, Partial<InboundMessage>, Partial<Entry>, number, string]>([
    ["two seconds after the request was sent", {}, {}, NOW - 2000, "3: once"],
    ["sooner", {}, {}, NOW - 1999, "approval.too-early"],
    ["before it, by Messages' dates", { createdAtMs: NOW - 5001 }, {}, NOW - 5000, "approval.too-early"],
    ["while nobody watched", { createdAtMs: NOW - 3000 }, { missed: true }, NOW - 5000, "3: once"],
    [
      "while nobody watched, at once",
      { createdAtMs: NOW - 4000 },
      { missed: true },
      NOW - 5000,
      "approval.too-early",
    ],
  ])("%s", (...[, row, beside, atMs, code]) => {
    for (const text of ["1", "yes", "👍"])
      expect(outcome({ createdAtMs: NOW, ...row, text }, [asked({}, atMs)], { beside })).toBe(code);
    const at = asId<MessageGuid>("Q");
    expect(
      outcome({ createdAtMs: NOW, ...row, ...tapback({ target: at }) }, [asked({}, atMs)], { beside }),
    ).toBe(code);
  });

  test("what is on its way cannot be answered yet; the sender is asked to do it again", () => {
    expect(outcome("1", [asked({ shown: undefined })])).toBe("approval.too-early");
    expect(told("yes", [asked({ shown: undefined })])).toBe(
      "That came before you could have read my question, so I didn't count it. Please answer again (1 to 4).",
    );
  });
});

describe("beside an answer", () => {
  test("more shows all of it, and is no prompt", () => {
    const long = asked({ request: request({ sections: [section("command", "x".repeat(5000))] }) });
    const decision = write("More", [long]);
    expect(codeOf(decision)).toBe("approval.more");
    expect(decision.reply?.map(({ text }) => text).join("")).toContain("x".repeat(3000));
    expect(outcome("more", [asked({ shown: undefined })])).toBe("turn");
  });

  test("an ordinary message is told once what is waited for, where the turn runs", () => {
    const decision = write("why?");
    expect(decision.reply?.map(({ text }) => text)).toEqual([
      "I'm waiting for your answer to the question above (1 to 4). Your new message is queued behind it; /stop cancels both.",
    ]);
    expect(decision.about).toEqual({ approvalId: 3, how: "reminder" });
    for (const quiet of [{ isReminded: true }, { isTurnHere: false }, over(), { shown: undefined }])
      expect(told("why?", [asked(quiet)])).toBeUndefined();
    expect(told("why?", [asked()], { settings: { allowFrom: allow(ANNA) } })).toBeUndefined();
    expect(told(inGroup({ text: "@main why?" }).message, [asked()])).toBeUndefined();
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
