// The sessions of one running agent, by the gateway's name and by the agent's own, and how they are opened or had again.
import { setTimeout as delay } from "node:timers/promises";
import type { Log } from "../../lib/log.ts";
import { unlessAborted } from "../../lib/unless-aborted.ts";
import type { AgentSession } from "../../model/agent-session.ts";
import type { AgentId, SessionKey } from "../../model/ids.ts";
import type { AgentSessions } from "../../model/store.ts";
import type { Turn } from "../../model/turn.ts";
import { failed } from "../failure.ts";
import type { AgentProcess } from "./agent-process.ts";
import { fieldsOf, textOf } from "./loose.ts";
import { SessionOffers } from "./offers.ts";
import { Session, type OpenedSession } from "./session.ts";
import { AgentTrouble, describeError, NotOpened } from "./trouble.ts";
import { parseUpdate, type Update } from "./update.ts";

/** Updates may come before the answer that names their session; so many are kept for each, of so many sessions. */
const EARLY_UPDATES = 20;
const EARLY_SESSIONS = 20;

/** Where sessions are kept. */
export interface SessionPlace {
  readonly agentId: AgentId;
  readonly sessions: AgentSessions;
  readonly log: Log;
  /** How long after its turn, or after it was opened again, words of a session's past may come, in ms. */
  readonly lateMs: number;
  /** Between two signs of life while a session is opened, in ms. */
  readonly openMs: number;
}

/** A session's past is told again for no longer than so many times `lateMs`. */
const MOST_REPLAY = 15;

/** Knows the sessions of one process. */
export class SessionBook {
  readonly agent: AgentProcess;
  readonly #place: SessionPlace;
  readonly #byName = new Map<string, Promise<Session>>();
  /** Name of the newest session by its key: the one before it was reset, and is not come back to. */
  readonly #newest = new Map<SessionKey, string>();
  /** Those of them that are open. */
  readonly #open = new Map<string, Session>();
  readonly #byNativeId = new Map<string, Session>();
  readonly #early = new Map<string, Update[]>();
  /** What is kept of each session, as JSON. */
  readonly #kept = new Map<Session, string>();
  /** When something of a session that is not open yet was last heard, by `performance.now()`. */
  #heardMs = 0;

  constructor(agent: AgentProcess, place: SessionPlace) {
    this.agent = agent;
    this.#place = place;
  }

  /** The session of a turn, which works in `folder`. Contract: rejects with the agent's error or `AgentTrouble`. */
  async open({ sessionId, sessionKey }: Turn, folder: string): Promise<Session> {
    const known = this.#byName.get(sessionId);
    if (known) return known;
    const before = this.#newest.get(sessionKey);
    this.#newest.set(sessionKey, sessionId);
    if (before !== undefined && before !== sessionId) void this.#close(before);
    const opening = this.#begin(sessionId, folder);
    this.#byName.set(sessionId, opening);
    const isStillIt = (): boolean => this.#byName.get(sessionId) === opening;
    opening.then(
      (session) => isStillIt() && this.#open.set(sessionId, session),
      () => isStillIt() && this.#byName.delete(sessionId),
    );
    return opening;
  }

