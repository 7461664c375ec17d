// The one file that speaks to node:sqlite: how the database file is opened, and verbs committed in groups.
//
// Raw SQL and no query builder: every message costs six verbs, each of which must be durable before the next step, and a commit
// costs an fsync. Verbs that are asked for in the same turn of the event loop therefore share one transaction and one fsync; a
// builder that owns the transaction cannot do that, and takes longer to load than the whole start of the command line may.
import { chmodSync, closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { migrate } from "./migrations.ts";
import { closedError, isBusy, lockedError, toStoreError } from "./store-error.ts";

/** What a column holds. */
export type Value = string | number | null;

/** How long SQLite itself waits for a lock; it blocks the process, so it is short and repeated from outside. */
const BUSY_TIMEOUT_MS = 5;
const RETRY_MS = 5;
/** Another process that holds the lock for longer is stuck. */
const LONGEST_LOCK_MS = 30_000;
const PRAGMAS = "PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8000";

/** A statement that is compiled when first used. */
export class Statement<Row> {
  readonly #handle: DatabaseSync;
  readonly #text: string;
  #compiled: StatementSync | undefined;

  constructor(handle: DatabaseSync, text: string) {
    this.#handle = handle;
    this.#text = text;
  }

  /** Runs it; the answer counts the changed rows. */
  run(...values: Value[]): number {
    return Number(this.#statement().run(...values).changes);
  }

  /** Runs an insertion; the answer is the new row's id. */
  insert(...values: Value[]): number {
    return Number(this.#statement().run(...values).lastInsertRowid);
  }

  get(...values: Value[]): Row | undefined {
    return this.#statement().get(...values) as Row | undefined;
  }

  all(...values: Value[]): Row[] {
    return this.#statement().all(...values) as Row[];
  }

  /** Rows one by one, for a walk that may end early. */
  iterate(...values: Value[]): Iterable<Row> {
    return this.#statement().iterate(...values) as Iterable<Row>;
  }

  #statement(): StatementSync {
    return (this.#compiled ??= this.#handle.prepare(this.#text));
  }
}

interface Job {
  readonly writes: boolean;
  readonly verb: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * A database whose verbs are committed in groups.
 *
 * Contract: verbs run in the order asked for, reads among writes; a verb that throws is rolled back alone. A promise resolves
 * after the commit of its group. A group that finds the database locked waits and runs again whole, so a verb must have no effect
 * but on the database.
 */
export class Database {
  readonly #handle: DatabaseSync;
  readonly #begin: StatementSync;
  readonly #beginRead: StatementSync;
  readonly #commit: StatementSync;
  readonly #savepoint: StatementSync;
  readonly #release: StatementSync;
  readonly #dataVersion: StatementSync;
  #queue: Job[] = [];
  #isScheduled = false;
  #lockedSinceMs: number | undefined;
  #closing: Promise<void> | undefined;

  constructor(handle: DatabaseSync) {
    this.#handle = handle;
    this.#begin = handle.prepare("BEGIN IMMEDIATE");
    this.#beginRead = handle.prepare("BEGIN");
    this.#commit = handle.prepare("COMMIT");
    this.#savepoint = handle.prepare("SAVEPOINT verb");
    this.#release = handle.prepare("RELEASE verb");
    this.#dataVersion = handle.prepare("PRAGMA data_version");
  }

  /** Prepares a statement. */
  sql<Row = never>(text: string): Statement<Row> {
    return new Statement<Row>(this.#handle, text);
  }

  /** Runs a verb that may change something. */
  async write<T>(verb: () => T): Promise<T> {
    return this.#ask(verb, true);
  }

  /** Runs a verb that only reads; it sees every verb asked for before it. */
  async read<T>(verb: () => T): Promise<T> {
    return this.#ask(verb, false);
  }

  /** A number that changes when another connection has committed. Undefined while that cannot be read. */
  foreignVersion(): number | undefined {
    try {
      return Number(this.#dataVersion.get()?.["data_version"]);
    } catch {
      return undefined;
    }
  }

  /** Contract: what was asked before is written first; what is asked later is rejected. */
  async close(): Promise<void> {
    this.#closing ??= this.#ask(() => {}, false).finally(() => this.#handle.close());
    return this.#closing;
  }

  async #ask<T>(verb: () => T, writes: boolean): Promise<T> {
    if (this.#closing) throw closedError();
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ writes, verb, resolve: resolve as Job["resolve"], reject });
      if (this.#isScheduled) return;
      this.#isScheduled = true;
      setImmediate(() => this.#flush());
    });
  }

  #flush(): void {
    const jobs = this.#queue;
    this.#queue = [];
    try {
      const settled = this.#runGroup(jobs);
      this.#lockedSinceMs = undefined;
      this.#isScheduled = false;
      for (const settle of settled) settle();
    } catch (error) {
      this.#rollback();
      if (this.#mayRetry(error)) {
        this.#queue = [...jobs, ...this.#queue];
        setTimeout(() => this.#flush(), RETRY_MS);
        return;
      }
      this.#lockedSinceMs = undefined;
      this.#isScheduled = false;
      const reason = isBusy(error) ? lockedError(error) : toStoreError(error);
      for (const job of jobs) job.reject(reason);
    }
  }

  #runGroup(jobs: readonly Job[]): (() => void)[] {
    (jobs.some((job) => job.writes) ? this.#begin : this.#beginRead).run();
    const settled = jobs.map((job) => this.#runJob(job));
    this.#commit.run();
    return settled;
  }

  /** Throws when the group as a whole is lost: locked, or rolled back by SQLite itself (disk full, I/O error). */
  #runJob(job: Job): () => void {
    this.#savepoint.run();
    try {
      const value = job.verb();
      this.#release.run();
      return () => job.resolve(value);
    } catch (error) {
      if (isBusy(error) || !this.#handle.isTransaction) throw error;
      this.#handle.exec("ROLLBACK TO verb; RELEASE verb");
      return () => job.reject(toStoreError(error));
    }
  }

  #mayRetry(error: unknown): boolean {
    if (!isBusy(error)) return false;
    const nowMs = performance.now();
    this.#lockedSinceMs ??= nowMs;
    return nowMs - this.#lockedSinceMs < LONGEST_LOCK_MS;
  }

  #rollback(): void {
    if (this.#handle.isTransaction) this.#handle.exec("ROLLBACK");
  }
}

/**
 * Opens the database file, made if it is not there (0600, its folder 0700), and brings its tables up to date.
 *
 * Contract: rejects with `store/newer` or `store/unusable`. A database of something else is left as it is.
 */
export async function openDatabase(path: string): Promise<Database> {
  let handle: DatabaseSync | undefined;
  try {
    createFile(path);
    handle = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
    await untilUnlocked(handle, migrate);
    handle.exec(PRAGMAS);
    protectFiles(path);
    return new Database(handle);
  } catch (error) {
    handle?.close();
    throw isBusy(error) ? lockedError(error) : toStoreError(error, path);
  }
}

/** Two processes may make and migrate the same file at once: one of them waits. */
async function untilUnlocked(handle: DatabaseSync, task: (handle: DatabaseSync) => void): Promise<void> {
  const startedMs = performance.now();
  for (;;) {
    try {
      task(handle);
      return;
    } catch (error) {
      if (handle.isTransaction) handle.exec("ROLLBACK");
      if (!isBusy(error) || performance.now() - startedMs > LONGEST_LOCK_MS) throw error;
      await delay(RETRY_MS);
    }
  }
}

/** SQLite gives its companion files the mode of this one, so it has its mode before SQLite sees it. */
function createFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    // An existing file must not be opened here: closing it would drop the locks that this process holds on it.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

function protectFiles(path: string): void {
  for (const suffix of ["", "-wal", "-shm"])
    try {
      chmodSync(path + suffix, 0o600);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
}
