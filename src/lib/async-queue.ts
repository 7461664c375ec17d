// Values that one side puts in and the other reads with `for await`, in order.

/** A queue with one reader. */
export class AsyncQueue<Value> implements AsyncIterable<Value> {
  readonly #values: Value[] = [];
  #isOver = false;
  #wake: (() => void) | undefined;

  /** Puts a value in; after the end it is dropped. */
  push(value: Value): void {
    if (this.#isOver) return;
    this.#values.push(value);
    this.#wake?.();
  }

  /** Nothing more comes; what is in is still read. */
  end(): void {
    this.#isOver = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Value> {
    for (;;) {
      const value = this.#values.shift();
      if (value !== undefined) yield value;
      else if (this.#isOver) return;
      else await this.#next();
    }
  }

  async #next(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    await promise;
    this.#wake = undefined;
  }
}
