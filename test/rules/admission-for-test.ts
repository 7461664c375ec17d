// Rows, facts and policies as the tests of admission make them: a plain direct message and a plain account, changed where a case says so.
import type { Decision } from "../../src/model/decision.ts";
import { parseHandle, parseSender, type Handle } from "../../src/model/handle.ts";
import { asId, type AccountId, type AgentId, type ChatGuid, type ChatId } from "../../src/model/ids.ts";
import type { ConversationId, EntryId, MessageGuid, RowId } from "../../src/model/ids.ts";
import type { Entry, EntryFacts } from "../../src/model/journal.ts";
import type { InboundMessage } from "../../src/model/message.ts";
import type { AccountSettings, AgentSettings, GroupSettings, Settings } from "../../src/model/settings.ts";
import { parseAllowEntry, type AllowEntry } from "../../src/model/target.ts";
import { admitPolicy, type AdmitPolicy } from "../../src/rules/admit-policy.ts";
import { decideAdmission } from "../../src/rules/admit.ts";

/** Moment of every decision. */
export const NOW = Date.UTC(2026, 4, 1, 12);
/** Who writes. */
export const ANNA = "+14155550001";
/** Somebody else. */
export const BEN = "+14155550002";
/** A handle of the account itself. */
export const SELF = "+14155550009";

/** A list as a config has it. */
export function allow(...texts: readonly string[]): AllowEntry[] {
  return texts.map((text) => {
    const parsed = parseAllowEntry(text, "US");
    if (!parsed.ok) throw new Error(parsed.reason);
    return parsed.value;
  });
}

/** A handle in its normal form. */
export function handleOf(text: string): Handle {
  const handle = parseHandle(text, "US");
  if (handle === undefined) throw new Error("no handle");
  return handle;
}

/** What makes a row one of group 7. */
export const IN_GROUP: Partial<InboundMessage> = {
  chatId: asId<ChatId>(7),
  chatGuid: asId<ChatGuid>("iMessage;+;chat7"),
  chatIdentifier: "chat7",
  chatName: "Family",
  participants: [ANNA, BEN],
  isGroup: true,
};

/** The same thread where it claims to be direct. */
export const GROUPISH: Partial<InboundMessage> = { ...IN_GROUP, isGroup: false };

/** A row: in the direct chat with Anna, from her, a second ago. */
export function message(over: Partial<InboundMessage> = {}): InboundMessage {
  return {
    accountId: asId<AccountId>("default"),
    rowId: asId<RowId>(7),
    guid: asId<MessageGuid>("G7"),
    chatId: asId<ChatId>(3),
    chatGuid: asId<ChatGuid>(`iMessage;-;${ANNA}`),
    chatIdentifier: ANNA,
    chatName: "",
    participants: [ANNA],
    isGroup: false,
    sender: ANNA,
    isFromMe: false,
    text: "hello",
    createdAtMs: NOW - 1000,
    attachments: [],
    ...over,
  };
}

/** The row, journaled as it came. */
export function entry(over: Partial<InboundMessage> = {}, beside: Partial<Entry> = {}): Entry {
  return {
    id: asId<EntryId>(1),
    conversationId: asId<ConversationId>(1),
    message: message(over),
    receivedAtMs: NOW,
    missed: false,
    healthyAtMs: NOW,
    ...beside,
  };
}

/** What the store knows of a chat in which nothing happened yet. */
export const FACTS: EntryFacts = {
  ownByGuid: undefined,
  ownRecent: [],
  ownUnreturned: [],
  delivered: undefined,
  twin: undefined,
  lastReply: [],
  mirrorStreak: 0,
  paired: false,
  request: "none",
  pendingRequests: 0,
  groupName: "7",
  pinnedAgent: undefined,
  busy: false,
  approvals: [],
  isMuted: false,
  wasGroupish: false,
  justBefore: [],
  firstStartMs: NOW - 10 * 86_400_000,
  nowMs: NOW,
};

/** One key of `groups`. */
export function group(key: GroupSettings["key"] | "*", over: Partial<GroupSettings> = {}): GroupSettings {
  return {
    key: key === "*" ? { kind: "any" } : key,
    enabled: true,
    requireMention: true,
    allowFrom: undefined,
    agentId: undefined,
    systemPrompt: "",
    historyLimit: 50,
    ...over,
  };
}

