// Thousands of questions and answers in any order: nothing is ever approved but what its owner could have read in that very chat.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ApprovalRequest, TurnKind } from "../../src/model/approval.ts";
import type { Ticket } from "../../src/model/approval-register.ts";
import type { Decision } from "../../src/model/decision.ts";
import type { OutboundPart } from "../../src/model/delivery.ts";
import type { Handle } from "../../src/model/handle.ts";
import {
  asId,
  type AccountId,
  type ApprovalId,
  type ChatGuid,
  type ChatId,
  type MessageGuid,
  type RowId,
} from "../../src/model/ids.ts";
import type { Entry } from "../../src/model/journal.ts";
import type { InboundMessage } from "../../src/model/message.ts";
import type { Store } from "../../src/model/store.ts";
import type { Turn } from "../../src/model/turn.ts";
import { decideAdmission } from "../../src/rules/admit.ts";
import { offerOptions } from "../../src/rules/approval-options.ts";
import { composeQuestion } from "../../src/rules/compose-approval.ts";
import { viewRequest } from "../../src/rules/view-approval.ts";
import { openStore } from "../../src/store/open.ts";
import { account, agent, handleOf, policyOf } from "../rules/admission-for-test.ts";
import { ALL, request } from "../rules/approval-for-test.ts";

const HOME = asId<AccountId>("default");
const OWNERS = ["+14155550001", "+14155550002"].map(handleOf);
const GUESTS = ["+14155550003", "+14155550004"].map(handleOf);
const PEOPLE = [...OWNERS, ...GUESTS];
/** Chats of the two groups. */
const GROUPS = [11, 12];
const LIFETIME_MS = 10 * 60_000;

const POLICY = policyOf(
  account({
    owners: OWNERS,
    notified: OWNERS,
    dmPolicy: "open",
    allowFrom: [{ kind: "any" }],
    groupPolicy: "open",
  }),
  { agents: [agent("main", "claw")] },
);

/** What the test knows of a request: where and when it was shown, and with which numbers. */
interface Question {
  readonly turn: Turn;
  readonly ticket: Ticket;
  /** Names the message that asks it. */
  readonly name: string;
  /** By owner, as far as the message was sent. */
  readonly shown: Map<Handle, Showing>;
  isOver: boolean;
}

interface Showing {
  readonly guid: MessageGuid;
  readonly confirmedAtMs: number;
  readonly dateMs: number;
  /** What each number says, read from the message itself. */
  readonly labels: ReadonlyMap<number, string>;
}

type Operation =
  | {
      readonly kind: "ask";
      readonly who: number;
      readonly title: number;
      /** How long after it was sent something else happens; undefined: it is not sent yet. */
      readonly sentMs: number | undefined;
    }
  | { readonly kind: "send"; readonly seesRow: boolean; readonly lagMs: number }
  | { readonly kind: "wait"; readonly ms: number }
  | {
      readonly kind: "say";
      readonly who: number;
      readonly where: number;
      readonly text: string;
      readonly agoMs: number;
      readonly missed: boolean;
      readonly quotes: number | undefined;
    }
  | { readonly kind: "tap"; readonly who: number; readonly on: number; readonly type: string }
  | { readonly kind: "end"; readonly which: number }
  | { readonly kind: "again"; readonly which: number };

const TEXTS = [
  ..."1 2 3 4 5 6 7 8 9 10 11 12".split(" "),
  ..."yes|no|always|never|👍🏽|👎|ok 👍|yes no|1 please|more|why?|1️⃣|hello|stop it|#2".split("|"),
];

const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("ask" as const),
      who: fc.nat(3),
      title: fc.nat(2),
      sentMs: fc.constantFrom(undefined, 0, 1_500, 2_000, 2_500, 2_500),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("send" as const),
      seesRow: fc.boolean(),
      lagMs: fc.nat(900),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("wait" as const),
      ms: fc.oneof(
        { weight: 4, arbitrary: fc.nat(3_000) },
        { weight: 6, arbitrary: fc.constantFrom(2_000, 2_001) },
        { weight: 1, arbitrary: fc.constantFrom(60_000, 9 * 60_000, LIFETIME_MS) },
      ),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant("say" as const),
      who: fc.constantFrom(0, 0, 0, 1, 1, 2, 3),
      where: fc.constantFrom(0, 0, 0, 0, 0, 1, 2),
      // Half of what is said is a number that was shown to somebody, lately or before.
      text: fc.oneof(
        fc.constantFrom(...TEXTS),
        fc.nat(30).map((at) => `shown ${at}`),
      ),
      agoMs: fc.constantFrom(0, 0, 0, 0, 0, 1, 500, 5_000, 59_000),
      missed: fc.constantFrom(false, false, false, true),
      quotes: fc.option(fc.nat(3), { nil: undefined, freq: 12 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("tap" as const),
      who: fc.nat(3),
      on: fc.nat(5),
      type: fc.constantFrom("like", "dislike", "laugh"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("end" as const), which: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("again" as const), which: fc.nat(3) }) },
);

