// A Messages database with the stand-in for imsg on it, and an account that writes down what it is told.
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createMessages } from "../../src/imsg/account.ts";
import type { AccountHooks } from "../../src/imsg/account-options.ts";
import { createMac } from "../../src/imsg/mac/remote.ts";
import type { Timing } from "../../src/imsg/child/timing.ts";
import type { OutboundPart } from "../../src/model/delivery.ts";
import { asId, type AccountId, type AttemptId, type PartId, type RowId } from "../../src/model/ids.ts";
import type { Position } from "../../src/model/journal.ts";
import type { InboundMessage } from "../../src/model/message.ts";
import type { AccountHealth, Messages, WatchEvent } from "../../src/model/ports.ts";
import type { TransportSettings } from "../../src/model/settings.ts";
import type { Target } from "../../src/model/target.ts";

const run = promisify(execFile);
const SIMULATOR = fileURLToPath(new URL("../../src/simulator/main.ts", import.meta.url));

export type Dialect = "legacy" | "v1";
export const DIALECTS: readonly Dialect[] = ["v1", "legacy"];
export const FRIEND = "+14155551212";

/** Waiting times that keep the order of the real ones. */
export const QUICK: Partial<Timing> = {
  requestMs: 5_000,
  sendMs: { legacy: 1_000, v1: 1_000 },
  sendEndGraceMs: 600,
  headCheckMs: 200,
  aheadGraceMs: 400,
  quietMs: 700,
  endGraceMs: 300,
  backoff: { minMs: 50, maxMs: 400 },
};

/** A Mac of one test. */
export class Mac {
  readonly dir: string;
  readonly db: string;
  readonly cli: string;
  readonly faults: string;
  readonly events: string;

  private constructor(dir: string) {
    this.dir = dir;
    this.db = join(dir, "chat.db");
    this.cli = join(dir, "imsg");
    this.faults = join(dir, "faults.json");
    this.events = join(dir, "events.jsonl");
  }

  static async create(
    dialect: Dialect,
    options: { readonly bridge?: boolean; readonly pollMs?: number } = {},
  ): Promise<Mac> {
    const mac = new Mac(await mkdtemp(join(tmpdir(), "coderclaw-imsg-")));
    await writeFile(mac.faults, '{"rules":[]}');
    const lines = [
      "#!/bin/sh",
      `export IMSG_SIM_DIALECT=${dialect} IMSG_SIM_POLL_MS=${options.pollMs ?? 200} IMSG_SIM_CONFIRM_MS=200 IMSG_SIM_FAULTS='${mac.faults}'`,
      `export IMSG_SIM_EVENTS='${mac.events}'`,
      ...(options.bridge === true ? ["export IMSG_SIM_BRIDGE=1"] : []),
      `exec '${process.execPath}' '${SIMULATOR}' "$@"`,
    ];
    await mac.program("imsg", lines.join("\n"));
    await mac.sim("init");
    return mac;
  }

  get transport(): TransportSettings {
    return { cliPath: this.cli, dbPath: this.db, probeTimeoutMs: 4_000, reach: { kind: "local" } };
  }

  /** Writes an executable into the Mac's folder. */
  async program(name: string, text: string, mode = 0o755): Promise<string> {
    const path = join(this.dir, name);
    await writeFile(path, `${text}\n`);
    await chmod(path, mode);
    return path;
  }

  async sim(command: string, ...args: readonly string[]): Promise<string> {
    return (await run(process.execPath, [SIMULATOR, command, "--db", this.db, ...args])).stdout;
  }

  /** Lets texts come in, in one go. */
  async receive(text: string, ...args: readonly string[]): Promise<void> {
    await this.sim("receive", "--from", FRIEND, "--text", text, ...args);
  }

  async setFaults(...rules: readonly Record<string, unknown>[]): Promise<void> {
    await writeFile(this.faults, JSON.stringify({ rules }));
  }

  /** Runs SQL as Messages would. */
  sql(text: string): void {
    const db = new DatabaseSync(this.db, { timeout: 5000 });
    try {
      db.exec("PRAGMA busy_timeout = 5000");
      db.exec(text);
    } finally {
      db.close();
    }
  }

  /** Texts that were sent from here, in row order. */
  sent(): string[] {
    const db = new DatabaseSync(this.db, { readOnly: true, timeout: 5000 });
    try {
      const rows = db.prepare("SELECT text FROM message WHERE is_from_me = 1 ORDER BY ROWID").all();
      return rows.map((row) => String(row["text"]));
    } finally {
      db.close();
    }
  }

  /** The messages that were handed to Messages, as the event log has them. */
  async deliveries(): Promise<Record<string, unknown>[]> {
    return this.#logged("sent");
  }

