// The outbox: claim → sending → settle, with everything of unknown fate kept until it is known.
import { randomUUID } from "node:crypto";
import type { Actor, NewActivity } from "../model/activity.ts";
import type { OutboundPart, Settlement } from "../model/delivery.ts";
import { messageGuid, type AccountId, type AttemptId, type MessageGuid, type PartId } from "../model/ids.ts";
import type { NewGroup, OutboxItem } from "../model/journal.ts";
import type { Claim, ClaimLimits, Outbox } from "../model/store.ts";
import type { ActivityRows } from "./activity.ts";
import { readItem, readPart, SELECT_PART, type PartRow, type Parts } from "./parts.ts";
import type { SendBudget } from "./send-budget.ts";
import type { Database } from "./sqlite.ts";

interface Changed {
  readonly lane: string;
  readonly account_id: AccountId;
}

interface LaneRow {
  readonly key: string;
  readonly part_id: PartId;
}

const STATES = ["queued", "sending", "sent", "unknown", "parked", "dropped"] as const;
const ABANDONED = "the gateway stopped while it was being sent";

/** Takes the reason once more. */
const FIRST = "first_reason = coalesce(first_reason, ?)";

/** What the outbox is made of. */
export interface OutboxParts {
  readonly parts: Parts;
  readonly budget: SendBudget;
  readonly activity: ActivityRows;
}

/** `Outbox` on SQLite. */
export class SqliteOutbox implements Outbox {
  readonly #db: Database;
  readonly #parts: Parts;
  readonly #budget: SendBudget;
  readonly #activity: ActivityRows;
  readonly #sql: ReturnType<typeof prepare>;

  constructor(db: Database, { parts, budget, activity }: OutboxParts) {
    this.#db = db;
    this.#parts = parts;
    this.#budget = budget;
    this.#activity = activity;
    this.#sql = prepare(db);
  }

  async add(group: NewGroup, nowMs: number): Promise<readonly PartId[]> {
    return this.#db.write(() => this.#parts.add(group, { nowMs }));
  }

  async claim(accountId: AccountId, limits: ClaimLimits): Promise<Claim> {
    return this.#db.write(() => {
      const due = this.#sql.due.all(accountId, limits.nowMs, limits.limit);
      if (due.length === 0) return { parts: [], heldUntilMs: undefined };
      const anchorRow = this.#sql.cursor.get(accountId)?.cursor ?? 0;
      const free = this.#budget.free(accountId, limits);
      const parts = due.slice(0, free).map((next) => this.#begin(next, anchorRow, limits.nowMs));
      this.#budget.note(accountId, parts.length, limits.nowMs);
      const isHeld = parts.length < due.length;
      return { parts, heldUntilMs: isHeld ? this.#budget.freeAtMs(accountId, limits) : undefined };
    });
  }