/** One run of the model beside the real store and rules. */
class Run {
  readonly #path: string;
  #store: Store;
  #nowMs = 1_800_000_000_000;
  #row = 100;
  #asked = 0;
  readonly #told = new Set<ApprovalId>();
  readonly #questions: Question[] = [];
  readonly #turns = new Map<Handle, Turn>();
  /** For the statistics: what was answered. */
  answers = 0;

  private constructor(path: string, store: Store) {
    this.#path = path;
    this.#store = store;
  }

  static async begin(path: string): Promise<Run> {
    const run: Run = new Run(path, await openStore({ path, clock: { now: () => run.#nowMs } }));
    const began = { cursor: asId<RowId>(100), anchor: undefined, startedAtMs: run.#nowMs - LIFETIME_MS };
    await run.#store.inbox.begin(HOME, began);
    return run;
  }

  async close(): Promise<void> {
    await this.#store.close();
  }

  async do(one: Operation): Promise<void> {
    switch (one.kind) {
      case "ask":
        await this.#ask(PEOPLE[one.who] as Handle, `Edit ${one.title}.txt`);
        if (one.sentMs === undefined) return;
        await this.#send({ kind: "send", seesRow: one.title > 0, lagMs: 100 });
        this.#nowMs += one.sentMs;
        return;
      case "send":
        return this.#send(one);
      case "wait":
        this.#nowMs += one.ms;
        return;
      case "say":
        return this.#say(one);
      case "tap":
        return this.#tap(one);
      case "end":
        return this.#end(PEOPLE[one.which] as Handle);
      case "again":
        return this.#again(PEOPLE[one.which] as Handle);
    }
  }

  #message(from: Handle, text: string, over: Partial<InboundMessage> = {}): InboundMessage {
    this.#row += 1;
    const chatId = PEOPLE.indexOf(from) + 1;
    return {
      accountId: HOME,
      rowId: asId<RowId>(this.#row),
      guid: asId<MessageGuid>(`ROW-${this.#row}`),
      sender: from,
      isFromMe: false,
      text,
      createdAtMs: this.#nowMs,
      attachments: [],
      chatId: asId<ChatId>(chatId),
      chatGuid: asId<ChatGuid>(`iMessage;-;${from}`),
      chatIdentifier: from,
      chatName: "",
      participants: [from],
      isGroup: false,
      ...over,
    };
  }

  /** Takes a row in and decides about it as the gateway does. */
  async #takeIn(row: InboundMessage, missed = false): Promise<Decision> {
    const [entry] = await this.#store.inbox.accept(HOME, {
      rows: [row],
      cursor: row.rowId,
      missed,
      healthyAtMs: this.#nowMs,
      nowMs: this.#nowMs,
    });
    const decided = await this.#store.inbox.decide(HOME, {
      decide: (one: Entry, handle, facts) => decideAdmission(POLICY, one, { handle, facts }),
      handleOf: ({ sender }) => sender as Handle,
      nowMs: this.#nowMs,
      owners: OWNERS,
    });
    const own = decided.find(({ entry: { id } }) => id === entry?.id);
    if (!own) throw new Error("the row was not decided");
    return own.decision;
  }

