// The frozen settings that one piece of work begins with and keeps, whatever is reloaded meanwhile.
import type { Log } from "../lib/log.ts";
import { parseSender, type Handle } from "../model/handle.ts";
import type { AccountId, AgentId } from "../model/ids.ts";
import type { IncomingFiles, Media } from "../model/media.ts";
import type { InboundMessage } from "../model/message.ts";
import type { AgentRuntime, ChatOperations, Clock, Messages, Observer } from "../model/ports.ts";
import type { Store } from "../model/store.ts";
import { isSelfChat } from "../rules/echo.ts";
import type { AccountSettings, AgentSettings, Settings } from "../model/settings.ts";
import { READING_MS } from "../rules/approval-timing.ts";

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
  /** Added to either with imsg from 0.14: a send of it goes on for so long although its process was killed. */
  readonly slowestSendMs: number;
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
  /** How long a request of an agent waits for an answer. */
  readonly approvalMs: number;
  /** How long after a request was sent nothing answers it. */
  readonly readingMs: number;
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
  // AppleScript runs in a process of its own, which waits for Messages, or for a permission dialog, for 150 s.
  slowestSendMs: 170_000,
  unjoinedFirstMs: 400,
  unjoinedLimitMs: 10 * 60_000,
  hollowFirstMs: 250,
  hollowLimitMs: 2_500,
  serviceLookUpMs: 3_000,
  approvalMs: 10 * 60_000,
  readingMs: READING_MS,
  typingFirstMs: 200,
  typingAgainMs: 5_000,
};

/** Files on their way out. */
export interface FilesOut extends Pick<Media, "outgoing"> {
  /** Absolute path of the media folder. */
  readonly folderPath: string;
  /** Keeps content in that folder; the answer is its path. */
  keep(content: Uint8Array, name: string): Promise<string>;
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

/** The normal form of a message's sender in this account's region; in a note to self that is the person whose chat it is. */
export function senderOf({ account }: Frame, message: InboundMessage): Handle | undefined {
  const { selfHandles, region } = account;
  const isNote = message.isFromMe && isSelfChat(message, selfHandles, region);
  return parseSender(isNote ? message.chatIdentifier : message.sender, region);
}

/**
 * How long an unfinished send of this account may still arrive. As long as nobody knows which imsg answers it is taken for an earlier one:
 * nothing is decided before it has answered.
 */
export function unknownGraceOf({
  timing,
  frame,
  messages,
}: Pick<AccountContext, "timing" | "frame" | "messages">): number {
  const isLocal = frame().account.transport.reach.kind === "local";
  const graceMs = isLocal ? timing.unknownGraceMs : timing.unknownRemoteGraceMs;
  return messages.health().dialect === "v1" ? graceMs + timing.slowestSendMs : graceMs;
}
