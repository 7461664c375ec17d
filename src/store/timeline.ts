// One conversation as it happened: messages, turns, approvals and parts, each walked by its own index, then woven together.
import type { ConversationId } from "../model/ids.ts";
import type { Happening, TimelinePage, TimelinePiece, TimelinePlace } from "../model/views.ts";
import type { ApprovalRow, ApprovalRows } from "./approval-rows.ts";
import { ENTRY_COLUMNS, readDecision, readEntry, type EntryRow } from "./entries.ts";
import { readItem, SELECT_PART, type PartRow } from "./parts.ts";
import { readTurn, type TurnRow } from "./records.ts";
import type { Database, Statement } from "./sqlite.ts";

/** At one moment, the later in this order the newer. */
const KINDS = ["message", "turn", "approval", "part"] as const satisfies readonly Happening["kind"][];

/** Of the JSON and the texts of one kind, in UTF-16 units: a piece is shorter where people wrote a lot. */
const MOST_CHARS = 400_000;

/** Greater than every id. */
const LAST_TURN = "~";

interface MessageRow extends EntryRow {
  readonly decision: string | null;
}

/** The rows of one kind, newest first. */
interface Walked {
  readonly items: readonly Happening[];
  /** There are older ones. */
  readonly isMore: boolean;
}

/** Reads pieces. Contract: called inside verbs only. */
export class Timeline {
  readonly #sql: ReturnType<typeof prepare>;
  readonly #approvals: ApprovalRows;

  constructor(db: Database, approvals: ApprovalRows) {
    this.#approvals = approvals;
    this.#sql = prepare(db);
  }

  piece(id: ConversationId, { before, limit }: TimelinePage): TimelinePiece {
    const walk = <Row>(
      kind: Happening["kind"],
      statement: Statement<Row>,
      read: (row: Row) => { readonly item: Happening; readonly chars: number },
    ): Walked => take(statement.iterate(id, ...bound(kind, before), limit + 1), limit, read);
    const walked = [
      walk("message", this.#sql.messages, readMessage),
      walk("turn", this.#sql.turns, readTurnRow),
      walk("approval", this.#sql.approvals, (row) => readApprovalRow(row, this.#approvals)),
      walk("part", this.#sql.parts, readPartRow),
    ];
    return weave(walked, limit);
  }
}

/** The newest of all kinds. Where one kind was cut short, nothing older than its last is given: it would stand in a gap. */
function weave(walked: readonly Walked[], limit: number): TimelinePiece {
  const cuts = walked.filter(({ isMore }) => isMore).flatMap(({ items }) => items.at(-1) ?? []);
  const newestCut = cuts.toSorted(newestFirst)[0];
  const all = walked.flatMap(({ items }) => items).toSorted(newestFirst);
  const whole = newestCut === undefined ? all : all.slice(0, all.indexOf(newestCut) + 1);
  const items = whole.slice(0, limit);
  return { items, isMore: newestCut !== undefined || items.length < whole.length };
}

function newestFirst(one: Happening, other: Happening): number {
  if (one.atMs !== other.atMs) return other.atMs - one.atMs;
  const rank = KINDS.indexOf(other.kind) - KINDS.indexOf(one.kind);
  if (rank !== 0) return rank;
  return one.id < other.id ? 1 : -1;
}

/** `(at, id)` before which rows of a kind stand before a place. */
function bound(kind: Happening["kind"], before: TimelinePlace | undefined): [number, string | number] {
  const [least, most] = kind === "turn" ? ["", LAST_TURN] : [-1, Number.MAX_SAFE_INTEGER];
  if (before === undefined) return [Number.MAX_SAFE_INTEGER, most];
  const order = KINDS.indexOf(kind) - KINDS.indexOf(before.kind);
  return [before.atMs, order < 0 ? most : order === 0 ? before.id : least];
}

function take<Row>(
  rows: Iterable<Row>,
  limit: number,
  read: (row: Row) => { readonly item: Happening; readonly chars: number },
): Walked {
  const items: Happening[] = [];
  let room = MOST_CHARS;
  for (const row of rows) {
    if (items.length === limit || room <= 0) return { items, isMore: true };
    const { item, chars } = read(row);
    room -= chars;
    items.push(item);
  }
  return { items, isMore: false };
}

function readMessage(row: MessageRow) {
  const decision = row.decision === null ? undefined : readDecision(row.decision);
  const item: Happening = {
    kind: "message",
    atMs: row.received_at_ms,
    id: row.id,
    entry: readEntry(row),
    decision,
  };
  return { item, chars: row.message.length + (row.decision?.length ?? 0) };
}

function readTurnRow(row: TurnRow) {
  const item: Happening = { kind: "turn", atMs: row.began_at_ms, id: row.id, turn: readTurn(row) };
  return { item, chars: row.reason?.length ?? 0 };
}

function readApprovalRow(row: ApprovalRow, approvals: ApprovalRows) {
  const item: Happening = {
    kind: "approval",
    atMs: row.asked_at_ms,
    id: row.id,
    approval: approvals.read(row),
  };
  return { item, chars: row.request.length };
}

function readPartRow(row: PartRow) {
  const item: Happening = { kind: "part", atMs: row.created_at_ms, id: row.id, part: readItem(row) };
  return { item, chars: row.text.length };
}

function prepare(db: Database) {
  const before = (at: string, id: string): string =>
    `(${at}, ${id}) < (?, ?) ORDER BY ${at} DESC, ${id} DESC LIMIT ?`;
  return {
    // A part of ours comes back as a row; the part says more.
    messages: db.sql<MessageRow>(
      `SELECT ${ENTRY_COLUMNS},
         (SELECT decision FROM decision WHERE entry_id = inbox.id ORDER BY id DESC LIMIT 1) AS decision
       FROM inbox WHERE conversation_id = ?
         AND NOT EXISTS (SELECT 1 FROM part WHERE sent_guid = guid AND part.account_id = inbox.account_id)
         AND ${before("received_at_ms", "id")}`,
    ),
    turns: db.sql<TurnRow>(
      `SELECT id, agent_id, session_key, attempt, state, began_at_ms, finished_at_ms, reason, ref
       FROM turn WHERE conversation_id = ? AND ${before("began_at_ms", "id")}`,
    ),
    approvals: db.sql<ApprovalRow>(
      `SELECT * FROM approval WHERE conversation_id = ? AND ${before("asked_at_ms", "id")}`,
    ),
    parts: db.sql<PartRow>(
      `${SELECT_PART} WHERE part.conversation_id = ? AND ${before("part.created_at_ms", "part.id")}`,
    ),
  };
}
