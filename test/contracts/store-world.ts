// A small world to put a store to the test in: one account, people who write, and the flows' verbs in short.
import type { ChatCommand, CommandDone, CommandEffect, CommandEntry } from "../../src/model/command.ts";
import type { Decision, Outcome } from "../../src/model/decision.ts";
import type { NewPart, OutboundPart, Settlement } from "../../src/model/delivery.ts";
import type { Handle } from "../../src/model/handle.ts";
import type {
  AccountId,
  AgentId,
  ChatGuid,
  ChatId,
  ConversationId,
  MessageGuid,
  PartId,
  RowId,
  SessionKey,
} from "../../src/model/ids.ts";
import type { DecidedEntry, Entry, EntryFacts, NewGroup, OutboxItem } from "../../src/model/journal.ts";
import type { InboundMessage } from "../../src/model/message.ts";
import type { Clock } from "../../src/model/ports.ts";
import type { ClaimLimits, Store, TurnLimits, Verdict } from "../../src/model/store.ts";
import type { Turn } from "../../src/model/turn.ts";

/** One state database under test. */
export interface StateDatabase {
  /** Opens the database once more, as another process would; what was opened before stays open. */
  connect(clock: Clock): Promise<Store>;
  /** Closes what is still open and removes everything. */
  remove(): Promise<void>;
}

export const HOME = "home" as AccountId;
export const WORK = "work" as AccountId;
export const ANNA = "+15550000001" as Handle;
export const BERT = "+15550000002" as Handle;
export const CARL = "+15550000003" as Handle;
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
/** When every test begins. */
export const START = 1_800_000_000_000;

/** What a test may want different about a row. */
export type MessageChanges = Partial<InboundMessage>;

/** One account's beginning, and its people's words. */
export class World {
  nowMs = START;
  readonly database: StateDatabase;
  readonly store: Store;
  #lastRow = 100;

  private constructor(database: StateDatabase, store: Store) {
    this.database = database;
    this.store = store;
  }

  static async create(create: () => Promise<StateDatabase>): Promise<World> {
    const database = await create();
    const clock = { now: () => world.nowMs };
    const world: World = new World(database, await database.connect(clock));
    for (const accountId of [HOME, WORK])
      await world.store.inbox.begin(accountId, {
        cursor: 100 as RowId,
        anchor: undefined,
        startedAtMs: START,
      });
    return world;
  }

  /** The same database opened by "another process". */
  async another(): Promise<Store> {
    return this.database.connect({ now: () => this.nowMs });
  }

  /** A row in the direct chat of a handle; each has a higher row id and a guid of its own. */
  message(from: Handle, text: string, changes: MessageChanges = {}): InboundMessage {
    const rowId = ++this.#lastRow as RowId;
    return {
      accountId: HOME,
      rowId,
      guid: `GUID-${rowId}` as MessageGuid,
      sender: from,
      isFromMe: false,
      text,
      createdAtMs: this.nowMs,
      attachments: [],
      chatId: Number(from.slice(-2)) as ChatId,
      chatGuid: `iMessage;-;${from}` as ChatGuid,
      chatIdentifier: from,
      chatName: "",
      participants: [from],
      isGroup: false,
      ...changes,
    };
  }

  async accept(...rows: InboundMessage[]): Promise<readonly Entry[]> {
    const cursor = Math.max(...rows.map((row) => row.rowId)) as RowId;
    return this.store.inbox.accept(rows[0]?.accountId ?? HOME, this.batch(rows, cursor));
  }

  batch(rows: readonly InboundMessage[], cursor: number) {
    const { nowMs } = this;
    return { rows, cursor: cursor as RowId, missed: false, healthyAtMs: nowMs - 5, nowMs };
  }

