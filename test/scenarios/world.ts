// A small world for scenarios: a Messages database, a stand-in for imsg on it, a gateway beside it, all real processes.
import { spawn, type ChildProcess } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Mac, simulate, until, type Group, type MacOptions, type Received, type SentRow } from "./mac.ts";
import { openRoute, REACH, type Route } from "./reach.ts";

export { DIALECTS, until, type Dialect, type Group, type SentRow } from "./mac.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** What `coderclaw` starts. */
export const GATEWAY = join(ROOT, "src/main.ts");
const KILL_POINT_GATEWAY = join(ROOT, "test/fixtures/gateway-with-kill-point.ts");

/** What a scenario's world is made with. */
export interface WorldOptions extends MacOptions {
  /** Merged into `channels.imessage`. */
  readonly imessage?: Record<string, unknown>;
  /** Merged into the config's top level. */
  readonly config?: Record<string, unknown>;
}

/** What the journal says about a message that is decided. */
export interface Story {
  /** `turn`, `command`, `hold`, `remember` or `ignore`. */
  readonly kind: string;
  /** Of what is not answered. */
  readonly code: string | undefined;
  readonly because: string | undefined;
  readonly fix: string | undefined;
  readonly agentId: string | undefined;
  readonly sessionKey: string | undefined;
  /** In the order they were asked. */
  readonly gates: readonly { readonly name: string; readonly saw: string; readonly passed: boolean }[];
  readonly turn: { readonly state: string; readonly sessionKey: string } | undefined;
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

/** A port that nothing listens on now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** Where files may come from, when they come from another machine. */
function rootsThere(roots: unknown): Record<string, unknown> {
  return REACH === "local" || roots === undefined ? {} : { remoteAttachmentRoots: roots };
}

/** One scenario's world. */
export class World {
  readonly dir: string;
  /** The Mac of the account that a world begins with. */
  readonly mac: Mac;
  readonly db: string;
  readonly faults: string;
  readonly events: string;
  readonly configFile: string;
  readonly cli: string;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #gateways: GatewayProcess[];
  readonly #route: Route;

  private constructor(
    dir: string,
    mac: Mac,
    own: { environment: NodeJS.ProcessEnv; gateways: GatewayProcess[]; route: Route },
  ) {
    this.dir = dir;
    this.mac = mac;
    this.db = mac.db;
    this.faults = mac.faults;
    this.events = mac.events;
    this.configFile = join(dir, "state/coderclaw.json");
    this.cli = mac.cli;
    this.#environment = own.environment;
    this.#gateways = own.gateways;
    this.#route = own.route;
  }

  /** Makes a world: empty database, stand-in, config that answers everybody with the echo agent. */
  static async create(options: WorldOptions = {}): Promise<World> {
    const dir = await mkdtemp(join(tmpdir(), "coderclaw-scenario-"));
    const gateways: GatewayProcess[] = [];
    const environment = {
      ...process.env,
      CODERCLAW_STATE_DIR: join(dir, "state"),
      CODERCLAW_GATEWAY_PORT: String(await freePort()),
      HOME: join(dir, "home"),
      PATH: `${join(dir, "bin")}:${process.env["PATH"]}`,
      NO_COLOR: "1",
    };
    await mkdir(join(dir, "state"), { mode: 0o700 });
    await mkdir(join(dir, "home"));
    const route = await openRoute(dir);
    const mac = await Mac.install(dir, { ...options, route }, () => gateways.at(-1)?.log() ?? "");
    const world = new World(dir, mac, { environment, gateways, route });
    await world.configure(options);
    return world;
  }