  /** Another session in place of one that fails. Contract: as `open`; nothing is changed until it is adopted. */
  async begin(folder: string): Promise<Session> {
    const answer = await this.#ask("session/new", { cwd: folder, mcpServers: [] });
    if (answer === undefined) throw new NotOpened(failed(this.#notOpened(), true));
    const nativeId = textOf(fieldsOf(answer)["sessionId"]);
    if (nativeId === undefined)
      throw new AgentTrouble(failed(`${this.agent.known.name} did not name the session that it began`));
    return this.#enter(nativeId, answer, { isBlank: true, before: {} });
  }

  /** From now on that name is this session's; the one that had it is given up. */
  async adopt(sessionId: string, session: Session): Promise<void> {
    const before = this.#open.get(sessionId);
    this.#byName.set(sessionId, Promise.resolve(session));
    this.#open.set(sessionId, session);
    if (before === session) return;
    await this.#place.sessions.forget(this.#place.agentId, sessionId);
    if (before) void this.discard(before);
  }

  /** Lets the agent forget a session that nobody uses. */
  async discard(session: Session): Promise<void> {
    if (session.isBusy) return;
    this.#byNativeId.delete(session.nativeId);
    if (!this.agent.capabilities.sessionCapabilities?.close || this.agent.isOver) return;
    await this.agent
      .request("session/close", { sessionId: session.nativeId })
      .catch((cause: unknown) =>
        this.#place.log.debug(`session ${session.nativeId} could not be closed: ${describeError(cause)}`),
      );
  }

  /** The session of that name if it is open by now. */
  find(sessionId: string): Session | undefined {
    return this.#open.get(sessionId);
  }

  /** Keeps a session for the next process. Contract: never rejects. */
  async keep(sessionId: string, session: Session): Promise<void> {
    const state = session.state;
    const text = JSON.stringify(state);
    if (this.#kept.get(session) === text) return;
    this.#kept.set(session, text);
    const { agentId, sessions, log } = this.#place;
    await sessions
      .keep(agentId, sessionId, state)
      .catch((cause: unknown) => log.warn(`a session could not be kept: ${String(cause)}`));
  }

  /** The agent says that it does not have it any more, or does not open it. The next turn has it again, or begins another. */
  drop(sessionId: string): void {
    this.#byName.delete(sessionId);
    this.#open.delete(sessionId);
  }

  /** Gives a session up: the agent does not let go of it, and whatever still comes of it is for nobody. The next turn begins another. */
  async abandon(sessionId: string, { nativeId }: Session): Promise<void> {
    this.drop(sessionId);
    this.#byNativeId.delete(nativeId);
    await this.#place.sessions.forget(this.#place.agentId, sessionId);
  }

  /** True while any session (but this one) has a prompt running. */
  isBusyBeside(session?: Session): boolean {
    return [...this.#byNativeId.values()].some((one) => one !== session && one.isBusy);
  }

  /** Takes the parameters of a `session/update`. */
  take(params: unknown): void {
    const read = parseUpdate(params);
    if (!read) return;
    const session = this.#byNativeId.get(read.sessionId);
    if (session) return session.take(read.update);
    this.#heardMs = performance.now();
    // The rest is such as what a session that is being loaded tells again.
    if (!["mode", "options", "commands"].includes(read.update.kind)) return;
    const early = this.#early.get(read.sessionId) ?? [];
    if (early.length < EARLY_UPDATES && this.#early.size < EARLY_SESSIONS)
      this.#early.set(read.sessionId, [...early, read.update]);
  }

  /** Takes the parameters of a `session/request_permission`. */
  async takeApproval(params: unknown): Promise<string | undefined> {
    const { sessionId, toolCall } = fieldsOf(params);
    const callId = textOf(fieldsOf(toolCall)["toolCallId"]) ?? "";
    return this.#byNativeId.get(textOf(sessionId) ?? "")?.takeApproval(params, callId);
  }

  /** Lets the agent forget a session that is over. */
  async #close(sessionId: string): Promise<void> {
    const { agentId, sessions, log } = this.#place;
    const session = await this.#byName.get(sessionId)?.catch(() => undefined);
    if (session === undefined || session.isBusy) return;
    this.drop(sessionId);
    await sessions
      .forget(agentId, sessionId)
      .catch((cause: unknown) => log.warn(`a session could not be forgotten: ${String(cause)}`));
    await this.discard(session);
  }

  async #begin(sessionId: string, folder: string): Promise<Session> {
    const { agentId, sessions } = this.#place;
    const kept = await sessions.find(agentId, sessionId);
    return (kept && (await this.#openAgain(kept, folder))) ?? this.begin(folder);
  }

  /** Undefined where the agent cannot, has not got it any more, or does not answer. */
  async #openAgain({ nativeId, before = {} }: AgentSession, folder: string): Promise<Session | undefined> {
    const { loadSession, sessionCapabilities } = this.agent.capabilities;
    const method = sessionCapabilities?.resume ? "session/resume" : loadSession ? "session/load" : undefined;
    if (!method) return undefined;
    try {
      const answer = await this.#ask(method, { sessionId: nativeId, cwd: folder, mcpServers: [] });
      if (answer === undefined) throw new Error(this.#notOpened());
      await this.#awaitReplay();
      return this.#enter(nativeId, answer, { isBlank: false, before });
    } catch (cause) {
      if (cause instanceof AgentTrouble) throw cause;
      this.#early.delete(nativeId);
      this.#place.log.warn(`session ${nativeId} could not be had again: ${describeError(cause)}`);
      return undefined;
    }
  }

  /** Asks for a session; undefined: the agent gave no sign of life for too long. */
  async #ask(method: string, params: object): Promise<unknown> {
    const { openMs } = this.#place;
    const asking = this.agent.request(method, params).then((answer) => ({ answer }));
    this.#heardMs = performance.now();
    for (;;) {
      const leftMs = this.#heardMs + openMs - performance.now();
      if (leftMs <= 0) return undefined;
      const answered = await unlessAborted(asking, [AbortSignal.timeout(Math.ceil(leftMs))]);
      if (answered) return answered.answer ?? {};
    }
  }

  /** Some agents tell a session's past only after they have answered that it is loaded. */
  async #awaitReplay(): Promise<void> {
    const { lateMs } = this.#place;
    const sinceMs = performance.now();
    this.#heardMs = Math.max(this.#heardMs, sinceMs);
    for (;;) {
      const untilMs = Math.min(this.#heardMs + lateMs, sinceMs + MOST_REPLAY * lateMs);
      const leftMs = untilMs - performance.now();
      if (leftMs <= 0 || this.agent.isOver) return;
      await delay(leftMs);
    }
  }

  #notOpened(): string {
    return `${this.agent.known.name} did not open the session within ${this.#place.openMs / 1000} s`;
  }

  #enter(nativeId: string, answer: unknown, known: Pick<OpenedSession, "isBlank" | "before">): Session {
    const offers = new SessionOffers();
    offers.takeOpening(answer);
    const { lateMs } = this.#place;
    const session = new Session(this.agent, { nativeId, offers, lateMs, ...known });
    this.#byNativeId.set(nativeId, session);
    for (const update of this.#early.get(nativeId) ?? []) session.take(update);
    this.#early.delete(nativeId);
    return session;
  }
}
