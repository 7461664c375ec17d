// Made-up worlds for the properties of admission: a config as strings, a message, and what the rules make of them.
import fc from "fast-check";
import type { Decision } from "../../src/model/decision.ts";
import { asId, type ChatGuid, type ChatId } from "../../src/model/ids.ts";
import type { InboundMessage } from "../../src/model/message.ts";
import type { AccountSettings, DmPolicy, GroupPolicy, GroupSettings } from "../../src/model/settings.ts";
import { account, agent, allow, decide, entry, group, handleOf, policyOf } from "./admission-for-test.ts";

/** Of a direct chat. */
export const ANNA = "+14155550001";
const BEN = "ben@example.com";
const AMAZON = "amazon";
const PEOPLE = [ANNA, BEN, AMAZON];

/** One key of `groups` as written. */
export interface RawGroup {
  readonly enabled?: boolean | undefined;
  readonly requireMention?: boolean | undefined;
  readonly allowFrom?: readonly string[] | undefined;
}

/** A config, a message and what the store knows, in the words of the outside. */
export interface World {
  readonly dmPolicy: DmPolicy;
  readonly allowFrom: readonly string[];
  readonly groupPolicy: GroupPolicy;
  readonly groupAllowFrom: readonly string[] | undefined;
  readonly groups: Readonly<Record<string, RawGroup>>;
  readonly owners: readonly string[];
  readonly useAccessGroups: boolean;
  readonly allowSms: boolean;
  /** What the chats list says; undefined: it was not asked, or did not answer. */
  readonly service: string | undefined;
  readonly mentionPatterns: readonly string[];
  readonly allowTo: readonly string[] | undefined;
  readonly chat: RawChat;
  readonly sender: string;
  readonly text: string;
  readonly fromMe: boolean;
  readonly paired: boolean;
  readonly busy: boolean;
}

/** A chat as imsg gives it. */
export interface RawChat {
  readonly id: number;
  readonly guid: string;
  readonly identifier: string;
  readonly participants: readonly string[];
  readonly isGroup: boolean;
}

const chat = fc.constantFrom<RawChat>(
  { id: 3, guid: `iMessage;-;${ANNA}`, identifier: ANNA, participants: [ANNA], isGroup: false },
  { id: 5, guid: `SMS;-;${ANNA}`, identifier: ANNA, participants: [ANNA], isGroup: false },
  { id: 4, guid: `any;-;${BEN}`, identifier: BEN, participants: [], isGroup: false },
  { id: 7, guid: "iMessage;+;chat7", identifier: "chat7", participants: [ANNA, BEN], isGroup: true },
  { id: 7, guid: "iMessage;+;chat7", identifier: "chat7", participants: [ANNA, BEN], isGroup: false },
  { id: 8, guid: "any;+;chat8", identifier: "chat8", participants: [BEN, AMAZON], isGroup: true },
  { id: 8, guid: "any;+;chat8", identifier: "chat8", participants: [BEN], isGroup: false },
);
const CHAT_NAMES = [
  "chat_id:3",
  "chat_id:7",
  "chat_id:8",
  "chat_guid:any;+;chat7",
  "chat_guid:SMS;-;+14155550001",
  "chat_guid:iMessage;+;chat8",
  "chat_identifier:chat7",
  "chat_identifier:Chat8",
];
const GROUP_KEYS = [
  "*",
  "7",
  "8",
  "3",
  "chat_guid:any;+;chat7",
  "chat_identifier:chat8",
  "chat_guid:x;+;other",
];
const list = fc.uniqueArray(
  fc.constantFrom("*", ...PEOPLE, ...PEOPLE, "AMAZON", "+1 (415) 555-0001", ...CHAT_NAMES),
  {
    maxLength: 3,
  },
);
const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });
const mostly = <T, U>(value: T, other: fc.Arbitrary<U>) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: other });
const rawGroup = fc.record({
  enabled: mostly(undefined, fc.boolean()),
  requireMention: maybe(fc.boolean()),
  allowFrom: maybe(list),
});
const text = fc.constantFrom(
  "hello",
  "hello claw",
  "clawback",
  "stop",
  "Cancel!",
  "/help",
  "/COMMANDS",
  "/id",
  "/status: now",
  "/new claw",
  "/reset",
  "/stop",
  "/agent",
  "/agent claw",
  "/mode",
  "/model claw",
  "/pairing approve ABCDEFGH",
  "/config set a=1",
  "/unknown",
  " \n",
);
/** Few names, so that lists, keys and chats often mean each other. */
export const world: fc.Arbitrary<World> = fc.record({
  dmPolicy: fc.constantFrom<DmPolicy>("pairing", "pairing", "allowlist", "open", "open", "disabled"),
  allowFrom: list,
  groupPolicy: fc.constantFrom<GroupPolicy>("allowlist", "allowlist", "open", "open", "disabled"),
  groupAllowFrom: maybe(list),
  groups: fc.dictionary(fc.constantFrom(...GROUP_KEYS), rawGroup, { maxKeys: 3 }),
  owners: fc.uniqueArray(fc.constantFrom(...PEOPLE), { maxLength: 2 }),
  useAccessGroups: fc.boolean(),
  allowSms: mostly(false, fc.boolean()),
  service: mostly("iMessage", fc.constantFrom("SMS", "RCS", undefined)),
  mentionPatterns: fc.constantFrom([], ["claw"]),
  allowTo: mostly(undefined, list),
  chat,
  sender: fc.constantFrom(...PEOPLE, ...PEOPLE, ...PEOPLE, ""),
  text,
  fromMe: mostly(false, fc.boolean()),
  paired: fc.boolean(),
  busy: fc.boolean(),
});

