// A command in chat: begun, where it must not be done twice → carried out → its effect and its reply in one transaction.
import { KeyedQueue } from "../lib/keyed-queue.ts";
import type { CommandAnswer, CommandDone, CommandEntry } from "../model/command.ts";
import { toGatewayError } from "../model/errors.ts";
import { plainText } from "../model/formatting.ts";
import type { ConversationId, EntryId, TurnId } from "../model/ids.ts";
import type { NewGroup } from "../model/journal.ts";
import { plainLine } from "../model/plain-line.ts";
import type { Target } from "../model/target.ts";
import { composeReply } from "../rules/compose-reply.ts";
import { groupOf } from "../rules/group.ts";
import { maySend } from "../rules/may-send.ts";
import { composeReplyTarget } from "../rules/reply-target.ts";
import type { AccountContext, Frame } from "./frame.ts";
import { insist } from "./insist.ts";

/** Of what kept a command from being carried out, in characters. */
const LONGEST_REASON = 500;

/** What commands act on. */
export interface CommandExits {
  /** The store has stopped this turn: its agent is to end. */
  onStopped(turnId: TurnId): void;
  /** Something was put into the outbox. */
  onOutbox(): void;
  /** What waits behind this command may go on. */
  onFinished(command: CommandEntry): void;
}

/** Carries out the commands of one account: one at a time a conversation, in the order given; one that hangs holds up no other one. */
export class ChatCommands {
  readonly #context: AccountContext;
  readonly #exits: CommandExits;
  readonly #queue = new KeyedQueue<ConversationId>(Number.MAX_SAFE_INTEGER);
  readonly #inHand = new Map<EntryId, { conversationId: ConversationId; done: Promise<void> }>();
  readonly #closing = new AbortController();

  constructor(context: AccountContext, exits: CommandExits) {
    this.#context = context;
    this.#exits = exits;
  }

  /** Takes a command; one that is in hand already is not taken again. */
  add(command: CommandEntry): void {
    const { entryId, conversationId } = command;
    if (this.#inHand.has(entryId)) return;
    const done = this.#queue
      .add(conversationId, async () => this.#carryOut(command))
      .catch((cause: unknown) => {
        this.#context.log.error("a command could not be finished", { entryId, cause: String(cause) });
      })
      .finally(() => this.#inHand.delete(entryId));
    this.#inHand.set(entryId, { conversationId, done });
  }

  /** Settles once the commands of a conversation that are in hand now are finished. */
  async settled(conversationId: ConversationId): Promise<void> {
    const those = [...this.#inHand.values()].filter((one) => one.conversationId === conversationId);
    await Promise.all(those.map(async ({ done }) => done));
  }

  /** Waits for those under way; what is not begun is carried out at the next start. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all([...this.#inHand.values()].map(async ({ done }) => done));
  }

  async #carryOut(command: CommandEntry): Promise<void> {
    if (this.#closing.signal.aborted) return;
    const frame = this.#context.frame();
    const answer = await this.#answer(command);
    if (answer === undefined) return;
    const done = await this.#finish(command, frame, answer);
    if (done === undefined) return;
    if (done.stopped !== undefined) this.#exits.onStopped(done.stopped);
    this.#step("command.finished", command, describe(answer, done));
    this.#exits.onFinished(command);
  }

  /** A command that cannot even be tried is answered, too: what comes after it in its conversation would wait for ever. */
  async #answer(command: CommandEntry): Promise<CommandAnswer | undefined> {
    try {
      return await this.#ask(command);
    } catch (cause) {
      if (this.#closing.signal.aborted) return undefined;
      const { message, hint } = toGatewayError(cause);
      const { entryId } = command;
      this.#context.log.error("a command could not be carried out", { entryId, cause: String(cause) });
      const reply = `⚠️ ${plainLine(message, LONGEST_REASON)}\n${plainLine(hint, LONGEST_REASON)}`;
      return { effect: { kind: "none" }, reply: () => reply };
    }
  }

  async #ask(command: CommandEntry): Promise<CommandAnswer> {
    const { store, clock } = this.#context;
    const operations = await this.#context.operations();
    if (!operations.isOnceOnly(command)) return operations.run(command);
    const isFirst = await this.#insist(async () => store.commands.begin(command, clock.now()));
    this.#step("command.begun", command, "begun");
    return operations.run(isFirst ? command : { ...command, wasBegun: true });
  }

  async #finish(
    command: CommandEntry,
    frame: Frame,
    answer: CommandAnswer,
  ): Promise<CommandDone | undefined> {
    const { store, clock } = this.#context;
    const reply = (done: CommandDone): NewGroup => composeGroup(command, frame, answer, done);
    return this.#insist(async () => {
      const finishing = store.commands.finish(command, answer.effect, { reply, nowMs: clock.now() });
      // Not after it: what is asked for in the same moment is in the same commit, here the claim of the reply.
      this.#exits.onOutbox();
      return finishing;
    });
  }

  async #insist<T>(verb: () => Promise<T>): Promise<T> {
    return insist(verb, { signal: this.#closing.signal, log: this.#context.log });
  }

  #step(step: "command.begun" | "command.finished", command: CommandEntry, what: string): void {
    const { accountId, entryId, handle, message } = command;
    const text = `command /${command.command.name} of ${handle}: ${what}`;
    this.#context.observer.step(step, { accountId, entryId, guid: message.guid, text });
  }
}

/**
 * The reply goes to the chat of the command, or where it is for the sender alone, to their direct chat; one without a name that is sure
 * is not answered.
 */
function composeGroup(
  command: CommandEntry,
  { account }: Frame,
  answer: CommandAnswer,
  done: CommandDone,
): NewGroup {
  const { accountId, conversationId, handle, message } = command;
  const policy = { prefix: "", limit: account.textChunkLimit, mode: account.chunkMode };
  const compose = (text: string, target: Target | undefined) =>
    target ? composeReply(plainText(text), policy, { origin: "command", target }) : [];
  const here = { accountId, conversationId };
  if (answer.isPrivate !== true || groupOf(account, message) === undefined)
    return { ...here, parts: compose(answer.reply(done), composeReplyTarget(message, handle)) };
  const direct: Target = { kind: "handle", handle, service: account.service };
  if (!maySend(account.allowTo, direct, undefined))
    return { ...here, parts: compose(UNREACHABLE, composeReplyTarget(message, handle)) };
  return { accountId, conversationId: undefined, parts: compose(answer.reply(done), direct) };
}

const UNREACHABLE =
  "⚠️ The answer is for you alone, and allowTo does not let me write to you directly. Add yourself to allowTo on the gateway's machine.";

function describe({ effect }: CommandAnswer, { stopped, dropped }: CommandDone): string {
  if (effect.kind !== "stop") return "done";
  return `${stopped === undefined ? "nothing ran" : `turn ${stopped} stopped`}, ${dropped} messages dropped`;
}
