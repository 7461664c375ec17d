// Direct messages by every direct policy, list, approval and kind of chat; their commands; where replies may go.
import { describe, expect, test } from "vitest";
import { asId, type AccountId, type AgentId } from "../model/ids.ts";
import type { EntryFacts } from "../model/journal.ts";
import type { InboundMessage } from "../model/message.ts";
import type { AccountSettings, DmPolicy } from "../model/settings.ts";
import {
  account,
  agent,
  allow,
  ANNA,
  BEN,
  codeOf,
  decide,
  entry,
  group,
  GROUPISH,
  handleOf,
  IN_GROUP,
  policyOf,
  SELF,
  SEVEN,
} from "../../test/rules/admission-for-test.ts";

interface Kind {
  readonly row: Partial<InboundMessage>;
  readonly over: Partial<AccountSettings>;
}

const KINDS = {
  direct: { row: {}, over: {} },
  "direct without participants": { row: { participants: [] }, over: {} },
  group: { row: IN_GROUP, over: {} },
  "group-ish, configured": { row: GROUPISH, over: { groups: [group(SEVEN)] } },
  "group-ish, not configured": { row: GROUPISH, over: {} },
  "group-ish, only * configured": { row: GROUPISH, over: { groups: [group("*")] } },
  "self chat": {
    row: { sender: SELF, chatIdentifier: SELF, participants: [SELF] },
    over: { selfHandles: [handleOf(SELF)] },
  },
} satisfies Record<string, Kind>;

/** Of a sender who is neither listed nor paired, listed, paired, both. */
type Row = readonly [neither: string, listed: string, paired: string, both: string];

const [dropped, stranger] = ["dm.not-allowed", "pairing.code-sent"];
const DIRECT: Record<DmPolicy, Row> = {
  disabled: ["dm.disabled", "dm.disabled", "dm.disabled", "dm.disabled"],
  open: ["turn", "turn", "turn", "turn"],
  allowlist: [dropped, "turn", dropped, "turn"],
  pairing: [stranger, "turn", "turn", "turn"],
};
/** In a group the direct policy and approvals say nothing, and the list is the group's. */
const IN_ANY_GROUP: Row = ["group.sender-not-allowed", "turn", "group.sender-not-allowed", "turn"];
const HELD: Row = Array.from({ length: 4 }, () => "groupish.unconfigured") as unknown as Row;

const EXPECTED: Record<keyof typeof KINDS, Record<DmPolicy, Row>> = {
  direct: DIRECT,
  "direct without participants": DIRECT,
  group: { disabled: IN_ANY_GROUP, open: IN_ANY_GROUP, allowlist: IN_ANY_GROUP, pairing: IN_ANY_GROUP },
  "group-ish, configured": {
    disabled: IN_ANY_GROUP,
    open: IN_ANY_GROUP,
    allowlist: IN_ANY_GROUP,
    pairing: IN_ANY_GROUP,
  },
  "group-ish, not configured": { disabled: HELD, open: HELD, allowlist: HELD, pairing: HELD },
  "group-ish, only * configured": { disabled: HELD, open: HELD, allowlist: HELD, pairing: HELD },
  "self chat": { ...DIRECT, pairing: ["pairing.self", "turn", "turn", "turn"] },
};

describe("dmPolicy × listed × paired × kind of chat", () => {
  const cases = Object.entries(EXPECTED).flatMap(([kind, policies]) =>
    Object.entries(policies).flatMap(([dmPolicy, codes]) =>
      codes.map((code, at) => ({ kind, dmPolicy, listed: at % 2 === 1, paired: at > 1, code })),
    ),
  );
  test.each(cases)("$kind, $dmPolicy, listed $listed, paired $paired: $code", (one) => {
    const { row, over }: Kind = KINDS[one.kind as keyof typeof KINDS];
    const allowFrom = one.listed ? allow(row.sender ?? ANNA) : [];
    const policy = policyOf(account({ ...over, allowFrom, dmPolicy: one.dmPolicy as DmPolicy }));
    expect(codeOf(decide(policy, entry(row), { paired: one.paired }))).toBe(one.code);
  });
});

