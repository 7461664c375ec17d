// From an agent's answer to the messages that go out.
import type { NewPart, PartOrigin } from "../model/delivery.ts";
import { plainText, type FormattedText, type TextRange } from "../model/formatting.ts";
import { plainLine } from "../model/plain-line.ts";
import type { ChunkMode } from "../model/settings.ts";
import type { Target } from "../model/target.ts";
import { planChunks } from "./chunk.ts";

/** How replies of an account are cut. */
export interface ReplyPolicy {
  /** Put before the first message; may be empty. */
  readonly prefix: string;
  /** UTF-16 units a message. */
  readonly limit: number;
  readonly mode: ChunkMode;
  /** Messages past which a text is packed; undefined: 20. */
  readonly most?: number;
}

/** Where messages go, and why. */
export interface Sending {
  readonly origin: PartOrigin;
  readonly target: Target;
}

/** A text as messages, and what of it stands behind each of them. */
export interface CutText {
  readonly parts: readonly NewPart[];
  /** What is left of the text after so many of its messages, with the opening line of a code block that goes on there. */
  restAfter(count: number): string;
}

/** Cuts an answer into messages. An answer of nothing but white space is no message at all. */
export function composeReply(answer: FormattedText, policy: ReplyPolicy, to: Sending): readonly NewPart[] {
  return cutText(answer, policy, to).parts;
}

/** The same, with what is left of the text behind each message. */
export function cutText(answer: FormattedText, policy: ReplyPolicy, to: Sending): CutText {
  if (answer.text.trim() === "") return { parts: [], restAfter: () => "" };
  const whole = policy.prefix + answer.text;
  const { pieces } = planChunks(whole, policy);
  const cursor = new RangeCursor(answer.ranges, policy.prefix.length);
  const starts: number[] = [];
  let from = 0;
  const parts = pieces.map((piece) => {
    const start = from + piece.dropped.length;
    starts.push(start);
    from = start + piece.body.length;
    const formatting = cursor.within(start, from, piece.open.length);
    const text = piece.open + piece.body + piece.close;
    return { ...to, text, ...(formatting.length === 0 ? {} : { formatting }) };
  });
  return {
    parts,
    restAfter: (count) => (pieces[count]?.open ?? "") + whole.slice(starts[count] ?? whole.length),
  };
}

/** Gives each piece of a text its share of the ranges. Contract: pieces come in order. */
class RangeCursor {
  readonly #ranges: readonly TextRange[];
  readonly #shift: number;
  #next = 0;

  /** `shift`: UTF-16 units put before the text that the ranges are of. */
  constructor(ranges: readonly TextRange[], shift: number) {
    this.#ranges = ranges;
    this.#shift = shift;
  }

  /** Ranges between two positions of the whole text, counted from the first of them; `added` units stand before it. */
  within(start: number, end: number, added: number): readonly TextRange[] {
    const found: TextRange[] = [];
    for (let range = this.#peek(); range && range.start < end; range = this.#peek()) {
      const from = Math.max(range.start, start);
      const to = Math.min(range.end, end);
      if (from < to) found.push({ start: from - start + added, length: to - from, styles: range.styles });
      // The rest of it is the next piece's.
      if (range.end > end) break;
      this.#next += 1;
    }
    return found;
  }

  #peek(): { start: number; end: number; styles: TextRange["styles"] } | undefined {
    const range = this.#ranges[this.#next];
    if (!range) return undefined;
    const start = range.start + this.#shift;
    return { start, end: start + range.length, styles: range.styles };
  }
}

/** Said once while a turn takes long. */
export const STILL_AT_WORK = "Still working on it…";

/** Said before an answer of an agent whose own memory of the conversation was gone. */
export const BEGAN_ANEW = "(I had to start anew and was given what we said before.)";

/** Said before an answer that is not the one whose beginning was already sent. */
export const STARTS_OVER = "(I was interrupted. Here is the answer from the beginning.)";

/** Said behind what an agent said before its time was up. */
export const OUT_OF_TIME = "(I ran out of time before I finished.)";

/** What a sender is told when an agent said nothing to a word behind a slash; `isKnown`: it is a command of the agent's own. */
export function composeSilence(agent: string, word: string, isKnown: boolean): string {
  if (isKnown) return `${agent} took /${word} and said nothing more.`;
  return `/${word} is not a command here, and ${agent} said nothing to it. /help lists the commands.`;
}

/** The end of an answer that is too long for its messages, where the rest cannot be sent as a file. */
export function composeCutNotice(characters: number): string {
  return `(That is not all: ${characters.toLocaleString("en-US")} more characters were too much for this chat.)`;
}

/** What a sender is told when a turn failed; the cause goes to the owner and to `explain`. */
export function composeApology(ref: string): string {
  return `Sorry, I could not answer that. (ref ${ref})`;
}

const LONGEST_CAUSE = 1500;

/** What an owner is told when a turn failed; `who` wrote is undefined where it was that owner. */
export function composeFailureNotice(failure: {
  ref: string;
  who: string | undefined;
  agentId: string;
  reason: string;
}): string {
  const what = failure.who === undefined ? "Your message" : `A message of ${failure.who}`;
  return `${what} was not answered (ref ${failure.ref}): agent ${failure.agentId}: ${plainLine(failure.reason, LONGEST_CAUSE)}`;
}

/** More reasons are in the records. */
const MOST_REASONS = 3;

/** What the owner is told when files of an answer were not sent: a few reasons, and how many there are. */
export function composeFilesNotice(unsent: {
  who: string;
  agentId: string;
  count: number;
  reasons: readonly string[];
}): string {
  const { who, agentId, count } = unsent;
  const reasons = unsent.reasons.slice(0, MOST_REASONS);
  const more = count - reasons.length;
  const rest = more === 0 ? "" : ` And ${more.toLocaleString("en-US")} more.`;
  return `Of the answer to ${who}, agent ${agentId} named files that were not sent: ${reasons.join(" ")}${rest}`;
}

/** A notice for an owner as messages that the account can send. */
export function composeNotice(
  text: string,
  { textChunkLimit: limit }: { readonly textChunkLimit: number },
  target: Target,
): readonly NewPart[] {
  return composeReply(plainText(text), { prefix: "", limit, mode: "length" }, { origin: "notice", target });
}
