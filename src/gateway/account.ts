// One running account: its `imsg`, its flow and the frame they work under.
import { AccountFlow } from "../flow/account.ts";
import type { AccountContext, FilesOut, FlowTiming, Frame, ReadyAgent } from "../flow/frame.ts";
import type { KeyedQueue } from "../lib/keyed-queue.ts";
import type { Log } from "../lib/log.ts";
import type { AgentId, TurnId } from "../model/ids.ts";
import type { IncomingFiles } from "../model/media.ts";
import type { AccountHealth, ChatOperations, Clock, Messages, Observer } from "../model/ports.ts";
import type { Store } from "../model/store.ts";
import type { AccountSettings, Settings } from "../model/settings.ts";
import type { OpenedMessages } from "./open-early.ts";

/** What every account of a gateway shares. */
export interface AccountParts {
  readonly store: Store;
  readonly media: IncomingFiles;
  readonly filesOut: FilesOut;
  readonly operations: () => Promise<ChatOperations>;
  readonly clock: Clock;
  readonly observer: Observer;
  readonly log: Log;
  readonly timing: FlowTiming;
  readonly queue: KeyedQueue<string>;
  readonly agent: (agentId: AgentId) => ReadyAgent | undefined;
  readonly onHealth: (account: AccountSettings, health: AccountHealth) => void;
}

/** How long an orderly stop waits for what is under way before it ends the children, which then have a time of their own. */
const CLOSE_MS = 5000;
/** How long what they answered last may take to be written down. */
const SETTLE_MS = 1000;

/** Runs an account on a `Messages` that is already open, so that its child starts while the rest is still being loaded. */
export class Account {
  readonly messages: Messages;
  readonly #flow: AccountFlow;
  #frame: Frame;

  private constructor({ messages, openedAtMs }: OpenedMessages, frame: Frame, parts: AccountParts) {
    this.messages = messages;
    this.#frame = frame;
    const context: AccountContext = {
      accountId: frame.account.id,
      store: parts.store,
      media: parts.media,
      filesOut: parts.filesOut,
      messages,
      operations: parts.operations,
      clock: parts.clock,
      observer: parts.observer,
      log: parts.log.child({ accountId: frame.account.id }),
      timing: parts.timing,
      openedAtMs,
      frame: () => this.#frame,
      agent: parts.agent,
    };
    this.#flow = new AccountFlow(context, parts.queue);
  }

  /** Starts the account: recovery first, then what the watch reports. */
  static async start(opened: OpenedMessages, frame: Frame, parts: AccountParts): Promise<Account> {
    const account = new Account(opened, frame, parts);
    const sink = account.#flow.sink();
    opened.connect({
      ...sink,
      onHealth: (health) => {
        sink.onHealth(health);
        parts.onHealth(account.#frame.account, health);
      },
    });
    try {
      await account.#flow.start();
    } catch (cause) {
      await account.close();
      throw cause;
    }
    return account;
  }

  get settings(): AccountSettings {
    return this.#frame.account;
  }

  /** Takes a new configuration over; what is under way keeps the one it began with. */
  apply(settings: Settings, account: AccountSettings): void {
    this.#frame = { settings, account };
  }

  /** Ends the agent of a turn that the store has stopped. */
  endTurn(turnId: TurnId): void {
    this.#flow.endTurn(turnId);
  }

  nudge(): void {
    this.#flow.nudge();
  }

  /** Stops in order; what is not finished in time is picked up at the next start. */
  async close(): Promise<void> {
    const closing = this.#flow.close();
    await settledWithin(closing, CLOSE_MS);
    await this.messages.close();
    // The answer of a send that came while its child ended is worth more than the search for it at the next start.
    await settledWithin(closing, SETTLE_MS);
  }
}

async function settledWithin(promise: Promise<void>, withinMs: number): Promise<void> {
  const timer = Promise.withResolvers<void>();
  const handle = setTimeout(() => timer.resolve(), withinMs);
  await Promise.race([promise, timer.promise]);
  clearTimeout(handle);
}
