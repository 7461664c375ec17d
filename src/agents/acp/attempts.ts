// The attempts to have a turn answered: open a session, prompt, and after a failure what may get further.
import type { Log } from "../../lib/log.ts";
import type { StoppableTimer } from "../../lib/stoppable-timer.ts";
import { unlessAborted } from "../../lib/unless-aborted.ts";
import { CLOSED, failed, type Failure } from "../failure.ts";
import type { AgentProcess } from "./agent-process.ts";
import { nextWay, SessionFailures, type Attempt, type Way } from "./attempt.ts";
import { attachedTypes } from "./prompt.ts";
import { SessionBook, type SessionPlace } from "./session-book.ts";
import type { Session } from "./session.ts";
import type { Supervisor } from "./supervisor.ts";
import { AgentTrouble, isOfSession, isSessionGone, NotOpened } from "./trouble.ts";
import { runPrompt, takesPictures, toFailure, type TurnWork } from "./turn.ts";

/** A turn as it is asked for. */
export type AskedTurn = Pick<TurnWork, "request" | "host" | "emit" | "signal" | "log">;

/** What attempts are made with. */
export interface AttemptsContext extends SessionPlace {
  readonly log: Log;
  readonly supervisor: Supervisor;
  /** Of the configuration: what a session begins with. */
  readonly defaults: TurnWork["defaults"];
  /** Of a turn. */
  readonly timeoutMs: number;
  /** Between the request to end a prompt and the end of who does not. */
  readonly cancelGraceMs: number;
}

/** A prompt that runs. */
interface Running {
  readonly agent: AgentProcess;
  readonly book: SessionBook;
  readonly session: Session;
  readonly sessionId: string;
}

/** A turn that a person stops after so long without a sign of life failed. */
const SILENT_MS = 60_000;

/** Makes the attempts of one agent's turns. */
export class Attempts {
  readonly #context: AttemptsContext;
  readonly #failures = new SessionFailures();
  /** MIME types that the agent failed at. */
  #refused: ReadonlySet<string> = new Set();
  /** The sessions of the process that was started last. */
  #book: SessionBook | undefined;

  constructor(context: AttemptsContext) {
    this.#context = context;
  }

  /** The sessions of the newest process; undefined: none was started. */
  get book(): SessionBook | undefined {
    return this.#book;
  }

