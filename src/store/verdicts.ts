// Records what was decided about an entry, with everything the decision changes.
import type { Decision, Outcome } from "../model/decision.ts";
import type { NewPart } from "../model/delivery.ts";
import type { Handle } from "../model/handle.ts";
import { messageGuid, type AccountId, type ConversationId, type PartId } from "../model/ids.ts";
import type { Entry } from "../model/journal.ts";
import type { Conversations } from "./conversations.ts";
import { outcomeCode, readDecision } from "./entries.ts";
import type { Parts } from "./parts.ts";
import type { ApprovalRows } from "./approval-rows.ts";
import type { Database } from "./sqlite.ts";

type Request = NonNullable<Extract<Outcome, { kind: "hold" }>["request"]>;

/** An entry that is in a chat. */
export type JoinedEntry = Entry & { readonly conversationId: ConversationId };

/** Writes decisions. Contract: called inside verbs only. */
export class Verdicts {
  readonly #sql: ReturnType<typeof prepare>;
  readonly #conversations: Conversations;
  readonly #parts: Parts;
  readonly #approvals: ApprovalRows;

  constructor(
    db: Database,
    conversations: Conversations,
    beside: { readonly parts: Parts; readonly approvals: ApprovalRows },
  ) {
    this.#sql = prepare(db);
    this.#conversations = conversations;
    this.#parts = beside.parts;
    this.#approvals = beside.approvals;
  }

  /** Records a decision and moves its entry to the state that follows from it; nothing else. */
  record(entry: Entry, decision: Decision, nowMs: number): void {
    const { outcome, handle } = decision;
    const route = "agentId" in outcome ? outcome : undefined;
    const command = outcome.kind === "command" ? JSON.stringify(outcome.command) : null;
    // What is sent is kept with the parts.
    const { reply: _reply, ...kept } = decision;
    const isContext = outcome.kind === "remember" && outcome.asContext === true;
    const where = [route?.agentId ?? null, route?.sessionKey ?? null] as const;
    const what = [command, isContext ? 1 : 0] as const;
    this.#sql.decide.run(stateAfter(outcome), handle ?? null, ...where, ...what, entry.id);
    this.#sql.insert.run(
      entry.id,
      entry.message.accountId,
      nowMs,
      outcomeCode(outcome),
      JSON.stringify(kept),
    );
  }

  /** Records a further decision on an entry, made by a person. */
  recordAgain(entry: Entry, made: Pick<Decision, "outcome" | "gates">, nowMs: number): void {
    const row = this.#sql.last.get(entry.id);
    if (!row) throw new Error(`entry ${entry.id} was never decided`);
    const { handle, configVersion, mirrorStreak } = readDecision(row.decision);
    this.record(entry, { ...made, handle, configVersion, mirrorStreak }, nowMs);
  }

  /** Does what a decision about a new entry causes: parts settled, streak, pairing request and its reply, notices. */
  carryOut(entry: JoinedEntry, decision: Decision, told: { owners: readonly Handle[]; nowMs: number }): void {
    const { outcome } = decision;
    const { accountId } = entry.message;
    this.#conversations.learn(entry.conversationId, {
      peer: isOneToOne(entry) ? decision.handle : undefined,
      mirrorStreak: decision.mirrorStreak,
    });
    if (decision.settles !== undefined) this.#settle(decision.settles, entry, told.nowMs);
    if (decision.settlesWhole) this.#sql.returned.run(decision.settles ?? null);
    if (decision.echoes !== undefined) this.#sql.echoed.run(entry.conversationId, decision.echoes);
    if (outcome.kind === "remember" && outcome.code === "own.echo") this.#sql.paired.run(entry.id);
    if (decision.pairs !== undefined) for (const id of [entry.id, decision.pairs]) this.#sql.paired.run(id);
    if (outcome.kind === "answer") this.#answer(outcome, decision.handle, told.nowMs);
    if (decision.reply) this.#reply(entry, decision, { parts: decision.reply, nowMs: told.nowMs });
    if (outcome.kind === "hold" && outcome.request)
      this.#request(entry, { ...outcome.request, handle: decision.handle }, told.nowMs);
    if (decision.notice !== undefined && this.#isNews(entry, decision, told.nowMs))
      for (const owner of told.owners) this.#notify(accountId, owner, { text: decision.notice, ...told });
  }

  /** False for a notice that was given in this conversation and is given only once. */
  #isNews({ conversationId }: JoinedEntry, { noticeOnce }: Decision, nowMs: number): boolean {
    return noticeOnce === undefined || this.#sql.tellOnce.run(conversationId, noticeOnce, nowMs) === 1;
  }

  /** Whoever comes first decides: a request that is settled stays as it is. */
  #answer(
    { approvalId, optionId, allowed, isStanding, toOthers }: Extract<Outcome, { kind: "answer" }>,
    decider: Handle | undefined,
    nowMs: number,
  ): void {
    const made = { allowed, optionId, by: "owner", decider } as const;
    this.#approvals.settle(approvalId, made, {
      nowMs,
      isStanding: isStanding === true,
      toAsked: toOthers,
      answeredBy: decider,
    });
  }

  #reply(
    entry: JoinedEntry,
    { about, handle }: Decision,
    { parts, nowMs }: { readonly parts: readonly NewPart[]; readonly nowMs: number },
  ): void {
    const group = { accountId: entry.message.accountId, conversationId: entry.conversationId, parts };
    const [groupId] = this.#parts.add(group, { nowMs, entryId: entry.id });
    if (about === undefined || handle === undefined || groupId === undefined) return;
    const how = about.how === "more" ? { moreGroupId: groupId } : about.how;
    this.#approvals.note(about.approvalId, handle, how);
  }

  /** The row is this part come back: that is the proof that it was sent. */
  #settle(partId: PartId, entry: JoinedEntry, nowMs: number): void {
    const { guid, rowId, accountId } = entry.message;
    this.#sql.place.run(entry.conversationId, entry.id, partId);
    const settled = this.#sql.settle.get(messageGuid(guid), rowId, nowMs, partId);
    if (!settled) return;
    this.#parts.refresh(settled.lane, accountId);
    this.#sql.noteSent.run(nowMs, accountId);
  }

  #request(entry: JoinedEntry, request: Request & { handle: Handle | undefined }, nowMs: number): void {
    const { accountId } = entry.message;
    this.#sql.expireRequests.run(accountId, nowMs);
    const who = [accountId, request.handle ?? "", request.code, entry.id, entry.conversationId] as const;
    this.#sql.request.run(...who, nowMs, request.expiresAtMs);
    const group = { accountId, conversationId: entry.conversationId, parts: [request.reply] };
    this.#parts.add(group, { nowMs, entryId: entry.id });
  }

  #notify(accountId: AccountId, owner: Handle, notice: { text: string; nowMs: number }): void {
    const bare = { kind: "handle", handle: owner, service: "auto" } as const;
    const conversationId = this.#conversations.named(accountId, bare);
    const known = conversationId === undefined ? undefined : this.#conversations.target(conversationId);
    const part = { origin: "notice", target: known ?? bare, text: notice.text } as const;
    this.#parts.add({ accountId, conversationId, parts: [part] }, { nowMs: notice.nowMs });
  }
}

