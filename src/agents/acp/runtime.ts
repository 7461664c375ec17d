// The agent that speaks the Agent Client Protocol: one process, many sessions, a prompt a turn.
import { AsyncQueue } from "../../lib/async-queue.ts";
import { KeyedQueue } from "../../lib/keyed-queue.ts";
import type { Log } from "../../lib/log.ts";
import { createScrub } from "../../lib/scrub.ts";
import { StoppableTimer } from "../../lib/stoppable-timer.ts";
import { unlessAborted } from "../../lib/unless-aborted.ts";
import type { AgentOffers } from "../../model/agent-session.ts";
import type { AgentId } from "../../model/ids.ts";
import type { AgentRuntime, TurnHost } from "../../model/ports.ts";
import type { RuntimeSettings } from "../../model/settings.ts";
import type { AgentSessions } from "../../model/store.ts";
import type { AgentEvent, AgentRequest } from "../../model/turn.ts";
import { failed, type Failure } from "../failure.ts";
import type { ProcessBook } from "../process-book.ts";
import type { AgentProcess } from "./agent-process.ts";
import { SessionBook } from "./session-book.ts";
import type { Session } from "./session.ts";
import { Supervisor } from "./supervisor.ts";
import { isSessionGone } from "./trouble.ts";
import { runPrompt, toFailure, type TurnWork } from "./turn.ts";

/** Settings of such an agent. */
export type AcpSettings = Extract<RuntimeSettings, { type: "acp" }>;

/** What such an agent is run with. */
export interface AcpContext {
  readonly agentId: AgentId;
  /** Of the gateway, as far as agents may see it. */
  readonly environment: () => Readonly<Record<string, string>>;
  readonly log: Log;
  /** Of this product. */
  readonly version: string;
  readonly sessions: AgentSessions;
  readonly processes: ProcessBook;
  readonly timing: {
    readonly killGraceMs: number;
    /** Between the request to end a prompt and the end of who does not. */
    readonly cancelGraceMs: number;
    /** Between the start of the process and its first answer. */
    readonly startMs: number;
  };
}

/** Runs turns in the sessions of one agent. */
export class AcpRuntime implements AgentRuntime {
  readonly output = "markdown";
  readonly remembers = true;
  readonly #settings: AcpSettings;
  readonly #context: AcpContext;
  readonly #supervisor: Supervisor;
  /** Turns of one session run one after another. */
  readonly #lanes = new KeyedQueue<string>(Number.MAX_SAFE_INTEGER);
  readonly #closed = new AbortController();
  readonly #running = new Set<Promise<void>>();
  /** The sessions of the process that was started last. */
  #book: SessionBook | undefined;

