// The frozen settings that one piece of work begins with and keeps, whatever is reloaded meanwhile.
import type { Log } from "../lib/log.ts";
import { parseSender, type Handle } from "../model/handle.ts";
import type { AccountId, AgentId } from "../model/ids.ts";
import type { IncomingFiles, Media } from "../model/media.ts";
import type { InboundMessage } from "../model/message.ts";
import type { AgentRuntime, ChatOperations, Clock, Messages, Observer } from "../model/ports.ts";
import type { Store } from "../model/store.ts";
import type { AccountSettings, AgentSettings, Settings } from "../model/settings.ts";

/** One configuration as one account sees it. */
export interface Frame {
  readonly settings: Settings;
  readonly account: AccountSettings;
}

/** An agent ready to run. */
export interface ReadyAgent {
  readonly settings: AgentSettings;
  readonly runtime: AgentRuntime;
}

/** Delays of the flows, in ms; constants of the product, given so that a test can shorten them. */
export interface FlowTiming {
  /** How long after the end of a sending process its unfinished send is taken for absent if it is not in the chat. */
  readonly unknownGraceMs: number;
  /** The same where that process was an ssh to another machine. */
  readonly unknownRemoteGraceMs: number;
  /** First delay before an unjoined row is looked for; doubles. */
  readonly unjoinedFirstMs: number;
  /** After this an unjoined row is given up. */
  readonly unjoinedLimitMs: number;
  /** First delay before a row in which nothing is seen yet is looked at again; doubles. */
  readonly hollowFirstMs: number;
  /** After this such a row is taken as it is. */
  readonly hollowLimitMs: number;
  /** How long the chats list is waited for that says by which service a message of an owner came. */
  readonly serviceLookUpMs: number;
  /** How long a question of an agent waits for an answer. */
  readonly approvalMs: number;
  /** How long a turn goes on before people see that somebody is typing: most of what is answered at once needs no sign. */
  readonly typingFirstMs: number;
  /** Between two such signs: Messages takes it away after each message that is sent, and after a minute. */
  readonly typingAgainMs: number;
}

/** The delays a real gateway uses. */
export const FLOW_TIMING: FlowTiming = {
  unknownGraceMs: 15_000,
  // The death of an ssh ends nothing at once: what it wrote may wait in this machine's network for a line that comes back (its kernel goes
  // on for some 100 s with eight attempts, each after twice the time), and then imsg there, which hears of the end only behind the
  // request, sends it.
  unknownRemoteGraceMs: 150_000,
  unjoinedFirstMs: 400,
  unjoinedLimitMs: 10 * 60_000,
  hollowFirstMs: 250,
  hollowLimitMs: 2_500,
  serviceLookUpMs: 3_000,
  approvalMs: 10 * 60_000,
  typingFirstMs: 200,
  typingAgainMs: 5_000,
};

/** Files on their way out. */
export interface FilesOut extends Pick<Media, "outgoing"> {
  /** Absolute path of the media folder: files may be sent from there, too. */
  readonly folderPath: string;
}

/** What every flow of one account works with. */
export interface AccountContext {
  readonly accountId: AccountId;
  readonly store: Store;
  readonly messages: Messages;
  readonly media: IncomingFiles;
  /** Takes the files that answers name. */
  readonly filesOut: FilesOut;
  readonly clock: Clock;
  readonly observer: Observer;
  readonly log: Log;
  readonly timing: FlowTiming;
  /** Epoch ms at which this process opened the account. */
  readonly openedAtMs: number;
  /** The configuration in force now. Contract: the same object until the next reload. */
  frame(): Frame;
  /** What carries out commands in chat. */
  operations(): Promise<ChatOperations>;
  /** Undefined when the configuration in force has no such agent. */
  agent(agentId: AgentId): ReadyAgent | undefined;
}

/** The normal form of a message's sender in this account's region. */
export function senderOf(frame: Frame, message: InboundMessage): Handle | undefined {
  return parseSender(message.sender, frame.account.region);
}

/** How long an unfinished send of this account may still arrive. */
export function unknownGraceOf({ timing, frame }: Pick<AccountContext, "timing" | "frame">): number {
  const isLocal = frame().account.transport.reach.kind === "local";
  return isLocal ? timing.unknownGraceMs : timing.unknownRemoteGraceMs;
}
