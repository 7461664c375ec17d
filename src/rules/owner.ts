// Whether a message may act as the owner: whose it is, and by which service it came.
import type { Handle } from "../model/handle.ts";
import type { InboundMessage } from "../model/message.ts";
import { isVouchedFor, serviceOf } from "../model/service.ts";
import type { AccountSettings, CommandSettings } from "../model/settings.ts";
import { ignore, type Admission, type Verdict } from "./admission.ts";

/** What decides who is the owner. */
export interface OwnerPolicy {
  readonly account: Pick<AccountSettings, "owners">;
  readonly commands: Pick<CommandSettings, "allowSms">;
}

/** A message, and whose it is. */
export interface WrittenBy {
  readonly message: Pick<InboundMessage, "service" | "chatGuid">;
  readonly handle: Handle;
}

/** Whether a message counts as the owner's. */
export type OwnerVerdict =
  | { readonly kind: "owner" }
  /** The handle is no owner's. */
  | { readonly kind: "somebody-else" }
  /** The handle is an owner's, but anybody can write under it by this service, or the service is not known. */
  | { readonly kind: "not-vouched-for"; readonly service: string | undefined };

/**
 * Decides whether a message may do what only the owner may: give owner commands, answer an agent's questions, change the config,
 * start a turn that counts as the owner's. A text message's sender can be faked, so SMS and RCS count only with `commands.allowSms`.
 */
export function decideOwner(policy: OwnerPolicy, { message, handle }: WrittenBy): OwnerVerdict {
  if (!policy.account.owners.includes(handle)) return { kind: "somebody-else" };
  const service = serviceOf(message);
  if (policy.commands.allowSms || isVouchedFor(service)) return { kind: "owner" };
  return { kind: "not-vouched-for", service };
}

/** True when the message counts as the owner's. */
export function actsAsOwner(policy: OwnerPolicy, written: WrittenBy): boolean {
  return decideOwner(policy, written).kind === "owner";
}

/** True when every message of a turn counts as an owner's: what somebody else wrote with it is not the owner's word. */
export function isOwnersTurn(policy: OwnerPolicy, messages: readonly WrittenBy[]): boolean {
  return messages.length > 0 && messages.every((one) => actsAsOwner(policy, one));
}

/**
 * Refuses what an owner asked for by a service that vouches for nobody; the owners are told why, once a conversation.
 * `what` is what was asked for, such as `/config`. Undefined: the message is the owner's, or somebody else's.
 */
export function refuseUnvouched(row: Admission, handle: Handle, what: string): Verdict | undefined {
  const verdict = decideOwner(row.policy, { message: row.message, handle });
  if (verdict.kind !== "not-vouched-for") return undefined;
  const { service } = verdict;
  row.gate("owner", `${what} by ${handle}, ${service ?? "service unknown"}`, false);
  return {
    ...ignore(
      "owner.not-imessage",
      service === undefined
        ? `${what} is for the owner, and Messages does not say whether the message came over iMessage`
        : `${what} is for the owner, and the message came over ${service}, where anyone can write as ${handle}`,
      "Send it over iMessage, or set commands.allowSms to true.",
    ),
    notice: unvouchedNotice(handle, service),
    noticeOnce: service === undefined ? "owner.service-unknown" : "owner.not-imessage",
  };
}

function unvouchedNotice(handle: Handle, service: string | undefined): string {
  const why =
    service === undefined
      ? `Messages doesn't say whether a message from ${handle} came over iMessage`
      : `A message from ${handle} came over ${service}, where anyone can write under that number`;
  return `${why}, so I don't take owner commands or answers from it. Send them over iMessage. To accept them anyway, set commands.allowSms to true on the gateway's machine.`;
}
