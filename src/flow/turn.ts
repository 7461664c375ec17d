// A turn: files → prompt → agent → files of its answer → what Messages can show → reply → outbox, with one retry for a passing failure and an apology for any other.
import type { Handle } from "../model/handle.ts";
import { toGatewayError } from "../model/errors.ts";
import type { TurnId } from "../model/ids.ts";
import type { ApprovalRequest } from "../model/approval.ts";
import { plainLine } from "../model/plain-line.ts";
import type { ApprovalAnswer, TurnHost } from "../model/ports.ts";
import type { Target } from "../model/target.ts";
import type { Turn, TurnEnd } from "../model/turn.ts";
import { composeFailureNotice, composeFilesNotice, composeNotice } from "../rules/compose-reply.ts";
import { groupOf, transcriptLimit } from "../rules/group.ts";
import { actsAsOwner } from "../rules/owner.ts";
import { composeReplyTarget } from "../rules/reply-target.ts";
import { entered, type Enter } from "./enter.ts";
import type { AccountContext, Frame } from "./frame.ts";
import { insist } from "./insist.ts";
import { hasFiles, takeFiles, type HeldFiles } from "./media.ts";
import { Patience } from "./patience.ts";
import type { UnsentFiles } from "./file-budget.ts";
import { keepRest } from "./keep-rest.ts";
import { breakSilence } from "./silence.ts";
import { TurnRun, type RunOptions } from "./run.ts";
import { AnswerStream } from "./stream.ts";
import {
  composeGroup,
  composeLong,
  conclude,
  describeEnd,
  formatOutcome,
  newest,
  withRemark,
  type Failure,
  type Outcome,
} from "./turn-end.ts";

/** An attempt that a crash cut short is made good once. */
const MOST_ATTEMPTS = 2;

/** Of why a turn broke, in characters. */
const LONGEST_REASON = 500;

/** What answering hands over to. */
export interface AnsweringExits {
  /** Something was put into the outbox. */
  onOutbox(): void;
  /** The agent of a turn asks; see `TurnHost.ask`. The signal ends the turn. */
  ask(turn: Turn, request: ApprovalRequest, signal: AbortSignal): Promise<ApprovalAnswer>;
}

/** Answers turns of one account. */
export class Answering {
  readonly #context: AccountContext;
  readonly #exits: AnsweringExits;
  readonly #running = new Map<TurnId, { stop: AbortController; done: Promise<void> }>();
  /** Turns that were stopped before they were heard of here: between their beginning in the store and in this process. */
  readonly #stopped = new Set<TurnId>();
  readonly #closing = new AbortController();

  constructor(context: AccountContext, exits: AnsweringExits) {
    this.#context = context;
    this.#exits = exits;
  }

  /** True when a turn has files to wait for: no place is to be taken up by that. */
  mustWait(turn: Turn): boolean {
    return hasFiles(turn, this.#context.frame());
  }

  /** Runs a turn that has begun to its end. `enter` is asked for the place in which its agent runs, once its files are there. */
  async answer(turn: Turn, enter?: Enter): Promise<void> {
    const stop = new AbortController();
    if (this.#stopped.delete(turn.id)) stop.abort();
    const done = this.#answer(turn, { signal: stop.signal, enter }).finally(() =>
      this.#running.delete(turn.id),
    );
    this.#running.set(turn.id, { stop, done });
    await done;
  }

  /**
   * Begins the next attempt of a turn that an earlier process left running. Undefined when there is none: another one runs it, or it was
   * cut short twice, is given up, and that was said.
   */
  async resume(turn: Turn): Promise<Turn | undefined> {
    if (turn.attempt >= MOST_ATTEMPTS) {
      const reason = "the gateway stopped twice while this turn ran";
      const outcome: Failure = { kind: "failed", code: "agent/failed", passing: false, reason };
      await this.#finish(turn, this.#context.frame(), { outcome, remark: "" });
      return undefined;
    }
    const resumed = await this.#insist(async () =>
      this.#context.store.turns.resume(turn, this.#context.clock.now()),
    );
    if (!resumed) this.#stopped.delete(turn.id);
    return resumed;
  }