  async settle(part: OutboundPart, settlement: Settlement, nowMs: number): Promise<boolean> {
    return this.#db.write(() => {
      const changed = this.#write(part, settlement, nowMs);
      if (!changed) return false;
      this.#parts.refresh(changed.lane, changed.account_id);
      if (settlement.state === "sent") this.#sql.noteSent.run(nowMs, changed.account_id);
      if (settlement.state === "parked") {
        const text = `message ${part.id} could not be sent and waits: ${settlement.reason}`;
        this.#note(part, { atMs: nowMs, kind: "failure", actor: "gateway", text });
      }
      return true;
    });
  }

  async abandon(accountId: AccountId, checkAtMs: number, nowMs: number): Promise<number> {
    // Their lanes stay held back: `sending` and `unknown` both do that.
    return this.#db.write(() => this.#sql.abandon.run(ABANDONED, ABANDONED, checkAtMs, nowMs, accountId));
  }

  async unsettled(accountId: AccountId, nowMs: number): Promise<readonly OutboundPart[]> {
    return this.#db.read(() => this.#sql.unsettled.all(accountId, nowMs).map(readPart));
  }

  async nextDueMs(accountId: AccountId): Promise<number | undefined> {
    return this.#db.read(() => this.#sql.nextDue.get(accountId, accountId)?.due_ms ?? undefined);
  }

  async knownGuids(accountId: AccountId, guids: readonly MessageGuid[]): Promise<ReadonlySet<MessageGuid>> {
    return this.#db.read(() => new Set(guids.filter((guid) => this.#isKnown(messageGuid(guid), accountId))));
  }

  async list(filter: {
    states?: readonly OutboxItem["state"][];
    limit: number;
  }): Promise<readonly OutboxItem[]> {
    return this.#db.read(() => {
      const states = [...new Set(filter.states ?? STATES)];
      const rows = states.flatMap((state) => this.#sql.byState.all(state, filter.limit));
      return rows
        .sort((one, other) => other.id - one.id)
        .slice(0, filter.limit)
        .map((row) => ({ ...readItem(row), waitsFor: this.#parts.before(row) }));
    });
  }

  async find(partId: PartId): Promise<OutboxItem | undefined> {
    return this.#db.read(() => {
      const row = this.#sql.byId.get(partId);
      return row && readItem(row);
    });
  }

  async retry(partId: PartId, nowMs: number, by: Actor = "command line"): Promise<boolean> {
    return this.#db.write(() => {
      const isQueued = this.#refreshed(this.#sql.retry.get(nowMs, partId));
      const text = `had message ${partId} tried again`;
      if (isQueued) this.#note(readItem(this.#row(partId)), { atMs: nowMs, kind: "outbox", actor: by, text });
      return isQueued;
    });
  }

  async drop(partId: PartId, nowMs: number, by: Actor = "command line"): Promise<boolean> {
    return this.#db.write(() => {
      const isDropped = this.#refreshed(this.#sql.drop.get(partId));
      const text = `gave message ${partId} up`;
      if (isDropped)
        this.#note(readItem(this.#row(partId)), { atMs: nowMs, kind: "outbox", actor: by, text });
      return isDropped;
    });
  }

  #note(
    { accountId, conversationId }: Pick<OutboxItem, "accountId" | "conversationId">,
    what: NewActivity,
  ): void {
    this.#activity.note({ ...what, accountId, conversationId });
  }

  #isKnown(guid: MessageGuid, accountId: AccountId): boolean {
    return this.#sql.byGuid.get(guid, accountId, guid, accountId) !== undefined;
  }

  #begin({ key, part_id: id }: LaneRow, anchorRow: number, nowMs: number): OutboundPart {
    const attemptId = randomUUID();
    this.#sql.claim.run(attemptId, anchorRow, nowMs, id);
    this.#sql.noteAttempt.run(attemptId, id);
    this.#sql.clearLane.run(key);
    return readPart(this.#row(id));
  }

  #refreshed(changed: Changed | undefined): boolean {
    if (changed) this.#parts.refresh(changed.lane, changed.account_id);
    return changed !== undefined;
  }

  #write(part: OutboundPart, settlement: Settlement, nowMs: number): Changed | undefined {
    const fence: [PartId, AttemptId] = [part.id, part.attemptId];
    switch (settlement.state) {
      case "sent":
        return this.#sql.sent.get(
          settlement.guid === undefined ? null : messageGuid(settlement.guid),
          settlement.rowId ?? null,
          nowMs,
          ...fence,
        );
      case "queued":
        return this.#sql.waits.get(
          "queued",
          settlement.reason,
          settlement.reason,
          settlement.notBeforeMs,
          ...fence,
        );
      case "unknown":
        return this.#sql.unknown.get(
          settlement.reason,
          settlement.reason,
          settlement.checkAtMs,
          nowMs,
          settlement.handedOver === true ? 1 : 0,
          ...fence,
        );
      default:
        return this.#sql.waits.get("parked", settlement.reason, settlement.reason, nowMs, ...fence);
    }
  }

  #row(id: PartId): PartRow {
    const row = this.#sql.byId.get(id);
    if (!row) throw new Error(`part ${id} is not there`);
    return row;
  }
}

