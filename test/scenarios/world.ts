// A small world for scenarios: a Messages database, a stand-in for imsg on it, a gateway beside it, all real processes.
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const GATEWAY = join(ROOT, "src/main.ts");
const SIMULATOR = join(ROOT, "src/simulator/main.ts");
const KILL_POINT_GATEWAY = join(ROOT, "test/fixtures/gateway-with-kill-point.ts");

export type Dialect = "legacy" | "v1";
export const DIALECTS: readonly Dialect[] = ["v1", "legacy"];

/** What a scenario's world is made with. */
export interface WorldOptions {
  readonly dialect?: Dialect;
  /** Merged into `channels.imessage`. */
  readonly imessage?: Record<string, unknown>;
  /** Merged into the config's top level. */
  readonly config?: Record<string, unknown>;
  /** Handles of this Apple ID. */
  readonly self?: readonly string[];
  /** Time between the stand-in's fallback polls. */
  readonly pollMs?: number;
}

/** A row of the Messages database that this Apple ID wrote. */
export interface SentRow {
  readonly rowId: number;
  readonly guid: string;
  readonly text: string;
  readonly chat: string;
}

/** What a finished command printed. */
export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A gateway process. */
export interface GatewayProcess {
  readonly child: ChildProcess;
  /** Everything it wrote to stderr so far. */
  log(): string;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  kill(signal?: NodeJS.Signals): Promise<void>;
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

/** A port that nothing listens on now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** One scenario's world. */
export class World {
  readonly dir: string;
  readonly db: string;
  readonly faults: string;
  readonly events: string;
  readonly configFile: string;
  readonly cli: string;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #gateways: GatewayProcess[] = [];

  private constructor(dir: string, environment: NodeJS.ProcessEnv) {
    this.dir = dir;
    this.db = join(dir, "mac/chat.db");
    this.faults = join(dir, "faults.json");
    this.events = join(dir, "events.jsonl");
    this.configFile = join(dir, "state/coderclaw.json");
    this.cli = join(dir, "imsg");
    this.#environment = environment;
  }

  /** Makes a world: empty database, stand-in, config that answers everybody with the echo agent. */
  static async create(options: WorldOptions = {}): Promise<World> {
    const dir = await mkdtemp(join(tmpdir(), "coderclaw-scenario-"));
    const world = new World(dir, {
      ...process.env,
      CODERCLAW_STATE_DIR: join(dir, "state"),
      CODERCLAW_GATEWAY_PORT: String(await freePort()),
      HOME: join(dir, "home"),
      NO_COLOR: "1",
    });
    await mkdir(join(dir, "state"), { mode: 0o700 });
    await mkdir(join(dir, "home"));
    await world.installImsg(world.cli, world.db, options);
    await world.sim("init", ...(options.self ?? []).flatMap((handle) => ["--self", handle]));
    await world.configure(options);
    return world;
  }

  /** Writes a wrapper that runs the stand-in on a database. */
  async installImsg(
    path: string,
    db: string,
    options: Pick<WorldOptions, "dialect" | "pollMs"> = {},
  ): Promise<void> {
    const lines = [
      "#!/bin/sh",
      `export IMSG_SIM_DIALECT=${options.dialect ?? "v1"} IMSG_SIM_POLL_MS=${options.pollMs ?? 200}`,
      `export IMSG_SIM_FAULTS='${this.faults}' IMSG_SIM_EVENTS='${this.events}'`,
      `[ -f '${this.faults}' ] || unset IMSG_SIM_FAULTS`,
      `exec '${process.execPath}' '${SIMULATOR}' "$@"`,
    ];
    await mkdir(join(db, ".."), { recursive: true });
    await writeFile(this.faults, '{"rules":[]}\n');
    await writeFile(path, `${lines.join("\n")}\n`);
    await chmod(path, 0o755);
  }

