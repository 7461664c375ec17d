// The agent that speaks the Agent Client Protocol: one process, many sessions, a prompt a turn.
import { AsyncQueue } from "../../lib/async-queue.ts";
import { KeyedQueue } from "../../lib/keyed-queue.ts";
import type { Log } from "../../lib/log.ts";
import { createScrub } from "../../lib/scrub.ts";
import { StoppableTimer } from "../../lib/stoppable-timer.ts";
import { unlessAborted } from "../../lib/unless-aborted.ts";
import type { AgentOffers } from "../../model/agent-session.ts";
import type { AgentId, ConversationId } from "../../model/ids.ts";
import type { AgentRuntime, TurnHost } from "../../model/ports.ts";
import type { RuntimeSettings } from "../../model/settings.ts";
import type { AgentSessions } from "../../model/store.ts";
import type { AgentEvent, AgentRequest } from "../../model/turn.ts";
import type { ProcessBook } from "../process-book.ts";
import { composeAnswerFile, type KeepFile } from "./answer-file.ts";
import { Attempts, type AskedTurn } from "./attempts.ts";
import type { SpeechEvent } from "./speech.ts";
import { Supervisor } from "./supervisor.ts";

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
  /** Keeps a file of an answer where files may be sent from. */
  readonly keepFile: (content: Uint8Array, name: string, conversationId: ConversationId) => Promise<string>;
  readonly timing: {
    readonly killGraceMs: number;
    /** Between the request to end a prompt and the end of who does not. */
    readonly cancelGraceMs: number;
    /** Between the start of the process and its first answer. */
    readonly startMs: number;
    /** Between two signs of life while a session is opened. */
    readonly openMs: number;
    /** Between the end of a turn and the last words that may still come of it. */
    readonly lateMs: number;
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
  readonly #attempts: Attempts;

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
        onUpdate: (params) => this.#attempts.book?.take(params),
        onApproval: async (params) => this.#attempts.book?.takeApproval(params),
      },
    );
    const { mode, model, timeoutMs } = settings;
    this.#attempts = new Attempts({
      ...context,
      supervisor: this.#supervisor,
      defaults: { mode, model },
      timeoutMs,
      cancelGraceMs: timing.cancelGraceMs,
      lateMs: timing.lateMs,
      openMs: Math.min(timing.openMs, timeoutMs / 2),
    });
  }

  async *run(request: AgentRequest, signal: AbortSignal, host: TurnHost): AsyncGenerator<AgentEvent> {
    const events = new AsyncQueue<SpeechEvent>();
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
    const keep: KeepFile = async (content, name) =>
      this.#context.keepFile(content, name, request.turn.conversationId);
    try {
      for await (const event of events) {
        if (event.kind !== "file") yield event;
        else yield { kind: "text", text: await composeAnswerFile(event.file, keep) };
      }
    } finally {
      left.abort();
      await over;
      this.#running.delete(over);
    }
  }

  async offers(sessionId: string): Promise<AgentOffers | undefined> {
    // One that is being opened is not waited for: whoever asks may have a /stop behind it.
    const open = this.#attempts.book?.find(sessionId);
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
  async #inTurn(asked: AskedTurn): Promise<void> {
    const { request, signal, emit } = asked;
    const begun = Promise.withResolvers<true>();
    const over = this.#lanes.add(request.turn.sessionId, async () => {
      begun.resolve(true);
      if (signal.aborted) return;
      const timer = new StoppableTimer(this.#settings.timeoutMs);
      const failure = await this.#attempts.run(asked, timer);
      timer.clear();
      if (failure) emit({ ...failure, reason: this.#withoutSecrets(failure.reason) });
    });
    if (await unlessAborted(begun.promise, [signal])) await over;
  }

  /** A reason is sent to the owners, and an agent may say in it which key it was refused with. */
  #withoutSecrets(reason: string): string {
    const secrets = Object.values(this.#settings.env).filter((value) => !/^[~/]/.test(value));
    return String(createScrub(secrets, false)(reason));
  }
}
