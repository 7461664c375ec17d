// Keeps one child alive: starts it, runs its session, replaces it with jittered backoff, for ever.
import { setTimeout as delay } from "node:timers/promises";
import { Backoff, type BackoffRange } from "../../lib/backoff.ts";
import { toGatewayError, type GatewayError } from "../../model/errors.ts";
import type { ChildState } from "../../model/ports.ts";
import type { Link } from "./link.ts";

/** What is kept alive, and who is told. */
export interface KeeperOptions {
  readonly start: () => Link;
  /** Lives as long as the child should; its rejection replaces the child. */
  readonly session: (link: Link) => Promise<never>;
  /** Called with every change; `reason` says why the child before ended. */
  readonly onState: (state: ChildState, reason: GatewayError | undefined) => void;
  /** Called after a child is gone. Contract: does not reject; the next child waits for it. */
  readonly onGone: (link: Link) => Promise<void>;
  readonly backoff: BackoffRange;
  /** Longest wait while a machine cannot be reached. */
  readonly unreachableMs: number;
  readonly endGraceMs: number;
  /** For a child that has something to answer. */
  readonly busyGraceMs: number;
}

/** Contract: children follow one another, a new one starts when the one before is gone, or was told to go. */
export class Keeper {
  readonly #options: KeeperOptions;
  readonly #backoff: Backoff;
  readonly #closing = new AbortController();
  #loop: Promise<void> | undefined;
  #link: Link | undefined;
  #restarts = 0;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.backoff);
  }

  /** How often the child was replaced. */
  get restarts(): number {
    return this.#restarts;
  }

  get isOpen(): boolean {
    return this.#loop !== undefined;
  }

  /** Starts the first child at once. Contract: idempotent. */
  open(): void {
    this.#loop ??= this.#run();
  }

  /** The child did what it is there for: the next replacement is quick again. */
  healthy(): void {
    this.#backoff.reset();
  }

  /** Ends the child and stops replacing it. */
  async close(): Promise<void> {
    this.#closing.abort();
    if (this.#link) await this.#close(this.#link);
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    let reason: GatewayError | undefined;
    while (!signal.aborted) {
      this.#options.onState("starting", reason);
      reason = await this.#live();
      if (signal.aborted) break;
      this.#restarts += 1;
      this.#options.onState("waiting", reason);
      await delay(this.#waitMs(reason), undefined, { signal }).catch(() => {});
    }
    this.#options.onState("stopped", undefined);
  }

  #waitMs(reason: GatewayError): number {
    const waitMs = this.#backoff.nextMs();
    return reason.code === "ssh/unreachable" ? Math.min(waitMs, this.#options.unreachableMs) : waitMs;
  }

  async #live(): Promise<GatewayError> {
    const link = this.#options.start();
    this.#link = link;
    const session = this.#options.session(link).catch((error: unknown) => toGatewayError(error));
    const failure = await Promise.race([session, link.ended]);
    const ended = await this.#end(link, failure);
    await session;
    await this.#options.onGone(link);
    return ended;
  }

  /** A child that hangs would not hear that its stdin closed. The reason it ended with says more than "it is gone". */
  async #end(link: Link, failure: GatewayError): Promise<GatewayError> {
    if (failure.code === "imsg/timeout") await link.kill();
    else await this.#close(link);
    if (failure.code !== "imsg/gone") return failure;
    return link.isOver ? link.ended : failure;
  }

  async #close(link: Link): Promise<void> {
    await link.close(this.#options.endGraceMs, this.#options.busyGraceMs);
  }
}
