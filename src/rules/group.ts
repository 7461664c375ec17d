// Which messages are of a group, what `groups` says about it, and how much of what was said before an agent is shown.
import type { Handle } from "../model/handle.ts";
import type { ChatRef } from "../model/message.ts";
import type { AccountSettings, GroupSettings } from "../model/settings.ts";
import { entryNamesChat, type AllowEntry } from "../model/target.ts";

/** A group as the configuration sees it. */
export interface Group {
  /** The key of `groups` that names the chat itself, as written there; undefined: `"*"` or nothing. */
  readonly exactKey: string | undefined;
  /** The exact key's settings, else those of `"*"`; undefined: `groups` says nothing about this chat. */
  readonly settings: GroupSettings | undefined;
  /** The group's own list, else the account's. */
  readonly allowFrom: readonly AllowEntry[];
  readonly requireMention: boolean;
}

/** Where several keys name one chat, the surest name counts. */
const SUREST_FIRST = ["chat_guid", "chat_identifier", "chat_id"] as const;

/** The group that a chat is; undefined for a direct chat. `"*"` makes no thread a group. */
export function groupOf(account: AccountSettings, chat: ChatRef): Group | undefined {
  const exact = exactSettings(account.groups, chat);
  if (!chat.isGroup && exact === undefined) return undefined;
  const settings = exact ?? account.groups.find((one) => one.key.kind === "any");
  return {
    exactKey: exact && renderKey(exact.key),
    settings,
    allowFrom: settings?.allowFrom ?? account.groupAllowFrom,
    requireMention: settings?.requireMention ?? true,
  };
}

/** What `groups` has against a group, whoever writes in it. Where `groups` has any key, one of them must name it, or be `"*"`. */
export function registryFault(
  account: AccountSettings,
  { settings }: Group,
): "group.not-registered" | "group.entry-disabled" | undefined {
  if (account.groups.length > 0 && settings === undefined) return "group.not-registered";
  return settings?.enabled === false ? "group.entry-disabled" : undefined;
}

/** How much of what was said before a turn of this chat is given: unanswered messages of a group, earlier turns of a direct chat. */
export function contextLimits(
  account: AccountSettings,
  { message, handle }: { readonly message: ChatRef; readonly handle: Handle },
): { readonly messages: number; readonly turns: number } {
  const group = groupOf(account, message);
  if (group) return { messages: group.settings?.historyLimit ?? account.historyLimit, turns: 0 };
  const own = account.dmHistoryLimits.find((one) => one.handle === handle);
  return { messages: 0, turns: own?.turns ?? account.dmHistoryLimit ?? 0 };
}

/** Most earlier turns that an agent may ask for. */
const MOST_EARLIER = 200;

/** How many earlier turns of a session an agent may be shown that asks for them: what direct chats have no limit for, groups have none. */
export function transcriptLimit(
  account: AccountSettings,
  { message, handle }: { readonly message: ChatRef; readonly handle: Handle },
): number {
  if (groupOf(account, message)) return MOST_EARLIER;
  const own = account.dmHistoryLimits.find((one) => one.handle === handle);
  return own?.turns ?? account.dmHistoryLimit ?? MOST_EARLIER;
}

/** True when an entry of a list matches the sender or the chat. */
export function isListed(list: readonly AllowEntry[], chat: ChatRef, handle: Handle): boolean {
  return list.some(
    (entry) =>
      entry.kind === "any" ||
      (entry.kind === "handle" ? entry.handle === handle : entryNamesChat(entry, chat)),
  );
}

function exactSettings(groups: readonly GroupSettings[], chat: ChatRef): GroupSettings | undefined {
  const named = groups.filter(({ key }) => key.kind !== "any" && entryNamesChat(key, chat));
  return SUREST_FIRST.map((kind) => named.find(({ key }) => key.kind === kind)).find((one) => one);
}

function renderKey(key: GroupSettings["key"]): string {
  switch (key.kind) {
    case "any":
      return "*";
    case "chat_id":
      return String(key.chatId);
    case "chat_guid":
      return `chat_guid:${key.guid}`;
    case "chat_identifier":
      return `chat_identifier:${key.identifier}`;
  }
}
