// Keeps one agent running: started when a turn needs it, again after it ended, and not faster than makes sense.
import { mkdir } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { Backoff } from "../../lib/backoff.ts";
import { CLOSED, failed, type Failure } from "../failure.ts";
import { AgentProcess, type AgentListener, type AgentProgram } from "./agent-process.ts";
import { AgentTrouble } from "./trouble.ts";

/** People wait for the next start. */
const RESTARTS = { minMs: 250, maxMs: 10_000 };
/** One that ran for so long did not end because it was started. */
const LONG_LIFE_MS = 60_000;

/** What a process is started with, but what may be another at each start. */
export type SupervisedProgram = Omit<AgentProgram, "folder" | "environment" | "signal"> & {
  readonly environment: () => Readonly<Record<string, string>>;
};

/** Holds the process of an agent. */
export class Supervisor {
  readonly #program: SupervisedProgram;
  readonly #listener: AgentListener;
  readonly #backoff = new Backoff(RESTARTS);
  readonly #closed = new AbortController();
  #current: Promise<AgentProcess> | undefined;
  #notBeforeMs = 0;

  constructor(program: SupervisedProgram, listener: AgentListener) {
    this.#program = program;
    this.#listener = listener;
  }

  /** The running agent, started in `folder` (made if it is not there) if none runs. Contract: rejects with `AgentTrouble`. */
  async ready(folder: string): Promise<AgentProcess> {
    if (this.#current) return this.#current;
    const starting = this.#start(folder);
    this.#current = starting;
    starting.then(
      (agent) => void agent.ended.then(() => this.#onEnd(starting, agent.livedMs)),
      () => this.#onEnd(starting, 0),
    );
    return starting;
  }

  /** Ends the agent because of one turn; the next one starts it again. */
  async end(agent: AgentProcess, verdict: Failure): Promise<void> {
    await agent.end(verdict);
    this.#notBeforeMs = 0;
  }

  /** Ends the agent; none is started after this. */
  async close(): Promise<void> {
    this.#closed.abort();
    const agent = await this.#current?.catch(() => undefined);
    await agent?.close(CLOSED);
  }

  async #start(folder: string): Promise<AgentProcess> {
    const waitMs = this.#notBeforeMs - performance.now();
    if (waitMs > 0) await delay(waitMs, undefined, { signal: this.#closed.signal }).catch(() => {});
    if (this.#closed.signal.aborted) throw new AgentTrouble(CLOSED);
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
    } catch (cause) {
      throw new AgentTrouble(failed(`the workspace cannot be made: ${String(cause)}`));
    }
    const agent = await AgentProcess.start(
      { ...this.#program, folder, environment: this.#program.environment(), signal: this.#closed.signal },
      this.#listener,
    );
    if (!this.#closed.signal.aborted) return agent;
    await agent.close(CLOSED);
    throw new AgentTrouble(CLOSED);
  }

  #onEnd(which: Promise<AgentProcess>, livedMs: number): void {
    if (this.#current !== which) return;
    this.#current = undefined;
    if (livedMs >= LONG_LIFE_MS) this.#backoff.reset();
    this.#notBeforeMs = performance.now() + this.#backoff.nextMs();
  }
}
