// The gates of a group: group policy, the `groups` registry, commands, mention.
import type { CommandRole } from "../model/command.ts";
import type { ChatRef } from "../model/message.ts";
import type { AccountSettings } from "../model/settings.ts";
import { configKey, ignore, rememberAsContext, type Admission, type Verdict } from "./admission.ts";
import { admitAnswer, admitCommand, commandIn, routeOf, type From } from "./admit-answer.ts";
import { mirrorStreak } from "./echo.ts";
import { isListed, registryFault, type Group } from "./group.ts";
import { decideMention } from "./mention.ts";
import { actsAsOwner } from "./owner.ts";

/** Who wrote, in which group. */
type Member = From & { readonly group: Group };

/**
 * Decides about a message of a group; `tooOld` is the verdict of its age. Only the words of those whom policy and registry let through
 * may become context, whatever their age.
 */
export function admitToGroup(row: Admission, from: Member, tooOld: Verdict | undefined): Verdict {
  row.gate("chat kind", describeKind(row.message, from.group), true);
  const refused = admitPolicy(row, from) ?? admitRegistry(row, from);
  const given = commandIn(row);
  if (tooOld) return refused || given ? tooOld : asContext(tooOld);
  if (refused) return refused;
  if (given) return admitCommand(row, from, { given, role: roleOf(row, from) });
  return admitMention(row, from) ?? admitAnswer(row, from);
}

function describeKind({ isGroup }: ChatRef, { exactKey }: Group): string {
  if (isGroup) return "group";
  return `group, by groups[${JSON.stringify(exactKey)}]`;
}

function admitPolicy(row: Admission, { handle, group }: Member): Verdict | undefined {
  const { account } = row.policy;
  const { groupPolicy } = account;
  if (groupPolicy !== "allowlist") {
    if (row.gate("group policy", groupPolicy, groupPolicy === "open")) return undefined;
    const fix = `Set ${configKey(account, "groupPolicy")} to "allowlist".`;
    return ignore("group.disabled", "groupPolicy is disabled", fix);
  }
  const listed = isListed(group.allowFrom, row.message, handle);
  const how = `allowlist, ${handle} ${listed ? "listed" : "not listed"}`;
  return row.gate("group policy", how, listed) ? undefined : notListed(account, { handle, group });
}

/** A list that the group has of its own holds under every policy. */
function admitRegistry(row: Admission, from: Member): Verdict | undefined {
  const { account } = row.policy;
  const { handle, group } = from;
  const fault = registryFault(account, group);
  const key = keyOf(group);
  if (fault === "group.not-registered") {
    const name = nameOf(row.message);
    row.gate("groups", `no key names ${name}, and there is no "*"`, false);
    const fix = `Add ${configKey(account, `groups["${name}"]`)}.`;
    return ignore(fault, `groups names other chats, not ${name}`, fix);
  }
  if (fault === "group.entry-disabled") {
    row.gate("groups", `${key}.enabled is false`, false);
    return ignore(fault, `${key}.enabled is false`, `Set ${configKey(account, `${key}.enabled`)} to true.`);
  }
  const isOwnList = account.groupPolicy === "open" && group.settings?.allowFrom !== undefined;
  const listed = !isOwnList || isListed(group.allowFrom, row.message, handle);
  const which = group.settings ? key : "names no group";
  if (row.gate("groups", listed ? which : `${handle} is not in ${key}.allowFrom`, listed)) return undefined;
  return notListed(account, from);
}

function notListed(account: AccountSettings, { handle, group }: Member): Verdict {
  const isOwn = group.settings?.allowFrom !== undefined;
  const list = isOwn ? `${keyOf(group)}.allowFrom` : "groupAllowFrom";
  const instead = isOwn ? "" : "; while that is not set, allowFrom counts";
  return ignore(
    "group.sender-not-allowed",
    `${handle} is not in ${list}`,
    `Add "${handle}" to ${configKey(account, list)}${instead}.`,
  );
}

/** What somebody who is admitted is here. Pairing approvals never count in groups. */
function roleOf({ policy, message }: Admission, { handle, group }: Member): CommandRole | undefined {
  const { account, commands } = policy;
  if (actsAsOwner(policy, { message, handle })) return "owner";
  const isAuthorised =
    !commands.useAccessGroups ||
    isListed(group.allowFrom, message, handle) ||
    isListed(account.allowFrom, message, handle);
  return isAuthorised ? "authorised" : undefined;
}

function admitMention(row: Admission, from: Member): Verdict | undefined {
  const { agentId } = routeOf(row, from);
  const agent = row.policy.agents.find(({ id }) => id === agentId);
  const { saw, passed } = decideMention(row.message.text, agent, from.group.requireMention);
  if (row.gate("mention", saw, passed)) return undefined;
  return {
    ...rememberAsContext("group.not-mentioned", `the message does not call agent ${agentId}`),
    mirrorStreak: mirrorStreak(row.message, row.facts),
  };
}

function asContext({ outcome, ...rest }: Verdict): Verdict {
  if (outcome.kind !== "remember" || outcome.code !== "catchup.too-old") return { outcome, ...rest };
  return { outcome: { ...outcome, asContext: true }, ...rest };
}

function keyOf({ exactKey }: Group): string {
  return `groups["${exactKey ?? "*"}"]`;
}

/** The chat as a key of `groups`. */
function nameOf({ chatId, chatGuid, chatIdentifier }: ChatRef): string {
  if (chatId > 0) return String(chatId);
  return chatGuid === "" ? `chat_identifier:${chatIdentifier}` : `chat_guid:${chatGuid}`;
}
