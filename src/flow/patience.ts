// What people see of a turn that takes its time: that somebody is typing, and, once, a line that says that it takes long.
import type { Clock } from "../model/ports.ts";
import type { FlowTiming } from "./frame.ts";

/** How a turn is waited for. */
export interface PatienceOptions {
  /** After so long the line is said; 0: never. */
  readonly longMs: number;
  readonly timing: Pick<FlowTiming, "typingFirstMs" | "typingAgainMs">;
  readonly clock: Clock;
  /** Contract: neither throws nor waits. */
  readonly onLong: () => void;
  /** Somebody is typing, or no longer. Contract: as `onLong`. */
  readonly onTyping: (isTyping: boolean) => void;
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The patience with one turn, from its making to `end`. The time that a question waits for a person does not count. */
export class Patience {
  readonly #options: PatienceOptions;
  #leftMs: number;
  #sinceMs = 0;
  #long: NodeJS.Timeout | undefined;
  #typing: NodeJS.Timeout | undefined;
  #isTyping = false;
  #pauses = 0;
  #isOver = false;

  constructor(options: PatienceOptions) {
    this.#options = options;
    this.#leftMs = options.longMs;
    this.#go();
  }

  /** It is a person's turn to say something in this chat, unless what is waited for settles at once. */
  async pausedFor<T>(answer: Promise<T>): Promise<T> {
    let isPaused = false;
    const timer = setTimeout(() => {
      isPaused = true;
      this.#pauses += 1;
      if (this.#pauses === 1) this.#halt();
    }, this.#options.timing.typingFirstMs);
    try {
      return await answer;
    } finally {
      clearTimeout(timer);
      if (isPaused) this.#pauses -= 1;
      if (isPaused && this.#pauses === 0 && !this.#isOver) this.#go();
    }
  }

  /** The turn is over. */
  end(): void {
    this.#isOver = true;
    this.#halt();
  }

  #go(): void {
    const { clock, timing, onLong } = this.#options;
    this.#sinceMs = clock.now();
    if (this.#leftMs > 0)
      this.#long = setTimeout(
        () => {
          this.#leftMs = 0;
          onLong();
        },
        Math.min(this.#leftMs, LONGEST_TIMER_MS),
      );
    this.#typing = setTimeout(() => this.#type(), timing.typingFirstMs);
  }

  #type(): void {
    const { timing, onTyping } = this.#options;
    this.#isTyping = true;
    onTyping(true);
    this.#typing = setTimeout(() => this.#type(), timing.typingAgainMs);
  }

  #halt(): void {
    const { clock, onTyping } = this.#options;
    clearTimeout(this.#long);
    clearTimeout(this.#typing);
    // What is left is at least a moment: it is 0 only once the line was said.
    if (this.#leftMs > 0) this.#leftMs = Math.max(1, this.#leftMs - (clock.now() - this.#sinceMs));
    if (this.#isTyping) onTyping(false);
    this.#isTyping = false;
  }
}
