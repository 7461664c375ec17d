// What a decision comes to, in words: what becomes of the message, why, and what to do if that is not as it should be.
import type { IgnoreCode, HoldCode, Outcome, RememberCode } from "../../model/decision.ts";

/** An outcome for people. */
export interface OutcomeWords {
  /** What becomes of the message, such as `ignored`. */
  readonly fate: string;
  /** Why, as the end of a sentence. */
  readonly because: string;
  /** The reason code; undefined for what is answered. */
  readonly code: RememberCode | IgnoreCode | HoldCode | undefined;
  /** What to do if it should be otherwise; undefined for what is answered. */
  readonly fix: string | undefined;
}

/** Puts an outcome into words. */
export function describeOutcome(outcome: Outcome): OutcomeWords {
  switch (outcome.kind) {
    case "turn":
      return answered("answered", `agent ${outcome.agentId} answers (${outcome.sessionKey})`);
    case "command": {
      const { name, role, inOrder } = outcome.command;
      const who = role === "owner" ? "an owner" : "an authorised sender";
      const when = inOrder ? "in turn with the messages before it" : "at once";
      return answered("carried out", `/${name} is a command of ${who} (${when})`);
    }
    case "answer":
      return answered(
        "taken as an answer",
        `it answers request ${outcome.approvalId} of an agent: ${outcome.label}`,
      );
    case "remember":
      return {
        fate: "kept as context",
        because: outcome.because,
        code: outcome.code,
        fix: IF_IT_SHOULD_BE_ANSWERED[outcome.code],
      };
    default:
      return {
        fate: outcome.kind === "hold" ? "held" : "ignored",
        because: outcome.because,
        code: outcome.code,
        fix: outcome.fix,
      };
  }
}

function answered(fate: string, because: string): OutcomeWords {
  return { fate, because, code: undefined, fix: undefined };
}

/** What to do about what is kept. The reason is the recorded one. */
const IF_IT_SHOULD_BE_ANSWERED: Readonly<Record<RememberCode, string>> = {
  "own.row": "Write from another Apple ID: what this one writes is context, never a question.",
  "own.echo": "No action needed: Messages writes such copies in a chat with yourself.",
  "own.copy": "No action needed: the first row was answered.",
  "row.redelivered": "No action needed: the first delivery was answered.",
  reaction: "Write a message: reactions are not answered.",
  "approval.more": "Answer the question with one of its numbers.",
  "link.preview": "No action needed: the message with the link is answered.",
  "event.empty": "No action needed: it contains nothing to answer.",
  "group.not-mentioned":
    "Call the agent by one of its mention patterns, or set requireMention of the group to false.",
  "catchup.too-old": "Raise channels.imessage.catchup.maxAgeMinutes if such messages should be answered.",
  "catchup.before-first-start": "Ask them to write again.",
};
