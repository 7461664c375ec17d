// A throw-away folder with a Messages database, the built stand-in on it, and a config that lets the echo agent answer everybody.
import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { EventLog, until } from "./event-log.ts";
import { CODERCLAW, ended, IMSG_SIM, nowMs, startNode } from "./programs.ts";

/** Which generation of imsg is played. */
export type Dialect = "v1" | "legacy";
/** Both. */
export const DIALECTS: readonly Dialect[] = ["v1", "legacy"];

/** A gateway process. */
export interface Gateway {
  readonly pid: number;
  /** Epoch ms, just before it was started. */
  readonly startedMs: number;
  /** Waits until it says that it watches; from that mark of its log on, where one is given. */
  watching(from?: number): Promise<void>;
  /** Waits until it can be asked. */
  serving(): Promise<void>;
  /** How much it has logged. */
  logged(): number;
  /** Ends it in order. */
  stop(): Promise<void>;
}

/** One world to measure in; it is gone when disposed of. */
export class Place {
  readonly dir = mkdtempSync(join(tmpdir(), "coderclaw-bench-"));
  readonly messages = join(this.dir, "mac/chat.db");
  readonly state = join(this.dir, "state/state.db");
  readonly events: EventLog;
  readonly env: NodeJS.ProcessEnv;
  readonly #running = new Set<ChildProcess>();

  private constructor(dialect: Dialect, port: number) {
    const eventsPath = join(this.dir, "events.jsonl");
    this.env = {
      PATH: `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`,
      HOME: this.dir,
      NO_COLOR: "1",
      CODERCLAW_STATE_DIR: join(this.dir, "state"),
      CODERCLAW_GATEWAY_PORT: String(port),
      IMSG_SIM_DIALECT: dialect,
      IMSG_SIM_EVENTS: eventsPath,
      // Legacy reads its backlog 100 rows a poll: with imsg's 5 s between polls nothing but that would be measured.
      IMSG_SIM_POLL_MS: dialect === "legacy" ? "20" : "5000",
    };
    this.events = new EventLog(eventsPath);
  }

  /** Makes one. */
  static async make(dialect: Dialect = "v1"): Promise<Place> {
    const place = new Place(dialect, await freePort());
    mkdirSync(join(place.dir, "state"), { mode: 0o700 });
    await place.run(IMSG_SIM, "init", "--db", place.messages);
    const config = {
      channels: {
        imessage: { cliPath: IMSG_SIM, dbPath: place.messages, dmPolicy: "open", allowFrom: ["*"] },
      },
      limits: { turnsPerMinute: 1_000_000, sendsPerMinute: 1_000_000, sendsPerHour: 1_000_000 },
    };
    writeFileSync(join(place.dir, "state/coderclaw.json"), JSON.stringify(config), { mode: 0o600 });
    return place;
  }

  /** Runs a Node program to its end. */
  async run(...args: readonly string[]): Promise<void> {
    const code = await ended(startNode(args, { env: this.env }));
    if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}`);
  }

  /** Starts `coderclaw gateway`. */
  startGateway(): Gateway {
    const logPath = join(this.dir, "gateway.log");
    const log = openSync(logPath, "w");
    const startedMs = nowMs();
    const child = startNode([CODERCLAW, "gateway"], { env: this.env, stdio: ["ignore", "ignore", log] });
    closeSync(log);
    const over = this.#keep(child);
    const text = (): string => readFileSync(logPath, "utf8");
    const says = async (what: RegExp, from = 0): Promise<void> => {
      await until(String(what), () => {
        if (child.exitCode !== null) throw new Error(`the gateway ended:\n${text()}`);
        return what.test(text().slice(from)) ? true : undefined;
      });
    };
    return {
      pid: child.pid ?? 0,
      startedMs,
      logged: () => text().length,
      watching: async (from = 0) => says(/(?<!not )watching, /u, from),
      serving: async () => says(/control server on/u),
      stop: async () => {
        child.kill("SIGTERM");
        await over;
      },
    };
  }

  /** Starts the stand-in's `receive`: each line written to its stdin is a message. */
  startReceiving(): ChildProcess {
    const args = [IMSG_SIM, "receive", "--db", this.messages, "--texts-from", "-"];
    const child = spawn(process.execPath, args, { env: this.env, stdio: ["pipe", "ignore", "inherit"] });
    void this.#keep(child);
    return child;
  }

  [Symbol.dispose](): void {
    for (const child of this.#running) child.kill("SIGKILL");
    this.events.close();
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }

  async #keep(child: ChildProcess): Promise<void> {
    this.#running.add(child);
    await ended(child);
    this.#running.delete(child);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
