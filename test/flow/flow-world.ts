// One account's flow between a real state database and an imsg, agents and operations that do what a test says.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { AccountFlow } from "../../src/flow/account.ts";
import type { AccountContext, FilesOut, FlowTiming } from "../../src/flow/frame.ts";
import { KeyedQueue } from "../../src/lib/keyed-queue.ts";
import { openLog } from "../../src/lib/log.ts";
import type { AgentOffers } from "../../src/model/agent-session.ts";
import type { CommandAnswer, CommandEntry } from "../../src/model/command.ts";
import type { OutboundPart, SendOutcome } from "../../src/model/delivery.ts";
import {
  asId,
  messageGuid,
  type AccountId,
  type AgentId,
  type ChatGuid,
  type ChatId,
  type MessageGuid,
  type RowId,
} from "../../src/model/ids.ts";
import type { IncomingFiles, Media, TakenFile, WantedFile } from "../../src/model/media.ts";
import type { InboundAttachment, InboundMessage } from "../../src/model/message.ts";
import type { AgentRuntime, ChatOperations, Messages, TurnHost, WatchSink } from "../../src/model/ports.ts";
import type { AccountSettings, AgentSettings, Settings } from "../../src/model/settings.ts";
import type { Store } from "../../src/model/store.ts";
import { entryNamesChat, type Target } from "../../src/model/target.ts";
import type { AgentEvent, AgentRequest } from "../../src/model/turn.ts";
import { openStore } from "../../src/store/open.ts";
import { account, HEALTHY, settings } from "../control/running-world.ts";

export const ANNA = "+14155550001";
export const BEN = "+14155550002";
const HOME = asId<AccountId>("default");

/** A file as it is when all is well. */
export function asTaken({ name, path, mimeType, bytes }: InboundAttachment): TakenFile {
  return { kind: "file", path: `/media${path}`, name, mimeType, bytes, note: "" };
}

/** What an agent does with a turn; `signal` says that it is to end. Its answer, its only event, or event by event. */
export type Play = (
  request: AgentRequest,
  signal: AbortSignal,
  host: TurnHost,
) => Promise<string | AgentEvent> | AsyncIterable<AgentEvent>;

const NOTHING_OFFERED: AgentOffers = {
  modes: [],
  mode: undefined,
  models: [],
  model: undefined,
  commands: [],
};

const TIMING: FlowTiming = {
  unknownGraceMs: 100,
  unknownRemoteGraceMs: 600,
  slowestSendMs: 50,
  unjoinedFirstMs: 50,
  unjoinedLimitMs: 1000,
  hollowFirstMs: 20,
  hollowLimitMs: 400,
  serviceLookUpMs: 500,
  approvalMs: 10 * 60_000,
  readingMs: 0,
  typingFirstMs: 5,
  typingAgainMs: 20,
};

/** Carries a command out; nothing is said of one that a test says nothing of. */
export type Carry = (command: CommandEntry) => Promise<CommandAnswer>;

/** What becomes of the files of a turn; by default each is there under its own name. */
export type Take = (wanted: readonly WantedFile[], signal: AbortSignal) => Promise<readonly TakenFile[]>;

/** What a world begins with. */
export interface FlowOptions {
  readonly account?: Partial<AccountSettings>;
  readonly settings?: Partial<Settings>;
  readonly output?: AgentRuntime["output"];
  /** Merged into the agent's. */
  readonly agent?: Partial<AgentSettings>;
  readonly remembers?: boolean;
  readonly timing?: Partial<FlowTiming>;
}

/** The answer of a command that changes nothing. */
export function say(text: string): CommandAnswer {
  return { effect: { kind: "none" }, reply: () => text };
}

/** The answer to `/stop`. */
export const STOP: CommandAnswer = {
  effect: { kind: "stop" },
  reply: ({ stopped, dropped }) =>
    stopped === undefined && dropped === 0 ? "" : `stopped ${stopped ? 1 : 0}, dropped ${dropped}`,
};

/** Plays the check and copy of a file that an answer names. */
export type TakeOut = Media["outgoing"];

