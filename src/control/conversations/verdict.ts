// What was decided about a message, in words, as it was recorded.
import type { Decision } from "../../model/decision.ts";
import { describeOutcome } from "../explain/outcome-words.ts";

/** What was decided about a message. */
export interface Verdict {
  readonly outcome: "turn" | "command" | "answer" | "hold" | "remember" | "ignore";
  /** Of docs/troubleshooting.md; `turn`, `command` and `answer` for those. */
  readonly code: string;
  readonly because: string | undefined;
  readonly fix: string | undefined;
}

/** The verdict of a decision. */
export function verdictOf({ outcome }: Decision): Verdict {
  const { because, fix } = describeOutcome(outcome);
  return {
    outcome: outcome.kind,
    code: "code" in outcome ? outcome.code : outcome.kind,
    because: "because" in outcome ? outcome.because : because,
    fix,
  };
}