  /** What imsg was asked, by every child. */
  async requests(): Promise<Record<string, unknown>[]> {
    return this.#logged("request");
  }

  async #logged(name: string): Promise<Record<string, unknown>[]> {
    const lines = (await readFile(this.events, "utf8")).split("\n").filter(Boolean);
    const events = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    return events.filter(({ event }) => event === name);
  }

  account(options: AccountTestOptions = {}): TestAccount {
    return new TestAccount(this, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

/** How a test's account differs. */
export interface AccountTestOptions {
  readonly position?: Position;
  readonly timing?: Partial<Timing>;
  readonly transport?: Partial<TransportSettings>;
  readonly catchupMaxAgeMs?: number;
  readonly hooks?: AccountHooks;
  /** Called before an event is written down; may reject. */
  readonly onEvent?: (event: WatchEvent) => Promise<void>;
}

/** An account with a journal in memory that works as the real one: known guids are left out, the cursor never moves back. */
export class TestAccount {
  readonly messages: Messages;
  readonly rows: InboundMessage[] = [];
  readonly events: WatchEvent[] = [];
  readonly logs: string[] = [];
  readonly begun: Position[] = [];
  position: Position | undefined;

  constructor(mac: Mac, options: AccountTestOptions) {
    this.position = options.position;
    const accountId = asId<AccountId>("default");
    const transport = { ...mac.transport, ...options.transport };
    this.messages = createMessages({
      accountId,
      transport,
      mac: createMac({ accountId, transport, stagingDir: join(mac.dir, "outgoing") }),
      region: "US",
      catchupMaxAgeMs: options.catchupMaxAgeMs ?? 7_200_000,
      clock: { now: () => Date.now() },
      log: (level, line) => this.logs.push(`${level} ${line}`),
      timing: { ...QUICK, ...options.timing },
      ...(options.hooks === undefined ? {} : { hooks: options.hooks }),
    });
    this.messages.open({
      position: async () => this.position,
      begin: async (position) => {
        this.begun.push(position);
        this.position = position;
      },
      onEvent: async (event) => {
        await options.onEvent?.(event);
        this.#journal(event);
      },
      onHealth: () => {},
    });
  }

  get texts(): string[] {
    return this.rows.map((row) => row.text);
  }

  get health(): AccountHealth {
    return this.messages.health();
  }

  /** What happened, for the message of a test that waits in vain. */
  report(): string {
    const events = this.events.map((event) =>
      event.kind === "rows"
        ? `rows ${event.rows.map((row) => row.rowId).join(",")} cursor ${event.cursor}${event.missed ? " missed" : ""}`
        : event.kind,
    );
    return [...events, ...this.logs, JSON.stringify(this.health)].join("\n");
  }

  async until(probe: () => boolean, timeoutMs = 20_000): Promise<void> {
    const end = performance.now() + timeoutMs;
    while (!probe()) {
      if (performance.now() > end) throw new Error(`not within ${timeoutMs} ms:\n${this.report()}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async watching(): Promise<void> {
    await this.until(() => this.health.watching.ok);
  }

  part(text: string, target: Target, facts: Partial<OutboundPart> = {}): OutboundPart {
    return {
      id: asId<PartId>(1),
      accountId: asId<AccountId>("default"),
      conversationId: undefined,
      turnId: undefined,
      origin: "send",
      target,
      expectedGuid: undefined,
      text,
      formatting: [],
      file: undefined,
      chat: undefined,
      attempts: 1,
      attemptId: asId<AttemptId>(randomUUID()),
      anchorRow: asId<RowId>(this.position?.cursor ?? 0),
      claimedAtMs: Date.now(),
      unknownSinceMs: undefined,
      handedOver: false,
      ...facts,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.messages.close();
  }

  #journal(event: WatchEvent): void {
    this.events.push(event);
    if (event.kind !== "rows" || this.position === undefined) return;
    const known = new Set(this.rows.map((row) => row.guid));
    const fresh = event.rows.filter((row) => !known.has(row.guid) && known.add(row.guid));
    this.rows.push(...fresh);
    const newest = fresh.filter((row) => row.chatId > 0).at(-1);
    const { anchor, cursor } = this.position;
    const moves = newest !== undefined && newest.rowId > (anchor?.rowId ?? 0);
    this.position = {
      ...this.position,
      cursor: asId<RowId>(Math.max(cursor, event.cursor)),
      anchor: moves
        ? { rowId: newest.rowId, guid: newest.guid, chatId: newest.chatId, createdAtMs: newest.createdAtMs }
        : anchor,
    };
  }
}
