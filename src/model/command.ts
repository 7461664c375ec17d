// Commands in chat: a message that the gateway carries out itself instead of giving it to an agent.
import type { Handle } from "./handle.ts";
import type { AccountId, AgentId, ConversationId, EntryId, SessionKey, TurnId } from "./ids.ts";
import type { InboundMessage } from "./message.ts";

/** The commands there are, by their first name; `/commands`, `/id` and a bare `stop` are other names of these. */
export type CommandName =
  | "help"
  | "whoami"
  | "status"
  | "page"
  | "new"
  | "reset"
  | "stop"
  | "agent"
  | "mode"
  | "model"
  | "pairing"
  | "config";

/** What a sender is to the gateway. `authorised`: may give commands that change nothing but the own conversation. */
export type CommandRole = "owner" | "authorised";

/** A command as it was given. */
export interface ChatCommand {
  readonly name: CommandName;
  /** What follows the name, trimmed; may be empty. */
  readonly args: string;
  readonly role: CommandRole;
  /** Carried out in turn with the messages of the conversation (`/new`, `/reset`, `/agent ID`, `/mode NAME`); else at once. */
  readonly inOrder: boolean;
}

/** A journaled command that is to be carried out. */
export interface CommandEntry {
  readonly entryId: EntryId;
  readonly accountId: AccountId;
  readonly conversationId: ConversationId;
  readonly handle: Handle;
  readonly message: InboundMessage;
  readonly command: ChatCommand;
  /** The route of the conversation when the command came. */
  readonly agentId: AgentId;
  readonly sessionKey: SessionKey;
  /** A process that is gone had begun to carry it out: what it does outside of the store may have happened. */
  readonly wasBegun: boolean;
}

/** What a command changes in the store, in the transaction that ends it. */
export type CommandEffect =
  | { readonly kind: "none" }
  /** Ends the running turn of the conversation, and drops what came before the command and waits for one. */
  | { readonly kind: "stop" }
  /** Gives the session a new id; `first` becomes the first message of it, if it is not empty. */
  | { readonly kind: "reset"; readonly first: string }
  /** From now on this agent answers in the conversation; undefined: the one that the configuration says. */
  | { readonly kind: "pin"; readonly agentId: AgentId | undefined }
  /** From now on the session's agent runs in this mode, or with this model; undefined: as it does by itself. */
  | { readonly kind: "choose"; readonly what: "mode" | "model"; readonly id: string | undefined };

/** What the effect came to. */
export interface CommandDone {
  /** The turn that was running and is stopped. */
  readonly stopped: TurnId | undefined;
  /** Messages that waited and are not answered. */
  readonly dropped: number;
}

/** What is to be done and said for a command. */
export interface CommandAnswer {
  readonly effect: CommandEffect;
  /** Empty: nothing is said. */
  readonly reply: (done: CommandDone) => string;
  /** The reply is for the sender alone: to a command in a group it goes to their direct chat. */
  readonly isPrivate?: true;
}
