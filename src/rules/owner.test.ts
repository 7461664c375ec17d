// Who counts as the owner: by handle, by service, and what is said to one who does not count.
import { describe, expect, test } from "vitest";
import {
  account,
  allow,
  ANNA,
  BEN,
  codeOf,
  decide,
  entry,
  handleOf,
  inGroup,
  message,
  policyOf,
} from "../../test/rules/admission-for-test.ts";
import { asId, type ChatGuid } from "../model/ids.ts";
import type { InboundMessage } from "../model/message.ts";
import { actsAsOwner, decideOwner, isOwnersTurn } from "./owner.ts";

const guid = (text: string): Partial<InboundMessage> => ({ chatGuid: asId<ChatGuid>(text) });
const policy = (allowSms = false) => ({ account: { owners: [handleOf(ANNA)] }, commands: { allowSms } });
const written = (over: Partial<InboundMessage>, by = ANNA) => ({
  message: message(over),
  handle: handleOf(by),
});

describe("an owner's message", () => {
  const table: readonly [string, Partial<InboundMessage>, string | undefined, boolean][] = [
    ["over iMessage", guid(`iMessage;-;${ANNA}`), "iMessage", true],
    ["over iMessage by satellite", guid(`iMessageLite;-;${ANNA}`), "iMessageLite", true],
    ["over SMS", guid(`SMS;-;${ANNA}`), "SMS", false],
    ["over RCS", guid(`RCS;-;${ANNA}`), "RCS", false],
    ["in a group of text messages", guid("SMS;+;chat7"), "SMS", false],
    ["in a group of iMessage", guid("iMessage;+;chat7"), "iMessage", true],
    ["over a service nobody knows", guid(`Pigeon;-;${ANNA}`), "Pigeon", false],
    [
      "in a chat of any service that is iMessage now",
      { ...guid(`any;-;${ANNA}`), service: "iMessage" },
      "iMessage",
      true,
    ],
    ["in a chat of any service that is SMS now", { ...guid(`any;-;${ANNA}`), service: "SMS" }, "SMS", false],
    ["in a group of any service that is RCS now", { ...guid("any;+;chat7"), service: "RCS" }, "RCS", false],
    [
      "in a chat of any service of which nothing is known",
      { ...guid(`any;-;${ANNA}`), service: "" },
      undefined,
      false,
    ],
    ["in a chat without a guid", guid(""), undefined, false],
    ["whose row says SMS", { ...guid(`iMessage;-;${ANNA}`), service: "SMS" }, "SMS", false],
    ["in any case", { ...guid(`ANY;-;${ANNA}`), service: "imessage" }, "imessage", true],
  ];
  test.each(table)("%s", (_what, over, service, counts) => {
    expect(decideOwner(policy(), written(over))).toEqual(
      counts ? { kind: "owner" } : { kind: "not-vouched-for", service },
    );
    expect(actsAsOwner(policy(true), written(over))).toBe(true);
    expect(decideOwner(policy(true), written(over, BEN))).toEqual({ kind: "somebody-else" });
  });

  test("does not make a turn the owner's that somebody else wrote in", () => {
    const [owner, guest] = [written({}), written({}, BEN)];
    expect(isOwnersTurn(policy(), [owner, owner])).toBe(true);
    expect(isOwnersTurn(policy(), [guest, owner])).toBe(false);
    expect(isOwnersTurn(policy(), [written(guid(`SMS;-;${ANNA}`)), owner])).toBe(false);
    expect(isOwnersTurn(policy(), [])).toBe(false);
  });
});

describe("over SMS", () => {
  const owned = { owners: [handleOf(ANNA)], allowFrom: allow(ANNA) };
  const sms = guid(`SMS;-;${ANNA}`);
  const decideSms = (text: string, over: Partial<InboundMessage> = sms) =>
    decide(policyOf(account(owned)), entry({ text, ...over }));

  test.each(["/config show", "/pairing list", "/agent main", "/mode plan", "/model x"])(
    "%s is not taken, and the owner is told why",
    (text) => {
      const { outcome, notice, noticeOnce, gates } = decideSms(text);
      expect(outcome).toEqual({
        kind: "ignore",
        code: "owner.not-imessage",
        because: expect.stringContaining("the message came over SMS, where anyone can write as +14155550001"),
        fix: "Send it over iMessage, or set commands.allowSms to true.",
      });
      expect(notice).toContain("came over SMS");
      expect(noticeOnce).toBe("owner.not-imessage");
      expect(gates.at(-1)).toMatchObject({ name: "owner", passed: false });
    },
  );

  test("where the service is not known the reason says so", () => {
    const { outcome, noticeOnce } = decideSms("/config show", guid(`any;-;${ANNA}`));
    expect(outcome).toMatchObject({
      code: "owner.not-imessage",
      because: expect.stringContaining("does not say"),
    });
    expect(noticeOnce).toBe("owner.service-unknown");
  });

  test.each([
    ["hello", "turn"],
    ["/status", "/status"],
    ["/stop", "/stop"],
  ])("%s is a guest's", (text, code) => {
    const decision = decideSms(text);
    expect([codeOf(decision), decision.notice]).toEqual([code, undefined]);
    if (decision.outcome.kind === "command") expect(decision.outcome.command.role).toBe("authorised");
  });

  test("in a group the same holds", () => {
    const settings = account({ ...owned, groupPolicy: "open" });
    const row = inGroup({ text: "/config show", ...guid("SMS;+;chat7") });
    expect(codeOf(decide(policyOf(settings), row))).toBe("owner.not-imessage");
  });

  test("commands.allowSms makes it the owner's", () => {
    const commands = { config: true, useAccessGroups: true, allowSms: true };
    const decision = decide(policyOf(account(owned), { commands }), entry({ text: "/config show", ...sms }));
    expect(decision.outcome).toMatchObject({ kind: "command", command: { name: "config", role: "owner" } });
  });
});
