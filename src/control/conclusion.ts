// The last line of an explanation: answered, not answered with the remedy, or still under way.
import type { RememberCode } from "../model/decision.ts";
import type { OutboxItem } from "../model/journal.ts";
import type { MessageStory } from "../model/store.ts";

/** What a story comes to. */
export interface Conclusion {
  readonly verdict: "answered" | "not-answered" | "pending";
  /** Why not, or what it waits for; without a full stop. Undefined when answered. */
  readonly because: string | undefined;
  /** What to do; undefined when there is nothing. */
  readonly fix: string | undefined;
  /** Epoch ms of the last message of the answer. */
  readonly answeredAtMs: number | undefined;
}

/** Concludes a story from what is recorded; nothing is decided again. */
export function concludeStory(story: MessageStory): Conclusion {
  const outcome = story.decisions.at(-1)?.outcome;
  if (outcome === undefined) return concludeUndecided(story);
  if (outcome.kind === "ignore") return not(outcome.because, outcome.fix);
  if (outcome.kind === "remember") {
    const [because, fix] = REMEMBERED[outcome.code];
    return not(because, fix);
  }
  if (outcome.kind === "hold") return pending(outcome.because, outcome.fix);
  return concludeTurn(story);
}

/** Why a row was kept as context, as the end of a sentence, and what can be done where that is not as it should be. */
const REMEMBERED: Readonly<Record<RememberCode, readonly [because: string, fix?: string]>> = {
  "own.row": ["it is our own message"],
  "own.echo": ["it is a copy of what we sent"],
  reaction: ["a reaction is an event, not a message"],
  "event.empty": ["it is an event of the chat, or an empty row"],
  "catchup.too-old": [
    "it was missed too long ago",
    "Raise channels.imessage.catchup.maxAgeMinutes if such messages should be answered.",
  ],
  "catchup.before-first-start": [
    "it was there before the first start, and history is not answered",
    "Ask them to write again.",
  ],
};

function concludeUndecided({ entry }: MessageStory): Conclusion {
  return entry.conversationId === undefined
    ? pending("Messages has not put it into a chat yet", "Wait: it is looked for again for ten minutes.")
    : pending(
        "it was journaled and not looked at yet",
        "Check that the gateway runs: `coderclaw channels status`.",
      );
}

function concludeTurn({ turn, parts }: MessageStory): Conclusion {
  if (turn === undefined)
    return pending("it waits for a turn", "Check that the gateway runs: `coderclaw channels status`.");
  if (turn.state === "running") return pending(`agent ${turn.agentId} is at work on it`, undefined);
  if (turn.state === "stopped")
    return not(`the turn was stopped: ${turn.failure ?? "no reason given"}`, undefined);
  if (turn.state === "failed")
    return not(
      `agent ${turn.agentId} failed: ${turn.failure ?? "no reason given"}`,
      `Run the agent's program by hand, or see \`coderclaw config get agents\`; then ask them to write again.`,
    );
  return concludeParts(parts.filter((part) => part.turnId === turn.id && part.origin === "turn"));
}

function concludeParts(parts: readonly OutboxItem[]): Conclusion {
  if (parts.length === 0)
    return not("the agent's answer was empty, and an empty answer is not sent", undefined);
  const parked = parts.find((part) => part.state === "parked");
  if (parked !== undefined)
    return not(
      `message ${parked.id} of the answer could not be sent: ${parked.reason ?? "no reason given"}`,
      `Run \`coderclaw outbox retry ${parked.id}\` or \`coderclaw outbox drop ${parked.id}\`.`,
    );
  const dropped = parts.find((part) => part.state === "dropped");
  if (dropped !== undefined)
    return not(`message ${dropped.id} of the answer was dropped by the owner`, undefined);
  const unsent = parts.find((part) => part.state !== "sent");
  if (unsent !== undefined) {
    const why = unsent.reason === undefined ? "" : `, ${unsent.reason}`;
    return pending(`message ${unsent.id} of the answer is ${unsent.state}${why}`, undefined);
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