  /** Another Mac, in a folder of its own. */
  async addMac(name: string, options: MacOptions = {}): Promise<Mac> {
    const dir = join(this.dir, name);
    await mkdir(dir);
    return Mac.install(dir, { ...options, route: this.#route }, () => this.lastLog());
  }

  /** Writes a wrapper that runs the stand-in on a database. */
  async installImsg(
    path: string,
    db: string,
    options: Pick<MacOptions, "dialect" | "pollMs"> = {},
  ): Promise<void> {
    return this.mac.installImsg(path, db, options);
  }

  /** Writes the config file anew. */
  async configure(options: WorldOptions = {}): Promise<void> {
    const config = {
      channels: {
        imessage: {
          cliPath: this.cli,
          dbPath: this.mac.dbPath,
          dmPolicy: "open",
          allowFrom: ["*"],
          ...rootsThere(options.imessage?.["attachmentRoots"]),
          ...options.imessage,
        },
      },
      ...options.config,
    };
    await writeFile(this.configFile, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
  }

  /** Writes the config file anew and waits until the running gateway goes by it. */
  async reconfigure(options: WorldOptions = {}): Promise<void> {
    const before = this.#takenOver();
    await this.configure(options);
    await until(
      () => this.#takenOver() > before,
      () => this.lastLog(),
    );
  }

  #takenOver(): number {
    return this.lastLog().split("config taken over").length;
  }

  /** Sets the stand-in's faults; it notices at once. */
  async setFaults(...rules: readonly Record<string, unknown>[]): Promise<void> {
    return this.mac.setFaults(...rules);
  }

  /** Runs a command of the stand-in on this world's database. */
  async sim(command: string, ...args: readonly string[]): Promise<string> {
    return this.mac.sim(command, ...args);
  }

  /** Runs a command of the stand-in on any database. */
  async simOn(db: string, command: string, ...args: readonly string[]): Promise<string> {
    return simulate(db, command, ...args);
  }

  /** A text arrives from somebody; the answer is its guid (in a note-to-self chat the false copy's). */
  async receive(from: string, text: string, ...args: readonly string[]): Promise<string> {
    return (await this.mac.write(from, text, ...args)).guid;
  }

  /** A text arrives in a chat that is there. */
  async writeIn(chat: number | Group, from: string, text: string): Promise<Received> {
    return this.mac.writeIn(chat, from, text);
  }

  /** What the running gateway's control server answers to a GET. */
  async ask<Answer>(path: string): Promise<Answer> {
    const token = (await readFile(join(this.dir, "state/gateway.token"), "utf8")).trim();
    const url = `http://127.0.0.1:${this.#environment["CODERCLAW_GATEWAY_PORT"]}${path}`;
    const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    return (await response.json()) as Answer;
  }

  /** What the running gateway's control server answers to a browser. */
  async page(path: string): Promise<string> {
    const url = `http://127.0.0.1:${this.#environment["CODERCLAW_GATEWAY_PORT"]}${path}`;
    return (await fetch(url)).text();
  }

  /** Waits until the running gateway has decided about a message; the answer is its newest decision. */
  async decided(guid: string): Promise<Story> {
    interface Explained {
      readonly messages?: readonly {
        readonly story: { readonly decisions: readonly Decided[]; readonly turn?: Story["turn"] };
      }[];
    }
    type Decided = Pick<Story, "gates"> & { readonly outcome: Omit<Story, "gates" | "turn"> };
    return until(
      async () => {
        const { messages } = await this.ask<Explained>(`/api/explain/${encodeURIComponent(guid)}`);
        const story = messages?.[0]?.story;
        const last = story?.decisions.at(-1);
        return last && { ...last.outcome, gates: last.gates, turn: story?.turn };
      },
      () => `no decision about ${guid}\n${this.lastLog()}`,
    );
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

  /** The same as `coderclaw`, with other variables. */
  async coderclawWith(variables: NodeJS.ProcessEnv, ...args: readonly string[]): Promise<Finished> {
    return this.#run({ ...this.#environment, ...variables }, args);
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
  async start(limits: { readonly openFiles?: number } = {}): Promise<GatewayProcess> {
    const gateway = this.launch([GATEWAY, "gateway"], limits);
    await until(
      () =>
        ["] watching,", "control server on"].every((line) => gateway.log().includes(line)) ||
        gateway.child.exitCode !== null,
      () => gateway.log(),
    );
    if (gateway.child.exitCode !== null) throw new Error(`the gateway ended: ${gateway.log()}`);
    return gateway;
  }

  /** Waits until the gateway started last watches its account. */
  async watching(): Promise<void> {
    await until(
      () => this.lastLog().includes("] watching,"),
      () => this.lastLog(),
    );
  }

  /** Starts a gateway with the delays of the tests, which kills itself at the `count`th time it comes to `step` (never when absent). */
  launchKilling(
    kill?: { readonly step: string; readonly count?: number },
    { slowestSendMs }: { readonly slowestSendMs?: number } = {},
  ): GatewayProcess {
    const args = [kill?.step ?? "never", String(kill?.count ?? 1)];
    const slowest = slowestSendMs === undefined ? [] : [String(slowestSendMs)];
    return this.launch([KILL_POINT_GATEWAY, ...args, ...slowest]);
  }

  /** Starts a process in this world's environment; it is ended with the world. `openFiles`: how many it may have open. */
  launch(args: readonly string[], { openFiles }: { readonly openFiles?: number } = {}): GatewayProcess {
    const [program, ...words] =
      openFiles === undefined
        ? [process.execPath, ...args]
        : ["sh", "-c", `ulimit -n ${openFiles}; exec "$0" "$@"`, process.execPath, ...args];
    const child = spawn(program, words, {
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
    return this.mac.sent();
  }

  /** The texts sent to one chat, by its identifier or row id, in order. */
  sentTo(chat: string | number): string[] {
    return this.mac.sentTo(chat);
  }

  /** Waits until exactly these texts, in this order, were sent to a chat. */
  async expectSent(chat: string | number, texts: readonly string[], timeoutMs?: number): Promise<void> {
    return this.mac.expectSent(chat, texts, timeoutMs);
  }

  /** What the stand-in logged, one object a line. */
  simEvents(): readonly Record<string, unknown>[] {
    return this.mac.simEvents();
  }

  /** How the gateway started last ended; waits for it. */
  async ended(): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    const last = this.#gateways.at(-1);
    if (last === undefined) throw new Error("no gateway was started");
    return last.ended;
  }

  /** The log of the gateway started last. */
  lastLog(): string {
    return this.#gateways.at(-1)?.log() ?? "";
  }

  /** Ends every process of the world and removes its folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const gateway of this.#gateways) if (gateway.child.exitCode === null) await gateway.kill();
    await this.#route[Symbol.asyncDispose]();
    await rm(this.dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}
