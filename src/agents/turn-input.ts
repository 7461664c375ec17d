// What an agent is given: the text of its turn, and for a program the whole turn as JSON and the variables of its environment.
import type { TakenFile } from "../model/media.ts";
import type { AgentRequest, TurnFiles, TurnMessage } from "../model/turn.ts";
import { renderJson } from "../model/plain-line.ts";

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
  /** Its files, with `includeAttachments`; may be empty. */
  readonly attachments?: readonly FileInput[];
}

/** A file as `input: "json"` gives it: where it is, or why it is missing. */
export type FileInput =
  | {
      readonly path: string;
      readonly name: string;
      /** By content. */
      readonly mimeType: string;
      readonly bytes: number;
      /** What was done to it, or could not be. */
      readonly note?: string;
      /** What Messages heard in it. */
      readonly transcript?: string;
    }
  | { readonly name: string; readonly missing: string };

/** The text for the program's stdin. */
export function renderInput(request: AgentRequest, input: "text" | "json"): string {
  return input === "text" ? renderText(request) : `${renderJson(composeTurnInput(request))}\n`;
}

/** What an agent is told in words. In a group it begins with a mark of its own: nothing in it can pass for instructions. */
export function renderText({ systemPrompt, prompt }: AgentRequest): string {
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
    CODERCLAW_ATTACHMENTS: renderJson(pathsOf(request)),
    CODERCLAW_TURN_ID: turn.id,
    CODERCLAW_TURN_ATTEMPT: String(turn.attempt),
  };
  // No environment can hold a NUL, and a sender's handle comes from outside.
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, value.replaceAll("\0", "")]),
  );
}

/** Of the files that are there: first those of the context, as in the prompt. */
function pathsOf({ turn, files }: AgentRequest): readonly string[] {
  return [...turn.context, ...turn.messages].flatMap(({ entryId }) =>
    (files.get(entryId) ?? []).flatMap((file) => (file.kind === "file" ? [file.path] : [])),
  );
}

function composeTurnInput(request: AgentRequest): TurnInput {
  const { turn, files, chatTarget, isGroup, systemPrompt, prompt } = request;
  const compose = (message: TurnMessage): MessageInput => composeMessage(message, files);
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
    context: turn.context.map(compose),
    earlier: turn.earlier.map(({ atMs, said, answered }) => ({
      at: new Date(atMs).toISOString(),
      said,
      answered,
    })),
    messages: turn.messages.map(compose),
  };
}

function composeMessage({ entryId, handle, message }: TurnMessage, files: TurnFiles): MessageInput {
  const attachments = files.get(entryId)?.map(composeFile);
  return {
    guid: message.guid,
    sender: handle,
    ...(message.senderName !== undefined && { senderName: message.senderName }),
    text: message.text,
    sentAt: new Date(message.createdAtMs).toISOString(),
    ...(message.quoted !== undefined && { quoted: message.quoted }),
    ...(attachments && { attachments }),
  };
}

function composeFile(file: TakenFile): FileInput {
  if (file.kind === "missing") return { name: file.name, missing: file.because };
  const { path, name, mimeType, bytes, note, transcript } = file;
  return {
    path,
    name,
    mimeType,
    bytes,
    ...(note !== "" && { note }),
    ...(transcript !== undefined && { transcript }),
  };
}
