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
        `it answers question ${outcome.approvalId} of an agent: ${outcome.label}`,
      );
    case "remember": {
      const { because, fix } = REMEMBERED[outcome.code];
      return { fate: "kept as context", because, code: outcome.code, fix };
    }
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

const REMEMBERED: Readonly<Record<RememberCode, { readonly because: string; readonly fix: string }>> = {
  "own.row": {
    because: "it is our own message",
    fix: "Write from another Apple ID: what this one writes is context, never a question.",
  },
  "own.echo": {
    because: "it is a copy of what we sent",
    fix: "Nothing is to be done: Messages writes such copies in a chat with oneself.",
  },
  "own.copy": {
    because: "it is the second row that Messages wrote of one note to yourself",
    fix: "No action needed: the first row was answered.",
  },
  "row.redelivered": {
    because: "it is a message that came before: iCloud delivered it again under another id",
    fix: "No action needed: the first delivery was answered.",
  },
  reaction: {
    because: "a reaction is an event, not a message",
    fix: "Write a message: reactions are not answered.",
  },
  "link.preview": {
    because: "it is the preview of a link in the message before it",
    fix: "Nothing is to be done: the message with the link is answered.",
  },
  "event.empty": {
    because: "it is an event of the chat, or an empty row",
    fix: "Nothing is to be done: there is nothing in it to answer.",
  },
  "group.not-mentioned": {
    because: "it does not call the agent; the agent sees it with the next message that does",
    fix: "Call the agent by one of its mention patterns, or set requireMention of the group to false.",
  },
  "catchup.too-old": {
    because: "it was missed too long ago",
    fix: "Raise channels.imessage.catchup.maxAgeMinutes if such messages should be answered.",
  },
  "catchup.before-first-start": {
    because: "it was there before the first start, and history is not answered",
    fix: "Ask them to write again.",
  },
};
