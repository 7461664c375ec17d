// Who can reach an agent in which groups of an account, and whether a mention is needed: for the status, in data and in words.
import type { AgentId } from "../../model/ids.ts";
import type { AccountSettings, GroupPolicy, GroupSettings, Settings } from "../../model/settings.ts";
import { renderEntry, type AllowEntry } from "../../model/target.ts";

/** What the configuration says about the groups of one account. */
export interface GroupReach {
  readonly groupPolicy: GroupPolicy;
  /** Where a group has no list of its own. */
  readonly groupAllowFrom: readonly string[];
  /** Empty: every group. */
  readonly groups: readonly ReachedGroup[];
  /** Agents that are to be mentioned in groups and have no mention patterns: they answer everything there. */
  readonly unenforced: readonly AgentId[];
  readonly summary: string;
}

/** One key of `groups`. */
export interface ReachedGroup {
  readonly key: string;
  readonly enabled: boolean;
  readonly requireMention: boolean;
  readonly allowFrom: readonly string[] | undefined;
  readonly agentId: AgentId | undefined;
}

/** Reads the group rules of an account. */
export function groupReachOf(settings: Settings, account: AccountSettings): GroupReach {
  const unenforced = findUnenforced(settings, account);
  return {
    groupPolicy: account.groupPolicy,
    groupAllowFrom: account.groupAllowFrom.map(renderEntry),
    groups: account.groups.map(({ key, enabled, requireMention, allowFrom, agentId }) => ({
      key: nameOf(key),
      enabled,
      requireMention,
      allowFrom: allowFrom?.map(renderEntry),
      agentId,
    })),
    unenforced,
    summary: summarise(account, unenforced),
  };
}

/** Agents that may answer in groups of an account, each with those who may write to it there; undefined: anyone. */
export function* groupRoutes(
  settings: Settings,
  account: AccountSettings,
): Iterable<readonly [AgentId, readonly AllowEntry[] | undefined]> {
  for (const group of account.groups.length === 0 ? [undefined] : account.groups) {
    if (!isReachable(account, group)) continue;
    const isOpen = account.groupPolicy === "open" && group?.allowFrom === undefined;
    const list = isOpen ? undefined : (group?.allowFrom ?? account.groupAllowFrom);
    for (const agentId of agentsOf(settings, account, group)) yield [agentId, list];
  }
}

/** True for a group in which somebody's message may be answered. */
function isReachable(account: AccountSettings, group: GroupSettings | undefined): boolean {
  if (account.groupPolicy === "disabled" || group?.enabled === false) return false;
  const isOpen = account.groupPolicy === "open" && group?.allowFrom === undefined;
  return isOpen || (group?.allowFrom ?? account.groupAllowFrom).length > 0;
}

function findUnenforced(settings: Settings, account: AccountSettings): readonly AgentId[] {
  const groups = account.groups.length === 0 ? [undefined] : account.groups;
  const gated = groups.filter((group) => isReachable(account, group) && group?.requireMention !== false);
  const answering = new Set(gated.flatMap((group) => agentsOf(settings, account, group)));
  return settings.agents
    .filter(({ id, mentionPatterns }) => answering.has(id) && mentionPatterns.length === 0)
    .map(({ id }) => id);
}

/** Those that may answer there, as far as the configuration says. A binding to a person is for direct chats. */
function agentsOf(
  { bindings, defaultAgentId }: Settings,
  account: AccountSettings,
  group: GroupSettings | undefined,
): readonly AgentId[] {
  if (group?.agentId !== undefined) return [group.agentId];
  const bound = bindings.filter(
    ({ accountId, peer }) => (accountId ?? account.id) === account.id && peer?.kind !== "handle",
  );
  const last = bound.findIndex(({ peer }) => peer === undefined || peer.kind === "any");
  const ids = (last === -1 ? bound : bound.slice(0, last + 1)).map((binding) => binding.agentId);
  return last === -1 ? [...ids, defaultAgentId] : ids;
}

function summarise(account: AccountSettings, unenforced: readonly AgentId[]): string {
  const { groupPolicy, groupAllowFrom, groups } = account;
  if (groupPolicy === "disabled") return "nobody: groups are disabled";
  const who = groupPolicy === "open" ? "anyone" : describeList(groupAllowFrom);
  const where =
    groups.length === 0 ? "in every group" : `in ${groups.map((group) => describe(group)).join(", ")}`;
  const gate =
    unenforced.length === 0
      ? ""
      : `; mention gating cannot be enforced: no patterns (${unenforced.join(", ")})`;
  return `${who}, ${where}${gate}`;
}

/** The group with what is special about it. */
function describe({ key, enabled, requireMention, allowFrom }: GroupSettings): string {
  const special = [
    ...(enabled ? [] : ["off"]),
    ...(allowFrom === undefined ? [] : [describeList(allowFrom)]),
    ...(requireMention ? [] : ["every message"]),
  ];
  const name = key.kind === "any" ? "every group" : nameOf(key);
  return special.length === 0 ? name : `${name} (${special.join("; ")})`;
}

function describeList(entries: readonly AllowEntry[]): string {
  if (entries.length === 0) return "nobody";
  return entries.some((entry) => entry.kind === "any") ? "anyone" : entries.map(renderEntry).join(" or ");
}

/** As a key of `groups`. */
function nameOf(key: GroupSettings["key"]): string {
  return key.kind === "chat_id" ? `${key.chatId}` : renderEntry(key);
}
