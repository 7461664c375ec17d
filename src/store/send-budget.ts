// The send budget: how many attempts to send an account made in the last minute and hour, and when there is room for more.
//
// Attempts are counted by ten seconds. What is counted leaves a window when all its ten seconds have: the budget is kept in every
// minute and every hour, at the price of at most ten seconds' wait.
import type { AccountId } from "../model/ids.ts";
import type { ClaimLimits } from "../model/store.ts";
import type { Database } from "./sqlite.ts";

const BUCKET_MS = 10_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

interface Bucket {
  readonly bucket: number;
  readonly count: number;
}

/** Counts attempts to send. Contract: called inside verbs only. */
export class SendBudget {
  readonly #sql: ReturnType<typeof prepare>;

  constructor(db: Database) {
    this.#sql = prepare(db);
  }

  /** Attempts that count at this moment. */
  counts(accountId: AccountId, nowMs: number): { readonly lastMinute: number; readonly lastHour: number } {
    // A clock that was set back has attempts in the future: they must not hold the account until then.
    const [hour, minute, now] = [oldest(nowMs, HOUR_MS), oldest(nowMs, MINUTE_MS), bucketOf(nowMs)];
    const row = this.#sql.counts.get(minute, accountId, hour, now);
    return { lastMinute: row?.minute ?? 0, lastHour: row?.hour ?? 0 };
  }

  /** How many more attempts there may be now. */
  free(accountId: AccountId, limits: ClaimLimits): number {
    const { lastMinute, lastHour } = this.counts(accountId, limits.nowMs);
    return Math.max(0, Math.min(limits.perMinute - lastMinute, limits.perHour - lastHour));
  }

  /** The moment (epoch ms) from which there may be one more, where there may be none now. */
  freeAtMs(accountId: AccountId, limits: ClaimLimits): number {
    const { nowMs } = limits;
    const buckets = this.#sql.buckets.all(accountId, oldest(nowMs, HOUR_MS), bucketOf(nowMs));
    const ofMinute = buckets.filter(({ bucket }) => bucket >= oldest(nowMs, MINUTE_MS));
    return Math.max(
      roomAtMs(ofMinute, { windowMs: MINUTE_MS, most: limits.perMinute, nowMs }),
      roomAtMs(buckets, { windowMs: HOUR_MS, most: limits.perHour, nowMs }),
    );
  }

  /** Counts attempts made now. */
  note(accountId: AccountId, attempts: number, nowMs: number): void {
    if (attempts === 0) return;
    const total = this.#sql.add.get(accountId, bucketOf(nowMs), attempts)?.count;
    const isFirstOfBucket = total === attempts;
    if (isFirstOfBucket) this.#sql.forget.run(accountId, oldest(nowMs, HOUR_MS));
  }
}

/** When enough of these buckets, oldest first, have left the window. */
function roomAtMs(
  buckets: readonly Bucket[],
  { windowMs, most, nowMs }: { windowMs: number; most: number; nowMs: number },
): number {
  let left = buckets.reduce((sum, { count }) => sum + count, 0);
  if (left < most) return nowMs;
  for (const { bucket, count } of buckets) {
    left -= count;
    if (left < most) return (bucket + 1) * BUCKET_MS + windowMs;
  }
  return nowMs + windowMs;
}

function bucketOf(atMs: number): number {
  return Math.floor(atMs / BUCKET_MS);
}

/** The oldest bucket of which a part is within the window. */
function oldest(nowMs: number, windowMs: number): number {
  return bucketOf(nowMs - windowMs);
}

function prepare(db: Database) {
  return {
    counts: db.sql<{ minute: number | null; hour: number | null }>(
      `SELECT sum(count) AS hour, sum(count) FILTER (WHERE bucket >= ?) AS minute FROM send_count
       WHERE account_id = ? AND bucket BETWEEN ? AND ?`,
    ),
    buckets: db.sql<Bucket>(
      `SELECT bucket, count FROM send_count WHERE account_id = ? AND bucket BETWEEN ? AND ?
       ORDER BY bucket`,
    ),
    add: db.sql<{ count: number }>(
      `INSERT INTO send_count (account_id, bucket, count) VALUES (?, ?, ?)
       ON CONFLICT (account_id, bucket) DO UPDATE SET count = count + excluded.count RETURNING count`,
    ),
    forget: db.sql("DELETE FROM send_count WHERE account_id = ? AND bucket < ?"),
  };
}
