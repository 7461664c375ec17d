// A turn: files → prompt → agent → files of its answer → what Messages can show → reply → outbox, with one retry for a passing failure and an apology for any other.
import type { Handle } from "../model/handle.ts";
import type { TurnId } from "../model/ids.ts";
import type { Target } from "../model/target.ts";
import type { AgentRequest, Turn, TurnEnd } from "../model/turn.ts";
import { composePrompt } from "../rules/compose-prompt.ts";
import { composeFailureNotice, composeFilesNotice } from "../rules/compose-reply.ts";
import { groupOf } from "../rules/group.ts";
import { plainAnswer, takeAnswer, type TakenAnswer } from "./answer.ts";
import { entered, type Enter } from "./enter.ts";
import type { AccountContext, Frame, ReadyAgent } from "./frame.ts";
import { insist } from "./insist.ts";
import { hasFiles, takeFiles, type HeldFiles } from "./media.ts";
import {
  composeGroup,
  conclude,
  describeEnd,
  formatOutcome,
  newest,
  type Failure,
  type Outcome,
} from "./turn-end.ts";

/** An attempt that a crash cut short is made good once. */
const MOST_ATTEMPTS = 2;

/** What a run of an agent is given beside its turn. */
interface Run {
  readonly signal: AbortSignal;
  readonly held: HeldFiles;
}

/** Answers turns of one account. */
export class Answering {
  readonly #context: AccountContext;
  readonly #onOutbox: () => void;
  readonly #running = new Map<TurnId, { stop: AbortController; done: Promise<void> }>();
  /** Turns that were stopped before they were heard of here: between their beginning in the store and in this process. */
  readonly #stopped = new Set<TurnId>();
  readonly #closing = new AbortController();

  constructor(context: AccountContext, onOutbox: () => void) {
    this.#context = context;
    this.#onOutbox = onOutbox;
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
    const held = await takeFiles(turn, frame, { context: this.#context, signal });
    try {
      const leave = await entered(enter, signal);
      const run = leave && this.#run(turn, frame, { signal, held }).finally(leave);
      const outcome: Outcome = (await run) ?? { kind: "closed" };
      if (this.#closing.signal.aborted && outcome.kind !== "answered") {
        await this.#context.store.turns.suspend(turn);
        return;
      }
      await this.#finish(turn, frame, { outcome, remark: held.remark });
    } finally {
      held.release();
    }
  }

  async #run(turn: Turn, frame: Frame, run: Run): Promise<Outcome> {
    const first = await this.#attempt(turn, frame, run);
    if (first.kind !== "failed" || !first.passing || run.signal.aborted) return first;
    this.#context.log.warn("the agent failed in passing; it is asked once more", {
      turnId: turn.id,
      reason: first.reason,
    });
    return this.#attempt(turn, frame, run);
  }

  /** One run of the agent that the configuration names now: a reload may have put another in its place. */
  async #attempt(turn: Turn, frame: Frame, { signal, held }: Run): Promise<Outcome> {
    const agent = this.#context.agent(turn.agentId);
    if (!agent) {
      const reason = `there is no agent "${turn.agentId}" in the configuration any more`;
      return { kind: "failed", code: "agent/not-found", passing: false, reason };
    }
    const pieces: string[] = [];
    for await (const event of agent.runtime.run(request(turn, frame, { agent, held }), signal)) {
      if (event.kind === "failed") return event;
      pieces.push(event.text);
    }
    const { output } = agent.runtime;
    const text = pieces.join("");
    const answer =
      output === "markdown" ? await this.#takeFiles(text, { frame, agent, signal }) : plainAnswer(text);
    return signal.aborted ? { kind: "closed" } : { kind: "answered", text, output, answer };
  }

  async #takeFiles(
    text: string,
    by: { readonly frame: Frame; readonly agent: ReadyAgent; readonly signal: AbortSignal },
  ): Promise<TakenAnswer> {
    const { workspace } = by.agent.settings;
    const { maxBytes } = by.frame.account.media;
    const { filesOut } = this.#context;
    return takeAnswer(text, filesOut, {
      roots: [workspace, filesOut.folderPath],
      maxBytes,
      signal: by.signal,
    });
  }

  async #finish(
    turn: Turn,
    frame: Frame,
    { outcome, remark }: { readonly outcome: Outcome; readonly remark: string },
  ): Promise<void> {
    const end = conclude(outcome, remark);
    this.#step("agent.answered", turn, describeEnd(turn, end));
    const group = composeGroup(turn, frame, {
      end,
      says: await formatOutcome(outcome, end, this.#context.log),
    });
    const written = await this.#insist(async () => {
      const finishing = this.#context.store.turns.finish(turn, end, group, this.#context.clock.now());
      // Not after it: what is asked for in the same moment is in the same commit, here the claim of these parts.
      if (group.parts.length > 0) this.#onOutbox();
      return finishing;
    });
    // It was stopped, or another attempt of it runs.
    if (!written) return;
    this.#step("turn.finished", turn, `turn ${turn.id}: ${group.parts.length} messages to send`);
    if (end.state === "failed") await this.#tellOfFailure(turn, frame, end);
    const refused = outcome.kind === "answered" ? outcome.answer.refused : [];
    if (refused.length > 0) await this.#tellOfFiles(turn, frame, refused);
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
  async #tellOfFiles(turn: Turn, frame: Frame, reasons: readonly string[]): Promise<void> {
    const notice = composeFilesNotice({ who: newest(turn).handle, agentId: turn.agentId, reasons });
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
      const parts = [{ origin: "notice" as const, target, text: notice }];
      const group = { accountId: turn.accountId, conversationId: undefined, parts };
      await this.#insist(async () => this.#context.store.outbox.add(group, this.#context.clock.now()));
    }
    this.#onOutbox();
  }

  async #insist<T>(verb: () => Promise<T>): Promise<T> {
    return insist(verb, { signal: this.#closing.signal, log: this.#context.log });
  }

  #step(step: "turn.begun" | "agent.answered" | "turn.finished", turn: Turn, text: string): void {
    this.#context.observer.step(step, { accountId: turn.accountId, turnId: turn.id, text });
  }
}

function request(
  turn: Turn,
  { account }: Frame,
  { agent, held: { files } }: { readonly agent: ReadyAgent; readonly held: HeldFiles },
): AgentRequest {
  const { message } = newest(turn);
  const group = groupOf(account, message);
  const isGroup = group !== undefined;
  return {
    turn,
    files,
    prompt: composePrompt(turn, { isGroup, files }),
    systemPrompt: group?.settings?.systemPrompt ?? "",
    workspace: agent.settings.workspace,
    chatTarget: `chat_id:${message.chatId}`,
    isGroup,
  };
}

function who(turn: Turn): string {
  return newest(turn).handle;
}
