// What every RPC method is given, and what it looks like.

import type { DatabaseSync } from "node:sqlite";
import type { Dialect, Release } from "../release.ts";
import type { Faults } from "./faults-port.ts";

/** The running program as a method sees it. */
export interface RpcContext {
  /** A connection that may write, opened on first use. Contract: throws RpcError when the database is unavailable. */
  readonly db: DatabaseSync;
  /** Absolute path of the Messages database. */
  readonly dbPath: string;
  readonly dialect: Dialect;
  readonly release: Release;
  /** How long the row of what was sent is looked for, in milliseconds. */
  readonly confirmMs: number;
  /** Whether the bridge into Messages is running (`--bridge`, and no fault took it away). Asked anew each time. */
  readonly bridge: boolean;
  /** The real imsg of Linux is played (`--linux`): no file events. */
  readonly linux: boolean;
  readonly faults: Faults;
  /** Writes a notification. */
  notify(method: string, params: object): void;
  /** Appends to the log of what the Mac was told to do (typing, read, …), one JSON object a line. */
  log(event: object): void;
}

/** One method. Returns the result, or a promise of it, or throws RpcError; any other exception becomes an internal error. */
export type MethodHandler = (params: unknown, context: RpcContext) => unknown;
