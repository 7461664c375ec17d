// One lane a conversation: wake → begin a turn with all that waits, or hand over the command that is first → wake again.
import type { KeyedQueue } from "../lib/keyed-queue.ts";
import type { CommandEntry } from "../model/command.ts";
import type { Handle } from "../model/handle.ts";
import type { ConversationId, TurnId } from "../model/ids.ts";
import type { DecidedEntry } from "../model/journal.ts";
import type { Turn, TurnMessage } from "../model/turn.ts";
import type { AccountSettings } from "../model/settings.ts";
import { contextLimits, groupOf } from "../rules/group.ts";
import { rerouteWaiting } from "../rules/route.ts";
import { isSessionOver } from "../rules/session-reset.ts";
import type { AccountContext } from "./frame.ts";
import { Answering, type AnsweringExits } from "./turn.ts";

/** How long after a turn that could not be run its conversation is looked at again. */
const AGAIN_MS = 1000;

/** What lanes hand over to. */
export interface LaneExits extends AnsweringExits {
  /** It is a command's turn; the lane goes on when it is woken after its end. */
  onCommand(command: CommandEntry): void;
}

/** Runs the turns of one account: one at a time a conversation, all under the gateway's limit. */
export class Lanes {
  readonly #context: AccountContext;
  readonly #queue: KeyedQueue<string>;
  readonly #exits: LaneExits;
  readonly #answering: Answering;
  readonly #queued = new Set<ConversationId>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  /** Of each conversation those of whom more may come that belongs together, with the timers that end their wait. */
  readonly #held = new Map<ConversationId, Map<Handle | undefined, string>>();
  #isOpen = false;
  #isClosed = false;

  constructor(context: AccountContext, queue: KeyedQueue<string>, exits: LaneExits) {
    this.#context = context;
    this.#queue = queue;
    this.#exits = exits;
    this.#answering = new Answering(context, exits);
  }

