// Pairings: requests with their codes, approvals, and what becomes of the messages held meanwhile.
import type { Actor } from "../model/activity.ts";
import type { Outcome } from "../model/decision.ts";
import type { Handle } from "../model/handle.ts";
import type { AccountId, ConversationId, EntryId } from "../model/ids.ts";
import type { Entry } from "../model/journal.ts";
import type {
  PairingApproval,
  PairingGrant,
  PairingRequest,
  Pairings,
  RevokeChoice,
} from "../model/store.ts";
import type { ActivityRows } from "./activity.ts";
import type { Conversations } from "./conversations.ts";
import { ENTRY_COLUMNS, readEntry, type EntryRow } from "./entries.ts";
import type { Parts } from "./parts.ts";
import type { Database } from "./sqlite.ts";
import type { Verdicts } from "./verdicts.ts";

const HOUR_MS = 60 * 60_000;

interface RequestRow {
  readonly id: number;
  readonly account_id: AccountId;
  readonly handle: Handle;
  readonly code: string;
  readonly entry_id: EntryId;
  readonly conversation_id: ConversationId;
  readonly created_at_ms: number;
  readonly expires_at_ms: number;
}

/** What pairings are made of. */
export interface PairingsParts {
  readonly db: Database;
  readonly conversations: Conversations;
  readonly parts: Parts;
  readonly verdicts: Verdicts;
  readonly activity: ActivityRows;
}

/** `Pairings` on SQLite. */
export class SqlitePairings implements Pairings {
  readonly #db: Database;
  readonly #with: PairingsParts;
  readonly #sql: ReturnType<typeof prepare>;

  constructor(parts: PairingsParts) {
    this.#db = parts.db;
    this.#with = parts;
    this.#sql = prepare(parts.db);
  }

  async pending(nowMs: number): Promise<readonly PairingRequest[]> {
    return this.#db.read(() => this.#sql.pending.all(nowMs).map((row) => this.#read(row)));
  }

  async approved(): Promise<readonly PairingGrant[]> {
    return this.#db.read(() => this.#sql.grants.all());
  }

  async turnedAway(
    nowMs: number,
  ): Promise<readonly { accountId: AccountId; handle: Handle; lastAtMs: number }[]> {
    return this.#db.read(() => this.#sql.turnedAway.all(nowMs - HOUR_MS));
  }

  async approve(code: string, approval: PairingApproval): Promise<PairingGrant | undefined> {
    const { accountId, nowMs } = approval;
    return this.#db.write(() => {
      const request = this.#pendingWith(code, { accountId, nowMs });
      if (!request) return undefined;
      this.#sql.close.run("approved", nowMs, request.id);
      this.#sql.grant.run(request.account_id, request.handle, nowMs);
      for (const row of this.#sql.held.all(request.account_id, request.handle))
        this.#release(readEntry(row), request.handle, approval);
      this.#tell(request, approval);
      this.#note(request, approval, `let ${request.handle} in`);
      return { accountId: request.account_id, handle: request.handle, approvedAtMs: nowMs };
    });
  }

  async deny(
    code: string,
    choice: { accountId?: AccountId; nowMs: number; by?: Actor },
  ): Promise<PairingRequest | undefined> {
    return this.#db.write(() => {
      const row = this.#pendingWith(code, choice);
      if (!row) return undefined;
      const request = this.#read(row);
      this.#sql.close.run("denied", choice.nowMs, row.id);
      const outcome = denied(row.handle);
      for (const held of this.#sql.held.all(row.account_id, row.handle))
        this.#with.verdicts.recordAgain(readEntry(held), { outcome, gates: DENIED_GATES }, choice.nowMs);
      this.#note(row, choice, `refused ${row.handle}`);
      return request;
    });
  }

  async grant(
    handle: Handle,
    choice: { readonly accountId: AccountId; readonly nowMs: number; readonly by?: Actor | undefined },
  ): Promise<boolean> {
    const { accountId, nowMs } = choice;
    return this.#db.write(() => {
      if (this.#sql.granted.get(accountId, handle)) return false;
      this.#sql.grant.run(accountId, handle, nowMs);
      this.#note({ account_id: accountId, conversation_id: null }, choice, `let ${handle} in`);
      return true;
    });
  }

  async revoke(handle: Handle, choice: RevokeChoice): Promise<number> {
    const account = choice.accountId ?? null;
    return this.#db.write(() => {
      const revoked = this.#sql.revoke.all(handle, account, account);
      const { nowMs = 0, by } = choice;
      for (const { account_id } of revoked)
        this.#note(
          { account_id, conversation_id: null },
          { nowMs, by },
          `took back the approval of ${handle}`,
        );
      return revoked.length;
    });
  }

  #note(
    where: { readonly account_id: AccountId; readonly conversation_id: ConversationId | null },
    { nowMs, by = "command line" }: { readonly nowMs: number; readonly by?: Actor | undefined },
    text: string,
  ): void {
    const conversationId = where.conversation_id ?? undefined;
    const accountId = where.account_id;
    this.#with.activity.note({ atMs: nowMs, kind: "pairing", actor: by, accountId, conversationId, text });
  }

  #pendingWith(
    code: string,
    choice: { accountId?: AccountId | undefined; nowMs: number },
  ): RequestRow | undefined {
    const account = choice.accountId ?? null;
    return this.#sql.withCode.get(code.trim(), choice.nowMs, account, account);
  }

  /** A held message waits for a turn now, was written too long ago, or is none that is answered. */
  #release(entry: Entry, handle: Handle, approval: PairingApproval): void {
    const gates = [{ name: "pairing", saw: "approved by the owner", passed: true }];
    const isRecent = entry.receivedAtMs >= approval.nowMs - HOUR_MS;
    const outcome = isRecent ? released(approval.route(entry, handle)) : TOO_OLD;
    if ("because" in outcome)
      gates.push({ name: isRecent ? "command" : "age", saw: outcome.because, passed: false });
    this.#with.verdicts.recordAgain(entry, { outcome, gates }, approval.nowMs);
  }

  #tell(request: RequestRow, approval: PairingApproval): void {
    const { account_id: accountId, conversation_id: conversationId, handle } = request;
    const target = this.#with.conversations.target(conversationId) ?? {
      kind: "handle",
      handle,
      service: "auto",
    };
    const parts = [{ origin: "pairing", target, text: approval.notice }] as const;
    this.#with.parts.add({ accountId, conversationId, parts }, { nowMs: approval.nowMs });
  }

  #read(row: RequestRow): PairingRequest {
    const held = this.#sql.countHeld.get(row.account_id, row.handle, row.entry_id);
    return {
      accountId: row.account_id,
      handle: row.handle,
      code: row.code,
      createdAtMs: row.created_at_ms,
      expiresAtMs: row.expires_at_ms,
      heldMessages: held?.count ?? 0,
    };
  }
}

