// One lane a conversation: wake → begin a turn with all that waits → answer it → wake again.
import type { KeyedQueue } from "../lib/keyed-queue.ts";
import type { ConversationId } from "../model/ids.ts";
import type { Entry } from "../model/journal.ts";
import type { Turn } from "../model/turn.ts";
import type { AccountContext } from "./frame.ts";
import { Answering } from "./turn.ts";

/** How long after a turn that could not be run its conversation is looked at again. */
const AGAIN_MS = 1000;

/** Runs the turns of one account: one at a time a conversation, all under the gateway's limit. */
export class Lanes {
  readonly #context: AccountContext;
  readonly #queue: KeyedQueue<string>;
  readonly #answering: Answering;
  readonly #queued = new Set<ConversationId>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #held = new Set<ConversationId>();
  #isOpen = false;
  #isClosed = false;

  constructor(context: AccountContext, queue: KeyedQueue<string>, onOutbox: () => void) {
    this.#context = context;
    this.#queue = queue;
    this.#answering = new Answering(context, onOutbox);
  }

  /** A message waits. While the account catches up it goes on waiting, so that all that was missed becomes one turn. */
  onWaiting(entry: Entry, conversationId: ConversationId): void {
    const { debounceMs } = this.#context.frame().settings;
    const endsWait = entry.message.attachments.length > 0 || entry.missed;
    if (debounceMs === 0 || endsWait) {
      this.#release(conversationId);
      this.wake(conversationId);
      return;
    }
    this.#held.add(conversationId);
    this.#wakeAt(`debounce ${conversationId}`, debounceMs, () => {
      this.#held.delete(conversationId);
      this.wake(conversationId);
    });
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

  /** Runs the turns that a stopped process left behind, once more. */
  async recover(): Promise<void> {
    for (const turn of await this.#context.store.turns.interrupted(this.#context.accountId))
      this.#enqueue(turn.conversationId, async () => this.#answerAgain(turn));
  }

  /** Stops beginning turns and ends those that run; they are run again at the next start. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    await this.#answering.close();
  }

  async #next(conversationId: ConversationId): Promise<void> {
    if (this.#isClosed || !this.#isOpen || this.#held.has(conversationId)) return;
    const nowMs = this.#context.clock.now();
    const begun = await this.#context.store.turns.begin(conversationId, {
      maxPerMinute: this.#context.frame().account.turnsPerMinute,
      nowMs,
    });
    if (!begun) return;
    if ("retryAtMs" in begun) {
      this.#context.log.info("too many turns in a minute; what waits is taken together", { conversationId });
      this.#wakeAt(`rate ${conversationId}`, begun.retryAtMs - nowMs, () => this.wake(conversationId));
      return;
    }
    await this.#answering.answer(begun);
    this.wake(conversationId);
  }

  async #answerAgain(turn: Turn): Promise<void> {
    if (this.#isClosed) return;
    await this.#answering.answerAgain(turn);
    this.wake(turn.conversationId);
  }

  #enqueue(conversationId: ConversationId, task: () => Promise<void>): void {
    this.#queue.add(`${this.#context.accountId} ${conversationId}`, task).catch((cause: unknown) => {
      this.#context.log.error("a conversation's turn could not be run", {
        conversationId,
        cause: String(cause),
      });
      // What waits there has nobody else to wake it.
      this.#wakeAt(`again ${conversationId}`, AGAIN_MS, () => this.wake(conversationId));
    });
  }

  #release(conversationId: ConversationId): void {
    this.#held.delete(conversationId);
    clearTimeout(this.#timers.get(`debounce ${conversationId}`));
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