/** What the rules say of it. */
export function run(one: World): Decision {
  const rows: Partial<InboundMessage> = {
    chatId: asId<ChatId>(one.chat.id),
    chatGuid: asId<ChatGuid>(one.chat.guid),
    chatIdentifier: one.chat.identifier,
    participants: one.chat.participants,
    isGroup: one.chat.isGroup,
    sender: one.sender,
    ...(one.service === undefined || !one.chat.guid.startsWith("any;") ? {} : { service: one.service }),
    text: one.text,
    isFromMe: one.fromMe,
  };
  const settings: Partial<AccountSettings> = {
    dmPolicy: one.dmPolicy,
    allowFrom: allow(...one.allowFrom),
    groupPolicy: one.groupPolicy,
    groupAllowFrom: allow(...(one.groupAllowFrom ?? one.allowFrom)),
    groups: Object.entries(one.groups).map(([key, raw]) => settingsOf(key, raw, one.groups["*"])),
    owners: one.owners.map(handleOf),
    allowTo: one.allowTo && allow(...one.allowTo),
  };
  const policy = policyOf(account(settings), {
    agents: [agent("main", ...one.mentionPatterns)],
    commands: { config: true, useAccessGroups: one.useAccessGroups, allowSms: one.allowSms },
  });
  return decide(policy, entry(rows), { paired: one.paired, busy: one.busy });
}

/** As the config resolves a key. */
function settingsOf(key: string, raw: RawGroup, star: RawGroup | undefined): GroupSettings {
  const named = key === "*" ? "*" : allow(/^\d+$/.test(key) ? `chat_id:${key}` : key)[0];
  if (named === undefined || (named !== "*" && (named.kind === "any" || named.kind === "handle")))
    throw new Error(key);
  const allowFrom = raw.allowFrom ?? star?.allowFrom;
  return group(named, {
    enabled: raw.enabled ?? star?.enabled ?? true,
    requireMention: raw.requireMention ?? star?.requireMention ?? true,
    allowFrom: allowFrom && allow(...allowFrom),
  });
}
