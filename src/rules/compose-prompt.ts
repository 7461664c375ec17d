// What an agent is given: a plain message exactly as written, anything more as marked sections that nobody can forge.
import type { TakenFile } from "../model/media.ts";
import type { InboundAttachment, InboundMessage, QuotedMessage } from "../model/message.ts";
import { asAgentCommand } from "./command.ts";
import { writtenText } from "../model/message-text.ts";
import type { EarlierTurn, Turn, TurnFiles, TurnMessage } from "../model/turn.ts";
import { plainLine, quoteLines } from "../model/plain-line.ts";

/** Longest name of a person that is shown, in characters. */
const LONGEST_NAME = 80;
/** Longest name of a file, or reason why it is missing. */
const LONGEST_FILE_LINE = 200;
const NO_FILES: TurnFiles = new Map();

/** The texts of a turn's messages, joined by newlines; what stands for an attachment inside a text (U+FFFC) is left out. */
export function joinTexts(messages: readonly InboundMessage[]): string {
  return messages
    .map(writtenText)
    .filter((text) => text !== "")
    .join("\n");
}

/**
 * Composes the prompt of a turn: earlier turns of the session, what was said in the group since the last reply, then the messages, each
 * with what it quotes before it and its files behind it. A direct message with nothing to add is given exactly as written.
 *
 * What people wrote stands in lines that begin with `> `; a marker never does. So no text can pass for a marker.
 */
export function composePrompt(
  { messages, context, earlier }: Pick<Turn, "messages" | "context" | "earlier">,
  { isGroup, files = NO_FILES }: { readonly isGroup: boolean; readonly files?: TurnFiles },
): string {
  const isBare = !isGroup && context.length === 0 && earlier.length === 0;
  if (isBare && messages.every(({ message }) => hasNothingToAdd(message)))
    return asAgentCommand(joinTexts(messages.map(({ message }) => message)));
  return [
    ...composeEarlier(earlier),
    ...composeContext(context, files),
    ...messages.map((one) => composeMessage(one, { isGroup, files })),
  ].join("\n\n");
}

function hasNothingToAdd(message: InboundMessage): boolean {
  return !message.quoted?.text && message.attachments.length === 0;
}

function composeEarlier(earlier: readonly EarlierTurn[]): string[] {
  if (earlier.length === 0) return [];
  const turns = earlier.map(({ atMs, said, answered }) =>
    [
      ...said.flatMap(({ sender, text }) => [`[${time(atMs)}, ${oneLine(sender)}]`, ...quoteLines(text)]),
      "[Your answer]",
      ...quoteLines(answered),
    ].join("\n"),
  );
  return ["[Earlier in this conversation]", ...turns];
}

function composeContext(context: readonly TurnMessage[], files: TurnFiles): string[] {
  if (context.length === 0) return [];
  const said = context.map((one) =>
    [`[${time(one.message.createdAtMs)}, ${nameOf(one)}]`, ...contentOf(one, files)].join("\n"),
  );
  return ["[Said in the group since your last reply, not to you]", ...said];
}

function composeMessage(
  one: TurnMessage,
  { isGroup, files }: { readonly isGroup: boolean; readonly files: TurnFiles },
): string {
  const { message } = one;
  const { quoted } = message;
  const marker = isGroup ? `[Message from ${nameOf(one)}]` : "[Message]";
  const hasMarker = isGroup || writtenText(message) !== "";
  return [
    ...(quoted?.text ? [quotedMarker(quoted), ...quoteLines(quoted.text)] : []),
    ...(hasMarker ? [marker] : []),
    ...contentOf(one, files),
  ].join("\n");
}

function contentOf({ entryId, message }: TurnMessage, files: TurnFiles): string[] {
  const text = writtenText(message);
  const sections = files.get(entryId)?.map(composeFile) ?? message.attachments.map(nameFile);
  return [...(text === "" ? [] : quoteLines(text)), ...sections.flat()];
}

/** A file that was not asked for. */
function nameFile({ name, mimeType, bytes }: InboundAttachment): string[] {
  return [
    "[Attached file, not fetched]",
    ...quoteLines(`${name} (${mimeType || "type unknown"}, ${bytes} bytes)`),
  ];
}

/** One fact a line: none of them may hold a line end that would make another. */
function composeFile(file: TakenFile): string[] {
  if (file.kind === "missing")
    return [
      "[Attached file, missing]",
      `> name: ${fileLine(file.name)}`,
      `> reason: ${fileLine(file.because)}`,
    ];
  return [
    "[Attached file]",
    `> path: ${file.path}`,
    `> type: ${file.mimeType}`,
    `> name: ${fileLine(file.name)}`,
    `> size: ${file.bytes} bytes`,
    ...(file.note === "" ? [] : [`> note: ${fileLine(file.note)}`]),
    ...(file.transcript === undefined ? [] : ["> transcript: the text above is what Messages heard in it"]),
  ];
}

function quotedMarker(quoted: QuotedMessage): string {
  return quoted.sender === undefined
    ? "[In reply to]"
    : `[In reply to a message of ${oneLine(quoted.sender)}]`;
}

/** Whose words they are: first the handle, then in quotes what the person is called, which may be anything. */
function nameOf({ handle, message }: TurnMessage): string {
  if (message.isFromMe) return "written by hand from your own account";
  const [who, name] = [handle, message.senderName ?? ""].map((text) => oneLine(text).replaceAll('"', "'"));
  return name === "" ? `${who}` : `${who} "${name}"`;
}

/** Fit for a marker, which a bracket ends. */
function oneLine(text: string): string {
  return plainLine(text.replace(/[[\]]/gu, " "), LONGEST_NAME);
}

/** The same behind `> `, where a bracket may stand. */
function fileLine(text: string): string {
  return plainLine(text, LONGEST_FILE_LINE);
}

/** ISO 8601, UTC, to the second. */
function time(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}