  async #turnOf(who: Handle): Promise<Turn> {
    const running = this.#turns.get(who);
    if (running) return running;
    await this.#endTurnsThatWait();
    const row = this.#message(who, "edit the file");
    const { outcome } = await this.#takeIn(row);
    const [conversationId] = await this.#store.turns.waiting(HOME);
    if (conversationId === undefined) throw new Error(`nothing waits: ${JSON.stringify(outcome)}`);
    const begun = await this.#store.turns.begin(conversationId, {
      maxPerMinute: 1_000,
      nowMs: this.#nowMs,
      context: () => ({ messages: 0, turns: 0 }),
      isOver: () => false,
    });
    if (!begun || !("id" in begun)) throw new Error("no turn began");
    this.#turns.set(who, begun);
    return begun;
  }

  async #ask(who: Handle, title: string): Promise<void> {
    // One at a time, as the flow has it.
    if (this.#questions.some(({ turn, isOver }) => !isOver && turn.id === this.#turns.get(who)?.id)) return;
    const turn = await this.#turnOf(who);
    const turnKind: TurnKind = OWNERS.includes(who) ? "owners" : "guests";
    const asked: ApprovalRequest = request({ title, options: ALL });
    const ticket = await this.#put(turn, asked, turnKind);
    if (ticket) this.#questions.push({ turn, ticket, name: this.#name, shown: new Map(), isOver: false });
  }

  async #put(turn: Turn, asked: ApprovalRequest, turnKind: TurnKind): Promise<Ticket | undefined> {
    this.#asked += 1;
    const agentName = this.#name;
    const view = viewRequest(asked);
    const offer = offerOptions(asked, { turnKind, isWhole: view.isWhole });
    const { id: turnId, attempt, accountId, conversationId, agentId } = turn;
    const who = turn.messages[0]?.handle as Handle;
    const owners = turnKind === "owners" ? [who] : OWNERS;
    return this.#store.approvals.ask(
      { turnId, attempt, accountId, conversationId, agentId, turnKind, request: asked },
      {
        places: owners.map((owner) => {
          const target = { kind: "handle", handle: owner, service: "auto" } as const;
          const question = { agentName, request: asked, view, offer, behalf: undefined };
          return {
            owner,
            isTurnHere: turnKind === "owners",
            compose: (firstNumber) => ({
              accountId: HOME,
              conversationId: turnKind === "owners" ? conversationId : undefined,
              parts: composeQuestion({ ...question, firstNumber }, { target, limit: 4000 }),
            }),
          };
        }),
        offer,
        nowMs: this.#nowMs,
        expiresAtMs: this.#nowMs + LIFETIME_MS,
        waiting: new Set(),
      },
    );
  }

  /** Sends what waits, up to a question; our own rows may be seen, with Messages' own dates. */
  async #send(how: Extract<Operation, { kind: "send" }>): Promise<void> {
    const budget = { limit: 1, nowMs: this.#nowMs, perMinute: 1e9, perHour: 1e9 };
    for (;;) {
      const [part] = (await this.#store.outbox.claim(HOME, { ...budget, nowMs: this.#nowMs })).parts;
      if (!part) return;
      await this.#sendPart(part, how);
      if (part.origin === "question") return;
    }
  }

  async #sendPart(
    part: OutboundPart,
    { seesRow, lagMs }: Extract<Operation, { kind: "send" }>,
  ): Promise<void> {
    const dateMs = this.#nowMs;
    this.#nowMs += lagMs;
    const guid = asId<MessageGuid>(`SENT-${part.id}`);
    const to = part.target.kind === "handle" ? part.target.handle : PEOPLE[(part.chat?.chatId ?? 1) - 1];
    const row = this.#message(to as Handle, part.text, { isFromMe: true, guid, createdAtMs: dateMs });
    await this.#store.outbox.settle(part, { state: "sent", guid, rowId: row.rowId }, this.#nowMs);
    if (seesRow) await this.#takeIn(row);
    if (part.origin === "question") this.#noteShown(part, { guid, dateMs: seesRow ? dateMs : 0 });
  }

  #noteShown(part: OutboundPart, { guid, dateMs }: Pick<Showing, "guid" | "dateMs">): void {
    const owner = part.target.kind === "handle" ? part.target.handle : undefined;
    const labels = new Map(
      [...part.text.matchAll(/^(\d+)\. (.+)$/gmu)].map(([, number, label]) => [Number(number), label ?? ""]),
    );
    if (labels.size === 0 || owner === undefined) return;
    const question = this.#questions.find(({ name }) => part.text.startsWith(`❓ ${name} asks`));
    question?.shown.set(owner, { guid, confirmedAtMs: this.#nowMs, dateMs, labels });
  }

  /** Of the message that asks what was asked last. */
  get #name(): string {
    return `Crab ${this.#asked}`;
  }

  async #say(asked: Extract<Operation, { kind: "say" }>): Promise<void> {
    const one = { ...asked, text: this.#textOf(asked.text) };
    const who = PEOPLE[one.who] as Handle;
    const group = one.where === 0 ? undefined : (GROUPS[one.where - 1] as number);
    const quoted = one.quotes === undefined ? undefined : this.#shownGuids()[one.quotes];
    const row = this.#message(who, one.text, {
      createdAtMs: this.#nowMs - one.agoMs,
      ...(group !== undefined && {
        chatId: asId<ChatId>(group),
        chatGuid: asId<ChatGuid>(`iMessage;+;chat${group}`),
        chatIdentifier: `chat${group}`,
        isGroup: true,
        participants: PEOPLE,
      }),
      ...(quoted !== undefined && { quoted: { guid: quoted } }),
    });
    const before = this.#openHere(who, group === undefined);
    const decision = await this.#takeIn(row, one.missed);
    this.#check(decision, { row, who, isDirect: group === undefined, missed: one.missed });
    if (group === undefined && quoted === undefined) this.#expectNoPrompt(decision, one, before);
    await this.#endTurnsThatWait();
  }

  async #tap({ who, on, type }: Extract<Operation, { kind: "tap" }>): Promise<void> {
    const from = PEOPLE[who] as Handle;
    const target = this.#shownGuids()[on] ?? asId<MessageGuid>("NONE");
    const reaction = { type, emoji: "", added: true, target };
    const row = this.#message(from, "Liked a message", { reaction });
    const decision = await this.#takeIn(row);
    this.#check(decision, { row, who: from, isDirect: true, missed: false, target });
    if (type === "laugh") expect(decision.outcome.kind).toBe("remember");
  }

  #textOf(text: string): string {
    if (!text.startsWith("shown ")) return text;
    const numbers = this.#questions.flatMap(({ shown }) =>
      [...shown.values()].flatMap(({ labels }) => [...labels.keys()]),
    );
    return String(numbers.at(-1 - Number(text.slice(6))) ?? 1);
  }

  #shownGuids(): MessageGuid[] {
    return this.#questions.flatMap(({ shown }) => [...shown.values()].map(({ guid }) => guid)).toReversed();
  }

  /** An answer must be one that its sender could give. */
  #check(
    { outcome }: Decision,
    said: {
      readonly row: InboundMessage;
      readonly who: Handle;
      readonly isDirect: boolean;
      readonly missed: boolean;
      readonly target?: MessageGuid;
    },
  ): void {
    if (outcome.kind !== "answer") return;
    this.answers += 1;
    const { row, who, isDirect, missed, target } = said;
    const question = this.#questions.find(({ ticket: { id } }) => id === outcome.approvalId);
    const showing = question?.shown.get(who);
    expect(OWNERS).toContain(who);
    expect(isDirect, "answered in the direct chat").toBe(true);
    if (!question || !showing) throw new Error("answered a question that was not shown there");
    expect(question.isOver, "the question is open").toBe(false);
    expect(question.ticket.expiresAtMs).toBeGreaterThan(this.#nowMs);
    const readAtMs =
      missed && showing.dateMs > 0 ? row.createdAtMs - showing.dateMs : this.#nowMs - showing.confirmedAtMs;
    expect(readAtMs, "two seconds to read it").toBeGreaterThanOrEqual(2_000);
    expect(row.createdAtMs).toBeGreaterThanOrEqual(showing.dateMs);
    if (target !== undefined) expect(target).toBe(showing.guid);
    if (row.quoted !== undefined) expect(row.quoted.guid).toBe(showing.guid);
    const digits = /\d+/u.exec(row.text.normalize("NFKC"))?.[0];
    if (digits !== undefined)
      expect(showing.labels.get(Number(digits)), "the number says so").toBe(outcome.label);
    else if (target === undefined && row.quoted === undefined)
      expect(this.#openHere(who, true), "words mean the only one that is open").toHaveLength(1);
    if (outcome.allowed) {
      expect(outcome.label).toMatch(/^(?:Allow|Always)/u);
      expect(row.text).not.toMatch(/no|never|👎/iu);
    }
    this.#isOver(question);
  }

  /** A number of a question that is shown there, or a clear answer while one is open, never becomes a prompt; one that counts is taken. */
  #expectNoPrompt(
    decision: Decision,
    { who, text, missed }: Extract<Operation, { kind: "say" }>,
    open: readonly Question[],
  ): void {
    const from = PEOPLE[who] as Handle;
    if (!OWNERS.includes(from)) return;
    const number = Number(/^[^\d]?(\d+)/u.exec(text.normalize("NFKC"))?.[1]);
    const meant = open.find(({ shown }) => shown.get(from)?.labels.has(number));
    if (meant) expect(decision.outcome.kind, `${text} to an open question`).not.toBe("turn");
    const showing = meant?.shown.get(from);
    const isRead = showing !== undefined && this.#nowMs - showing.confirmedAtMs >= 2_000;
    const isPlain = /^#?\d+$/u.test(text);
    const lastRow = decision.gates;
    if (isPlain && isRead && !missed && lastRow.length > 0 && decision.outcome.kind === "ignore")
      expect(decision.outcome.code, "only its date can stand against it").toBe("approval.too-early");
    const over = this.#questions.some(
      (one) =>
        one.isOver &&
        (one.shown.get(from)?.labels.has(number) ?? false) &&
        this.#endedAt(one) > this.#nowMs - LIFETIME_MS,
    );
    if (over && isPlain) expect(decision.outcome.kind, `${text} to a question that is over`).not.toBe("turn");
  }

  readonly #ends = new Map<ApprovalId, number>();
  #endedAt({ ticket: { id } }: Question): number {
    return this.#ends.get(id) ?? this.#nowMs;
  }

  #openHere(who: Handle, isDirect: boolean): readonly Question[] {
    if (!isDirect) return [];
    return this.#questions.filter(
      ({ isOver, shown, ticket }) => !isOver && shown.has(who) && ticket.expiresAtMs > this.#nowMs,
    );
  }

  /** The turn of somebody ends; what it asked is over. */
  async #end(who: Handle): Promise<void> {
    const turn = this.#turns.get(who);
    if (!turn) return;
    const group = { accountId: HOME, conversationId: turn.conversationId, parts: [] };
    await this.#store.turns.finish(turn, { state: "answered", text: "" }, group, this.#nowMs);
    this.#turns.delete(who);
    for (const question of this.#questions.filter((one) => one.turn.id === turn.id)) this.#isOver(question);
  }

  /** The gateway is killed, and the turn runs again and asks the same. */
  async #again(who: Handle): Promise<void> {
    const turn = this.#turns.get(who);
    if (!turn) return;
    const asked = this.#questions.findLast((one) => one.turn.id === turn.id);
    await this.#store.close();
    this.#store = await openStore({ path: this.#path, clock: { now: () => this.#nowMs } });
    for (const [handle, running] of this.#turns) {
      const resumed = await this.#store.turns.resume(running, this.#nowMs);
      if (resumed) this.#turns.set(handle, resumed);
    }
    for (const one of this.#questions) if (one.ticket.expiresAtMs <= this.#nowMs) this.#isOver(one);
    const resumed = this.#turns.get(who);
    if (!resumed || !asked) return;
    const record = (await this.#store.approvals.list(1_000)).find(({ id }) => id === asked.ticket.id);
    if (!record) throw new Error("a request is lost");
    const turnKind: TurnKind = OWNERS.includes(who) ? "owners" : "guests";
    const ticket = await this.#put(resumed, record.request, turnKind);
    const isKept =
      !this.#told.has(record.id) && (record.decision === undefined || record.decision.by === "owner");
    if (isKept) expect(ticket).toMatchObject({ id: asked.ticket.id, isTakenOver: true });
    else if (ticket)
      this.#questions.push({ turn: resumed, ticket, name: this.#name, shown: new Map(), isOver: false });
    // An answer that is there is taken, and the next time it is asked anew.
    if (!ticket?.isDecided) return;
    this.#told.add(ticket.id);
    await this.#store.approvals.take(
      ticket.id,
      { allowed: false, optionId: undefined, by: "time-out", decider: undefined },
      { nowMs: this.#nowMs },
    );
  }

  #isOver(question: Question): void {
    if (!question.isOver) this.#ends.set(question.ticket.id, this.#nowMs);
    question.isOver = true;
  }

  /** What was said to agents is answered at once, so that the next turn has its own messages only. */
  async #endTurnsThatWait(): Promise<void> {
    for (const conversationId of await this.#store.turns.waiting(HOME)) {
      const begun = await this.#store.turns.begin(conversationId, {
        maxPerMinute: 1_000,
        nowMs: this.#nowMs,
        context: () => ({ messages: 0, turns: 0 }),
        isOver: () => false,
      });
      if (!begun || !("id" in begun)) continue;
      const group = { accountId: HOME, conversationId, parts: [] };
      await this.#store.turns.finish(begun, { state: "answered", text: "" }, group, this.#nowMs);
    }
  }
}

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "approvals-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("no order of questions and answers approves what could not be read", async () => {
  let runs = 0;
  let answers = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(operation, { minLength: 20, maxLength: 120, size: "max" }),
      async (operations) => {
        runs += 1;
        const run = await Run.begin(join(folder, `${runs}.db`));
        try {
          for (const one of operations) await run.do(one);
        } finally {
          answers += run.answers;
          await run.close();
        }
      },
    ),
    { numRuns: 25, endOnFailure: true },
  );
  // Else it would have shown nothing.
  expect(answers).toBeGreaterThan(15);
}, 240_000);
