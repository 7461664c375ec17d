// One session on the agent's side: what it offers, what is chosen in it, and the turn that runs in it.
import { setTimeout as delay } from "node:timers/promises";
import type { ContentBlock } from "@agentclientprotocol/sdk";
import type { AgentSession, SessionChoices } from "../../model/agent-session.ts";
import type { ApprovalRequest } from "../../model/approval.ts";
import type { AgentProcess } from "./agent-process.ts";
import { mergeCall, parseApproval } from "./approval.ts";
import { fieldsOf } from "./loose.ts";
import type { Chosen, SessionOffers } from "./offers.ts";
import { Speech, type SpeechEvent } from "./speech.ts";
import type { Update } from "./update.ts";

/** What a turn needs while the agent works for it. */
export interface TurnEnds {
  readonly emit: (event: SpeechEvent) => void;
  /** Where the agent works. */
  readonly folder: string;
  /** Settles with the option chosen; undefined: none fits, or the turn is cut short. */
  readonly ask: (question: ApprovalRequest) => Promise<string | undefined>;
}

type Fields = Readonly<Record<string, unknown>>;

/** Late words are waited for no longer than so many times the usual wait. */
const MOST_LATE = 4;

/** A turn as far as it has come. */
interface RunningTurn {
  readonly ends: TurnEnds;
  readonly speech: Speech;
  /** What was told of its tool calls so far. */
  readonly calls: Map<string, Fields>;
}

/** What came of a prompt. */
export interface PromptEnd {
  /** Why the agent stopped. */
  readonly reason: unknown;
  readonly hasSaid: boolean;
}

/** A session as the agent gave it. */
export interface OpenedSession {
  readonly nativeId: string;
  readonly offers: SessionOffers;
  readonly isBlank: boolean;
  readonly before: Partial<SessionChoices>;
  /** How long after the end of a turn words of it may still come, in ms. */
  readonly lateMs: number;
}

/** A session of a running agent. */
export class Session {
  readonly nativeId: string;
  readonly #agent: AgentProcess;
  readonly #offers: SessionOffers;
  /** It knows nothing of what was said in the session before. */
  isBlank: boolean;
  /** What the configuration wants it to begin with is chosen. */
  hasDefaults = false;
  /** What was in force before somebody chose in chat. */
  #before: Partial<SessionChoices>;
  readonly #lateMs: number;
  #turn: RunningTurn | undefined;
  /** The speech of the newest turn, which may be over. */
  #speech: Speech | undefined;
  /** Until then words of the turn before may come, by `performance.now()`. */
  #quietMs = 0;

  constructor(agent: AgentProcess, opened: OpenedSession) {
    this.#agent = agent;
    this.nativeId = opened.nativeId;
    this.#offers = opened.offers;
    this.isBlank = opened.isBlank;
    this.#before = opened.before;
    this.#lateMs = opened.lateMs;
  }

  /** True while a prompt of it runs, whether or not anybody still waits for its end. */
  get isBusy(): boolean {
    return this.#turn !== undefined;
  }

  /** In the newest turn the agent said, showed or used something. */
  get hasActed(): boolean {
    return this.#speech?.hasActed === true;
  }

  /** The agent gave a sign of life in the newest turn. */
  get isAlive(): boolean {
    return this.#speech?.isHeard === true;
  }

  /** The agent has ended the prompt that runs; its last words may still come. */
  get isEnding(): boolean {
    return this.#turn?.speech.isOver === true;
  }

