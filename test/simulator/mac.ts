// A Mac for tests: a folder with a Messages database, the stand-in's commands on it, its faults and its event log.

import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Executable } from "../../src/simulator/executable.ts";
import { writeArrivals } from "../../src/simulator/outside/arrival.ts";
import type { Arrival } from "../../src/simulator/outside/arrival.ts";
import { createDatabase } from "../../src/simulator/schema.ts";
import { MessageWriter } from "../../src/simulator/write.ts";

/** What a finished command printed. */
export interface Finished {
  readonly code: number;
  readonly lines: readonly string[];
  readonly stderr: string;
}

/** A row as `receive --json` reports it. */
export interface ReportedRow {
  readonly rowid: number;
  readonly guid: string;
  readonly chat_id: number;
}

/** An event of the log. */
export interface LoggedEvent {
  readonly event: string;
  readonly at: number;
  readonly pid: number;
  readonly [key: string]: unknown;
}

/** A message as a method answers it. */
export interface ToldMessage {
  readonly id: number;
  readonly guid: string;
  readonly text: string;
  readonly [key: string]: unknown;
}

/** How Messages marks the row of a link's preview. */
export const PREVIEW_BALLOON = "com.apple.messages.URLBalloonProvider";
/** Our own number on every Mac here. */
export const SELF = "+14155550000";
export const FRIEND = "+14155551212";

const PLAIN: Arrival = {
  from: FRIEND,
  chat: undefined,
  group: undefined,
  participants: [],
  groupish: false,
  style: "classic",
  service: "iMessage",
  fromMe: false,
  text: "hello",
  attachments: [],
  replyTo: undefined,
  guid: undefined,
  atMs: undefined,
  bodyOnly: false,
};

export class Mac {
  readonly folder = mkdtempSync(join(tmpdir(), "imsg-sim-mac-"));
  readonly db = join(this.folder, "Messages", "chat.db");
  readonly faultsPath = join(this.folder, "faults.json");
  readonly eventsPath = join(this.folder, "events.jsonl");
  readonly #children: Executable[] = [];
  readonly #sessions = new Map<string, Executable>();

  /** The database is made, there is no fault. */
  constructor() {
    this.setFaults([]);
    createDatabase(this.db, [SELF]);
  }

  /** Runs a command to its end. */
  async run(...argv: string[]): Promise<Finished> {
    const child = new Executable(argv);
    child.process.stdin.end();
    return { code: await child.ended, lines: child.lines, stderr: child.stderr };
  }

  /** Lets a friend write, without a process of its own; the rows that came of it. */
  arrive(arrival: Partial<Arrival>): ReportedRow[] {
    const writer = MessageWriter.of(new DatabaseSync(this.db, { timeout: 5000 }));
    const whole = { ...PLAIN, ...arrival };
    const { written } = writeArrivals(writer, this.db, [whole], false);
    writer.db.close();
    return written.map((row) => ({ rowid: row.rowId, guid: row.guid, chat_id: row.chatId }));
  }

  /** Runs `imsg-sim receive`; the rows that came of it. */
  async receive(...argv: string[]): Promise<ReportedRow[]> {
    const { code, lines, stderr } = await this.run("receive", "--db", this.db, "--json", ...argv);
    if (code !== 0) throw new Error(stderr);
    return lines.map((line) => JSON.parse(line) as ReportedRow);
  }

  /** `imsg-sim rpc` with these options: the one that runs, or a new one. */
  session(...argv: string[]): Executable {
    const key = argv.join(" ");
    const child = this.#sessions.get(key) ?? this.rpc(...argv);
    this.#sessions.set(key, child);
    return child;
  }

  /** Starts `imsg-sim rpc` on the database, with the faults and the event log. */
  rpc(...argv: string[]): Executable {
    const files = ["--db", this.db, "--faults", this.faultsPath, "--events", this.eventsPath];
    const child = new Executable(["rpc", ...files, "--poll-ms", "100", "--confirm-ms", "200", ...argv]);
    this.#children.push(child);
    return child;
  }

  /** Puts rules in force. */
  setFaults(rules: readonly object[]): void {
    const path = `${this.faultsPath}.new`;
    writeFileSync(path, JSON.stringify({ rules }));
    renameSync(path, this.faultsPath);
  }

  /** The event log so far. */
  events(): LoggedEvent[] {
    if (!existsSync(this.eventsPath)) return [];
    const lines = readFileSync(this.eventsPath, "utf8").split("\n").filter(Boolean);
    return lines.map((line) => JSON.parse(line) as LoggedEvent);
  }

  /** Asks the database. */
  query(sql: string, ...values: (string | number)[]): Record<string, unknown>[] {
    const db = new DatabaseSync(this.db, { timeout: 5000 });
    try {
      return db.prepare(sql).all(...values);
    } finally {
      db.close();
    }
  }

  /** Changes the database. */
  change(sql: string, ...values: (string | number | bigint | null)[]): void {
    const db = new DatabaseSync(this.db, { timeout: 5000 });
    db.prepare(sql).run(...values);
    db.close();
  }

  /** Lets Messages write the preview of the text before it, so many seconds later. */
  arrivePreview(link: string, seconds = 1): void {
    const writer = MessageWriter.of(new DatabaseSync(this.db, { timeout: 5000 }));
    // In no chat until it is a preview: a watch that looks in between must not take it for a message.
    const { join } = writeArrivals(writer, this.db, [{ ...PLAIN, text: link }], true);
    writer.db
      .prepare(
        `UPDATE message SET balloon_bundle_id = ?,
           date = (SELECT date FROM message ORDER BY ROWID DESC LIMIT 1 OFFSET 1) + ?
         WHERE ROWID = (SELECT MAX(ROWID) FROM message)`,
      )
      .run(PREVIEW_BALLOON, BigInt(seconds * 1e9));
    join();
    writer.db.close();
  }

  /** The messages that a method of a session with these options answers. */
  async told(method: string, params: object, ...options: string[]): Promise<ToldMessage[]> {
    const { result } = await this.session(...options).call(method, params);
    return (result as { messages: ToldMessage[] }).messages;
  }

  /** Ends what still runs and removes the folder. */
  async destroy(): Promise<void> {
    for (const child of this.#children) child.process.kill("SIGKILL");
    await Promise.all(this.#children.map((child) => child.ended));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Waits until `probe` gives something. Contract: throws after `timeoutMs`. */
export async function until<Found>(
  probe: () => Found | undefined | false,
  what: string,
  timeoutMs = 10_000,
): Promise<Found> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const found = probe();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
