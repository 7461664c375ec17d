// `imsg rpc`: stdin's lines → requests → lanes → methods → answers on stdout, with the faults asked at every step.

import { createLineSplitter } from "../../lib/jsonl.ts";
import { openEventLog } from "../event-log.ts";
import type { EventLog } from "../event-log.ts";
import { loadFaults } from "../faults/load.ts";
import { DatabaseFailure } from "../read/store.ts";
import type { Dialect, Release } from "../release.ts";
import type { RpcContext } from "./context.ts";
import { openOnce, openWhenNeeded, openWritable } from "./database.ts";
import type { Database } from "./database.ts";
import { ERROR, RpcError, internalError } from "./error.ts";
import type { Faults } from "./faults-port.ts";
import type { Generation } from "./generation.ts";
import { Lanes } from "./lanes.ts";
import { Output } from "./output.ts";
import { isRequest, parseRequest } from "./request.ts";
import type { Request } from "./request.ts";
import { startupFailureText } from "./startup-failure.ts";
import { Subscriptions } from "./subscriptions.ts";

/** How to run. */
export interface RpcOptions {
  /** Absolute path of the database. */
  readonly dbPath: string;
  readonly dialect: Dialect;
  readonly release: Release;
  readonly bridge: boolean;
  readonly linux: boolean;
  /** Dialect legacy: a subscription's first row is written before its answer. */
  readonly earlyRows: boolean;
  /** Time between fallback polls, in milliseconds. */
  readonly pollMs: number;
  /** How long the row of what was sent is looked for, in milliseconds. */
  readonly confirmMs: number;
  /** File that requests and the Mac's deeds are logged to. */
  readonly eventsPath: string | undefined;
  readonly faultsPath: string | undefined;
  /** The version to report. */
  readonly version: string;
}

/** Serves until stdin closes. Returns the exit code. */
export async function runRpc(options: RpcOptions): Promise<number> {
  const events = openEventLog(options.eventsPath);
  events.write({ event: "start", dialect: options.dialect, db: options.dbPath });
  process.on("exit", (code) => events.write({ event: "exit", code }));
  const faults = await loadFaults(options.faultsPath, { dbPath: options.dbPath, log: events.write });
  const output = new Output(faults);
  await faults.onStart((line) => output.raw(line));

  const opened = openDatabase(options);
  if (typeof opened === "string") {
    await refuseAll(options, output, opened);
    return 1;
  }
  const subscriptions = new Subscriptions({
    dialect: options.dialect,
    release: options.release,
    dbPath: options.dbPath,
    pollMs: options.pollMs,
    fileEvents: !options.linux,
    output,
    faults,
    log: events.write,
  });
  const context = makeContext(options, output, faults, events);
  const generation = await loadGeneration(options);
  const serve = generation({
    context,
    reading: { database: opened, subscriptions, output, earlyRows: options.earlyRows },
    version: options.version,
  });
  const lanes = new Lanes(serve.widths);

  const answer = async (request: Request): Promise<void> => {
    if ((await faults.onRequest(request.method)) === "drop") return;
    try {
      const handler = await serve.lookup(request.method);
      if (handler === undefined) throw new RpcError(ERROR.methodNotFound, "Method not found", request.method);
      const result = await handler(request.params, context);
      if (request.id !== undefined) output.respond(request.id, result);
    } catch (error) {
      if (serve.answersSilentErrors || request.id !== undefined) output.fail(request.id, asRpcError(error));
      serve.onError(error);
    }
  };

  await eachLine((line) => {
    const parsed = parseRequest(line, options);
    if (parsed === undefined) return;
    if (!isRequest(parsed)) {
      events.write({ event: "not-a-request", line: line.slice(0, 200) });
      lanes.add(serve.laneOf(""), async () => {
        if (parsed.answer) output.fail(parsed.id, parsed.error);
      });
      return;
    }
    events.write({ event: "request", id: parsed.id, method: parsed.method, params: parsed.params });
    if (lanes.outstanding >= serve.limit) {
      const busy = new RpcError(ERROR.busy, "Server busy", "outstanding request limit exceeded");
      if (parsed.id !== undefined) output.fail(parsed.id, busy);
      return;
    }
    lanes.add(serve.laneOf(parsed.method), () => answer(parsed));
  });

  if (options.dialect === "v1") subscriptions.closeAll();
  await lanes.idle();
  subscriptions.closeAll();
  output.closeNotifications();
  await output.finish();
  return 0;
}

/** The database, or why legacy refuses every request. */
function openDatabase(options: RpcOptions): Database | string {
  if (options.dialect === "v1") return openWhenNeeded(options.dbPath, options.release);
  try {
    return openOnce(options.dbPath, options.release);
  } catch (error) {
    if (error instanceof DatabaseFailure) return startupFailureText(error, options.dbPath);
    throw error;
  }
}

/** Legacy without a database: every request gets the same error until stdin closes. */
async function refuseAll(options: RpcOptions, output: Output, data: string): Promise<void> {
  await eachLine((line) => {
    const parsed = parseRequest(line, options);
    if (parsed === undefined) return;
    const isParseError = !isRequest(parsed) && parsed.error.code === ERROR.parse;
    output.fail(parsed.id, isParseError ? parsed.error : internalError(data));
  });
  await output.finish();
}

/** Only the generation that plays is loaded: the start counts. */
async function loadGeneration(options: RpcOptions): Promise<Generation> {
  if (options.dialect === "legacy") return (await import("./legacy.ts")).legacyGeneration;
  return (await import("./v1.ts")).v1Generation;
}

function makeContext(options: RpcOptions, output: Output, faults: Faults, events: EventLog): RpcContext {
  const writable = openWritable(options.dbPath);
  return {
    get db() {
      return writable();
    },
    dbPath: options.dbPath,
    dialect: options.dialect,
    release: options.release,
    confirmMs: options.confirmMs,
    get bridge() {
      return options.bridge && !faults.bridgeGone();
    },
    linux: options.linux,
    faults,
    notify: (method, params) => output.notify(method, params),
    log: events.write,
  };
}

function asRpcError(error: unknown): RpcError {
  if (error instanceof RpcError) return error;
  if (error instanceof DatabaseFailure) return internalError(error.describe());
  return internalError(error instanceof Error ? error.message : String(error));
}

/** Hands over stdin's lines. Settles when stdin has ended. */
function eachLine(onLine: (line: string) => void): Promise<void> {
  const splitter = createLineSplitter(onLine);
  return new Promise((resolve) => {
    process.stdin.on("data", (chunk: Buffer) => splitter.push(chunk));
    process.stdin.on("end", () => {
      splitter.end();
      resolve();
    });
    process.stdin.on("error", () => resolve());
  });
}