  /** As it is to be kept. */
  get state(): AgentSession {
    return { nativeId: this.nativeId, offers: this.#offers.current(), before: this.#before };
  }

  /** Chooses a mode or a model, unless it is the current one. Rejects with the agent's error; an agent without such a choice is one. */
  async choose(chosen: Chosen, id: string): Promise<void> {
    if (this.#offers.current()[chosen] === id) return;
    const setter = this.#offers.setter(chosen, id);
    if (!setter) throw new Error(`it lets no ${chosen} be chosen`);
    const answer = await this.#agent.request(setter.method, { sessionId: this.nativeId, ...setter.params });
    this.#offers.takeCurrent(chosen, id);
    this.#offers.takeOptions(fieldsOf(answer)["configOptions"]);
  }

  /** The same for what a person chose: what was in force is kept, to be had back. */
  async chooseOver(chosen: Chosen, id: string): Promise<void> {
    const current = this.#offers.current()[chosen];
    await this.choose(chosen, id);
    this.#before = { [chosen]: current, ...this.#before };
  }

  /** What was in force before people chose. */
  get before(): Partial<SessionChoices> {
    return this.#before;
  }

  /** The choice is given back. */
  forgetBefore(chosen: Chosen): void {
    const { [chosen]: _was, ...others } = this.#before;
    this.#before = others;
  }

  /**
   * Has the agent answer a prompt. Some agents send the last words of an answer after its end: they are waited for, and so are those of a
   * turn before that was cut short, which are nobody's. `signal`: nobody waits for the answer any longer.
   *
   * Contract: one at a time. Rejects with the agent's error, or with `AgentTrouble` when it is gone.
   */
  async prompt(
    blocks: readonly ContentBlock[],
    ends: TurnEnds,
    signal: AbortSignal,
  ): Promise<PromptEnd | undefined> {
    if (!(await this.#quiet(signal))) return undefined;
    const speech = new Speech(ends.emit);
    this.#speech = speech;
    this.#turn = { ends, speech, calls: new Map() };
    try {
      const answer = await this.#agent.request("session/prompt", {
        sessionId: this.nativeId,
        prompt: blocks,
      });
      speech.isOver = true;
      await this.#awaitLate(speech, signal);
      speech.end();
      return { reason: fieldsOf(answer)["stopReason"], hasSaid: speech.hasSaid };
    } finally {
      speech.end();
      this.#turn = undefined;
      if (!speech.isOver || signal.aborted) this.#quietMs = performance.now() + this.#lateMs;
    }
  }

  async #awaitLate(speech: Speech, signal: AbortSignal): Promise<void> {
    const endMs = performance.now();
    let untilMs = endMs + this.#lateMs;
    while (performance.now() < untilMs && !signal.aborted && !this.#agent.isOver) {
      await pause(untilMs - performance.now(), signal);
      const { saidMs } = speech;
      if (saidMs > endMs) untilMs = Math.min(saidMs + this.#lateMs, endMs + MOST_LATE * this.#lateMs);
    }
  }

  /** Waits until nothing more of the turn before can come. False: nobody waits for the answer any longer. */
  async #quiet(signal: AbortSignal): Promise<boolean> {
    const waitMs = this.#quietMs - performance.now();
    if (waitMs > 0) await pause(waitMs, signal);
    return !signal.aborted;
  }

  /** Asks the agent to end the prompt that runs. */
  async cancel(): Promise<void> {
    await this.#agent.notify("session/cancel", { sessionId: this.nativeId });
  }

  /** Takes what the agent tells of it. What it says outside of a turn, such as when it replays what was said, is for nobody. */
  take(update: Update): void {
    const turn = this.#turn;
    if (turn) turn.speech.isHeard = true;
    switch (update.kind) {
      case "mode":
        return this.#offers.takeCurrent("mode", update.id);
      case "options":
        return this.#offers.takeOptions(update.options);
      case "commands":
        return this.#offers.takeCommands(update.commands);
      case "text":
        return turn?.speech.say(update.text, update.messageId);
      case "file":
        return turn?.speech.show(update.file);
      case "person":
        return turn?.speech.hearPerson();
      case "tool":
        return turn && takeCall(turn, update);
      case "other":
    }
  }

  /** Takes what the agent asks in it; undefined: there is nobody to ask, or nothing to answer. */
  async takeApproval(params: unknown, callId: string): Promise<string | undefined> {
    const turn = this.#turn?.speech.isOver === true ? undefined : this.#turn;
    if (turn === undefined) return undefined;
    const request = await parseApproval(params, turn.calls.get(callId) ?? {}, turn.ends.folder);
    if (!request || turn.speech.isOver) return undefined;
    turn.speech.hasActed = true;
    return turn.ends.ask(request);
  }
}

function takeCall({ calls, speech }: RunningTurn, update: Extract<Update, { kind: "tool" }>): void {
  const known = calls.get(update.id);
  calls.set(update.id, mergeCall(known ?? {}, update.fields));
  if (!known && update.isNew) speech.use();
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => {});
}
