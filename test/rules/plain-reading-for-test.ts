// Who may reach an agent, by a second, plain reading of the access rules: from the words of the specification, for tests only, sharing no
// code with the rules.
import { ANNA, type RawChat, type RawGroup, type World } from "./policy-world-for-test.ts";

/** "An entry matches the sender's handle or the message's chat." */
function inList(entries: readonly string[], { sender, chat }: World): boolean {
  return entries.some((text) => {
    if (text === "*") return true;
    if (namesChat(text, chat)) return true;
    const plain = text === "+1 (415) 555-0001" ? ANNA : text.toLowerCase();
    return plain === sender;
  });
}

function namesChat(text: string, { id, guid, identifier }: RawChat): boolean {
  const tail = guid.slice(guid.indexOf(";"));
  if (text.startsWith("chat_guid:")) return text.slice(text.indexOf(";")) === tail;
  return text === `chat_id:${id}` || text === `chat_identifier:${identifier}`;
}

/** "Exact keys only, `*` never"; the guid is the surest name of a chat, the row id the least sure. */
function exactGroup({ groups, chat }: World): RawGroup | undefined {
  const keys = Object.keys(groups);
  const key =
    keys.find((one) => one.startsWith("chat_guid:") && namesChat(one, chat)) ??
    keys.find((one) => one === `chat_identifier:${chat.identifier}`) ??
    keys.find((one) => one === String(chat.id));
  return key === undefined ? undefined : groups[key];
}

/** "A group message if `is_group`, or if its chat is a key of `groups`." */
export function isGroup(one: World): boolean {
  return one.chat.isGroup || exactGroup(one) !== undefined;
}

/** May this person reach an agent in this chat at all, mentions and commands aside? §4 and §6. */
export function mayReach(one: World): boolean {
  if (one.fromMe || one.sender === "" || one.text.trim() === "") return false;
  if (isGroup(one)) return mayReachInGroup(one);
  if (one.chat.participants.length > 1) return false;
  switch (one.dmPolicy) {
    case "disabled":
      return false;
    case "open":
      return true;
    case "allowlist":
      return inList(one.allowFrom, one);
    case "pairing":
      return inList(one.allowFrom, one) || one.paired;
  }
}

function groupList(one: World): readonly string[] {
  const own = exactGroup(one)?.allowFrom ?? one.groups["*"]?.allowFrom;
  return own ?? one.groupAllowFrom ?? one.allowFrom;
}

function mayReachInGroup(one: World): boolean {
  if (one.groupPolicy === "disabled") return false;
  if (one.groupPolicy === "allowlist" && !inList(groupList(one), one)) return false;
  const exact = exactGroup(one);
  const star = one.groups["*"];
  if (Object.keys(one.groups).length > 0 && exact === undefined && star === undefined) return false;
  if (!(exact?.enabled ?? star?.enabled ?? true)) return false;
  const own = exact?.allowFrom ?? star?.allowFrom;
  return own === undefined || inList(own, one);
}

type Command = "authorised" | "owner" | undefined;

/** What a text asks for, by the table of §8. */
function commandIn({ text, busy }: World): Command {
  const first = /^\/(\w+)/.exec(text.trim().toLowerCase())?.[1] ?? "";
  if (["help", "commands", "whoami", "id", "status", "new", "reset", "stop"].includes(first))
    return "authorised";
  if (["agent", "mode", "model", "pairing", "config"].includes(first)) return "owner";
  return busy && ["stop", "cancel!"].includes(text.toLowerCase()) ? "authorised" : undefined;
}

/** "SMS and RCS rows never count as the owner unless `commands.allowSms`; where the guid says `any;`, the service is the chat's." */
export function isOwner(one: World): boolean {
  const service = one.chat.guid.startsWith("any;") ? one.service : one.chat.guid.split(";")[0];
  return one.owners.includes(one.sender) && (one.allowSms || service === "iMessage");
}

function mayCommand(one: World, command: Command): boolean {
  if (isOwner(one)) return true;
  if (command === "owner") return false;
  return !isGroup(one) || !one.useAccessGroups || inList(groupList(one), one) || inList(one.allowFrom, one);
}

function isCalled(one: World): boolean {
  if (!isGroup(one) || one.mentionPatterns.length === 0) return true;
  const required = exactGroup(one)?.requireMention ?? one.groups["*"]?.requireMention ?? true;
  return !required || /\bclaw\b/.test(one.text);
}

function mayAnswer(one: World): boolean {
  if (one.allowTo === undefined) return true;
  if (!isGroup(one)) return inList(one.allowTo, one);
  return one.allowTo.some((text) => text === "*" || namesChat(text, one.chat));
}

/** What must come of it: a turn, a command, or neither. */
export function expected(one: World): "turn" | "command" | "neither" {
  if (!mayReach(one) || !mayAnswer(one)) return "neither";
  const command = commandIn(one);
  if (command) return mayCommand(one, command) ? "command" : "neither";
  return isCalled(one) ? "turn" : "neither";
}
