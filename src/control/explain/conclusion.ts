// The last line of an explanation: answered, not answered with the remedy, or still under way.
import type { AgentId } from "../../model/ids.ts";
import type { OutboxItem } from "../../model/journal.ts";
import type { MessageStory } from "../../model/store.ts";
import { describeReasons } from "../messages/outbox.ts";
import { describeOutcome } from "./outcome-words.ts";
import { describeApproval } from "../approvals/approval-words.ts";

/** What a story comes to. */
export interface Conclusion {
  /** `done`: a command that was carried out and has no reply of its own, or the answer to a question of an agent. */
  readonly verdict: "answered" | "done" | "not-answered" | "pending";
  /** Why not, or what it waits for; without a full stop. Undefined when answered or done. */
  readonly because: string | undefined;
  /** What to do; undefined when there is nothing. */
  readonly fix: string | undefined;
  /** Epoch ms of the last message of the answer. */
  readonly answeredAtMs: number | undefined;
}

/** Concludes a story from what is recorded; nothing is decided again. */
export function concludeStory(story: MessageStory, isRunning = true): Conclusion {
  const outcome = story.decisions.at(-1)?.outcome;
  if (outcome === undefined) return concludeUndecided(story);
  const { because, fix } = describeOutcome(outcome);
  switch (outcome.kind) {
    case "ignore":
      return not(because, fix);
    case "remember":
      return not(`${because}${describeContext(story)}`, fix);
    case "hold":
      return pending(because, fix);
    case "answer":
      return { ...DONE, verdict: "done" };
    case "command":
      // `/new TEXT`: the text became the first message of a turn.
      return story.turn === undefined ? concludeCommand(story) : concludeTurn(story, isRunning);
    case "turn":
      return concludeTurn(story, isRunning);
  }
}

/** Which turn was shown a message that was kept as context. */
function describeContext({ turn }: MessageStory): string {
  return turn === undefined ? "" : ` (agent ${turn.agentId} was shown it in turn ${turn.id})`;
}

/** A command is done when it is recorded as done; its reply may still be under way. */
function concludeCommand({ state, parts }: MessageStory): Conclusion {
  if (state !== "done")
    return pending(
      "the command is not carried out yet",
      "Check that the gateway runs: `coderclaw channels status`.",
    );
  const replies = parts.filter((part) => part.origin === "command");
  return replies.length === 0 ? { ...DONE, verdict: "done" } : concludeParts(replies, "reply to the command");
}

const DONE = { because: undefined, fix: undefined, answeredAtMs: undefined } as const;

function concludeUndecided({ entry }: MessageStory): Conclusion {
  return entry.conversationId === undefined
    ? pending("Messages has not put it into a chat yet", "Wait: it is looked for again for ten minutes.")
    : pending(
        "it was journaled and not looked at yet",
        "Check that the gateway runs: `coderclaw channels status`.",
      );
}

function concludeTurn(story: MessageStory, isRunning: boolean): Conclusion {
  const { turn, parts } = story;
  if (turn === undefined)
    return pending("it waits for a turn", "Check that the gateway runs: `coderclaw channels status`.");
  if (turn.state === "running" && !isRunning)
    return pending(
      `agent ${turn.agentId} was at work on it when the gateway ended`,
      "Start the gateway: the turn is run again then.",
    );
  if (turn.state === "running") return concludeRunning(turn.agentId, story);
  if (turn.state === "stopped")
    return not(`the turn was stopped: ${turn.failure ?? "no reason given"}`, "Write again.");
  if (turn.state === "failed")
    return not(
      `agent ${turn.agentId} failed: ${turn.failure ?? "no reason given"}`,
      `Run the agent's program by hand, or see \`coderclaw config get agents\`; then ask them to write again.`,
    );
  return concludeParts(
    parts.filter((part) => part.turnId === turn.id && part.origin === "turn"),
    "answer",
  );
}

function concludeRunning(agentId: AgentId, { approvals }: MessageStory): Conclusion {
  const open = approvals.find(({ decision }) => decision === undefined);
  if (open === undefined) return pending(`agent ${agentId} is at work on it`, undefined);
  const whom = open.asked.map(({ owner }) => owner).join(" or ") || "an owner";
  return pending(
    `agent ${agentId} waits for ${whom} to answer request ${open.id}: ${describeApproval(open.request)}`,
    `Answer it in Messages; unanswered it is denied ten minutes after it was asked.`,
  );
}

function concludeParts(parts: readonly OutboxItem[], what: string): Conclusion {
  if (parts.length === 0)
    return not(
      "the agent's answer was empty, and an empty answer is not sent",
      "Run the agent's program by hand if it should have said something.",
    );
  const parked = parts.find((part) => part.state === "parked");
  if (parked !== undefined)
    return not(
      `message ${parked.id} of the ${what} could not be sent: ${describeReasons(parked) || "no reason given"}`,
      `Run \`coderclaw outbox retry ${parked.id}\` or \`coderclaw outbox drop ${parked.id}\`.`,
    );
  const dropped = parts.find((part) => part.state === "dropped");
  if (dropped !== undefined)
    return not(`message ${dropped.id} of the ${what} was dropped by the owner`, "Ask them to write again.");
  const unsent = parts.find((part) => part.state !== "sent");
  if (unsent !== undefined) {
    const reasons = describeReasons(unsent);
    const why = reasons === "" ? "" : `, ${reasons}`;
    return pending(`message ${unsent.id} of the ${what} is ${unsent.state}${why}`, undefined);
  }
  const answeredAtMs = Math.max(...parts.map((part) => part.sentAtMs ?? 0));
  return { verdict: "answered", because: undefined, fix: undefined, answeredAtMs };
}

function not(because: string, fix: string | undefined): Conclusion {
  return { verdict: "not-answered", because, fix, answeredAtMs: undefined };
}

function pending(because: string, fix: string | undefined): Conclusion {
  return { verdict: "pending", because, fix, answeredAtMs: undefined };
}