  /** Ends the agent of a turn that the store has stopped: whatever it still says goes nowhere. */
  stop(turnId: TurnId): void {
    const running = this.#running.get(turnId);
    if (running) running.stop.abort();
    else this.#stopped.add(turnId);
  }

  /** Ends what runs and waits for it; those turns stay open for the next start. */
  async close(): Promise<void> {
    this.#closing.abort();
    const running = [...this.#running.values()];
    for (const { stop } of running) stop.abort();
    await Promise.allSettled(running.map(({ done }) => done));
  }

  async #answer(
    turn: Turn,
    { signal, enter }: { readonly signal: AbortSignal; readonly enter: Enter | undefined },
  ): Promise<void> {
    const frame = this.#context.frame();
    this.#step("turn.begun", turn, `turn ${turn.id} of ${who(turn)}: agent ${turn.agentId} runs`);
    const stream = new AnswerStream(turn, frame.account.maxPartsPerReply);
    const patience = this.#patience(turn, stream);
    let held: HeldFiles | undefined;
    try {
      held = await takeFiles(turn, frame, { context: this.#context, signal });
      const leave = await entered(enter, signal);
      const run = new TurnRun(turn, {
        context: this.#context,
        frame,
        held,
        signal,
        hostOf: (waiting) => this.#host(turn, frame, { signal: waiting, patience }),
        stream,
        say: this.#say,
      });
      const ran = leave && this.#run(turn, run, signal).finally(leave);
      const outcome: Outcome = (await ran) ?? { kind: "closed" };
      if (this.#closing.signal.aborted && outcome.kind !== "answered") {
        await this.#context.store.turns.suspend(turn);
        return;
      }
      await this.#finish(turn, frame, { outcome, remark: held.remark });
    } finally {
      patience.end();
      held?.release();
    }
  }

  async #run(turn: Turn, run: TurnRun, signal: AbortSignal): Promise<Outcome> {
    const first = await this.#attempt(turn, run);
    if (first.kind !== "failed" || !first.passing || signal.aborted) return first;
    this.#context.log.warn("the agent failed in passing; it is asked once more", {
      turnId: turn.id,
      reason: first.reason,
    });
    return this.#attempt(turn, run);
  }

  /** One run. What its parts throw fails the turn: nobody else would ever end it. */
  async #attempt(turn: Turn, run: TurnRun): Promise<Outcome> {
    try {
      return await run.attempt();
    } catch (cause) {
      const { message } = toGatewayError(cause);
      this.#context.log.error("a turn broke", { turnId: turn.id, cause: String(cause) });
      return {
        kind: "failed",
        code: "agent/failed",
        passing: false,
        reason: plainLine(message, LONGEST_REASON),
      };
    }
  }

  /** What people see of a turn that takes its time. */
  #patience(turn: Turn, stream: AnswerStream): Patience {
    const { timing, clock, messages, log } = this.#context;
    const longMs = this.#context.agent(turn.agentId)?.settings.longTurnMs ?? 0;
    const target = typingTarget(turn);
    return new Patience({
      longMs: turn.saidLong ? 0 : longMs,
      timing,
      clock,
      onLong: () => {
        if (stream.hasBegun) return;
        this.#say(turn, "long", composeLong(turn)).catch((cause: unknown) => {
          log.error("that a turn takes long could not be said", { turnId: turn.id, cause: String(cause) });
        });
      },
      onTyping: (isTyping) => {
        if (target) void messages.typing(target, isTyping);
      },
    });
  }

  #host(turn: Turn, frame: Frame, by: { signal: AbortSignal; patience: Patience }): TurnHost {
    const { signal, patience } = by;
    const written = newest(turn);
    const policy = { account: frame.account, commands: frame.settings.commands };
    // Else another chat waits for its answer, and this one for the turn.
    const isAskedHere = actsAsOwner(policy, written) && groupOf(frame.account, written.message) === undefined;
    return {
      ask: async (request) => {
        const answer = this.#exits.ask(turn, request, signal);
        return isAskedHere ? patience.pausedFor(answer) : answer;
      },
      transcript: async () =>
        this.#context.store.turns.transcript(turn, transcriptLimit(frame.account, newest(turn))),
    };
  }

  readonly #say: RunOptions["say"] = async (turn, said, group) =>
    this.#insist(async () => {
      const saying = this.#context.store.turns.say(turn, said, group, this.#context.clock.now());
      if (group.parts.length > 0) this.#exits.onOutbox();
      return saying;
    });

  async #finish(
    turn: Turn,
    frame: Frame,
    { outcome, remark }: { readonly outcome: Outcome; readonly remark: string },
  ): Promise<void> {
    const concluded = conclude(outcome, remark);
    this.#step("agent.answered", turn, describeEnd(turn, concluded), concluded.state);
    const says = await formatOutcome(outcome, concluded, this.#context.log);
    const isSilent = says.length === 0 && outcome.kind === "answered" && outcome.rest.isFirst;
    const { group, cut } = await composeGroup(turn, frame, {
      outcome,
      says: isSilent ? await breakSilence(turn, this.#context) : says,
      keep: async (rest) => keepRest(rest, this.#context, frame),
    });
    const end = cut === undefined ? concluded : withRemark(concluded, cut);
    const written = await this.#insist(async () => {
      const finishing = this.#context.store.turns.finish(turn, end, group, this.#context.clock.now());
      // Not after it: what is asked for in the same moment is in the same commit, here the claim of these parts.
      if (group.parts.length > 0) this.#exits.onOutbox();
      return finishing;
    });
    // It was stopped, or another attempt of it runs.
    if (!written) return;
    this.#step("turn.finished", turn, `turn ${turn.id}: ${group.parts.length} messages to send`);
    if (end.state === "failed") await this.#tellOfFailure(turn, frame, end);
    if (outcome.kind === "answered" && outcome.unsent.count > 0)
      await this.#tellOfFiles(turn, frame, outcome.unsent);
  }

  /** A failed turn is told to the owners; one who asked in their own chat has the cause right behind the apology. */
  async #tellOfFailure(turn: Turn, frame: Frame, end: Extract<TurnEnd, { state: "failed" }>): Promise<void> {
    const asker = newest(turn).handle;
    const compose = (who: string | undefined): string =>
      composeFailureNotice({ ref: end.ref, who, agentId: turn.agentId, reason: end.reason });
    this.#context.log.error(compose(asker), { turnId: turn.id });
    for (const owner of frame.account.notified)
      await this.#tell([owner], compose(owner === asker ? undefined : asker), { turn, frame });
  }

  /** Whoever asked sees what the agent wrote; why it is no file is for the owners. */
  async #tellOfFiles(turn: Turn, frame: Frame, unsent: UnsentFiles): Promise<void> {
    const notice = composeFilesNotice({ who: newest(turn).handle, agentId: turn.agentId, ...unsent });
    this.#context.log.warn(notice, { turnId: turn.id });
    await this.#tell(frame.account.notified, notice, { turn, frame });
  }

  async #tell(
    owners: readonly Handle[],
    notice: string,
    { turn, frame }: { readonly turn: Turn; readonly frame: Frame },
  ): Promise<void> {
    for (const owner of owners) {
      const target: Target = { kind: "handle", handle: owner, service: frame.account.service };
      const parts = composeNotice(notice, frame.account, target);
      const group = { accountId: turn.accountId, conversationId: undefined, parts };
      await this.#insist(async () => this.#context.store.outbox.add(group, this.#context.clock.now()));
    }
    this.#exits.onOutbox();
  }

  async #insist<T>(verb: () => Promise<T>): Promise<T> {
    return insist(verb, { signal: this.#closing.signal, log: this.#context.log });
  }

  #step(
    step: "turn.begun" | "agent.answered" | "turn.finished",
    turn: Turn,
    text: string,
    outcome?: TurnEnd["state"],
  ): void {
    const { accountId, id: turnId, agentId } = turn;
    this.#context.observer.step(step, {
      accountId,
      turnId,
      agentId,
      ...(outcome === undefined ? {} : { outcome }),
      text,
    });
  }
}

/** Where people see that somebody is typing: the guid is that chat's whatever becomes of its number. */
function typingTarget(turn: Turn): Target | undefined {
  const { message, handle } = newest(turn);
  if (message.chatGuid !== "") return { kind: "chat_guid", guid: message.chatGuid };
  return composeReplyTarget(message, handle);
}

function who(turn: Turn): string {
  return newest(turn).handle;
}