  /** A verdict that gives each entry the decision made for it. */
  verdict(
    decide: (entry: Entry, facts: EntryFacts, handle: Handle | undefined) => Partial<Decision>,
    changes: Partial<Verdict> = {},
  ): Verdict {
    return {
      decide: (entry, handle, facts) => ({
        outcome: { kind: "turn", agentId: "main" as AgentId, sessionKey: "agent:main:main" as SessionKey },
        gates: [{ name: "test", saw: entry.message.text, passed: true }],
        handle,
        configVersion: "v1",
        mirrorStreak: 0,
        ...decide(entry, facts, handle),
      }),
      handleOf: (message) => (message.sender === "" ? undefined : (message.sender as Handle)),
      nowMs: this.nowMs,
      owners: [],
      ...changes,
    };
  }

  /** Accepts rows and decides each the same way. */
  async decide(rows: InboundMessage[], decision: Partial<Decision> = {}): Promise<readonly DecidedEntry[]> {
    await this.accept(...rows);
    return this.store.inbox.decide(
      rows[0]?.accountId ?? HOME,
      this.verdict(() => decision),
    );
  }

  /** One message that waits for a turn; the answer is its conversation. */
  async waits(from: Handle, text: string, decision: Partial<Decision> = {}): Promise<ConversationId> {
    return conversationOf(await this.decide([this.message(from, text)], decision));
  }

  /** A message that is a command; the answer is what is to be carried out, or waits its turn to be. */
  async gives(
    from: Handle,
    command: Partial<ChatCommand>,
    changes: MessageChanges = {},
  ): Promise<GivenCommand> {
    const row = this.message(from, `/${command.name ?? "stop"} ${command.args ?? ""}`, changes);
    const { entry } = only(await this.decide([row], { outcome: commandOutcome(command) }));
    const conversationId = conversationOf([{ entry }]);
    const open = await this.store.commands.open(row.accountId);
    return { entry, conversationId, open: open.find(({ entryId }) => entryId === entry.id) };
  }

  /** The command that is the first that waits in a conversation. */
  async nextCommand(conversationId: ConversationId, store: Store = this.store): Promise<CommandEntry> {
    const begun = await store.turns.begin(conversationId, this.limits());
    if (!begun || !("command" in begun)) throw new Error("no command waits first");
    return begun.command;
  }

  /** Ends a command and says these texts. */
  async finish(
    command: CommandEntry,
    effect: CommandEffect,
    { texts = [], store = this.store }: { texts?: readonly string[]; store?: Store } = {},
  ): Promise<CommandDone | undefined> {
    const { accountId, conversationId } = command;
    const parts = texts.map((text) => part(text, { origin: "command" }));
    const reply = () => ({ accountId, conversationId, parts });
    return store.commands.finish(command, effect, { reply, nowMs: this.nowMs });
  }

  /** The facts that the next decision about this row sees, as they are then. */
  async factsFor(row: InboundMessage, nowMs: number = this.nowMs): Promise<EntryFacts> {
    let seen: EntryFacts | undefined;
    await this.accept(row);
    await this.store.inbox.decide(
      row.accountId,
      this.verdict(
        (_entry, facts) => {
          seen = { ...facts };
          return { outcome: { kind: "remember", code: "reaction", because: "looking" } };
        },
        { nowMs },
      ),
    );
    if (!seen) throw new Error("the row was not decided");
    return seen;
  }

  /** Limits of a turn that is shown nothing beside its messages. */
  limits(changes: Partial<TurnLimits> = {}): TurnLimits {
    const context = () => ({ messages: 0, turns: 0 });
    return { maxPerMinute: 20, nowMs: this.nowMs, context, isOver: () => false, ...changes };
  }

  async begin(conversationId: ConversationId, maxPerMinute = 20): Promise<Turn> {
    const begun = await this.store.turns.begin(conversationId, this.limits({ maxPerMinute }));
    if (!begun || !("id" in begun)) throw new Error("no turn began");
    return begun;
  }

  /** Begins a turn for one message and answers it with these parts. */
  async answer(from: Handle, ...texts: string[]): Promise<readonly OutboxItem[]> {
    const turn = await this.begin(await this.waits(from, "question"));
    const group = this.group(turn.conversationId, ...texts);
    await this.store.turns.finish(turn, { state: "answered", text: texts.join("\n") }, group, this.nowMs);
    const items = await this.store.outbox.list({ limit: 100 });
    return items.filter((item) => item.turnId === turn.id).reverse();
  }

