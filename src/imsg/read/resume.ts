// Where a watch begins: at the stored position, at a first start behind what was there when it was opened, anew when the database is another one.
import type { Anchor, Position } from "../../model/journal.ts";
import type { Clock, WatchSink } from "../../model/ports.ts";
import { findHead, holdsAnchor, recentRows, rowIdOf } from "./database.ts";
import type { Handover } from "./handover.ts";
import type { Log, Session } from "../child/session.ts";

/** What is dated later than this from now was dated by another clock. */
const CLOCK_TOLERANCE_MS = 60_000;

/** What it takes to find out. */
export interface ResumeOptions {
  readonly sink: WatchSink;
  readonly handover: Handover;
  readonly clock: Clock;
  /** When the account was opened (epoch ms): what is older at a first start is history. */
  readonly openedAtMs: number;
  readonly log: Log;
  /** How far back another database is read. */
  readonly catchupMaxAgeMs: number;
  /** Asks another child's stream for an anchor that history does not show. */
  readonly seesAnchor: (anchor: Anchor) => Promise<boolean>;
  /** What was known of the chats is not true any more. */
  readonly onReplaced: () => void;
}

/** The position to go on from. `isNewChild`: the database may be another one since the child before. Rejects as imsg and the sink do. */
export async function resumeFrom(
  session: Session,
  isNewChild: boolean,
  options: ResumeOptions,
): Promise<Position> {
  const { sink, log } = options;
  const stored = await sink.position();
  if (stored === undefined) {
    const position = await firstPosition(session, options);
    await sink.begin(position);
    log("info", `first start: begins behind row ${position.cursor}`);
    return position;
  }
  if (!isNewChild || (await isSame(stored, session, options))) return stored;
  return beginAnew(stored, session, options);
}

/** Behind everything that was there when the account was opened; what came while imsg did not answer yet lies ahead. */
async function firstPosition({ queries, dialect }: Session, options: ResumeOptions): Promise<Position> {
  const { openedAtMs, clock } = options;
  const head = await findHead(queries, dialect);
  const position = { cursor: rowIdOf(head.rowId), anchor: head.anchor, startedAtMs: openedAtMs };
  if (head.chats.every((chat) => chat.lastMessageAtMs < openedAtMs)) return position;
  // By a clock that is behind, days of history would seem to have come since.
  if (head.chats.some((chat) => chat.lastMessageAtMs > clock.now() + CLOCK_TOLERANCE_MS)) return position;
  const recent = await recentRows(queries, openedAtMs);
  const [first] = recent.filter((row) => row.createdAtMs >= openedAtMs);
  if (first === undefined || first.rowId > head.rowId) return position;
  // The newest row proves nothing here: it would pass for read.
  return { ...position, cursor: rowIdOf(first.rowId - 1), anchor: undefined };
}

async function isSame(stored: Position, session: Session, options: ResumeOptions): Promise<boolean> {
  const { queries, dialect } = session;
  const { anchor, cursor } = stored;
  if (anchor === undefined) return (await findHead(queries, dialect)).rowId >= cursor;
  if (await holdsAnchor(queries, dialect, anchor)) return true;
  return !dialect.hasPages && options.seesAnchor(anchor);
}

/**
 * Goes over to another database.
 *
 * The argument. The head is found first, so whatever arrives later lies above it and comes by the stream. The recent rows are journaled
 * in one event before the position moves, with a cursor that moves nothing: a crash before `begin` leaves the old cursor. If the
 * anchor is the old one too, the next start comes here again and the rows are known by their guids. If it became one of the recent
 * rows (a row id above the old anchor's), the next start goes on from the old cursor in this database: what lies above is read
 * again, what is recent and lies below was journaled in that one event.
 */
async function beginAnew(stored: Position, session: Session, options: ResumeOptions): Promise<Position> {
  const { sink, clock, handover, catchupMaxAgeMs, log, onReplaced } = options;
  const { queries, dialect } = session;
  const because = "the row of the stored position is gone, or is another one";
  log("warn", `another database: ${because}`, { cursor: stored.cursor, guid: stored.anchor?.guid });
  onReplaced();
  handover.rewind(0);
  const head = await findHead(queries, dialect);
  await handover.emit({ kind: "replaced", because });
  if (catchupMaxAgeMs > 0) {
    const rows = await recentRows(queries, clock.now() - catchupMaxAgeMs);
    if (rows.length > 0) await handover.emitMissed(rows);
  }
  const position = { cursor: rowIdOf(head.rowId), anchor: head.anchor, startedAtMs: stored.startedAtMs };
  await sink.begin(position);
  return position;
}
