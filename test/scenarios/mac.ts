// A Mac of a scenario: a Messages database, a stand-in for imsg on it, the people who write to it, and what was sent.
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Route } from "./reach.ts";

const run = promisify(execFile);
const SIMULATOR = fileURLToPath(new URL("../../src/simulator/main.ts", import.meta.url));

export type Dialect = "legacy" | "v1";
export const DIALECTS: readonly Dialect[] = ["v1", "legacy"];

/** What a Mac is made with. */
export interface MacOptions {
  readonly dialect?: Dialect;
  /** Handles of its Apple ID. */
  readonly self?: readonly string[];
  /** Time between the stand-in's fallback polls. */
  readonly pollMs?: number;
  /** imsg's bridge into Messages runs. */
  readonly bridge?: boolean;
}

/** A row of the Messages database that its Apple ID wrote. */
export interface SentRow {
  readonly rowId: number;
  readonly guid: string;
  readonly text: string;
  readonly chat: string;
  readonly chatId: number;
}

/** A message that somebody wrote. */
export interface Received {
  readonly guid: string;
  readonly rowId: number;
  readonly chatId: number;
}

/** A chat of several people. */
export interface Group {
  readonly chatId: number;
  readonly guid: string;
  readonly identifier: string;
}

/** Waits until `probe` gives something; fails with what `describe` says after `timeoutMs`. */
export async function until<T>(
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  describe: () => string = () => "nothing came",
  timeoutMs = 30_000,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`not within ${timeoutMs} ms: ${describe()}`);
    await delay(15);
  }
}

/** Runs a command of the stand-in on a database. */
export async function simulate(db: string, command: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [SIMULATOR, command, "--db", db, ...args]);
  return stdout;
}

function databaseIn(dir: string): string {
  return join(dir, "mac/chat.db");
}

function programIn(dir: string): string {
  return join(dir, "imsg");
}

/** One Mac. */
export class Mac {
  readonly db: string;
  /** The stand-in itself, on the Mac. */
  readonly program: string;
  /** The `cliPath` and the `dbPath` that a config has for it. */
  readonly cli: string;
  readonly dbPath: string;
  readonly faults: string;
  readonly events: string;
  /** What a failed wait says beside: the gateway's log. */
  readonly #log: () => string;

  private constructor(dir: string, configured: { cli: string; dbPath: string }, log: () => string) {
    this.db = databaseIn(dir);
    this.program = programIn(dir);
    this.cli = configured.cli;
    this.dbPath = configured.dbPath;
    this.faults = join(dir, "faults.json");
    this.events = join(dir, "events.jsonl");
    this.#log = log;
  }

  /** Makes one with an empty database in a folder of its own. */
  static async install(
    dir: string,
    { route, ...options }: MacOptions & { readonly route: Route },
    log: () => string,
  ): Promise<Mac> {
    const cli = await route.cliPath(programIn(dir));
    const mac = new Mac(dir, { cli, dbPath: route.dbPath(databaseIn(dir)) }, log);
    await mac.installImsg(mac.program, mac.db, options);
    await mac.sim("init", ...(options.self ?? []).flatMap((handle) => ["--self", handle]));
    return mac;
  }

  /** Writes a wrapper that runs the stand-in with this Mac's faults and events. */
  async installImsg(
    path: string,
    db: string,
    options: Pick<MacOptions, "dialect" | "pollMs" | "bridge"> = {},
  ): Promise<void> {
    const lines = [
      "#!/bin/sh",
      `export IMSG_SIM_DIALECT=${options.dialect ?? "v1"} IMSG_SIM_POLL_MS=${options.pollMs ?? 200} IMSG_SIM_CONFIRM_MS=200`,
      `export IMSG_SIM_FAULTS='${this.faults}' IMSG_SIM_EVENTS='${this.events}'`,
      ...(options.bridge === true ? ["export IMSG_SIM_BRIDGE=1"] : []),
      `[ -f '${this.faults}' ] || unset IMSG_SIM_FAULTS`,
      `exec '${process.execPath}' '${SIMULATOR}' "$@"`,
    ];
    await mkdir(join(db, ".."), { recursive: true });
    await writeFile(this.faults, '{"rules":[]}\n');
    await writeFile(path, `${lines.join("\n")}\n`);
    await chmod(path, 0o755);
  }

