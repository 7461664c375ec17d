// Where a running gateway's control server listens: a small file in the state folder, since the port may be any free one.
import { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** An address of the control server, as something on this machine reaches it. */
export interface GatewayAddress {
  readonly host: string;
  readonly port: number;
}

/** Says where this process listens. Contract: atomic; 0600. */
export function writeAddress(stateDir: string, address: GatewayAddress): void {
  const file = fileIn(stateDir);
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify({ pid: process.pid, ...address })}\n`, { mode: 0o600 });
  chmodSync(temporary, 0o600);
  renameSync(temporary, file);
}

/** Where a gateway that still runs said it listens; undefined when none did. */
export function readAddress(stateDir: string): GatewayAddress | undefined {
  try {
    const { pid, host, port } = JSON.parse(readFileSync(fileIn(stateDir), "utf8")) as Record<string, unknown>;
    if (typeof pid !== "number" || typeof host !== "string" || typeof port !== "number") return undefined;
    return isAlive(pid) ? { host, port } : undefined;
  } catch {
    return undefined;
  }
}

/** Takes the address back at the end. */
export function removeAddress(stateDir: string): void {
  rmSync(fileIn(stateDir), { force: true });
}

/** The address at which a server bound to `bind` is reached from this machine. */
export function reachable(bind: string): string {
  if (bind === "0.0.0.0" || bind === "") return "127.0.0.1";
  return bind === "::" ? "::1" : bind;
}

/** `host:port`, as it stands in a URL. */
export function renderAddress({ host, port }: GatewayAddress): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function fileIn(stateDir: string): string {
  return join(stateDir, "gateway.address");
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
