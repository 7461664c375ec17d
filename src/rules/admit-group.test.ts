// Group messages by every policy, registry, mention, command and role.
import { describe, expect, test } from "vitest";
import { asId, type AgentId } from "../model/ids.ts";
import type { EntryFacts } from "../model/journal.ts";
import type { AccountSettings, GroupPolicy, GroupSettings } from "../model/settings.ts";
import {
  account,
  agent,
  allow,
  ANNA,
  BEN,
  CALLED,
  codeOf,
  decide,
  decideInGroup,
  EIGHT,
  group,
  handleOf,
  inGroup,
  isContext,
  policyOf,
  SEVEN,
} from "../../test/rules/admission-for-test.ts";

const REGISTRIES: Record<string, readonly GroupSettings[]> = {
  none: [],
  exact: [group(SEVEN)],
  "by guid": [group({ kind: "chat_guid", guid: "any;+;chat7" })],
  "by identifier": [group({ kind: "chat_identifier", identifier: "chat7" })],
  "other only": [group(EIGHT)],
  star: [group(EIGHT), group("*")],
  "exact disabled": [group("*"), group(SEVEN, { enabled: false })],
  "star disabled": [group("*", { enabled: false })],
  "star disabled, exact enabled": [group("*", { enabled: false }), group(SEVEN)],
  "own list with the sender": [group(SEVEN, { allowFrom: allow(ANNA) })],
  "own list with the chat": [group(SEVEN, { allowFrom: allow("chat_guid:any;+;chat7") })],
  "own list without the sender": [group(SEVEN, { allowFrom: allow(BEN) })],
  "own list of nobody": [group(SEVEN, { allowFrom: [] })],
  "the star's list without the sender": [group("*", { allowFrom: allow(BEN) })],
};

const [off, sender, unregistered, disabled] = [
  "group.disabled",
  "group.sender-not-allowed",
  "group.not-registered",
  "group.entry-disabled",
];

/** Under `allowlist` with the sender unlisted and listed in `groupAllowFrom`, then the same under `open`. */
const EXPECTED: Record<keyof typeof REGISTRIES, readonly [string, string, string, string]> = {
  none: [sender, "turn", "turn", "turn"],
  exact: [sender, "turn", "turn", "turn"],
  "by guid": [sender, "turn", "turn", "turn"],
  "by identifier": [sender, "turn", "turn", "turn"],
  "other only": [sender, unregistered, unregistered, unregistered],
  star: [sender, "turn", "turn", "turn"],
  "exact disabled": [sender, disabled, disabled, disabled],
  "star disabled": [sender, disabled, disabled, disabled],
  "star disabled, exact enabled": [sender, "turn", "turn", "turn"],
  "own list with the sender": ["turn", "turn", "turn", "turn"],
  "own list with the chat": ["turn", "turn", "turn", "turn"],
  "own list without the sender": [sender, sender, sender, sender],
  "own list of nobody": [sender, sender, sender, sender],
  "the star's list without the sender": [sender, sender, sender, sender],
};

describe("groupPolicy × registry × listed", () => {
  const cases = Object.entries(EXPECTED).flatMap(([registry, codes]) => [
    ...codes.map((code, at) => ({
      groupPolicy: at < 2 ? "allowlist" : "open",
      registry,
      listed: at % 2 === 1,
      code,
    })),
    { groupPolicy: "disabled", registry, listed: true, code: off },
    { groupPolicy: "disabled", registry, listed: false, code: off },
  ]);
  test.each(cases)("$groupPolicy, $registry, listed $listed: $code", (one) => {
    const settings = account({
      groupPolicy: one.groupPolicy as GroupPolicy,
      groups: REGISTRIES[one.registry] ?? [],
      groupAllowFrom: one.listed ? allow(ANNA) : [],
    });
    // An approval must never count.
    expect(codeOf(decide(policyOf(settings), inGroup(), { paired: true }))).toBe(one.code);
  });
  test("the chat itself may be listed", () => {
    const by = (text: string) =>
      codeOf(decide(policyOf(account({ groupAllowFrom: allow(text) })), inGroup()));
    expect(["chat_id:7", "chat_identifier:chat7", "chat_guid:SMS;+;chat7", "*"].map(by)).toEqual(
      Array.from({ length: 4 }, () => "turn"),
    );
    expect(["chat_id:8", BEN, "chat_guid:SMS;-;chat7"].map(by)).toEqual(
      Array.from({ length: 3 }, () => sender),
    );
  });
  test("an explicit empty groupAllowFrom does not fall back", () => {
    const settings = account({ allowFrom: allow("*"), groupAllowFrom: [] });
    expect(codeOf(decide(policyOf(settings), inGroup()))).toBe(sender);
  });
});

