// The command line from outside: `coderclaw` as a process of its own, on a state folder of its own.
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Store } from "../../src/model/store.ts";
import { openStore } from "../../src/store/open.ts";
import { World, type StateDatabase } from "../contracts/store-world.ts";

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

/** What a finished command printed. */
export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The error object that a command with `--json` prints. */
export interface PrintedError {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** Nothing listens here: a gateway that runs on this machine on the default port is none of a test's business. */
const UNUSED_PORT = "1";

/** A state folder and the commands run on it. */
export class CliWorld {
  readonly folder = mkdtempSync(join(tmpdir(), "cli-"));
  readonly configFile = join(this.folder, "coderclaw.json");

  /** Runs `coderclaw` with these words. */
  async run(...argv: readonly string[]): Promise<Finished> {
    return this.runWith({}, ...argv);
  }

  async runWith(
    { input = "", environment = {} }: { input?: string; environment?: NodeJS.ProcessEnv },
    ...argv: readonly string[]
  ): Promise<Finished> {
    const own = { CODERCLAW_STATE_DIR: this.folder, CODERCLAW_GATEWAY_PORT: UNUSED_PORT };
    const env = { ...process.env, NODE_NO_WARNINGS: "1", ...own, ...environment };
    return new Promise((resolve) => {
      const child = execFile(process.execPath, [MAIN, ...argv], { env }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      });
      child.stdin?.on("error", () => {}); // it may be gone already
      child.stdin?.end(input);
    });
  }

  /** Starts `coderclaw`; whoever starts it sees it to its end. */
  spawn(environment: NodeJS.ProcessEnv, ...argv: readonly string[]): ChildProcess {
    const env = { ...process.env, NODE_NO_WARNINGS: "1", CODERCLAW_STATE_DIR: this.folder, ...environment };
    return spawn(process.execPath, [MAIN, ...argv], { env, stdio: ["ignore", "pipe", "pipe"] });
  }

  /** Runs it with `--json`; the answer is what it printed, parsed. */
  async json(...argv: readonly string[]): Promise<{ code: number; value: Record<string, unknown> }> {
    const { code, stdout } = await this.run(...argv, "--json");
    return { code, value: JSON.parse(stdout) as Record<string, unknown> };
  }

  config(value: object): void {
    writeFileSync(this.configFile, JSON.stringify(value), { mode: 0o600 });
  }

  /** Plays on the state database what the gateway would do, then leaves it. */
  async state<T>(play: (world: World) => Promise<T>): Promise<T> {
    const stores: Store[] = [];
    const path = join(this.folder, "state.db");
    const database: StateDatabase = {
      connect: async (clock) => {
        const store = await openStore({ path, clock });
        stores.push(store);
        return store;
      },
      remove: async () => {
        await Promise.all(stores.map(async (store) => store.close()));
      },
    };
    const world = await World.create(async () => database);
    world.nowMs = Date.now();
    try {
      return await play(world);
    } finally {
      await database.remove();
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
