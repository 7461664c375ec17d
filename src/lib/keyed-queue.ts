// One lane per key inside one global limit: tasks of a key run one after another, those of different keys side by side.

/** A task that waits in its lane, and how its owner is told. */
type Job = () => Promise<void>;

/** Runs tasks in lanes. */
export class KeyedQueue<Key> {
  /** A lane is here while a task of it runs or waits. */
  readonly #lanes = new Map<Key, Job[]>();
  /** Lanes with a task that may start; the lane that waited longest is first. */
  readonly #ready = new Set<Key>();
  /** Tasks that left and want their room back, in order. */
  readonly #returning: (() => void)[] = [];
  #limit: number;
  #running = 0;

  /** `limit` (a whole number from 1): how many tasks run at once, over all keys. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Tasks that run now. */
  get running(): number {
    return this.#running;
  }

  /**
   * Runs a task once those added before it under the same key are settled and the limit leaves room.
   *
   * Contract: settles as the task does; a task that fails holds up nobody. A lane that has had its turn goes behind the others,
   * so one busy key cannot starve the rest.
   */
  async add<Result>(key: Key, task: () => Promise<Result>): Promise<Result> {
    const settled = Promise.withResolvers<Result>();
    const job: Job = async () => {
      try {
        settled.resolve(await task());
      } catch (cause) {
        settled.reject(cause);
      }
    };
    const lane = this.#lanes.get(key);
    if (lane) lane.push(job);
    else {
      this.#lanes.set(key, [job]);
      this.#ready.add(key);
    }
    this.#fill();
    return settled.promise;
  }

  /** A running task waits for something outside: others may have its room. Contract: followed by `enter`. */
  leave(): void {
    this.#running -= 1;
    this.#fill();
  }

  /** Gives the room back to a task that left, before any other task starts. */
  async enter(): Promise<void> {
    const entered = Promise.withResolvers<void>();
    this.#returning.push(entered.resolve);
    this.#fill();
    return entered.promise;
  }

  /** Takes another limit; what runs goes on. */
  setLimit(limit: number): void {
    this.#limit = limit;
    this.#fill();
  }

  #fill(): void {
    while (this.#running < this.#limit) {
      const enter = this.#returning.shift();
      if (!enter) break;
      this.#running += 1;
      enter();
    }
    for (const key of this.#ready) {
      if (this.#running >= this.#limit) return;
      this.#ready.delete(key);
      this.#running += 1;
      void this.#runNext(key);
    }
  }

  async #runNext(key: Key): Promise<void> {
    const lane = this.#lanes.get(key);
    await lane?.shift()?.();
    this.#running -= 1;
    if (lane && lane.length > 0) this.#ready.add(key);
    else this.#lanes.delete(key);
    this.#fill();
  }
}