describe("mention", () => {
  const cases = [
    { required: true, patterns: true, mentioned: false, code: "group.not-mentioned" },
    { required: true, patterns: true, mentioned: true, code: "turn" },
    { required: true, patterns: false, mentioned: false, code: "turn" },
    { required: true, patterns: false, mentioned: true, code: "turn" },
    { required: false, patterns: true, mentioned: false, code: "turn" },
    { required: false, patterns: true, mentioned: true, code: "turn" },
    { required: false, patterns: false, mentioned: false, code: "turn" },
    { required: false, patterns: false, mentioned: true, code: "turn" },
  ];
  test.each(cases)("required $required, patterns $patterns, mentioned $mentioned: $code", (one) => {
    const groups = [group("*", { requireMention: one.required })];
    const agents = [agent("main", ...(one.patterns ? ["claw"] : []))];
    const decision = decideInGroup(one.mentioned ? "Claw, hi" : "hi", { groups }, { beside: { agents } });
    expect(codeOf(decision)).toBe(one.code);
    expect(isContext(decision)).toBe(one.code === "group.not-mentioned");
  });
  test("without groups a mention is required", () => {
    expect([codeOf(decideInGroup("hi")), codeOf(decideInGroup("hi claw"))]).toEqual([
      "group.not-mentioned",
      "turn",
    ]);
  });
  test("the gate says that it cannot be enforced", () => {
    const { gates } = decideInGroup("hi", {}, { beside: { agents: [agent("main")] } });
    expect(gates.find(({ name }) => name === "mention")).toEqual({
      name: "mention",
      saw: "cannot be enforced: agent main has no mention patterns",
      passed: true,
    });
  });
  test("the patterns of the agent that would answer count", () => {
    const agents = [agent("main", "claw"), agent("family", "nanny")];
    const groups = [group(SEVEN, { agentId: asId<AgentId>("family") })];
    const to = (text: string, facts: Partial<EntryFacts> = {}) =>
      codeOf(decideInGroup(text, { groups }, { facts, beside: { agents } }));
    expect([to("hi claw"), to("hi nanny")]).toEqual(["group.not-mentioned", "turn"]);
    const pinnedAgent = asId<AgentId>("main");
    expect(to("hi claw", { pinnedAgent })).toBe("turn");
  });
});