/** The world of one account. */
export class FlowWorld {
  readonly folder = mkdtempSync(join(tmpdir(), "flow-"));
  readonly sent: { readonly to: string; readonly text: string; readonly part: OutboundPart }[] = [];
  /** The log. */
  readonly lines: string[] = [];
  /** Every step with its line. */
  readonly steps: string[] = [];
  readonly prompts: string[] = [];
  play: Play = async ({ prompt }) => `You said: ${prompt}`;
  carry: Carry = async ({ command }) => say(`/${command.name} done`);
  take: Take = async (wanted) => wanted.map(({ attachment }) => asTaken(attachment));
  takeOut: TakeOut = async (source) => Promise.reject(new Error(`nobody expected ${source}`));
  /** Plays the keeping of content in the media folder. */
  keep: FilesOut["keep"] = async () => Promise.reject(new Error("nobody expected content"));
  /** What the history of a chat says. */
  history: (chatId: number) => Promise<readonly InboundMessage[]> = async () => [];
  /** What the agent offers; undefined: nothing is heard of it. */
  offers: Partial<AgentOffers> | undefined;
  /** What becomes of a send; undefined: it is sent. */
  outcome: (part: OutboundPart) => SendOutcome | undefined = () => undefined;
  /** What the chats list says. */
  chats: Messages["chats"] = async () => [];
  /** Files that are held for turns now. */
  readonly held: TakenFile[] = [];
  onceOnly = false;
  settings: Settings;
  /** Where somebody was seen typing (true) or no longer, in order. */
  readonly typing: { readonly to: string; readonly isTyping: boolean }[] = [];
  readonly #options: FlowOptions;
  readonly #runs: { flow: AccountFlow; store: Store; sink: WatchSink }[] = [];
  #row = 100;

  private constructor(options: FlowOptions) {
    this.#options = options;
    const open = { dmPolicy: "open", allowFrom: [{ kind: "any" }], groupPolicy: "open" } as const;
    const main = asId<AgentId>("main");
    const agent = {
      id: main,
      name: main,
      runtime: { type: "echo" },
      workspace: "/nowhere",
      mentionPatterns: [],
      streaming: "off",
      longTurnMs: 0,
      ...options.agent,
    } as const;
    this.settings = settings([account(HOME, { ...open, ...options.account })], {
      agents: [agent],
      ...options.settings,
    });
  }

  /** A world whose account was started and has nothing to catch up with. */
  static async create(options: FlowOptions = {}): Promise<FlowWorld> {
    const world = new FlowWorld(options);
    await world.start();
    return world;
  }

  get store(): Store {
    return this.#last.store;
  }

  /** Starts the account as a process of its own would: what an earlier one began counts as interrupted. */
  async start(): Promise<void> {
    const store = await openStore({ path: join(this.folder, "state.db"), clock: { now: () => Date.now() } });
    const context = this.#context(store);
    const flow = new AccountFlow(context, new KeyedQueue(this.settings.maxConcurrentTurns));
    const sink = flow.sink();
    const began = { cursor: asId<RowId>(100), anchor: undefined, startedAtMs: Date.now() - 60_000 };
    if ((await store.inbox.position(HOME)) === undefined) await sink.begin(began);
    this.#runs.push({ flow, store, sink });
    await flow.start();
    await sink.onEvent({ kind: "caught-up" });
  }

  /** Ends the account in order. */
  async stop(): Promise<void> {
    const { flow, store } = this.#last;
    this.#runs.pop();
    await flow.close();
    await store.close();
  }

  /** A text arrives; in a group, where `chatId` names one (from 10 on). */
  async receive(sender: string, text: string, chatId?: number): Promise<InboundMessage> {
    const row = this.row(sender, text, chatId);
    await this.receiveAll([row]);
    return row;
  }

