// What the agents of running turns said so far: the end of it, for whoever looks on. In memory only: the answer itself is the journal's.
import type { TurnId } from "../model/ids.ts";

/** Kept of each turn, in UTF-16 units. */
const MOST_CHARS = 16_384;
const MOST_TURNS = 200;

/** The end of what was said, and how long all of it is. */
export interface TurnOutput {
  readonly text: string;
  readonly chars: number;
}

const NOTHING: TurnOutput = { text: "", chars: 0 };

/** The outputs of the turns that run. */
export class TurnOutputs {
  readonly #byTurn = new Map<TurnId, TurnOutput>();

  of(turnId: TurnId): TurnOutput {
    return this.#byTurn.get(turnId) ?? NOTHING;
  }

  add(turnId: TurnId, said: string): void {
    const { text, chars } = this.of(turnId);
    this.#byTurn.set(turnId, { text: `${text}${said}`.slice(-MOST_CHARS), chars: chars + said.length });
    // A turn that was stopped is not always told to be over.
    for (const oldest of this.#byTurn.keys()) {
      if (this.#byTurn.size <= MOST_TURNS) break;
      this.#byTurn.delete(oldest);
    }
  }

  end(turnId: TurnId): void {
    this.#byTurn.delete(turnId);
  }
}