describe("command × role × mention", () => {
  const OWNER = "+14155550003";
  const owners = [handleOf(OWNER)];
  /** What a stranger, a member who is listed and the owner get under an open policy, mention required. */
  const table: [string, string, string, string][] = [
    ["/help", "command.not-authorised", "/help", "/help"],
    ["/ID", "command.not-authorised", "/whoami", "/whoami"],
    ["/status", "command.not-authorised", "/status", "/status"],
    ["/new go", "command.not-authorised", "/new", "/new"],
    ["/stop", "command.not-authorised", "/stop", "/stop"],
    ["/agent", "command.not-authorised", "command.not-owner", "/agent"],
    ["/pairing list", "command.not-authorised", "command.not-owner", "/pairing"],
    ["/config show", "command.not-authorised", "command.not-owner", "/config"],
    ["/nonsense", "group.not-mentioned", "group.not-mentioned", "group.not-mentioned"],
    ["claw /help", "turn", "turn", "turn"],
  ];
  const lists = ["groupAllowFrom", "allowFrom"] as const;
  test.each(lists.flatMap((list) => table.map((row) => [list, ...row] as const)))(
    "listed in %s: %s",
    (list, text, ...expected) => {
      const settings = account({ groupPolicy: "open", owners, groupAllowFrom: [], [list]: allow(BEN) });
      const policy = policyOf(settings, { agents: CALLED });
      const by = (sender: string) => codeOf(decide(policy, inGroup({ sender, text }), { paired: true }));
      expect([ANNA, BEN, OWNER].map(by)).toEqual(expected);
    },
  );
  test("without access groups whoever is admitted may give commands, the owner's excepted", () => {
    const beside = { commands: { config: true, useAccessGroups: false, allowSms: false } };
    expect(codeOf(decideInGroup("/help", {}, { beside }))).toBe("/help");
    expect(codeOf(decideInGroup("/config show", {}, { beside }))).toBe("command.not-owner");
  });
  test("a group's own list authorises", () => {
    expect(codeOf(decideInGroup("/help", { groups: [group(SEVEN, { allowFrom: allow(ANNA) })] }))).toBe(
      "/help",
    );
  });
  test("nothing but the mention is passed by", () => {
    const text = "/help";
    expect(codeOf(decideInGroup(text, { groupPolicy: "disabled", allowFrom: allow(ANNA) }))).toBe(off);
    expect(
      codeOf(decideInGroup(text, { groupPolicy: "allowlist", groupAllowFrom: [], owners: [handleOf(ANNA)] })),
    ).toBe(sender);
    expect(codeOf(decideInGroup(text, { groups: [group(EIGHT)], allowFrom: allow(ANNA) }))).toBe(
      unregistered,
    );
    expect(codeOf(decideInGroup(text, { allowTo: [], allowFrom: allow(ANNA) }))).toBe("reply.not-allowed");
  });
  test("a bare stop stops what runs, by those who may", () => {
    const facts = { busy: true };
    expect(codeOf(decideInGroup("stop", { allowFrom: allow(ANNA) }, { facts }))).toBe("/stop");
    expect(codeOf(decideInGroup("stop", {}, { facts }))).toBe("command.not-authorised");
    expect(codeOf(decideInGroup("stop", { allowFrom: allow(ANNA) }))).toBe("group.not-mentioned");
  });
});

test.each<[Partial<AccountSettings>, string, string]>([
  [{ groupPolicy: "disabled" }, "hi", 'Set channels.imessage.groupPolicy to "allowlist".'],
  [{}, "hi", `Add "${ANNA}" to channels.imessage.groupAllowFrom; while that is not set, allowFrom counts.`],
  [
    { groups: [group(SEVEN, { allowFrom: [] })] },
    "hi",
    `Add "${ANNA}" to channels.imessage.groups["7"].allowFrom.`,
  ],
  [
    { groupPolicy: "open", groups: [group("*", { allowFrom: [] })] },
    "hi",
    `Add "${ANNA}" to channels.imessage.groups["*"].allowFrom.`,
  ],
  [{ groupPolicy: "open", groups: [group(EIGHT)] }, "hi", 'Add channels.imessage.groups["7"].'],
  [
    { groupPolicy: "open", groups: [group("*", { enabled: false })] },
    "hi",
    'Set channels.imessage.groups["*"].enabled to true.',
  ],
  [
    { groupPolicy: "open" },
    "/help",
    `Add "${ANNA}" to channels.imessage.allowFrom, or set commands.useAccessGroups to false.`,
  ],
])("every refusal says what to do: %j, %s", (over, text, expected) => {
  const { outcome } = decide(policyOf(account(over)), inGroup({ text }));
  expect("fix" in outcome ? outcome.fix : "").toBe(expected);
});