/** The state of an entry of which this was decided. */
function stateAfter(outcome: Outcome): string {
  switch (outcome.kind) {
    case "turn":
      return "waiting";
    case "command":
      return outcome.command.inOrder ? "waiting" : "command";
    case "hold":
      return "held";
    default:
      return "done";
  }
}

function isOneToOne(entry: Entry): boolean {
  return !entry.message.isGroup && entry.message.participants.length <= 1;
}

function prepare(db: Database) {
  return {
    decide: db.sql(
      `UPDATE inbox SET state = ?, handle = ?, agent_id = ?, session_key = ?, command = ?, context = ?
       WHERE id = ?`,
    ),
    last: db.sql<{ decision: string }>(
      "SELECT decision FROM decision WHERE entry_id = ? ORDER BY id DESC LIMIT 1",
    ),
    insert: db.sql(
      "INSERT INTO decision (entry_id, account_id, at_ms, code, decision) VALUES (?, ?, ?, ?, ?)",
    ),
    settle: db.sql<{ lane: string }>(
      `UPDATE part SET state = 'sent', reason = NULL, sent_guid = ?, sent_row = ?, sent_at_ms = ?
       WHERE id = ? AND state <> 'sent' RETURNING lane`,
    ),
    // Also of a part that is sent already: its false copy is known by its conversation.
    place: db.sql(
      "UPDATE part SET conversation_id = coalesce(conversation_id, ?), own_entry = coalesce(own_entry, ?) WHERE id = ?",
    ),
    echoed: db.sql("UPDATE part SET echoed = 1, conversation_id = coalesce(conversation_id, ?) WHERE id = ?"),
    tellOnce: db.sql(
      "INSERT INTO told_once (conversation_id, what, at_ms) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
    ),
    returned: db.sql("UPDATE part SET returned = 1 WHERE id = ?"),
    paired: db.sql("UPDATE inbox SET paired = 1 WHERE id = ?"),
    noteSent: db.sql("UPDATE account SET last_sent_at_ms = ? WHERE id = ?"),
    expireRequests: db.sql(
      `UPDATE pairing_request SET state = 'expired', closed_at_ms = expires_at_ms
       WHERE state = 'pending' AND account_id = ? AND expires_at_ms <= ?`,
    ),
    request: db.sql(
      `INSERT INTO pairing_request
         (account_id, handle, code, entry_id, conversation_id, created_at_ms, expires_at_ms, state)
       VALUES (?, ?, ?, ?, ?, ?, ?, 'pending')`,
    ),
  };
}
