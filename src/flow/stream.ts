// The answer of a turn as its agent writes it: segments between its tool calls → complete blocks that are sent → what is left for the end.
import { withoutBlankStart } from "../model/text-ends.ts";
import type { Turn } from "../model/turn.ts";
import { BEGAN_ANEW, STARTS_OVER } from "../rules/compose-reply.ts";
import { Blocks } from "../rules/stream.ts";

/** Of the messages of an answer, the share that is sent while it is written: room is left for its end. */
const STREAMED_SHARE = 0.75;
/** Room that is left at least: for a message and a file. */
const LEAST_LEFT = 2;

/** A piece of an answer that is to be sent, and how. */
export interface Say {
  /** As the agent wrote it; may be blank. */
  readonly text: string;
  /** A line of the gateway's own before it; may be empty. */
  readonly lead: string;
  /** Nothing of the answer was sent before. */
  readonly isFirst: boolean;
  /** Messages that it may become. */
  readonly most: number;
}

/** A block that is sent while the turn runs. */
export interface SayBlock extends Say {
  /** All of the answer that is sent with it, as the agent wrote it. */
  readonly streamed: string;
}

/** The end of an answer. */
export interface SayRest extends Say {
  /** The whole answer. */
  readonly whole: string;
}

/** Sends a block. Undefined: it was not sent, for it would be more messages than it may be, or the turn is over. */
export type SendBlock = (block: SayBlock) => Promise<{ readonly messages: number } | undefined>;

/** What the agent said between two of its tool calls. */
class Segment {
  readonly blocks = new Blocks();
  text = "";
  /** How much of it was sent. */
  sent = 0;

  get isBlank(): boolean {
    return this.text.trim() === "";
  }
}

/**
 * Collects what the runs of a turn's agent say.
 *
 * A block is sent once the next one of the same segment has begun: what leads up to a tool call is mostly one block, and that is never
 * sent. A run after a crash, or after a passing failure, says again what was sent; it goes on behind that, or starts over.
 */
export class AnswerStream {
  #send: SendBlock | undefined;
  /** What was sent, by this process or an earlier one. */
  #streamed: string;
  #messages = 0;
  #beganAnew = false;
  /** How much of what was sent this run has said. */
  #said = "";
  #segment = new Segment();
  /** The newest segment before it that is not blank. */
  #before: Segment | undefined;
  /** Nothing more is sent before the end. */
  #isHeld = false;
  /** This run says something else than what was sent. */
  #isOther = false;
  readonly #most: number;

  /** `most`: messages the answer may be. */
  constructor({ streamed }: Pick<Turn, "streamed">, most: number) {
    this.#streamed = streamed;
    this.#most = most;
  }

  /** Something of the answer was sent. */
  get hasBegun(): boolean {
    return this.#streamed !== "";
  }

  /** The agent runs (again). Without `send` nothing of what it says is sent before the end. */
  begin(send: SendBlock | undefined): void {
    this.#send = send;
    this.#said = "";
    this.#messages = 0;
    this.#segment = new Segment();
    this.#before = undefined;
    this.#isHeld = false;
    this.#isOther = false;
  }

  /** The agent's own memory of the session was gone. */
  beganAnew(): void {
    this.#beganAnew = true;
  }

  /** What it said so far leads up to the use of a tool. */
  aside(): void {
    if (!this.#segment.isBlank) this.#before = this.#segment;
    this.#segment = new Segment();
  }

  /** It says something. Settles once the blocks that this completes are in the outbox. */
  async add(text: string): Promise<void> {
    const segment = this.#segment;
    segment.text += text;
    for (const block of segment.blocks.push(text)) await this.#take(block, segment);
  }

  /** It has said everything. */
  end(): SayRest {
    const segment = this.#segment.isBlank ? (this.#before ?? this.#segment) : this.#segment;
    const whole = segment.text;
    const rest = this.#isOther ? undefined : this.#behind(segment);
    if (rest === undefined) return { whole, text: whole, lead: STARTS_OVER, isFirst: true, most: this.#most };
    const isFirst = !this.hasBegun;
    const lead = this.#lead();
    return {
      whole,
      text: isFirst ? rest : withoutBlankStart(rest),
      lead,
      isFirst,
      most: Math.max(LEAST_LEFT, this.#most - this.#messages),
    };
  }

  async #take(block: string, segment: Segment): Promise<void> {
    if (this.#isHeld || this.#isOther) return;
    const streamed = this.#said + block;
    if (this.#streamed.startsWith(streamed)) this.#messages += 1;
    else if (this.#said !== this.#streamed) {
      this.#isOther = true;
      return;
    } else if (!(await this.#sent(block, streamed))) {
      this.#isHeld = true;
      return;
    }
    this.#said = streamed;
    segment.sent += block.length;
  }

  async #sent(block: string, streamed: string): Promise<boolean> {
    const mostStreamed = Math.min(Math.floor(this.#most * STREAMED_SHARE), this.#most - LEAST_LEFT);
    const most = mostStreamed - this.#messages;
    if (most <= 0) return false;
    const isFirst = !this.hasBegun;
    const text = withoutBlankStart(block).trimEnd();
    const sent = await this.#send?.({ text, lead: this.#lead(), isFirst, most, streamed });
    if (sent === undefined) return false;
    this.#streamed = streamed;
    this.#messages += sent.messages;
    return true;
  }

  /** What of the answer is not sent yet; undefined: it does not begin with what is. */
  #behind({ text, sent }: Segment): string | undefined {
    const rest = text.slice(sent);
    const unsaid = this.#streamed.slice(this.#said.length).trimEnd();
    if (unsaid === "" || text.trim() === "") return rest;
    const behind = rest.slice(unsaid.length);
    return rest.startsWith(unsaid) && /^\s*$|^[^\S\n]*\n/u.test(behind) ? behind : undefined;
  }

  #lead(): string {
    return this.#beganAnew && !this.hasBegun ? BEGAN_ANEW : "";
  }
}