  /** Sets the stand-in's faults; it notices at once. */
  async setFaults(...rules: readonly Record<string, unknown>[]): Promise<void> {
    await writeFile(this.faults, `${JSON.stringify({ rules })}\n`);
  }

  /** Runs a command of the stand-in on this Mac's database. */
  async sim(command: string, ...args: readonly string[]): Promise<string> {
    return simulate(this.db, command, ...args);
  }

  /** A text arrives; the answer is its row (in a note-to-self chat the false copy's). `args` are options of `receive`. */
  async write(from: string, text: string, ...args: readonly string[]): Promise<Received> {
    const stdout = await this.sim("receive", "--from", from, "--text", text, "--json", ...args);
    const row = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as {
      guid: string;
      rowid: number;
      chat_id: number;
    };
    return { guid: row.guid, rowId: row.rowid, chatId: row.chat_id };
  }

  /** A text arrives in a chat that is there. */
  async writeIn(chat: number | Group, from: string, text: string): Promise<Received> {
    return this.write(from, text, "--chat", String(typeof chat === "number" ? chat : chat.chatId));
  }

  /** Makes a group; its first message is of three days ago. */
  async makeGroup(name: string, members: readonly string[], ...args: readonly string[]): Promise<Group> {
    const [first = "", ...others] = members;
    const with_ = others.length === 0 ? [] : ["--participants", others.join(",")];
    const { chatId } = await this.write(first, "made", "--group", name, ...with_, "--at", "-3d", ...args);
    const [chat] = this.rows<{ guid: string; identifier: string }>(
      "SELECT guid, chat_identifier AS identifier FROM chat WHERE ROWID = ?",
      chatId,
    );
    if (chat === undefined) throw new Error(`no chat ${chatId}`);
    return { chatId, ...chat };
  }

  /** Rows of the Messages database. */
  rows<Row>(sql: string, ...values: readonly (string | number)[]): Row[] {
    const db = new DatabaseSync(this.db, { readOnly: true, timeout: 5000 });
    try {
      return db.prepare(sql).all(...values) as unknown as Row[];
    } finally {
      db.close();
    }
  }

  /** What this Apple ID sent, in row order. */
  sent(): readonly SentRow[] {
    return this.rows<SentRow>(
      `SELECT m.ROWID AS rowId, m.guid, m.text, c.chat_identifier AS chat, c.ROWID AS chatId FROM message m
         JOIN chat_message_join j ON j.message_id = m.ROWID JOIN chat c ON c.ROWID = j.chat_id
        WHERE m.is_from_me = 1 ORDER BY m.ROWID`,
    );
  }

  /** The texts sent to one chat, by its identifier or row id, in order. */
  sentTo(chat: string | number): string[] {
    return this.sent()
      .filter((row) => (typeof chat === "number" ? row.chatId : row.chat) === chat)
      .map((row) => row.text);
  }

  /** Waits until exactly these texts, in this order, were sent to a chat. */
  async expectSent(chat: string | number, texts: readonly string[], timeoutMs?: number): Promise<void> {
    await until(
      () => this.sentTo(chat).length >= texts.length,
      () => `${JSON.stringify(this.sentTo(chat))} instead of ${JSON.stringify(texts)}\n${this.#log()}`,
      timeoutMs,
    );
    const sent = this.sentTo(chat);
    if (JSON.stringify(sent) !== JSON.stringify(texts))
      throw new Error(`sent ${JSON.stringify(sent)} instead of ${JSON.stringify(texts)}\n${this.#log()}`);
  }

  /** Waits until `count` texts were sent to a chat, and gives the last of them. */
  async nthSent(chat: string | number, count: number): Promise<string> {
    const texts = await until(
      () => this.sentTo(chat).length >= count && this.sentTo(chat),
      () => `${count} texts to ${chat}: ${JSON.stringify(this.sent())}\n${this.#log()}`,
    );
    return texts[count - 1] ?? "";
  }

  /** What the stand-in logged, one object a line. */
  simEvents(): readonly Record<string, unknown>[] {
    if (!existsSync(this.events)) return [];
    const lines = readFileSync(this.events, "utf8").split("\n").filter(Boolean);
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }
}
