// What a run of an agent came to, and the end of its turn: answered, failed with an apology, or stopped.
import { randomBytes } from "node:crypto";
import type { Log } from "../lib/log.ts";
import type { NewPart } from "../model/delivery.ts";
import { plainText, type FormattedText } from "../model/formatting.ts";
import type { NewGroup } from "../model/journal.ts";
import type { OutboundFile } from "../model/media.ts";
import type { AgentRuntime } from "../model/ports.ts";
import type { Target } from "../model/target.ts";
import type { AgentEvent, Turn, TurnEnd, TurnMessage } from "../model/turn.ts";
import { composeAnswer } from "../rules/compose-answer.ts";
import { composeApology, composeCutNotice, STILL_AT_WORK } from "../rules/compose-reply.ts";
import { pairingCode } from "../rules/pairing.ts";
import { composeReplyTarget } from "../rules/reply-target.ts";
import { formatMarkdown, type AnswerPieces } from "./answer.ts";
import type { UnsentFiles } from "./file-budget.ts";
import type { Frame } from "./frame.ts";
import type { Say, SayRest } from "./stream.ts";

const REF_LENGTH = 4;
/** What is recorded about the end of a turn beside its answer. */
const LONGEST_REMARK = 4000;

/** The agent's last word. */
export type Failure = Extract<AgentEvent, { kind: "failed" }>;
/** What a run of an agent came to. */
export type Outcome =
  | {
      readonly kind: "answered";
      /** What of it is still to be sent. */
      readonly rest: SayRest;
      readonly output: AgentRuntime["output"];
      /** The rest, made ready. */
      readonly pieces: AnswerPieces;
      /** Files that were named in it and are not sent. */
      readonly unsent: UnsentFiles;
      /** Why it is not all of the answer. */
      readonly cut?: string;
    }
  | Failure
  | { readonly kind: "closed" };

/** What people are to read. */
export async function formatOutcome(
  outcome: Outcome,
  end: TurnEnd,
  log: Log,
): Promise<readonly (FormattedText | OutboundFile)[]> {
  if (end.state === "failed") return [plainText(composeApology(end.ref))];
  if (outcome.kind !== "answered") return [];
  return formatAnswer(outcome.pieces, { ...outcome, lead: outcome.rest.lead, log });
}

/** What people are to read of an answer, or of a part of one; nothing, where it has nothing to show. */
export async function formatAnswer(
  pieces: AnswerPieces,
  how: { readonly output: AgentRuntime["output"]; readonly lead: string; readonly log: Log },
): Promise<readonly (FormattedText | OutboundFile)[]> {
  if (pieces.every((piece) => typeof piece === "string" && piece.trim() === "")) return [];
  const says = pieces.map(async (piece) => {
    if (typeof piece !== "string") return piece;
    return how.output === "markdown" ? formatMarkdown(piece, how.log) : plainText(piece);
  });
  return [...(how.lead === "" ? [] : [plainText(how.lead)]), ...(await Promise.all(says))];
}

/** The messages in which something of an answer goes out, and what of it is too much for them. */
export function composeSay(
  turn: Turn,
  { account }: Frame,
  say: { readonly says: readonly (FormattedText | OutboundFile)[] } & Pick<Say, "isFirst" | "most">,
): { readonly group: NewGroup; readonly rest: string } {
  const { says, isFirst, most } = say;
  const prefix = isFirst ? account.responsePrefix : "";
  const policy = { prefix, limit: account.textChunkLimit, mode: account.chunkMode, most };
  const target = targetOf(turn);
  const { parts, rest } = target
    ? composeAnswer(says, policy, { origin: "turn", target })
    : { parts: [], rest: "" };
  return { group: groupOf(turn, parts), rest };
}

/** The messages that a turn ends with; `cut` says what of the answer is in none of them. Contract: never rejects. */
export async function composeGroup(
  turn: Turn,
  frame: Frame,
  told: { outcome: Outcome; says: readonly (FormattedText | OutboundFile)[]; keep: KeepRest },
): Promise<{ readonly group: NewGroup; readonly cut?: string }> {
  const { outcome, says, keep } = told;
  const { maxPartsPerReply: most } = frame.account;
  const how = outcome.kind === "answered" ? outcome.rest : { isFirst: false, most };
  const { group, rest } = composeSay(turn, frame, { ...how, says });
  const target = targetOf(turn);
  if (rest === "" || !target) return { group };
  const file = await keep(rest);
  const last: NewPart = { origin: "turn", target, text: "" };
  if (typeof file !== "string") return { group: groupOf(turn, [...group.parts, { ...last, file }]) };
  const text = composeCutNotice(rest.length);
  const cut = `${rest.length} characters of the answer were too much for ${most} messages, and could not be sent as a file: ${file}`;
  return { group: groupOf(turn, [...group.parts, { ...last, text }]), cut };
}

/** Makes a file of what is left of an answer; a text: why that could not be done. */
export type KeepRest = (rest: string) => Promise<OutboundFile | string>;

/** The line that says that a turn takes long. */
export function composeLong(turn: Turn): NewGroup {
  const target = targetOf(turn);
  return groupOf(turn, target ? [{ origin: "progress", target, text: STILL_AT_WORK }] : []);
}

function targetOf(turn: Turn): Target | undefined {
  const { message, handle } = newest(turn);
  return composeReplyTarget(message, handle);
}

function groupOf({ accountId, conversationId }: Turn, parts: readonly NewPart[]): NewGroup {
  return { accountId, conversationId, parts };
}

/** How a turn ends; `remark` says what became of the files that came with the messages. */
export function conclude(outcome: Outcome, remark: string): TurnEnd {
  if (outcome.kind === "answered") {
    const { rest, unsent, cut } = outcome;
    const told = [
      remark,
      ...(cut === undefined ? [] : [`cut short: ${cut}`]),
      ...unsent.reasons.map((reason) => `not sent: ${reason}`),
      ...(unsent.count > unsent.reasons.length ? [`${unsent.count} files not sent in all`] : []),
    ];
    return { state: "answered", text: rest.whole, ...remarkOf(told) };
  }
  if (outcome.kind === "closed") return { state: "stopped", reason: "stopped" };
  const reason = [outcome.reason, remark]
    .filter((text) => text !== "")
    .join("; ")
    .slice(0, LONGEST_REMARK)
    .toWellFormed();
  return { state: "failed", reason, ref: pairingCode(randomBytes(REF_LENGTH)) };
}

/** The same end with one thing more to know about it. */
export function withRemark(end: TurnEnd, remark: string): TurnEnd {
  return end.state === "answered" ? { ...end, ...remarkOf([end.remark ?? "", remark]) } : end;
}

function remarkOf(told: readonly string[]): { readonly remark?: string } {
  const remark = told.filter((one) => one !== "").join("; ");
  return remark === "" ? {} : { remark: remark.slice(0, LONGEST_REMARK).toWellFormed() };
}

/** One line for the log. */
export function describeEnd(turn: Turn, end: TurnEnd): string {
  if (end.state === "answered") return `turn ${turn.id}: answered, ${end.text.length} characters`;
  return `turn ${turn.id}: ${end.state}: ${end.reason}`;
}

/** The message that a turn is about, above all. */
export function newest(turn: Turn): TurnMessage {
  const last = turn.messages.at(-1);
  if (!last) throw new Error(`turn ${turn.id} has no message`);
  return last;
}