function prepare(db: Database) {
  const underWay = "id = ? AND attempt_id = ? AND state IN ('sending', 'unknown') RETURNING lane, account_id";
  return {
    due: db.sql<LaneRow>(
      "SELECT key, part_id FROM lane WHERE account_id = ? AND due_ms <= ? ORDER BY due_ms, part_id LIMIT ?",
    ),
    cursor: db.sql<{ cursor: number }>("SELECT cursor FROM account WHERE id = ?"),
    claim: db.sql(
      `UPDATE part SET state = 'sending', attempts = attempts + 1, attempt_id = ?, anchor_row = ?, claimed_at_ms = ?
       WHERE id = ?`,
    ),
    noteAttempt: db.sql("INSERT INTO attempt (id, part_id) VALUES (?, ?)"),
    clearLane: db.sql("DELETE FROM lane WHERE key = ?"),
    sent: db.sql<Changed>(
      `UPDATE part SET state = 'sent', reason = NULL, sent_guid = ?, sent_row = ?, sent_at_ms = ? WHERE ${underWay}`,
    ),
    waits: db.sql<Changed>(
      `UPDATE part SET state = ?, reason = ?, ${FIRST}, not_before_ms = ? WHERE ${underWay}`,
    ),
    // Of a part that was unknown before, the end of its attempt is known.
    unknown: db.sql<Changed>(
      `UPDATE part SET state = 'unknown', reason = ?, ${FIRST}, not_before_ms = ?,
         unknown_since_ms = CASE state WHEN 'sending' THEN ? ELSE unknown_since_ms END,
         handed_over = CASE state WHEN 'sending' THEN ? ELSE handed_over END
       WHERE ${underWay}`,
    ),
    noteSent: db.sql("UPDATE account SET last_sent_at_ms = ? WHERE id = ?"),
    abandon: db.sql(
      `UPDATE part SET state = 'unknown', reason = ?, ${FIRST}, not_before_ms = ?, unknown_since_ms = ?, handed_over = 0
       WHERE state = 'sending' AND account_id = ?`,
    ),
    unsettled: db.sql<PartRow>(
      `${SELECT_PART} WHERE part.state = 'unknown' AND part.account_id = ? AND part.not_before_ms <= ?
       ORDER BY part.id`,
    ),
    nextDue: db.sql<{ due_ms: number | null }>(
      `SELECT min(due_ms) AS due_ms FROM (
         SELECT min(due_ms) AS due_ms FROM lane WHERE account_id = ?
         UNION ALL SELECT min(not_before_ms) FROM part WHERE state = 'unknown' AND account_id = ?)`,
    ),
    // A row that had a route is one that a person wrote, in a note to self.
    byGuid: db.sql<object>(
      `SELECT 1 FROM part WHERE sent_guid = ? AND account_id = ?
       UNION ALL SELECT 1 FROM inbox WHERE guid = ? AND account_id = ? AND agent_id IS NOT NULL LIMIT 1`,
    ),
    byState: db.sql<PartRow>(`${SELECT_PART} WHERE part.state = ? ORDER BY part.id DESC LIMIT ?`),
    byId: db.sql<PartRow>(`${SELECT_PART} WHERE part.id = ?`),
    retry: db.sql<Changed>(
      `UPDATE part SET state = 'queued', reason = NULL, first_reason = NULL, not_before_ms = ?
       WHERE id = ? AND state = 'parked'
       RETURNING lane, account_id`,
    ),
    drop: db.sql<Changed>(
      `UPDATE part SET state = 'dropped' WHERE id = ? AND state IN ('queued', 'unknown', 'parked')
       RETURNING lane, account_id`,
    ),
  };
}
