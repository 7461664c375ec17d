// Where callers wait for a child that is ready.
import type { GatewayError } from "../../model/errors.ts";

/** Contract: a waiter gets the next ready child, or the reason why the attempt to start one failed. */
export class Gate<T> {
  #next = fresh<T>();
  #closed: GatewayError | undefined;

  /** The child, as soon as there is one. */
  async pass(): Promise<T> {
    if (this.#closed) throw this.#closed;
    return this.#next.promise;
  }

  /** A child is ready. */
  open(value: T): void {
    this.#next.resolve(value);
  }

  /** The child is gone; whoever comes from now on waits for the next one. */
  shut(): void {
    this.#next = fresh();
  }

  /** The attempt to start a child failed: whoever waits is told. */
  fail(error: GatewayError): void {
    this.#next.reject(error);
    this.#next = fresh();
  }

  /** There will be no child any more. */
  close(error: GatewayError): void {
    this.#closed = error;
    this.#next.reject(error);
  }
}

function fresh<T>(): PromiseWithResolvers<T> {
  const waiters = Promise.withResolvers<T>();
  // Nobody may be waiting when it fails.
  waiters.promise.catch(() => {});
  return waiters;
}