  /** Parts into a conversation's chat. */
  group(conversationId: ConversationId, ...texts: string[]): NewGroup {
    return { accountId: HOME, conversationId, parts: texts.map((text) => part(text)) };
  }

  async claim(limit = 10, store: Store = this.store): Promise<readonly OutboundPart[]> {
    return (await store.outbox.claim(HOME, this.claimLimits({ limit }))).parts;
  }

  /** A claim that no budget holds back. */
  claimLimits(changes: Partial<ClaimLimits> = {}): ClaimLimits {
    return { limit: 10, nowMs: this.nowMs, perMinute: 1e9, perHour: 1e9, ...changes };
  }

  async settle(part: OutboundPart, settlement: Settlement): Promise<boolean> {
    return this.store.outbox.settle(part, settlement, this.nowMs);
  }

  /** Sends everything that may go, until nothing may; the answer is the texts in the order they went. */
  async sendAll(): Promise<string[]> {
    const texts: string[] = [];
    for (let parts = await this.claim(); parts.length > 0; parts = await this.claim())
      for (const claimed of parts) {
        texts.push(claimed.text);
        await this.settle(claimed, sent(`SENT-${claimed.id}`));
      }
    return texts;
  }

  /** A stranger's first message, held with a request. */
  async asks(from: Handle, code: string, changes: MessageChanges = {}): Promise<readonly DecidedEntry[]> {
    const row = this.message(from, `hello from ${from}`, changes);
    return this.decide([row], { outcome: requestOutcome(code, this.nowMs + HOUR) });
  }

  async state(id: PartId): Promise<string | undefined> {
    return (await this.store.outbox.find(id))?.state;
  }
}

/** A command that was journaled. */
export interface GivenCommand {
  readonly entry: Entry;
  readonly conversationId: ConversationId;
  /** Undefined when it waits its turn. */
  readonly open: CommandEntry | undefined;
}

export function commandOutcome(command: Partial<ChatCommand>, sessionKey = "agent:main:main"): Outcome {
  return {
    kind: "command",
    command: { name: "stop", args: "", role: "authorised", inOrder: false, ...command },
    agentId: "main" as AgentId,
    sessionKey: sessionKey as SessionKey,
  };
}

/** Kept to be shown to the agent with the next message of the chat. */
export const AS_CONTEXT: Outcome = {
  kind: "remember",
  code: "group.not-mentioned",
  because: "nobody called the agent",
  asContext: true,
};

export function part(text: string, changes: Partial<NewPart> = {}): NewPart {
  return { origin: "turn", target: { kind: "chat_id", chatId: 1 }, text, ...changes };
}

export function sent(guid: string | undefined, rowId?: number): Settlement {
  return { state: "sent", guid: guid as MessageGuid | undefined, rowId: rowId as RowId | undefined };
}

export function turnFor(sessionKey: string, agentId = "main"): { outcome: Outcome } {
  return {
    outcome: { kind: "turn", agentId: agentId as AgentId, sessionKey: sessionKey as SessionKey },
  };
}

export function requestOutcome(code: string, expiresAtMs: number): Outcome {
  return {
    kind: "hold",
    code: "pairing.code-sent",
    because: "a stranger",
    fix: "approve",
    request: { code, expiresAtMs, reply: part(`code ${code}`, { origin: "pairing" }) },
  };
}

export const HOLD: Outcome = {
  kind: "hold",
  code: "pairing.code-pending",
  because: "a code is pending",
  fix: "approve",
};

export function conversationOf(decided: readonly Pick<DecidedEntry, "entry">[]): ConversationId {
  const id = decided[0]?.entry.conversationId;
  if (id === undefined) throw new Error("nothing was decided in a conversation");
  return id;
}

/** The one element of a list. */
export function only<T>(list: readonly T[]): T {
  const [first] = list;
  if (first === undefined || list.length !== 1) throw new Error(`${list.length} elements, not one`);
  return first;
}

export function texts(items: readonly { text: string }[]): string[] {
  return items.map((item) => item.text);
}
