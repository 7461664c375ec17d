// Which gateway answers at an address: every answer of a control server says it, to whoever asks.
import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { connect } from "node:net";
import { renderAddress, type GatewayAddress } from "./gateway-address.ts";

/** The header of every answer. */
export const GATEWAY_HEADER = "Coderclaw-Gateway";

/** A gateway, as its answers name it. */
export interface Listener {
  readonly pid: number;
  /** Of its state folder; see `stateMark`. */
  readonly state: string;
}

const LONGEST_HEAD_BYTES = 16 * 1024;

/** Tells state folders apart without naming them. */
export function stateMark(stateDir: string): string {
  return createHash("sha256").update(realPath(stateDir)).digest("hex").slice(0, 8);
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** What the header says. */
export function renderListener({ pid, state }: Listener): string {
  return `pid=${pid}; state=${state}`;
}

/** Reads it from the head of an answer; undefined: it is not one of this product, or of a version that says nothing. */
export function parseListener(head: string): Listener | undefined {
  const line = new RegExp(`^${GATEWAY_HEADER}: *pid=(\\d{1,10}); state=([0-9a-f]{8})\\r?$`, "imu").exec(head);
  return line?.[1] === undefined || line[2] === undefined
    ? undefined
    : { pid: Number(line[1]), state: line[2] };
}

/** Asks what listens there. Undefined: nothing, something else, or it does not answer in time. */
export async function findListener(
  address: GatewayAddress,
  timeoutMs: number,
): Promise<Listener | undefined> {
  return new Promise((resolve) => {
    let head = "";
    const socket = connect({ host: address.host, port: address.port }, () => {
      socket.write(`GET /api/status HTTP/1.0\r\nHost: ${renderAddress(address)}\r\n\r\n`);
    });
    const end = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(parseListener(head));
    };
    const timer = setTimeout(end, timeoutMs);
    socket.on("data", (chunk: Buffer) => {
      head += chunk.toString("latin1");
      if (head.includes("\r\n\r\n") || head.length > LONGEST_HEAD_BYTES) end();
    });
    socket.on("error", end);
    socket.on("close", end);
  });
}
