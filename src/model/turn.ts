// One run of an agent for one or more messages of one conversation, and what can come of it.
import type { SessionChoices } from "./agent-session.ts";
import type { Handle } from "./handle.ts";
import type { AccountId, AgentId, ConversationId, EntryId, SessionKey, TurnId } from "./ids.ts";
import type { TakenFile } from "./media.ts";
import type { InboundMessage } from "./message.ts";

/** A journaled message that a turn answers. */
export interface TurnMessage {
  readonly entryId: EntryId;
  readonly handle: Handle;
  readonly message: InboundMessage;
}

/** An earlier turn of the same session, shown to an agent again. */
export interface EarlierTurn {
  readonly atMs: number;
  readonly said: readonly { readonly sender: string; readonly text: string }[];
  readonly answered: string;
}

/** A turn that has begun. */
export interface Turn {
  readonly id: TurnId;
  readonly accountId: AccountId;
  readonly conversationId: ConversationId;
  readonly agentId: AgentId;
  readonly sessionKey: SessionKey;
  /** Changes when the session is reset; an agent that remembers by it forgets. */
  readonly sessionId: string;
  /** 1, or 2 when a crash cut the first attempt short. */
  readonly attempt: number;
  /** Oldest first; never empty. */
  readonly messages: readonly TurnMessage[];
  /** Messages of a group that were not answered since the last reply, oldest first. */
  readonly context: readonly TurnMessage[];
  /** Oldest first; see `dmHistoryLimit`. */
  readonly earlier: readonly EarlierTurn[];
  /** What was chosen for the session in chat. */
  readonly choices: SessionChoices;
  /** What of the answer an earlier attempt already sent, as the agent wrote it; empty: nothing. */
  readonly streamed: string;
  /** People were told that it takes long. */
  readonly saidLong: boolean;
}

/** The files of a turn's messages and context, by message, in their order. The files of a message that is not in it were not asked for. */
export type TurnFiles = ReadonlyMap<EntryId, readonly TakenFile[]>;

/** What an agent is given. */
export interface AgentRequest {
  readonly turn: Turn;
  readonly files: TurnFiles;
  /** The composed prompt; it holds all that follows but the system prompt. */
  readonly prompt: string;
  /** Of the group; may be empty. */
  readonly systemPrompt: string;
  /** Absolute path of the folder it works in. */
  readonly workspace: string;
  /** `chat_id:N` of the conversation. */
  readonly chatTarget: string;
  /** The chat is a group, or a thread that the configuration makes one. */
  readonly isGroup: boolean;
  /** Somebody waits for an answer: silence would be taken for a fault. */
  readonly mustAnswer: boolean;
}

/**
 * What an agent says while it runs. `text` is what people will see and may come in pieces; `failed` is the last event.
 * Nothing an agent narrates otherwise has an event here: it cannot be sent by mistake.
 */
export type AgentEvent =
  | { readonly kind: "text"; readonly text: string }
  /** It began to use a tool: what it said since the turn began, or since the last of these, led up to that; it is the answer only if nothing is said after it. */
  | { readonly kind: "aside" }
  /** Its own memory of the session is gone, and it was given the transcript instead. People are told once. */
  | { readonly kind: "began-anew" }
  | {
      readonly kind: "failed";
      /** For the owner and the log, never for the sender. */
      readonly reason: string;
      /** The agent says that trying again may well succeed. */
      readonly passing: boolean;
      readonly code: "agent/failed" | "agent/timeout" | "agent/not-found";
    };

/** How a turn ended. */
export type TurnEnd =
  | {
      readonly state: "answered";
      readonly text: string;
      /** What of the answer could not be sent, for the owner and `explain`. */
      readonly remark?: string;
    }
  | { readonly state: "failed"; readonly reason: string; readonly ref: string }
  | { readonly state: "stopped"; readonly reason: string };