  /** Rows arrive in one read. */
  async receiveAll(rows: readonly InboundMessage[]): Promise<void> {
    const cursor = asId<RowId>(this.#row);
    await this.#last.sink.onEvent({ kind: "rows", rows, cursor, missed: false, healthyAtMs: Date.now() });
  }

  row(sender: string, text: string, chatId?: number): InboundMessage {
    this.#row += 1;
    const isGroup = chatId !== undefined;
    const identifier = isGroup ? `chat${chatId}` : sender;
    return {
      accountId: HOME,
      rowId: asId<RowId>(this.#row),
      guid: asId<MessageGuid>(`GUID-${this.#row}`),
      sender,
      isFromMe: false,
      text,
      createdAtMs: Date.now(),
      attachments: [],
      chatId: asId<ChatId>(chatId ?? Number(sender.slice(-1))),
      chatGuid: asId<ChatGuid>(`iMessage;${isGroup ? "+" : "-"};${identifier}`),
      chatIdentifier: identifier,
      chatName: "",
      participants: isGroup ? [ANNA, BEN] : [sender],
      isGroup,
    };
  }

  /** Waits until these texts, and no others, were sent, in any order of chats. */
  async expectSent(...texts: readonly string[]): Promise<void> {
    await this.until(() => this.sent.length >= texts.length, `${texts.length} sent`);
    expect(this.sent.map(({ text }) => text)).toEqual(texts);
  }

  /** Waits until something holds. */
  async until(holds: () => boolean, what: string): Promise<void> {
    await expect
      .poll(() => holds() || [what, this.sent.map(({ text }) => text), this.lines], { timeout: 10_000 })
      .toBe(true);
  }

  /** Ends everything, orderly or not, and removes the folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const { flow, store } of this.#runs) {
      await flow.close();
      await store.close();
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  get #last() {
    const last = this.#runs.at(-1);
    if (!last) throw new Error("the account was not started");
    return last;
  }

  #context(store: Store): AccountContext {
    const terminal = { write: (line: string) => this.lines.push(line), hasColours: false };
    const { output = "plain", remembers = false, timing } = this.#options;
    const play: Play = (request, signal, host) => {
      this.prompts.push(request.prompt);
      return this.play(request, signal, host);
    };
    const runtime: AgentRuntime = {
      output,
      remembers,
      async *run(request, signal, host) {
        const said = play(request, signal, host);
        if (Symbol.asyncIterator in said) return yield* said;
        const only = await said;
        yield typeof only === "string" ? { kind: "text", text: only } : only;
      },
      offers: async () => this.offers && { ...NOTHING_OFFERED, ...this.offers },
      async close() {},
    };
    const operations: ChatOperations = {
      run: async (command) => this.carry(command),
      isOnceOnly: () => this.onceOnly,
    };
    return {
      accountId: HOME,
      store,
      messages: this.#messages(),
      media: this.#media(),
      filesOut: {
        folderPath: "/media",
        outgoing: async (source, by) => this.takeOut(source, by),
        keep: async (content, name) => this.keep(content, name),
      },
      operations: async () => operations,
      clock: { now: () => Date.now() },
      observer: { step: (step, { text }) => this.steps.push(`${step} ${text ?? ""}`) },
      log: openLog({ threshold: "info", secrets: [], terminal, now: () => Date.now() }),
      timing: { ...TIMING, ...timing },
      openedAtMs: Date.now(),
      frame: () => ({ settings: this.settings, account: this.settings.accounts[0] ?? account(HOME) }),
      agent: (agentId) => {
        const found = this.settings.agents.find((one) => one.id === agentId);
        return found && { settings: found, runtime };
      },
    };
  }

  #media(): IncomingFiles {
    return {
      take: async (_accountId, wanted, { signal }) => {
        const files = await this.take(wanted, signal);
        this.held.push(...files);
        return files;
      },
      release: (files) => {
        for (const file of files) this.held.splice(this.held.indexOf(file), 1);
      },
    };
  }

  #messages(): Messages {
    return {
      accountId: HOME,
      open: () => {},
      send: async (part) => {
        const { target, text } = part;
        const to = nameOf(target);
        this.sent.push({ to, text, part });
        const other = this.outcome(part);
        if (other !== undefined) return other;
        return { kind: "sent", guid: messageGuid(part.attemptId), rowId: undefined };
      },
      lookUp: async () => ({ kind: "absent" }),
      typing: async (target, isTyping) => {
        this.typing.push({ to: nameOf(target), isTyping });
      },
      history: async (chatId) => this.history(chatId),
      chats: async (limit) => this.chats(limit),
      chat: async (wanted) =>
        (await this.chats(1000)).find((chat) => wanted.kind !== "handle" && entryNamesChat(wanted, chat)),
      joined: async () => [],
      health: () => HEALTHY,
      close: async () => {},
    };
  }
}

function nameOf(target: Target): string {
  return target.kind === "chat_id" ? `chat_id:${target.chatId}` : JSON.stringify(target);
}
