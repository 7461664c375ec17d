// The gates of everything that would be answered, in direct chats and groups alike: command, reply, mirror, route.
import type { ChatCommand, CommandRole } from "../model/command.ts";
import type { KnownChat } from "../model/delivery.ts";
import type { Handle } from "../model/handle.ts";
import { writtenText } from "../model/message-text.ts";
import { renderEntry } from "../model/target.ts";
import { configKey, ignore, type Admission, type Verdict } from "./admission.ts";
import { composeCommand, isBareStop, mayGive, parseCommand, type GivenCommand } from "./command.ts";
import { MIRROR_AFTER, mirrorNotice, mirrorStreak } from "./echo.ts";
import type { Group } from "./group.ts";
import { maySend } from "./may-send.ts";
import { refuseUnvouched } from "./owner.ts";
import { composeReplyTarget } from "./reply-target.ts";
import { decideMessageRoute, type Route } from "./route.ts";

/** Who wrote, and in which group; undefined: in a direct chat. */
export interface From {
  readonly handle: Handle;
  readonly group: Group | undefined;
}

/** The command that a message is. */
export function commandIn({ message, facts }: Admission): GivenCommand | undefined {
  const text = writtenText(message);
  const given = parseCommand(text);
  if (given || !isBareStop(text) || !facts.busy) return given;
  return { name: "stop", args: "" };
}

/** Decides about a command; `role` is what its sender is here, undefined for one who may give none. */
export function admitCommand(
  row: Admission,
  from: From,
  asked: { readonly given: GivenCommand; readonly role: CommandRole | undefined },
): Verdict {
  const { given, role } = asked;
  const isAllowed = role !== undefined && mayGive(given.name, role);
  if (row.gate("command", `/${given.name} by ${from.handle}, ${role ?? "not authorised"}`, isAllowed))
    return admitAnswer(row, from, composeCommand(given, role ?? "authorised"));
  const { account } = row.policy;
  const unvouched = refuseUnvouched(row, from.handle, `/${given.name}`);
  if (unvouched) return unvouched;
  if (role === undefined)
    return ignore(
      "command.not-authorised",
      `${from.handle} may not give commands here: on no list of this group, nor in allowFrom`,
      `Add "${from.handle}" to ${configKey(account, "allowFrom")}, or set commands.useAccessGroups to false.`,
    );
  return ignore(
    "command.not-owner",
    `/${given.name} is for the owner, and ${from.handle} is not`,
    `If they are, add "${from.handle}" to commands.ownerAllowFrom.`,
  );
}

/** Decides about what has passed every gate of its chat: a turn, or the command if it is one. */
export function admitAnswer(row: Admission, from: From, command?: ChatCommand): Verdict {
  return admitReply(row, from) ?? admitMirror(row, from.handle) ?? admitRouted(row, from, command);
}

/** Stops what could not be answered: `allowTo` does not cover the chat, or nothing names it. */
export function admitReply(row: Admission, { handle, group }: From): Verdict | undefined {
  const { message } = row;
  const { account } = row.policy;
  const target = composeReplyTarget(message, handle);
  if (target === undefined) {
    row.gate("reply", "the group has no name to answer to", false);
    return ignore(
      "reply.not-allowed",
      "the row does not name its group, and an answer to its sender alone would be a private one",
      "Nothing can be done: imsg gives the group neither chat id nor guid nor identifier.",
    );
  }
  if (account.allowTo === undefined) return undefined;
  const chat: KnownChat = {
    chatId: message.chatId,
    chatGuid: message.chatGuid,
    chatIdentifier: message.chatIdentifier,
    isGroup: group !== undefined,
    peer: group === undefined ? handle : undefined,
  };
  const name = group === undefined ? handle : renderEntry(target);
  const allowed = maySend(account.allowTo, target, chat);
  if (row.gate("allowTo", allowed ? `covers ${name}` : `does not cover ${name}`, allowed)) return undefined;
  return ignore(
    "reply.not-allowed",
    `allowTo lets no message be sent to ${name}, so nothing is run that could not be answered`,
    `Add "${name}" to ${configKey(account, "allowTo")}.`,
  );
}

function admitMirror(row: Admission, handle: Handle): Verdict | undefined {
  const streak = mirrorStreak(row.message, row.facts);
  if (row.gate("mirror", `${streak} in a row repeat our last reply`, streak < MIRROR_AFTER)) return undefined;
  const verdict = ignore(
    "echo.mirror",
    `${streak} messages in a row were what we sent last: this is a mirror`,
    "It is answered again as soon as something else is written.",
  );
  return {
    ...verdict,
    mirrorStreak: streak,
    ...(streak === MIRROR_AFTER ? { notice: mirrorNotice(handle) } : {}),
  };
}

function admitRouted(row: Admission, from: From, command: ChatCommand | undefined): Verdict {
  const route = routeOf(row, from);
  row.gate("route", route.because, true);
  const { agentId, sessionKey } = route;
  return {
    outcome: command
      ? { kind: "command", command, agentId, sessionKey }
      : { kind: "turn", agentId, sessionKey },
    mirrorStreak: mirrorStreak(row.message, row.facts),
  };
}

/** Where the message goes if it is answered. */
export function routeOf(row: Admission, { handle, group }: From): Route {
  const { pinnedAgent } = row.facts;
  const groupName = group ? row.facts.groupName : "";
  return decideMessageRoute(row.policy.route, { chat: row.message, handle, group, groupName, pinnedAgent });
}
