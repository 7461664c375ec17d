// What a run of an agent came to, and the end of its turn: answered, failed with an apology, or stopped.
import { randomBytes } from "node:crypto";
import type { Log } from "../lib/log.ts";
import { plainText, type FormattedText } from "../model/formatting.ts";
import type { NewGroup } from "../model/journal.ts";
import type { OutboundFile } from "../model/media.ts";
import type { AgentRuntime } from "../model/ports.ts";
import type { AgentEvent, Turn, TurnEnd, TurnMessage } from "../model/turn.ts";
import { composeAnswer, composeApology } from "../rules/compose-reply.ts";
import { pairingCode } from "../rules/pairing.ts";
import { composeReplyTarget } from "../rules/reply-target.ts";
import { formatMarkdown, type TakenAnswer } from "./answer.ts";
import type { Frame } from "./frame.ts";

const REF_LENGTH = 4;

/** The agent's last word. */
export type Failure = Extract<AgentEvent, { kind: "failed" }>;
/** What a run of an agent came to. */
export type Outcome =
  | {
      readonly kind: "answered";
      /** As the agent gave it. */
      readonly text: string;
      readonly output: AgentRuntime["output"];
      readonly answer: TakenAnswer;
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
  const { output, answer } = outcome;
  return Promise.all(
    answer.pieces.map(async (piece) => {
      if (typeof piece !== "string") return piece;
      return output === "markdown" ? formatMarkdown(piece, log) : plainText(piece);
    }),
  );
}

/** The messages that a turn ends with. */
export function composeGroup(
  turn: Turn,
  { account }: Frame,
  told: { end: TurnEnd; says: readonly (FormattedText | OutboundFile)[] },
): NewGroup {
  const { accountId, conversationId } = turn;
  const prefix = told.end.state === "answered" ? account.responsePrefix : "";
  const policy = { prefix, limit: account.textChunkLimit, mode: account.chunkMode };
  const { message, handle } = newest(turn);
  const target = composeReplyTarget(message, handle);
  const parts = target ? composeAnswer(told.says, policy, { origin: "turn", target }) : [];
  return { accountId, conversationId, parts };
}

/** How a turn ends; `remark` says what became of the files that came with the messages. */
export function conclude(outcome: Outcome, remark: string): TurnEnd {
  if (outcome.kind === "answered") {
    const { text, answer } = outcome;
    const unsent = answer.refused.map((reason) => `not sent: ${reason}`);
    const told = [remark, ...unsent].filter((one) => one !== "").join("; ");
    return { state: "answered", text, ...(told !== "" && { remark: told }) };
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
