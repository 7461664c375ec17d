// What every route is given, and what it knows of a request.
import type { Hono } from "hono";
import type { ProbeOne } from "../control/status/probe.ts";
import type { Listener } from "../control/who-listens.ts";
import type { RunningGateway } from "../control/status/running.ts";
import type { RepairItem, TryAnswer } from "./api.ts";
import type { Caller } from "./caller.ts";
import type { Doors, Listening } from "./doors.ts";
import type { PageFiles } from "./page-files.ts";
import type { Streams } from "./streams.ts";

/** What the app is told beside the gateway. */
export interface AppOptions {
  readonly token: string;
  /** Known once the server listens. */
  readonly listening: () => Listening;
  readonly probe: ProbeOne;
  /** Epoch ms. */
  readonly now: () => number;
  /** Between two signs of life on an event stream. */
  readonly heartbeatMs: number;
  /** Browsers keep cookies by host alone: two gateways of one machine must not share a name. */
  readonly cookieName: string;
  /** Said in every answer, so that whoever finds the port taken knows by whom. */
  readonly listener: Listener;
  /** Rejects with `page/not-built`. */
  readonly pageFiles: () => Promise<PageFiles>;
  readonly surroundings: Surroundings;
  /** Takes what is to be done when the server is closed. */
  readonly onClose: (end: () => void) => void;
}

/** What the page does beside the gateway: its config file, its programs. */
export interface Surroundings {
  /** The command line's `--config`. */
  readonly configPath: string | undefined;
  /** Where programs are looked for. */
  readonly searchPath: () => Promise<readonly string[]>;
  /** Runs one turn of an agent in a session that is forgotten. Rejects with `cli/usage` for an agent that is not there. */
  readonly tryAgent: (agentId: string, prompt: string) => Promise<TryAnswer>;
  /** What can be repaired while the gateway runs. */
  readonly findRepairs: () => Promise<readonly OfferedRepair[]>;
  /** Settles once what the config file says now is in force, as far as it is valid. */
  readonly reload: () => Promise<void>;
}

/** A repair that is offered: it touches nothing that people wrote or decided. */
export interface OfferedRepair extends RepairItem {
  run(): Promise<string>;
}

/** What routes work with. */
export interface Serving extends AppOptions {
  readonly running: RunningGateway;
  readonly doors: () => Doors;
  readonly streams: Streams;
}

/** What routes know of a request. */
export interface AppEnv {
  readonly Variables: { caller: Caller };
  readonly Bindings: {
    /** What the port adds: where the connection comes from. */
    readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } };
    /** Who asks, handed on to the page's part. */
    readonly caller?: Caller;
  };
}

export type App = Hono<AppEnv>;