/** Group 7 as a key of `groups`. */
export const SEVEN = { kind: "chat_id", chatId: 7 } as const;

/** Another one. */
export const EIGHT = { kind: "chat_id", chatId: 8 } as const;

/** A row of group 7. */
export function inGroup(over: Partial<InboundMessage> = {}, beside: Partial<Entry> = {}): Entry {
  return entry({ ...IN_GROUP, ...over }, beside);
}

/** An account with the built-in defaults. */
export function account(over: Partial<AccountSettings> = {}): AccountSettings {
  const { allowFrom = [], owners = [] } = over;
  return {
    id: asId<AccountId>("default"),
    name: "default",
    transport: { cliPath: "imsg", dbPath: undefined, probeTimeoutMs: 10_000, reach: { kind: "local" } },
    media: { isTaken: false, roots: [], maxBytes: 16_777_216 },
    service: "auto",
    region: "US",
    dmPolicy: "pairing",
    allowFrom,
    groupPolicy: "allowlist",
    groupAllowFrom: allowFrom,
    groups: [],
    historyLimit: 50,
    dmHistoryLimit: 0,
    dmHistoryLimits: [],
    configWrites: true,
    allowTo: undefined,
    selfHandles: [],
    owners,
    notified: owners,
    catchupMaxAgeMs: 120 * 60_000,
    textChunkLimit: 4000,
    maxPartsPerReply: 20,
    chunkMode: "length",
    responsePrefix: "",
    turnsPerMinute: 20,
    sendsPerMinute: 10_000,
    sendsPerHour: 100_000,
    ...over,
  };
}

/** An agent that is called by these. */
export function agent(id: string, ...mentionPatterns: readonly string[]): AgentSettings {
  return {
    id: asId<AgentId>(id),
    name: id,
    runtime: { type: "echo" },
    workspace: "/w",
    mentionPatterns,
    streaming: "off",
    longTurnMs: 0,
  };
}

/** What settings say beside the account, as far as admission looks. */
export type Beside = Partial<
  Pick<Settings, "agents" | "bindings" | "commands" | "dmScope" | "identityLinks">
>;

/** The policy of an account. */
export function policyOf(settings: AccountSettings, beside: Beside = {}): AdmitPolicy {
  const whole: Settings = {
    version: "v1",
    accounts: [settings],
    stoppedAccounts: [],
    agents: [agent("main")],
    defaultAgentId: asId<AgentId>("main"),
    bindings: [],
    dmScope: "main",
    identityLinks: [],
    sessionReset: { mode: "never" },
    commands: { config: false, useAccessGroups: true, allowSms: false },
    debounceMs: 0,
    maxConcurrentTurns: 4,
    gateway: { bind: "127.0.0.1", port: 1, token: undefined, publicUrls: [], metricsToken: undefined },
    storePath: "/s",
    logLevel: "silent",
    warnings: [],
    ...beside,
  };
  return admitPolicy(whole, settings, {
    openedAtMs: NOW - 3_600_000,
    newCode: () => "ABCDEFGH",
    readingMs: 2_000,
  });
}

/** Decides about a row. */
export function decide(policy: AdmitPolicy, row: Entry = entry(), facts: Partial<EntryFacts> = {}): Decision {
  const handle = parseSender(row.message.sender, policy.account.region);
  return decideAdmission(policy, row, { handle, facts: { ...FACTS, ...facts } });
}

/** An agent that is called by a name. */
export const CALLED: readonly AgentSettings[] = [agent("main", "claw")];

/** Decides about a text in group 7, which is open and in which Anna must call the agent. */
export function decideInGroup(
  text: string,
  over: Partial<AccountSettings> = {},
  { facts = {}, beside = {} }: { facts?: Partial<EntryFacts>; beside?: Beside } = {},
): Decision {
  const policy = policyOf(account({ groupPolicy: "open", ...over }), { agents: CALLED, ...beside });
  return decide(policy, inGroup({ text }), facts);
}

/** True when the agent of the group is shown the row later. */
export function isContext({ outcome }: Decision): boolean {
  return outcome.kind === "remember" && outcome.asContext === true;
}

/** The code of a decision; `turn`, or the command with its slash. */
export function codeOf({ outcome }: Decision): string {
  if (outcome.kind === "turn") return "turn";
  if (outcome.kind === "answer") return "answer";
  return outcome.kind === "command" ? `/${outcome.command.name}` : outcome.code;
}