const TOO_OLD: Outcome = {
  kind: "remember",
  code: "catchup.too-old",
  because: "it was written more than an hour before its sender was approved",
};

function released(route: ReturnType<PairingApproval["route"]>): Outcome {
  return "kind" in route ? route : { kind: "turn", ...route };
}

const DENIED_GATES = [{ name: "pairing", saw: "denied by the owner", passed: false }];

function denied(handle: Handle): Outcome {
  return {
    kind: "ignore",
    code: "pairing.denied",
    because: `the pairing request of ${handle} was denied`,
    fix: `Add "${handle}" to allowFrom, or wait for a new request.`,
  };
}

function prepare(db: Database) {
  const columns = "id, account_id, handle, code, entry_id, conversation_id, created_at_ms, expires_at_ms";
  return {
    pending: db.sql<RequestRow>(
      `SELECT ${columns} FROM pairing_request WHERE state = 'pending' AND expires_at_ms > ?
       ORDER BY expires_at_ms, id`,
    ),
    withCode: db.sql<RequestRow>(
      `SELECT ${columns} FROM pairing_request
       WHERE state = 'pending' AND code = ? AND expires_at_ms > ? AND (? IS NULL OR account_id = ?)
       ORDER BY id LIMIT 1`,
    ),
    close: db.sql("UPDATE pairing_request SET state = ?, closed_at_ms = ? WHERE id = ?"),
    grants: db.sql<PairingGrant>(
      `SELECT account_id AS accountId, handle, approved_at_ms AS approvedAtMs FROM pairing_grant
       ORDER BY approved_at_ms, account_id, handle`,
    ),
    grant: db.sql(
      `INSERT INTO pairing_grant (account_id, handle, approved_at_ms) VALUES (?, ?, ?)
       ON CONFLICT (account_id, handle) DO UPDATE SET approved_at_ms = excluded.approved_at_ms`,
    ),
    granted: db.sql<object>("SELECT 1 FROM pairing_grant WHERE account_id = ? AND handle = ?"),
    revoke: db.sql<{ account_id: AccountId }>(
      "DELETE FROM pairing_grant WHERE handle = ? AND (? IS NULL OR account_id = ?) RETURNING account_id",
    ),
    held: db.sql<EntryRow>(
      `SELECT ${ENTRY_COLUMNS} FROM inbox WHERE account_id = ? AND handle = ? AND state = 'held' ORDER BY id`,
    ),
    countHeld: db.sql<{ count: number }>(
      `SELECT count(*) AS count FROM inbox
       WHERE account_id = ? AND handle = ? AND state = 'held' AND id >= ?`,
    ),
    turnedAway: db.sql<{ accountId: AccountId; handle: Handle; lastAtMs: number }>(
      `SELECT inbox.account_id AS accountId, handle, max(at_ms) AS lastAtMs
       FROM decision JOIN inbox ON inbox.id = decision.entry_id
       WHERE code = 'pairing.full' AND at_ms > ? AND handle IS NOT NULL
       GROUP BY inbox.account_id, handle ORDER BY lastAtMs DESC`,
    ),
  };
}
