// The life of one account: watch → inbound → lanes or commands → outbound, and what is picked up at its start.
import type { KeyedQueue } from "../lib/keyed-queue.ts";
import type { AccountHealth, WatchEvent, WatchSink } from "../model/ports.ts";
import type { CommandEntry } from "../model/command.ts";
import type { TurnId } from "../model/ids.ts";
import type { AccountContext } from "./frame.ts";
import { ClockSkew } from "../rules/clock-skew.ts";
import { composeNotice } from "../rules/compose-reply.ts";
import { numberedChats, replacedNotice } from "../rules/numbered-chats.ts";
import { Approvals } from "./approvals.ts";
import { ChatCommands } from "./commands.ts";
import { HollowRows } from "./hollow.ts";
import { decideOpen, takeIn, type InboundExits, type Intake } from "./inbound.ts";
import { Lanes } from "./lanes.ts";
import { Outbound } from "./outbound.ts";
import { UnjoinedRows } from "./unjoined.ts";
import { YieldedPlaces } from "./yielded-places.ts";

/** Runs one account until it is closed. */
export class AccountFlow {
  readonly #context: AccountContext;
  readonly #lanes: Lanes;
  readonly #approvals: Approvals;
  readonly #commands: ChatCommands;
  readonly #outbound: Outbound;
  readonly #unjoined: UnjoinedRows;
  readonly #hollow: HollowRows;
  readonly #intake: Intake;
  readonly #recovered = Promise.withResolvers<void>();
  #stopListening: (() => void) | undefined;

  constructor(context: AccountContext, queue: KeyedQueue<string>) {
    this.#context = context;
    this.#outbound = new Outbound(context);
    this.#commands = new ChatCommands(context, {
      onStopped: (turnId) => this.#lanes.stop(turnId),
      onOutbox: () => this.#outbound.wake(),
      onFinished: (command) => this.#onFinished(command),
    });
    this.#approvals = new Approvals(context, {
      onOutbox: () => this.#outbound.wake(),
      places: new YieldedPlaces(queue),
    });
    this.#lanes = new Lanes(context, queue, {
      onOutbox: () => this.#outbound.wake(),
      onCommand: (command) => this.#commands.add(command),
      ask: async (turn, question, signal) => this.#approvals.ask(turn, question, signal),
    });
    this.#unjoined = new UnjoinedRows(context, async () => decideOpen(context, this.#intake));
    this.#hollow = new HollowRows(context, async () => decideOpen(context, this.#intake));
    const exits: InboundExits = {
      onWaiting: (decided, conversationId) => this.#lanes.onWaiting(decided, conversationId),
      onAnswer: (id) => this.#approvals.onAnswer(id),
      onCommand: (command) => this.#onCommand(command),
      onOutbox: () => this.#outbound.wake(),
      onUnjoined: (entries) => this.#unjoined.add(entries),
      onHollow: (entries) => this.#hollow.add(entries),
    };
    this.#intake = { exits, skew: new ClockSkew() };
  }

  /** What the watch of this account reports to. Events wait until what an earlier process left is picked up. */
  sink(): WatchSink {
    const { store, accountId } = this.#context;
    return {
      position: async () => {
        this.#intake.skew.resume(await store.inbox.newestDateMs(accountId));
        return store.inbox.position(accountId);
      },
      begin: async (position) => {
        this.#intake.skew.begin(position.anchor?.createdAtMs);
        await store.inbox.begin(accountId, position);
      },
      onEvent: async (event) => this.#onEvent(event),
      onHealth: (health) => this.#onHealth(health),
    };
  }

  /**
   * Picks up what an earlier process left: commands, undecided rows, rows without a chat, running turns, sends of unknown fate.
   *
   * Contract: waits for no command: it may need a gateway that runs. A turn is run again once the commands of its conversation are done.
   */
  async start(): Promise<void> {
    const { store, accountId } = this.#context;
    for (const command of await store.commands.open(accountId)) this.#commands.add(command);
    await decideOpen(this.#context, this.#intake);
    this.#unjoined.add(await store.inbox.unjoined(accountId));
    await this.#lanes.recover(async (conversationId) => this.#commands.settled(conversationId));
    await this.#outbound.recover();
    this.#stopListening = store.onForeignChange(() => this.#onForeignChange());
    this.#recovered.resolve();
  }

  /** Another process (the command line) changed the state: an approval, a retry, a message to send. */
  #onForeignChange(): void {
    this.#outbound.wake();
    this.#approvals.lookAgain().catch((cause: unknown) => {
      this.#context.log.error("could not look for decided requests", { cause: String(cause) });
    });
    this.#wakeWaiting();
  }

  /** Looks at the outbox and at what waits again, after something changed them from outside the flow. */
  nudge(): void {
    this.#onForeignChange();
  }

  /** Ends the agent of a turn that the store has stopped. */
  endTurn(turnId: TurnId): void {
    this.#lanes.stop(turnId);
  }

  #wakeWaiting(): void {
    this.#lanes.wakeWaiting().catch((cause: unknown) => {
      this.#context.log.error("could not look for waiting messages", { cause: String(cause) });
    });
  }

  async close(): Promise<void> {
    this.#stopListening?.();
    await Promise.all([
      this.#unjoined.close(),
      this.#hollow.close(),
      this.#lanes.close(),
      this.#commands.close(),
    ]);
    await this.#outbound.close();
  }

  async #onEvent(event: WatchEvent): Promise<void> {
    await this.#recovered.promise;
    switch (event.kind) {
      case "rows":
        if (event.missed) this.#lanes.hold();
        await takeIn(this.#context, event, this.#intake);
        return;
      case "caught-up":
        // What could not be decided when it came (the store was in trouble) is decided now.
        await decideOpen(this.#context, this.#intake);
        await this.#lanes.open();
        return;
      case "replaced":
        this.#context.log.warn(`the Messages database is another one: ${event.because}`);
        await this.#tellOfNumbers();
    }
  }

  /** Who may speak where may have changed with the numbers: the owner must know. */
  async #tellOfNumbers(): Promise<void> {
    const { store, accountId, clock, log } = this.#context;
    const { account, settings } = this.#context.frame();
    const numbers = numberedChats(account, settings.bindings);
    if (numbers.length === 0) return;
    const text = replacedNotice(numbers);
    log.warn(text);
    for (const handle of account.notified) {
      const target = { kind: "handle", handle, service: account.service } as const;
      const parts = composeNotice(text, account, target);
      await store.outbox.add({ accountId, conversationId: undefined, parts }, clock.now());
    }
    this.#outbound.wake();
  }

  /** A command ends the wait for more messages; those that a stop is about are not begun only to be ended. */
  #onCommand(command: CommandEntry): void {
    this.#commands.add(command);
    if (command.command.name !== "stop") this.#lanes.endWait(command.conversationId);
  }

  #onFinished({ command, conversationId }: CommandEntry): void {
    if (command.name === "stop") this.#lanes.endWait(conversationId);
    else this.#lanes.wake(conversationId);
  }

  #onHealth(health: AccountHealth): void {
    if (health.sending.state === "ready") this.#outbound.wake();
  }
}
