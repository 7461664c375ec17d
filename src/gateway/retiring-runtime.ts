// A runtime that can be replaced while it answers: it begins nothing more, and ends with the last turn that it runs.
import type { AgentOffers } from "../model/agent-session.ts";
import type { AgentRuntime, TurnHost } from "../model/ports.ts";
import type { AgentEvent, AgentRequest } from "../model/turn.ts";

/** Passes everything on, and counts what runs. */
export class RetiringRuntime implements AgentRuntime {
  readonly #inner: AgentRuntime;
  #runs = 0;
  #onIdle: (() => void) | undefined;

  constructor(inner: AgentRuntime) {
    this.#inner = inner;
  }

  get output(): AgentRuntime["output"] {
    return this.#inner.output;
  }

  get remembers(): boolean {
    return this.#inner.remembers;
  }

  async *run(request: AgentRequest, signal: AbortSignal, host: TurnHost): AsyncIterable<AgentEvent> {
    this.#runs += 1;
    try {
      yield* this.#inner.run(request, signal, host);
    } finally {
      this.#runs -= 1;
      if (this.#runs === 0) this.#onIdle?.();
    }
  }

  async offers(sessionId: string): Promise<AgentOffers | undefined> {
    return this.#inner.offers(sessionId);
  }

  /** Waits until nothing runs any more, and closes. */
  async retire(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.#runs === 0) resolve();
    this.#onIdle = resolve;
    await promise;
    await this.close();
  }

  async close(): Promise<void> {
    await this.#inner.close();
  }
}