describe("commands", () => {
  const owners = [handleOf(BEN)];
  const policy = policyOf(account({ dmPolicy: "allowlist", allowFrom: allow(ANNA, BEN), owners }));
  const by = (sender: string, text: string, facts: Partial<EntryFacts> = {}) =>
    decide(policy, entry({ sender, text }), facts);

  test.each([
    [ANNA, "/help", "/help"],
    [ANNA, "/new: again", "/new"],
    [ANNA, "/agent", "command.not-owner"],
    [ANNA, "/config show", "command.not-owner"],
    [ANNA, "/pairing list", "command.not-owner"],
    [ANNA, "/unknown", "turn"],
    [BEN, "/agent coder", "/agent"],
    [BEN, "/config set a 1", "/config"],
    ["+14155550003", "/help", "dm.not-allowed"],
  ])("%s, %s: %s", (sender, text, expected) => {
    expect(codeOf(by(sender, text))).toBe(expected);
  });
  test("a command carries what was given and the route of the conversation", () => {
    expect(by(BEN, "/Agent Coder").outcome).toEqual({
      kind: "command",
      command: { name: "agent", args: "Coder", role: "owner", inOrder: true },
      agentId: "main",
      sessionKey: "agent:main:main",
    });
  });
  test("a bare stop is one only while there is something to stop", () => {
    expect(codeOf(by(ANNA, "Stop.", { busy: true }))).toBe("/stop");
    expect(codeOf(by(ANNA, "Stop.", { busy: false }))).toBe("turn");
  });
  test("a stranger's command meets pairing like any message", () => {
    const pairing = policyOf(account());
    expect(codeOf(decide(pairing, entry({ text: "/help" })))).toBe("pairing.code-sent");
  });
  test("a mirror's command is not carried out for ever", () => {
    const facts = { lastReply: ["/help: this list"], mirrorStreak: 2 };
    expect(codeOf(by(ANNA, "/help: this list", facts))).toBe("echo.mirror");
  });
  test("a refusal is silent and says what to do in the journal", () => {
    expect(by(ANNA, "/config show").outcome).toEqual({
      kind: "ignore",
      code: "command.not-owner",
      because: `/config is for the owner, and ${ANNA} is not`,
      fix: `If they are, add "${ANNA}" to commands.ownerAllowFrom.`,
    });
  });
});

describe("allowTo", () => {
  const at = (allowTo: string[], text = "hello", over: Partial<AccountSettings> = {}) =>
    codeOf(
      decide(
        policyOf(account({ dmPolicy: "open", allowFrom: allow("*"), allowTo: allow(...allowTo), ...over })),
        entry({ text }),
      ),
    );
  test.each([
    [[], "hello", "reply.not-allowed"],
    [[], "/help", "reply.not-allowed"],
    [[BEN], "hello", "reply.not-allowed"],
    [[ANNA], "hello", "turn"],
    [[ANNA], "/help", "/help"],
    [["chat_id:3"], "hello", "turn"],
    [[`chat_guid:SMS;-;${ANNA}`], "hello", "turn"],
    [["*"], "hello", "turn"],
  ])("%j, %s: %s", (allowTo, text, expected) => {
    expect(at(allowTo, text)).toBe(expected);
  });
  test("no pairing code goes where nothing may go; a pending request says so first", () => {
    const pairing = { dmPolicy: "pairing", allowFrom: [] } as const;
    expect(at([], "hello", pairing)).toBe("reply.not-allowed");
    expect(at([ANNA], "hello", pairing)).toBe("pairing.code-sent");
    const policy = policyOf(account({ ...pairing, allowTo: [] }));
    expect(codeOf(decide(policy, entry(), { request: "pending" }))).toBe("pairing.code-pending");
  });
});

test("a pin chooses the agent", () => {
  const agents = [agent("main"), agent("coder")];
  const policy = policyOf(account({ allowFrom: allow(ANNA) }), { agents });
  const pinnedAgent = asId<AgentId>("coder");
  expect(decide(policy, entry(), { pinnedAgent }).outcome).toMatchObject({ agentId: "coder" });
});

describe("what to do about it names the key", () => {
  const fixAt = (id: string): string => {
    const { outcome } = decide(policyOf(account({ id: asId<AccountId>(id) })), entry(GROUPISH));
    return "fix" in outcome ? outcome.fix : "";
  };
  test.each([
    ["default", 'To treat it as a group, add channels.imessage.groups["7"].'],
    [
      "work",
      'To treat it as a group, add channels.imessage.groups["7"] (where the account has its own: channels.imessage.accounts.work.groups["7"]).',
    ],
    [
      "my-mac",
      'To treat it as a group, add channels.imessage.groups["7"] (where the account has its own: channels.imessage.accounts["my-mac"].groups["7"]).',
    ],
  ])("of account %s", (id, expected) => {
    expect(fixAt(id)).toBe(expected);
  });
});

test("no pairing code goes into a thread that had several people once, though one of them is left", () => {
  const stranger = entry({});
  const policy = { dmPolicy: "pairing" } as const;
  const decideIn = (facts: Partial<EntryFacts>): string =>
    codeOf(decide(policyOf(account(policy)), stranger, facts));
  expect([decideIn({}), decideIn({ wasGroupish: true })]).toEqual([
    "pairing.code-sent",
    "pairing.not-one-to-one",
  ]);
});
