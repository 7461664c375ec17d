// Why a message was or was not answered: its story from the journal as steps, and one plain sentence at the end.
import { GatewayError } from "../model/errors.ts";
import type { OutboxItem } from "../model/journal.ts";
import { asId, type MessageGuid, type RowId } from "../model/ids.ts";
import type { MessageStory, Store } from "../model/ports.ts";
import { renderEntry } from "../model/target.ts";
import { concludeStory, type Conclusion } from "./conclusion.ts";

/** One thing that happened, in the order it happened. */
export interface ExplainStep {
  /** Epoch ms; undefined for a check made at the moment of the step before. */
  readonly atMs: number | undefined;
  readonly text: string;
}

/** One message explained. */
export interface Explanation {
  readonly steps: readonly ExplainStep[];
  readonly conclusion: Conclusion;
  /** What the steps were made from. */
  readonly story: MessageStory;
}

/** Explains the message with this guid or row id; one explanation for each account that has it. Throws `explain/unknown`. */
export async function explain(store: Store, reference: string): Promise<readonly Explanation[]> {
  const named = reference.trim();
  const key = /^\d+$/.test(named)
    ? { rowId: asId<RowId>(Number(named)) }
    : { guid: asId<MessageGuid>(named) };
  const stories = await store.records.explain(key);
  if (stories.length > 0) return stories.map(explainStory);
  throw new GatewayError("explain/unknown", `The journal has no message ${named}.`, {
    hint: "Check that the gateway ran when it came (`coderclaw channels status`), and that the account's imsg shows it.",
  });
}

/** The steps of a story and what they come to. */
export function explainStory(story: MessageStory): Explanation {
  return {
    steps: [...received(story), ...decided(story), ...answered(story)],
    conclusion: concludeStory(story),
    story,
  };
}

function received({ entry }: MessageStory): ExplainStep[] {
  const { message, receivedAtMs, missed } = entry;
  const from = message.isFromMe ? "ourselves" : message.sender || "nobody";
  const how = missed ? "caught up after it was missed" : "as it came";
  return [
    { atMs: message.createdAtMs, text: `written by ${from} in chat ${message.chatId || "(none yet)"}` },
    { atMs: receivedAtMs, text: `journaled for account ${message.accountId}, ${how}` },
  ];
}

function decided({ decisions }: MessageStory): ExplainStep[] {
  return decisions.flatMap((decision) => {
    const gates = decision.gates.map(({ name, saw, passed }) => ({
      atMs: undefined,
      text: `${passed ? "passed" : "stopped"} ${name}: ${saw}`,
    }));
    return [...gates, { atMs: decision.atMs, text: describeOutcome(decision.outcome) }];
  });
}

function describeOutcome(outcome: MessageStory["decisions"][number]["outcome"]): string {
  if (outcome.kind === "turn") return `decided: agent ${outcome.agentId} answers (${outcome.sessionKey})`;
  const fate = { hold: "held", remember: "kept as context", ignore: "ignored" }[outcome.kind];
  return `decided: ${fate}, ${outcome.because} (${outcome.code})`;
}

function answered({ turn, parts }: MessageStory): ExplainStep[] {
  const steps: ExplainStep[] = [];
  if (turn !== undefined) {
    const again = turn.attempts > 1 ? `, attempt ${turn.attempts}` : "";
    steps.push({ atMs: turn.startedAtMs, text: `turn ${turn.id}: agent ${turn.agentId} began${again}` });
    if (turn.state !== "running") {
      const why = turn.failure === undefined ? "" : `: ${turn.failure}`;
      const ref = turn.ref === undefined ? "" : ` (ref ${turn.ref})`;
      steps.push({ atMs: turn.finishedAtMs, text: `turn ${turn.id}: ${turn.state}${why}${ref}` });
    }
  }
  return [...steps, ...parts.map(describePart)];
}

function describePart(part: OutboxItem): ExplainStep {
  const what = { turn: "reply", pairing: "pairing message", notice: "notice to the owner", send: "message" };
  const why = part.reason === undefined ? "" : `: ${part.reason}`;
  const attempts = part.attempts > 1 ? ` after ${part.attempts} attempts` : "";
  const guid = part.sentGuid === undefined ? "" : `, guid ${part.sentGuid}`;
  return {
    atMs: part.sentAtMs ?? part.createdAtMs,
    text: `${what[part.origin]} ${part.id} to ${renderEntry(part.target)}: ${part.state}${attempts}${why}${guid}`,
  };
}
