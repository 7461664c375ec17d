// Why a message was or was not answered: its story from the journal as steps, and one plain sentence at the end.
import type { Outcome } from "../../model/decision.ts";
import type { PartOrigin } from "../../model/delivery.ts";
import { GatewayError } from "../../model/errors.ts";
import type { OutboxItem } from "../../model/journal.ts";
import { asId, type AccountId, type MessageGuid, type RowId } from "../../model/ids.ts";
import type { ApprovalRecord } from "../../model/approval.ts";
import type { MessageStory, Store } from "../../model/store.ts";
import { renderEntry } from "../../model/target.ts";
import { concludeStory, type Conclusion } from "./conclusion.ts";
import { describeContent, describeReasons } from "../messages/outbox.ts";
import { describeApprovalDecision, describeApproval } from "../approvals/approval-words.ts";
import { describeOutcome } from "./outcome-words.ts";

/** One thing that happened, or one check that led to the decision after it. */
export interface ExplainStep {
  readonly kind: "event" | "check";
  /** Epoch ms. */
  readonly atMs: number;
  readonly text: string;
}

/** One message explained. */
export interface Explanation {
  readonly steps: readonly ExplainStep[];
  readonly conclusion: Conclusion;
  /** What the steps were made from. */
  readonly story: MessageStory;
}

/** What is asked for. */
export interface ExplainOptions {
  /** Of this account only. */
  readonly accountId?: AccountId | undefined;
  /** False: no gateway runs on the state database, whatever it says of turns and sends. Default true. */
  readonly isRunning?: boolean;
}

/**
 * Explains the message with this guid or row id; one explanation for each account that has it, or for the one that is named. Throws
 * `explain/unknown`.
 */
export async function explain(
  store: Store,
  reference: string,
  { accountId, isRunning = true }: ExplainOptions = {},
): Promise<readonly Explanation[]> {
  const named = reference.trim();
  const key = /^\d+$/.test(named)
    ? { rowId: asId<RowId>(Number(named)) }
    : { guid: asId<MessageGuid>(named) };
  const found = await store.records.explain(key);
  const stories = found.filter(
    ({ entry }) => accountId === undefined || entry.message.accountId === accountId,
  );
  if (stories.length > 0) return stories.map((story) => explainStory(story, isRunning));
  const where = accountId === undefined ? "" : ` of account ${accountId}`;
  throw new GatewayError("explain/unknown", `The journal has no message ${named}${where}.`, {
    hint: await hintFor(store, key),
  });
}

async function hintFor(store: Store, key: { rowId: RowId } | { guid: MessageGuid }): Promise<string> {
  const newest = await store.records.newestRow();
  if ("rowId" in key && newest !== undefined && key.rowId > newest)
    return `The number is likely wrong: the newest row that was read is ${newest}.`;
  return "Check that the gateway ran when it came (`coderclaw channels status`), and that the account's imsg shows it.";
}

/** The steps of a story and what they come to. */
function explainStory(story: MessageStory, isRunning: boolean): Explanation {
  const { message } = story.entry;
  const from = message.isFromMe ? "ourselves" : message.sender || "nobody";
  // By the Mac's clock: it comes first whatever that says.
  const written = event(message.createdAtMs, `written by ${from} in chat ${message.chatId || "(none yet)"}`);
  const ours = [
    journaled(story),
    ...decided(story),
    ...turned(story),
    ...story.approvals.flatMap(describeApprovalSteps),
    ...story.parts.map(describePart),
  ];
  const steps = [written, ...ours.toSorted((one, other) => one.atMs - other.atMs)];
  return { steps, conclusion: concludeStory(story, isRunning), story };
}

function journaled({ entry }: MessageStory): ExplainStep {
  const how = entry.missed ? "caught up after it was missed" : "as it came";
  return event(entry.receivedAtMs, `journaled for account ${entry.message.accountId}, ${how}`);
}

function decided({ decisions }: MessageStory): ExplainStep[] {
  return decisions.flatMap(({ gates, atMs, outcome }) => [
    ...gates.map(({ name, saw, passed }): ExplainStep => ({
      kind: "check",
      atMs,
      text: `${passed ? "passed" : "stopped"} ${name}: ${saw}`,
    })),
    event(atMs, describeDecision(outcome)),
  ]);
}

function describeDecision(outcome: Outcome): string {
  if (outcome.kind === "turn") return `decided: agent ${outcome.agentId} answers (${outcome.sessionKey})`;
  if (outcome.kind === "command" || outcome.kind === "answer")
    return `decided: ${describeOutcome(outcome).because}`;
  const { fate, because, code } = describeOutcome(outcome);
  return `decided: ${fate}, ${because} (${code})`;
}

function turned({ turn, decisions }: MessageStory): ExplainStep[] {
  if (turn === undefined) return [];
  const wasContext = decisions.at(-1)?.outcome.kind === "remember";
  const what = wasContext ? "was shown it as context" : "began";
  const began = event(turn.startedAtMs, `turn ${turn.id}: agent ${turn.agentId} ${what}`);
  const again = (turn.resumed ?? []).map(({ atMs, wasKilled }) =>
    event(
      atMs,
      `turn ${turn.id}: ran again, as the gateway ${wasKilled ? "was killed" : "was stopped"} while it ran`,
    ),
  );
  if (turn.finishedAtMs === undefined) return [began, ...again];
  const why = turn.failure === undefined ? "" : `: ${turn.failure}`;
  const ref = turn.ref === undefined ? "" : ` (ref ${turn.ref})`;
  return [began, ...again, event(turn.finishedAtMs, `turn ${turn.id}: ${turn.state}${why}${ref}`)];
}

function describeApprovalSteps(approval: ApprovalRecord): ExplainStep[] {
  const { id, agentId, request, asked, askedAtMs, decision } = approval;
  const whom = asked.length === 0 ? "" : ` ${asked.map(({ owner }) => owner).join(" and ")}`;
  const what = event(
    askedAtMs,
    `request ${id}: agent ${agentId} asked${whom} for permission: ${describeApproval(request)}`,
  );
  return decision === undefined
    ? [what]
    : [what, event(decision.atMs, `request ${id}: ${describeApprovalDecision(approval)}`)];
}

const ORIGINS: Readonly<Record<PartOrigin, string>> = {
  turn: "reply",
  progress: "line about how far it is",
  question: "question of the agent",
  command: "reply to the command",
  pairing: "pairing message",
  notice: "notice to the owner",
  send: "message",
};

const LONGEST_QUOTE = 80;

function describePart(part: OutboxItem): ExplainStep {
  const reasons = describeReasons(part);
  const why = reasons === "" ? "" : `: ${reasons}`;
  const attempts = part.attempts > 1 ? ` after ${part.attempts} attempts` : "";
  const guid = part.sentGuid === undefined ? "" : `, guid ${part.sentGuid}`;
  const said = part.origin === "command" ? ` “${part.text.slice(0, LONGEST_QUOTE)}”` : "";
  const file = part.file === undefined ? "" : ` ${describeContent(part)}`;
  const what = `${ORIGINS[part.origin]} ${part.id}${file} to ${renderEntry(part.target)}${said}`;
  return event(part.sentAtMs ?? part.createdAtMs, `${what}: ${part.state}${attempts}${why}${guid}`);
}

function event(atMs: number, text: string): ExplainStep {
  return { kind: "event", atMs, text };
}
