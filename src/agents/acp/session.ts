// One session on the agent's side: what it offers, what is chosen in it, and the turn that runs in it.
import type { ContentBlock } from "@agentclientprotocol/sdk";
import type { AgentSession, SessionChoices } from "../../model/agent-session.ts";
import type { ApprovalRequest } from "../../model/approval.ts";
import type { AgentEvent } from "../../model/turn.ts";
import type { AgentProcess } from "./agent-process.ts";
import { fieldsOf } from "./loose.ts";
import type { Chosen, SessionOffers } from "./offers.ts";
import { mergeCall, parseApproval } from "./approval.ts";
import type { Update } from "./update.ts";

/** What a turn needs while the agent works for it. */
export interface TurnEnds {
  readonly emit: (event: AgentEvent) => void;
  /** Settles with the option chosen; undefined: none fits, or the turn is cut short. */
  readonly ask: (question: ApprovalRequest) => Promise<string | undefined>;
}

type Fields = Readonly<Record<string, unknown>>;

/** More of an answer is dropped. */
const LONGEST_ANSWER = 1024 * 1024;

/** A turn as far as it has come. */
interface RunningTurn {
  readonly ends: TurnEnds;
  /** What was told of its tool calls so far. */
  readonly calls: Map<string, Fields>;
  /** The message that the last text belongs to; undefined behind a tool call. */
  messageId: string | undefined;
  hasSaid: boolean;
  /** UTF-16 units it may still say. */
  left: number;
}

/** A session as the agent gave it. */
export interface OpenedSession {
  readonly nativeId: string;
  readonly offers: SessionOffers;
  readonly isBlank: boolean;
  readonly before: Partial<SessionChoices>;
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
  #turn: RunningTurn | undefined;

  constructor(agent: AgentProcess, opened: OpenedSession) {
    this.#agent = agent;
    this.nativeId = opened.nativeId;
    this.#offers = opened.offers;
    this.isBlank = opened.isBlank;
    this.#before = opened.before;
  }

  /** True while a prompt of it runs, whether or not anybody still waits for its end. */
  get isBusy(): boolean {
    return this.#turn !== undefined;
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
   * Has the agent answer a prompt; the answer is why it stopped and whether it said anything.
   *
   * Contract: one at a time. Rejects with the agent's error, or with `AgentTrouble` when it is gone.
   */
  async prompt(
    blocks: readonly ContentBlock[],
    ends: TurnEnds,
  ): Promise<{ reason: unknown; hasSaid: boolean }> {
    const turn: RunningTurn = {
      ends,
      calls: new Map(),
      messageId: undefined,
      hasSaid: false,
      left: LONGEST_ANSWER,
    };
    this.#turn = turn;
    try {
      const answer = await this.#agent.request("session/prompt", {
        sessionId: this.nativeId,
        prompt: blocks,
      });
      return { reason: fieldsOf(answer)["stopReason"], hasSaid: turn.hasSaid };
    } finally {
      this.#turn = undefined;
    }
  }

  /** Asks the agent to end the prompt that runs. */
  async cancel(): Promise<void> {
    await this.#agent.notify("session/cancel", { sessionId: this.nativeId });
  }

  /** Takes what the agent tells of it. What it says outside of a turn, such as when it replays what was said, is for nobody. */
  take(update: Update): void {
    switch (update.kind) {
      case "mode":
        return this.#offers.takeCurrent("mode", update.id);
      case "options":
        return this.#offers.takeOptions(update.options);
      case "commands":
        return this.#offers.takeCommands(update.commands);
      case "text":
      case "tool":
        if (this.#turn) tellTurn(this.#turn, update);
    }
  }

  /** Takes what the agent asks in it; undefined: there is nobody to ask, or nothing to answer. */
  async takeApproval(params: unknown, callId: string): Promise<string | undefined> {
    const turn = this.#turn;
    const question = parseApproval(params, turn?.calls.get(callId) ?? {});
    return turn && question ? turn.ends.ask(question) : undefined;
  }
}

function tellTurn(turn: RunningTurn, update: Extract<Update, { kind: "text" | "tool" }>): void {
  if (update.kind === "tool") {
    const known = turn.calls.get(update.id);
    turn.calls.set(update.id, mergeCall(known ?? {}, update.fields));
    if (known || !update.isNew) return;
    turn.messageId = undefined;
    turn.ends.emit({ kind: "aside" });
    return;
  }
  if (update.text === "") return;
  // Two messages without anything between them are two paragraphs.
  const isAnother = turn.messageId !== undefined && update.messageId !== turn.messageId;
  turn.messageId = update.messageId;
  if (update.text.trim() !== "") turn.hasSaid = true;
  const text = isAnother ? `\n\n${update.text}` : update.text;
  if (turn.left > 0) turn.ends.emit({ kind: "text", text: text.slice(0, turn.left) });
  turn.left -= text.length;
}
