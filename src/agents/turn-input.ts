// What a command agent is given: the text for its stdin and the variables of its environment.
import type { AgentRequest } from "../model/turn.ts";

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
  /** What `input: "text"` would have given. */
  readonly prompt: string;
  /** The messages the turn answers, oldest first. */
  readonly messages: readonly {
    readonly guid: string;
    /** Normal form of the sender's handle. */
    readonly sender: string;
    readonly senderName?: string;
    readonly text: string;
    /** ISO 8601, UTC. */
    readonly sentAt: string;
    /** The message that this one answers inline. */
    readonly quoted?: { readonly guid: string; readonly sender?: string; readonly text?: string };
  }[];
}

/** The text for the program's stdin. */
export function renderInput(request: AgentRequest, input: "text" | "json"): string {
  return input === "text" ? request.prompt : `${JSON.stringify(composeTurnInput(request))}\n`;
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

function composeTurnInput({ turn, prompt, chatTarget }: AgentRequest): TurnInput {
  return {
    turnId: turn.id,
    attempt: turn.attempt,
    agentId: turn.agentId,
    accountId: turn.accountId,
    sessionKey: turn.sessionKey,
    sessionId: turn.sessionId,
    chatTarget,
    prompt,
    messages: turn.messages.map(({ handle, message }) => ({
      guid: message.guid,
      sender: handle,
      ...(message.senderName !== undefined && { senderName: message.senderName }),
      text: message.text,
      sentAt: new Date(message.createdAtMs).toISOString(),
      ...(message.quoted !== undefined && { quoted: message.quoted }),
    })),
  };
}
