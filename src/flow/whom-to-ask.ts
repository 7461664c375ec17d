// Whom the requests of a turn are put to, where, and on whose behalf.
import type { TurnKind } from "../model/approval.ts";
import type { Handle } from "../model/handle.ts";
import type { NewGroup } from "../model/journal.ts";
import { writtenText } from "../model/message-text.ts";
import type { Target } from "../model/target.ts";
import type { Turn } from "../model/turn.ts";
import type { Behalf } from "../rules/compose-approval.ts";
import { groupOf } from "../rules/group.ts";
import { actsAsOwner, isOwnersTurn, type OwnerPolicy } from "../rules/owner.ts";
import { composeReplyTarget } from "../rules/reply-target.ts";
import type { Frame } from "./frame.ts";
import { newest } from "./turn-end.ts";

/** Whom a turn's requests are put to. */
export interface Asked {
  /** One request at a time in a line: each owner has one, and each guest. */
  readonly line: string;
  /** Empty: there is nobody to ask. */
  readonly places: readonly Place[];
}

/** Where one owner is asked. */
export interface Place {
  readonly owner: Handle;
  readonly target: Target;
  /** The turn runs in the conversation where it is asked. */
  readonly isTurnHere: boolean;
}

/** An owner is asked about their own turn, where they wrote if that is a direct chat; all owners are about anybody else's. */
export function whomToAsk(turn: Turn, frame: Frame): Asked {
  const { account } = frame;
  const { message, handle } = newest(turn);
  const direct = (owner: Handle): Place => {
    const target: Target = { kind: "handle", handle: owner, service: account.service };
    return { owner, target, isTurnHere: false };
  };
  if (!isOwnersTurn(ownersOf(frame), turn.messages))
    return { line: `guest ${guestOf(turn, frame).handle}`, places: account.notified.map(direct) };
  const line = `owner ${handle}`;
  const target = composeReplyTarget(message, handle);
  if (target && groupOf(account, message) === undefined)
    return { line, places: [{ owner: handle, target, isTurnHere: true }] };
  const owners = account.notified.includes(handle) ? [handle] : account.notified;
  return { line, places: owners.map(direct) };
}

/** Whose turn it is. What others wrote and nobody answered is told to the agent, too: then it is a guest's. */
export function turnKindOf(turn: Turn, frame: Frame): TurnKind {
  return isOwnersTurn(ownersOf(frame), [...turn.context, ...turn.messages]) ? "owners" : "guests";
}

/** On whose behalf it is asked, where that cannot be seen in the chat. */
export function behalfOf(turn: Turn, { isTurnHere }: Place, frame: Frame): Behalf | undefined {
  if (isTurnHere) return undefined;
  const { message, handle } = guestOf(turn, frame);
  const isGroup = groupOf(frame.account, message) !== undefined;
  return { handle, group: isGroup ? message.chatName : undefined, text: writtenText(message) };
}

/** A notice to whoever started the turn. */
export function noticeToSender(turn: Turn, text: string): NewGroup | undefined {
  const { message, handle } = newest(turn);
  const target = composeReplyTarget(message, handle);
  const { accountId, conversationId } = turn;
  return target && { accountId, conversationId, parts: [{ origin: "notice", target, text }] };
}

/** The newest message that is no owner's; of an owner's turn the newest. */
function guestOf(turn: Turn, frame: Frame): Turn["messages"][number] {
  const owners = ownersOf(frame);
  return turn.messages.findLast((one) => !actsAsOwner(owners, one)) ?? newest(turn);
}

function ownersOf({ account, settings }: Frame): OwnerPolicy {
  return { account, commands: settings.commands };
}