  /** Attempts a turn until it goes well or nothing more can be tried. Contract: never rejects. */
  async run(asked: AskedTurn, timer: StoppableTimer): Promise<Failure | undefined> {
    const { sessionId } = asked.request.turn;
    let way: Way | undefined = { isAnew: this.#failures.isGivenUp(sessionId), refused: this.#refused };
    for (;;) {
      const attempt: Attempt = await this.#attempt(asked, timer, way);
      const failures = this.#failures.take(sessionId, attempt, way);
      const next = nextWay(attempt, way, failures);
      if (!attempt.failure && !attempt.isCut) this.#refused = way.refused;
      if (!next) return attempt.failure;
      asked.log.warn(`the agent is asked again${next.isAnew ? ", in a new session" : ""}`, {
        because: attempt.failure?.reason,
      });
      way = next;
    }
  }

  /** Contract: never rejects. */
  async #attempt(asked: AskedTurn, timer: StoppableTimer, way: Way): Promise<Attempt> {
    const { request, signal } = asked;
    const { sessionId } = request.turn;
    const stops = [signal, timer.signal];
    const sinceMs = performance.now();
    let agent: AgentProcess | undefined;
    let session: Session | undefined;
    let wasBlank = false;
    const toAttempt = (failure: Failure | undefined, blamesSession: boolean): Attempt => ({
      failure,
      blamesSession,
      wasBlank,
      hasActed: session?.hasActed === true,
      hasEnded: agent?.isOver === true,
      isCut: stops.some((stop) => stop.aborted),
      tookMs: performance.now() - sinceMs,
      attached: agent ? attachedTypes(request, { images: takesPictures(agent), refused: way.refused }) : [],
    });
    try {
      agent = await unlessAborted(this.#context.supervisor.ready(request.workspace), stops);
      if (!agent) return toAttempt(this.#cutShort(signal), false);
      const book = this.#bookOf(agent);
      const opening = way.isAnew ? book.begin(request.workspace) : book.open(request.turn, request.workspace);
      session = await unlessAborted(opening, stops);
      if (!session) {
        if (timer.signal.aborted) await this.#giveUpOpening(agent, book, sessionId);
        return toAttempt(this.#cutShort(signal), false);
      }
      wasBlank = session.isBlank && !way.isAnew;
      const failure = await this.#prompt(asked, { agent, book, session, sessionId }, { timer, way });
      const isSilent = !session.isAlive && (timer.signal.aborted || performance.now() - sinceMs > SILENT_MS);
      return toAttempt(failure, failure?.code === "agent/timeout" || !failure ? isSilent : true);
    } catch (cause) {
      if (agent && cause instanceof NotOpened)
        await this.#giveUpOpening(agent, this.#bookOf(agent), sessionId);
      const failure = toFailure(cause, agent);
      if (agent && isSessionGone(cause)) {
        this.#bookOf(agent).drop(sessionId);
        return toAttempt({ ...failure, passing: true }, false);
      }
      const hasDied = cause instanceof AgentTrouble && cause.failure !== CLOSED && agent?.isOver === true;
      return toAttempt(failure, hasDied || (session !== undefined && isOfSession(cause)));
    }
  }

  /** Runs a prompt to its end, or to that of everybody's patience. */
  async #prompt(
    asked: AskedTurn,
    running: Running,
    { timer, way }: { readonly timer: StoppableTimer; readonly way: Way },
  ): Promise<Failure | undefined> {
    const { agent, book, session, sessionId } = running;
    const { signal } = asked;
    const keep = async (): Promise<void> => (way.isAnew ? undefined : book.keep(sessionId, session));
    const work = { ...asked, timer, keep, defaults: this.#context.defaults, refused: way.refused };
    let isAnswered = false;
    try {
      const prompt = runPrompt(agent, session, work).then((failure) => ({ failure }));
      let end = await unlessAborted(prompt, [signal, timer.signal]);
      if (!end && session.isEnding) end = await prompt;
      if (!end) {
        await this.#stop(prompt, running);
        return this.#cutShort(signal);
      }
      isAnswered = end.failure === undefined;
      if (isAnswered && way.isAnew) {
        await book.adopt(sessionId, session);
        if (!session.isBlank) await book.keep(sessionId, session);
      }
      return end.failure;
    } finally {
      if (way.isAnew && !isAnswered) void book.discard(session);
    }
  }

  /** A session that the agent does not open in the time of a turn would hold up every turn after it. */
  async #giveUpOpening(agent: AgentProcess, book: SessionBook, sessionId: string): Promise<void> {
    this.#context.log.warn(`${agent.known.name} did not open a session in the time of a turn`);
    if (book.isBusyBeside()) book.drop(sessionId);
    else
      await this.#context.supervisor.end(agent, failed("it was ended, as it did not open a session", true));
  }

  /** Has a prompt ended; where the agent does not do that, it is ended itself, unless it works for others. */
  async #stop(prompt: Promise<unknown>, { agent, book, session, sessionId }: Running): Promise<void> {
    const { cancelGraceMs } = this.#context;
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
    else
      await this.#context.supervisor.end(
        agent,
        failed("it was ended, as it did not end a cancelled turn", true),
      );
  }

  #bookOf(agent: AgentProcess): SessionBook {
    if (this.#book?.agent === agent) return this.#book;
    this.#book = new SessionBook(agent, this.#context);
    return this.#book;
  }

  /** Of a turn that did not come to its end: a person wanted that, or its time was up. */
  #cutShort(signal: AbortSignal): Failure | undefined {
    if (signal.aborted) return undefined;
    const reason = `no answer within ${this.#context.timeoutMs / 1000} s`;
    return { kind: "failed", code: "agent/timeout", reason, passing: false };
  }
}