  constructor(settings: AcpSettings, context: AcpContext) {
    this.#settings = settings;
    this.#context = context;
    const { timing, environment, log, version, processes } = context;
    this.#supervisor = new Supervisor(
      {
        command: settings.command,
        environment: () => ({ ...environment(), ...settings.env }),
        memoryBytes: settings.memoryBytes,
        version,
        processes,
        log,
        startMs: timing.startMs,
        killGraceMs: timing.killGraceMs,
      },
      {
        onUpdate: (params) => this.#book?.take(params),
        onApproval: async (params) => this.#book?.takeApproval(params),
      },
    );
  }

  async *run(request: AgentRequest, signal: AbortSignal, host: TurnHost): AsyncGenerator<AgentEvent> {
    const events = new AsyncQueue<AgentEvent>();
    const left = new AbortController();
    const stopped = AbortSignal.any([signal, left.signal]);
    const over = this.#inTurn({
      request,
      host,
      emit: (event) => {
        if (!stopped.aborted) events.push(event);
      },
      signal: stopped,
      log: this.#context.log.child({ turnId: request.turn.id }),
    }).finally(() => events.end());
    this.#running.add(over);
    try {
      yield* events;
    } finally {
      left.abort();
      await over;
      this.#running.delete(over);
    }
  }

  async offers(sessionId: string): Promise<AgentOffers | undefined> {
    // One that is being opened is not waited for: whoever asks may have a /stop behind it.
    const open = this.#book?.find(sessionId);
    if (open) return open.state.offers;
    return (await this.#context.sessions.find(this.#context.agentId, sessionId))?.offers;
  }

  /** Ends the agent. The failure of each turn that runs is passing, and so is that of any after this. */
  async close(): Promise<void> {
    this.#closed.abort();
    await this.#supervisor.close();
    await Promise.all(this.#running);
  }

  /** Runs a turn behind those of its session that came before it; one that is stopped while it waits does not wait any longer. */
  async #inTurn(asked: Omit<TurnWork, "timer" | "defaults" | "keep">): Promise<void> {
    const { request, signal, emit } = asked;
    const begun = Promise.withResolvers<true>();
    const over = this.#lanes.add(request.turn.sessionId, async () => {
      begun.resolve(true);
      if (signal.aborted) return;
      const timer = new StoppableTimer(this.#settings.timeoutMs);
      const failure = await this.#runTurn(asked, timer);
      timer.clear();
      if (failure) emit({ ...failure, reason: this.#withoutSecrets(failure.reason) });
    });
    if (await unlessAborted(begun.promise, [signal])) await over;
  }

  /** Contract: never rejects. */
  async #runTurn(
    asked: Omit<TurnWork, "timer" | "defaults" | "keep">,
    timer: StoppableTimer,
  ): Promise<Failure | undefined> {
    const { request, signal } = asked;
    const { sessionId } = request.turn;
    const stops = [signal, timer.signal];
    let agent: AgentProcess | undefined;
    try {
      agent = await unlessAborted(this.#supervisor.ready(request.workspace), stops);
      if (!agent) return this.#cutShort(signal);
      const book = this.#bookOf(agent);
      const session = await unlessAborted(book.open(request.turn, request.workspace), stops);
      if (!session) {
        if (timer.signal.aborted) await this.#giveUpOpening(agent, book, sessionId);
        return this.#cutShort(signal);
      }
      const { mode, model } = this.#settings;
      const keep = async (): Promise<void> => book.keep(sessionId, session);
      const prompt = runPrompt(agent, session, { ...asked, timer, defaults: { mode, model }, keep });
      const end = await unlessAborted(
        prompt.then((failure) => ({ failure })),
        stops,
      );
      if (end) return end.failure;
      await this.#stop(prompt, { agent, book, session, sessionId });
      return this.#cutShort(signal);
    } catch (cause) {
      const failure = toFailure(cause, agent);
      if (!agent || !isSessionGone(cause)) return failure;
      this.#bookOf(agent).drop(sessionId);
      return { ...failure, passing: true };
    }
  }

  /** A session that the agent does not open in the time of a turn would hold up every turn after it. */
  async #giveUpOpening(agent: AgentProcess, book: SessionBook, sessionId: string): Promise<void> {
    this.#context.log.warn(`${agent.known.name} did not open a session in the time of a turn`);
    if (book.isBusyBeside()) book.drop(sessionId);
    else await this.#supervisor.end(agent, failed("it was ended, as it did not open a session", true));
  }

  /** Has a prompt ended; where the agent does not do that, it is ended itself, unless it works for others. */
  async #stop(
    prompt: Promise<unknown>,
    {
      agent,
      book,
      session,
      sessionId,
    }: { agent: AgentProcess; book: SessionBook; session: Session; sessionId: string },
  ): Promise<void> {
    const { cancelGraceMs } = this.#context.timing;
    if (session.isBusy) await session.cancel();
    const settled = prompt.then(
      () => true,
      () => true,
    );
    if (await unlessAborted(settled, [AbortSignal.timeout(cancelGraceMs)])) return;
    this.#context.log.warn(
      `${agent.known.name} did not end a cancelled turn within ${cancelGraceMs / 1000} s`,
    );
    if (book.isBusyBeside(session)) await book.abandon(sessionId, session);
    else await this.#supervisor.end(agent, failed("it was ended, as it did not end a cancelled turn", true));
  }

  #bookOf(agent: AgentProcess): SessionBook {
    if (this.#book?.agent !== agent) this.#book = new SessionBook(agent, this.#context);
    return this.#book;
  }

  /** A reason is sent to the owners, and an agent may say in it which key it was refused with. */
  #withoutSecrets(reason: string): string {
    const secrets = Object.values(this.#settings.env).filter((value) => !/^[~/]/.test(value));
    return String(createScrub(secrets, false)(reason));
  }

  /** Of a turn that did not come to its end: a person wanted that, or its time was up. */
  #cutShort(signal: AbortSignal): Failure | undefined {
    if (signal.aborted) return undefined;
    const reason = `no answer within ${this.#settings.timeoutMs / 1000} s`;
    return { kind: "failed", code: "agent/timeout", reason, passing: false };
  }
}
