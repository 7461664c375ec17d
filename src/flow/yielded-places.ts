// The places among the agents that run which turns give to others while they wait for a person.
import type { KeyedQueue } from "../lib/keyed-queue.ts";
import type { TurnId } from "../model/ids.ts";

/** A turn that waits for people. */
interface Outside {
  /** Questions of it that wait. */
  waiting: number;
  /** It is to have its place back. */
  entering: Promise<void> | undefined;
}

/** Gives places away and takes them back. */
export class YieldedPlaces {
  readonly #queue: Pick<KeyedQueue<unknown>, "leave" | "enter">;
  readonly #outside = new Map<TurnId, Outside>();

  constructor(queue: Pick<KeyedQueue<unknown>, "leave" | "enter">) {
    this.#queue = queue;
  }

  /** Runs `wait` while others may have the turn's place. Contract: settles as `wait` does, once the turn has its place again. */
  async during<T>(turnId: TurnId, wait: () => Promise<T>): Promise<T> {
    const turn = this.#outside.get(turnId) ?? this.#leave(turnId);
    turn.waiting += 1;
    try {
      return await wait();
    } finally {
      turn.waiting -= 1;
      // While another question of it waits it goes on without.
      if (turn.waiting === 0) await (turn.entering ??= this.#enter(turnId, turn));
    }
  }

  #leave(turnId: TurnId): Outside {
    const turn: Outside = { waiting: 0, entering: undefined };
    this.#outside.set(turnId, turn);
    this.#queue.leave();
    return turn;
  }

  async #enter(turnId: TurnId, turn: Outside): Promise<void> {
    await this.#queue.enter();
    turn.entering = undefined;
    // It asked again in between.
    if (turn.waiting > 0) this.#queue.leave();
    else this.#outside.delete(turnId);
  }
}