  /** Writes the config file anew. */
  async configure(options: WorldOptions = {}): Promise<void> {
    const config = {
      channels: {
        imessage: {
          cliPath: this.cli,
          dbPath: this.db,
          dmPolicy: "open",
          allowFrom: ["*"],
          ...options.imessage,
        },
      },
      ...options.config,
    };
    await writeFile(this.configFile, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
  }

  /** Sets the stand-in's faults; it notices at once. */
  async setFaults(...rules: readonly Record<string, unknown>[]): Promise<void> {
    await writeFile(this.faults, `${JSON.stringify({ rules })}\n`);
  }

  /** Runs a command of the stand-in on this world's database. */
  async sim(command: string, ...args: readonly string[]): Promise<string> {
    return this.simOn(this.db, command, ...args);
  }

  /** Runs a command of the stand-in on any database. */
  async simOn(db: string, command: string, ...args: readonly string[]): Promise<string> {
    const { stdout } = await run(process.execPath, [SIMULATOR, command, "--db", db, ...args]);
    return stdout;
  }

  /** A text arrives from somebody; the answer is its guid (in a note-to-self chat the false copy's). */
  async receive(from: string, text: string, ...args: readonly string[]): Promise<string> {
    const stdout = await this.sim("receive", "--from", from, "--text", text, "--json", ...args);
    const rows = stdout.trim().split("\n");
    return (JSON.parse(rows.at(-1) ?? "") as { guid: string }).guid;
  }

  /** Runs `coderclaw` with arguments, as a user would. */
  async coderclaw(...args: readonly string[]): Promise<Finished> {
    return this.#run(this.#environment, args);
  }

  /** The same, with a state folder and a port of its own. */
  async coderclawIn(stateDir: string, ...args: readonly string[]): Promise<Finished> {
    const own = { CODERCLAW_STATE_DIR: stateDir, CODERCLAW_GATEWAY_PORT: String(await freePort()) };
    return this.#run({ ...this.#environment, ...own }, args);
  }

  async #run(env: NodeJS.ProcessEnv, args: readonly string[]): Promise<Finished> {
    const child = spawn(process.execPath, [GATEWAY, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    const code = await new Promise<number>((resolve) => child.on("close", (status) => resolve(status ?? -1)));
    return { code, stdout, stderr };
  }

  /** Starts the gateway and waits until it watches. */
  async start(): Promise<GatewayProcess> {
    const gateway = this.launch([GATEWAY, "gateway"]);
    await until(
      () =>
        ["watching,", "control server on"].every((line) => gateway.log().includes(line)) ||
        gateway.child.exitCode !== null,
      () => gateway.log(),
    );
    if (gateway.child.exitCode !== null) throw new Error(`the gateway ended: ${gateway.log()}`);
    return gateway;
  }

  /** Starts a gateway with the delays of the tests, which kills itself at the `count`th time it comes to `step` (never when absent). */
  launchKilling(kill?: { readonly step: string; readonly count?: number }): GatewayProcess {
    const args = kill ? [kill.step, String(kill.count ?? 1)] : [];
    return this.launch([KILL_POINT_GATEWAY, ...args]);
  }

  /** Starts a process in this world's environment; it is ended with the world. */
  launch(args: readonly string[]): GatewayProcess {
    const child = spawn(process.execPath, [...args], {
      env: this.#environment,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let log = "";
    child.stderr.on("data", (chunk: Buffer) => (log += chunk.toString()));
    const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
      child.on("close", (code, signal) => resolve({ code, signal }));
    });
    const gateway: GatewayProcess = {
      child,
      log: () => log,
      ended,
      kill: async (signal = "SIGKILL") => {
        child.kill(signal);
        await ended;
      },
    };
    this.#gateways.push(gateway);
    return gateway;
  }

  /** What this Apple ID sent, in row order. */
  sent(): readonly SentRow[] {
    const db = new DatabaseSync(this.db, { readOnly: true, timeout: 5000 });
    try {
      const rows = db
        .prepare(
          `SELECT m.ROWID AS rowId, m.guid, m.text, c.chat_identifier AS chat FROM message m
             JOIN chat_message_join j ON j.message_id = m.ROWID JOIN chat c ON c.ROWID = j.chat_id
            WHERE m.is_from_me = 1 ORDER BY m.ROWID`,
        )
        .all();
      return rows as unknown as SentRow[];
    } finally {
      db.close();
    }
  }

  /** The texts sent to one chat, in order. */
  sentTo(chat: string): string[] {
    return this.sent()
      .filter((row) => row.chat === chat)
      .map((row) => row.text);
  }

  /** Waits until exactly these texts, in this order, were sent to a chat. */
  async expectSent(chat: string, texts: readonly string[], timeoutMs?: number): Promise<void> {
    await until(
      () => this.sentTo(chat).length >= texts.length,
      () => `${JSON.stringify(this.sentTo(chat))} instead of ${JSON.stringify(texts)}\n${this.lastLog()}`,
      timeoutMs,
    );
    const sent = this.sentTo(chat);
    if (JSON.stringify(sent) !== JSON.stringify(texts))
      throw new Error(`sent ${JSON.stringify(sent)} instead of ${JSON.stringify(texts)}\n${this.lastLog()}`);
  }

  /** What the stand-in logged, one object a line. */
  simEvents(): readonly Record<string, unknown>[] {
    if (!existsSync(this.events)) return [];
    const lines = readFileSync(this.events, "utf8").split("\n").filter(Boolean);
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** The log of the gateway started last. */
  lastLog(): string {
    return this.#gateways.at(-1)?.log() ?? "";
  }

  /** Ends every process of the world and removes its folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const gateway of this.#gateways) if (gateway.child.exitCode === null) await gateway.kill();
    await rm(this.dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}
