// The log in which the bridge writes what it sees inside Messages: a file beside the database.

import { appendFileSync } from "node:fs";

/** An event: a name, and which chat it is about. */
export interface BridgeEvent {
  readonly event: "started-typing" | "stopped-typing" | "aliases-removed";
  readonly data: Readonly<Record<string, string>>;
}

/** Where the log of a database's bridge is. */
export function bridgeLogPath(dbPath: string): string {
  return `${dbPath}.bridge-events`;
}

/** Adds an event. */
export function writeBridgeEvent(dbPath: string, event: BridgeEvent): void {
  const line = JSON.stringify({ event: event.event, ts: new Date().toISOString(), data: event.data });
  appendFileSync(bridgeLogPath(dbPath), `${line}\n`);
}