  /** A message waits. While the account catches up it goes on waiting, so that all that was missed becomes one turn. */
  onWaiting({ entry, decision }: DecidedEntry, conversationId: ConversationId): void {
    const { debounceMs } = this.#context.frame().settings;
    const isMore = decision.outcome.kind === "turn" && entry.message.attachments.length === 0;
    if (debounceMs === 0 || !isMore || entry.missed) {
      this.endWait(conversationId);
      return;
    }
    // Each sender has a time of his own: one who goes on writing keeps nobody else waiting, and nobody else ends his wait.
    const held = this.#held.get(conversationId) ?? new Map<Handle | undefined, string>();
    const name = `debounce ${conversationId} ${decision.handle}`;
    this.#held.set(conversationId, held.set(decision.handle, name));
    this.#wakeAt(name, debounceMs, () => {
      held.delete(decision.handle);
      if (held.size === 0) this.#held.delete(conversationId);
      this.wake(conversationId);
    });
  }

  /** What was held of a conversation because more might come may be answered, whoever wrote it. */
  endWait(conversationId: ConversationId): void {
    for (const name of this.#held.get(conversationId)?.values() ?? []) {
      clearTimeout(this.#timers.get(name));
      this.#timers.delete(name);
    }
    this.#held.delete(conversationId);
    this.wake(conversationId);
  }

  /** Everything missed is journaled: what waits may be answered. */
  async open(): Promise<void> {
    this.#isOpen = true;
    await this.wakeWaiting();
  }

  /** Looks for conversations with messages that wait. */
  async wakeWaiting(): Promise<void> {
    for (const conversationId of await this.#context.store.turns.waiting(this.#context.accountId))
      this.wake(conversationId);
  }

  /** The account catches up again: turns wait. */
  hold(): void {
    this.#isOpen = false;
  }

  /** Looks at a conversation again. */
  wake(conversationId: ConversationId): void {
    if (this.#isClosed || !this.#isOpen || this.#queued.has(conversationId)) return;
    this.#queued.add(conversationId);
    this.#enqueue(conversationId, async () => {
      this.#queued.delete(conversationId);
      await this.#next(conversationId);
    });
  }

  /** Runs the turns that a stopped process left behind, once more; of each conversation once `ready` settles. */
  async recover(ready: (conversationId: ConversationId) => Promise<void>): Promise<void> {
    for (const turn of await this.#context.store.turns.interrupted(this.#context.accountId))
      void ready(turn.conversationId).then(() =>
        this.#enqueue(turn.conversationId, async () => this.#answerAgain(turn)),
      );
  }

  /** Ends the agent of a turn that the store has stopped. */
  stop(turnId: TurnId): void {
    this.#answering.stop(turnId);
  }

  /** Stops beginning turns and ends those that run; they are run again at the next start. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    await this.#answering.close();
  }

  async #next(conversationId: ConversationId): Promise<void> {
    if (this.#isClosed || !this.#isOpen) return;
    const nowMs = this.#context.clock.now();
    const { account, settings } = this.#context.frame();
    const routes = { ...settings, accountId: account.id };
    const begun = await this.#context.store.turns.begin(conversationId, {
      maxPerMinute: account.turnsPerMinute,
      nowMs,
      holding: new Set(this.#held.get(conversationId)?.keys()),
      reroute: (waiting, message) => rerouteWaiting(routes, waiting, () => placeOf(account, message())),
      context: (message) => contextLimits(account, message),
      isOver: (session) => isSessionOver(settings.sessionReset, session),
    });
    if (!begun) return;
    // Not here: one that hangs must not take the place of a turn.
    if ("command" in begun) return this.#exits.onCommand(begun.command);
    if ("retryAtMs" in begun) {
      this.#context.log.info("too many turns in a minute; what waits is taken together", { conversationId });
      this.#wakeAt(`rate ${conversationId}`, begun.retryAtMs - nowMs, () => this.wake(conversationId));
      return;
    }
    await this.#answer(begun);
  }

  async #answerAgain(turn: Turn): Promise<void> {
    if (this.#isClosed) return;
    const resumed = await this.#answering.resume(turn);
    if (resumed) await this.#answer(resumed);
    else this.wake(turn.conversationId);
  }

  /** In the place that it has now. A turn that waits for files gives it back meanwhile: a file that is stuck holds nobody else up. */
  async #answer(turn: Turn): Promise<void> {
    const { conversationId } = turn;
    if (!this.#answering.mustWait(turn)) {
      await this.#answering.answer(turn);
      this.wake(conversationId);
      return;
    }
    const answered = this.#answering.answer(turn, async () => this.#enter(conversationId));
    this.#wakeAfter(
      conversationId,
      answered.then(() => this.wake(conversationId)),
    );
  }

  /** Waits for a place; the answer gives it back. */
  async #enter(conversationId: ConversationId): Promise<() => void> {
    const entered = Promise.withResolvers<() => void>();
    this.#enqueue(conversationId, async () => {
      const left = Promise.withResolvers<void>();
      entered.resolve(left.resolve);
      await left.promise;
    });
    return entered.promise;
  }

  #enqueue(conversationId: ConversationId, task: () => Promise<void>): void {
    this.#wakeAfter(conversationId, this.#queue.add(`${this.#context.accountId} ${conversationId}`, task));
  }

  /** When what was done of a conversation fails, it is looked at again. */
  #wakeAfter(conversationId: ConversationId, task: Promise<void>): void {
    task.catch((cause: unknown) => {
      this.#context.log.error("a conversation's turn could not be run", {
        conversationId,
        cause: String(cause),
      });
      // What waits there has nobody else to wake it.
      this.#wakeAt(`again ${conversationId}`, AGAIN_MS, () => this.wake(conversationId));
    });
  }

  #wakeAt(name: string, delayMs: number, wake: () => void): void {
    if (this.#isClosed) return;
    clearTimeout(this.#timers.get(name));
    const timer = setTimeout(
      () => {
        this.#timers.delete(name);
        wake();
      },
      Math.max(0, delayMs),
    );
    this.#timers.set(name, timer);
  }
}

function placeOf(account: AccountSettings, { message, handle }: TurnMessage) {
  return { chat: message, handle, group: groupOf(account, message) };
}
