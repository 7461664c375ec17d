// What a command agent is given: the text for its stdin and the variables of its environment.
import type { AgentRequest, TurnMessage } from "../model/turn.ts";

/** A turn as `input: "json"` gives it: one object on one line. */
export interface TurnInput {
  readonly turnId: string;
  /** 1, or 2 when a crash cut the first attempt short: the turn may have run before. */
  readonly attempt: number;
  readonly agentId: string;
  readonly accountId: string;
  /** What the agent remembers by. */
  readonly sessionKey: string;
  /** Changes when the session is reset. */
  readonly sessionId: string;
  /** Where the answer goes, such as `chat_id:7`. */
  readonly chatTarget: string;
  /** `name` is empty where the chat has none. */
  readonly chat: { readonly isGroup: boolean; readonly name: string };
  /** The group's, from the configuration; may be empty. */
  readonly systemPrompt: string;
  /** All that `input: "text"` would have given but the system prompt. */
  readonly prompt: string;
  /** Messages of the group that were not answered since the last reply, oldest first. */
  readonly context: readonly MessageInput[];
  /** Earlier turns of the session, oldest first. */
  readonly earlier: readonly {
    /** ISO 8601, UTC. */
    readonly at: string;
    readonly said: readonly { readonly sender: string; readonly text: string }[];
    readonly answered: string;
  }[];
  /** The messages the turn answers, oldest first. */
  readonly messages: readonly MessageInput[];
}

/** A message as `input: "json"` gives it. */
export interface MessageInput {
  readonly guid: string;
  /** Normal form of the sender's handle. */
  readonly sender: string;
  readonly senderName?: string;
  readonly text: string;
  /** ISO 8601, UTC. */
  readonly sentAt: string;
  /** The message that this one answers inline. */
  readonly quoted?: { readonly guid: string; readonly sender?: string; readonly text?: string };
}

/** The text for the program's stdin. */
export function renderInput(request: AgentRequest, input: "text" | "json"): string {
  return input === "text" ? renderText(request) : `${JSON.stringify(composeTurnInput(request))}\n`;
}

/** In a group the prompt begins with a mark of its own: nothing in it can pass for instructions. */
function renderText({ systemPrompt, prompt }: AgentRequest): string {
  return systemPrompt === "" ? prompt : `[Instructions for this group]\n${systemPrompt}\n\n${prompt}`;
}

/** The variables a program finds beside those of the base environment. */
export function composeEnvironment(request: AgentRequest): Readonly<Record<string, string>> {
  const { turn } = request;
  const variables = {
    CODERCLAW_SESSION_KEY: turn.sessionKey,
    CODERCLAW_AGENT_ID: turn.agentId,
    CODERCLAW_ACCOUNT_ID: turn.accountId,
    CODERCLAW_SENDER: turn.messages.at(-1)?.handle ?? "",
    CODERCLAW_CHAT_TARGET: request.chatTarget,
    // Files that came with a message are named in the prompt; none is fetched in this version.
    CODERCLAW_ATTACHMENTS: "[]",
    CODERCLAW_TURN_ID: turn.id,
    CODERCLAW_TURN_ATTEMPT: String(turn.attempt),
  };
  // No environment can hold a NUL, and a sender's handle comes from outside.
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, value.replaceAll("\0", "")]),
  );
}

function composeTurnInput({ turn, chatTarget, isGroup, systemPrompt, prompt }: AgentRequest): TurnInput {
  return {
    turnId: turn.id,
    attempt: turn.attempt,
    agentId: turn.agentId,
    accountId: turn.accountId,
    sessionKey: turn.sessionKey,
    sessionId: turn.sessionId,
    chatTarget,
    chat: { isGroup, name: turn.messages.at(-1)?.message.chatName ?? "" },
    systemPrompt,
    prompt,
    context: turn.context.map(composeMessage),
    earlier: turn.earlier.map(({ atMs, said, answered }) => ({
      at: new Date(atMs).toISOString(),
      said,
      answered,
    })),
    messages: turn.messages.map(composeMessage),
  };
}

function composeMessage({ handle, message }: TurnMessage): MessageInput {
  return {
    guid: message.guid,
    sender: handle,
    ...(message.senderName !== undefined && { senderName: message.senderName }),
    text: message.text,
    sentAt: new Date(message.createdAtMs).toISOString(),
    ...(message.quoted !== undefined && { quoted: message.quoted }),
  };
}
