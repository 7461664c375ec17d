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
import { MOST_MESSAGES } from "../rules/chunk.ts";
import { composeAnswer, composeApology, STILL_AT_WORK } from "../rules/compose-reply.ts";
import { pairingCode } from "../rules/pairing.ts";
import { composeReplyTarget } from "../rules/reply-target.ts";
import { formatMarkdown, type TakenAnswer } from "./answer.ts";
import type { Frame } from "./frame.ts";
import type { Say, SayRest } from "./stream.ts";

const REF_LENGTH = 4;

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
      readonly answer: TakenAnswer;
      /** Why files that were named in it are not sent. */
      readonly refused: readonly string[];
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
  return formatAnswer(outcome.answer, { ...outcome, lead: outcome.rest.lead, log });
}

/** What people are to read of an answer, or of a part of one; nothing, where it has nothing to show. */
export async function formatAnswer(
  { pieces }: TakenAnswer,
  how: { readonly output: AgentRuntime["output"]; readonly lead: string; readonly log: Log },
): Promise<readonly (FormattedText | OutboundFile)[]> {
  if (pieces.every((piece) => typeof piece === "string" && piece.trim() === "")) return [];
  const says = pieces.map(async (piece) => {
    if (typeof piece !== "string") return piece;
    return how.output === "markdown" ? formatMarkdown(piece, how.log) : plainText(piece);
  });
  return [...(how.lead === "" ? [] : [plainText(how.lead)]), ...(await Promise.all(says))];
}

/** The messages in which something of an answer goes out. */
export function composeSay(
  turn: Turn,
  { account }: Frame,
  say: { readonly says: readonly (FormattedText | OutboundFile)[] } & Pick<Say, "isFirst" | "most">,
): NewGroup {
  const { says, isFirst, most } = say;
  const prefix = isFirst ? account.responsePrefix : "";
  const policy = { prefix, limit: account.textChunkLimit, mode: account.chunkMode, most };
  return groupTo(turn, (target) => composeAnswer(says, policy, { origin: "turn", target }));
}

/** The messages that a turn ends with. */
export function composeGroup(
  turn: Turn,
  frame: Frame,
  told: { outcome: Outcome; says: readonly (FormattedText | OutboundFile)[] },
): NewGroup {
  const { outcome, says } = told;
  const how = outcome.kind === "answered" ? outcome.rest : { isFirst: false, most: MOST_MESSAGES };
  return composeSay(turn, frame, { ...how, says });
}

/** The line that says that a turn takes long. */
export function composeLong(turn: Turn): NewGroup {
  return groupTo(turn, (target) => [{ origin: "progress", target, text: STILL_AT_WORK }]);
}

function groupTo(turn: Turn, compose: (target: Target) => readonly NewPart[]): NewGroup {
  const { accountId, conversationId } = turn;
  const { message, handle } = newest(turn);
  const target = composeReplyTarget(message, handle);
  return { accountId, conversationId, parts: target ? compose(target) : [] };
}

/** How a turn ends; `remark` says what became of the files that came with the messages. */
export function conclude(outcome: Outcome, remark: string): TurnEnd {
  if (outcome.kind === "answered") {
    const { rest, refused, cut } = outcome;
    const unsent = refused.map((reason) => `not sent: ${reason}`);
    const unsaid = cut === undefined ? "" : `cut short: ${cut}`;
    const told = [remark, unsaid, ...unsent].filter((one) => one !== "").join("; ");
    return { state: "answered", text: rest.whole, ...(told !== "" && { remark: told }) };
  }
  if (outcome.kind === "closed") return { state: "stopped", reason: "stopped" };
  const reason = [outcome.reason, remark].filter((text) => text !== "").join("; ");
  return { state: "failed", reason, ref: pairingCode(randomBytes(REF_LENGTH)) };
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
