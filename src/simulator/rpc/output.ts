// Owns stdout: one JSON object a line, past the faults, without blocking the program on a slow reader.

import { Socket } from "node:net";
import type { Writable } from "node:stream";
import { dieOfBrokenPipe } from "../broken-pipe.ts";
import type { RpcError } from "./error.ts";
import type { Faults } from "./faults-port.ts";

/** Writes answers and notifications. Lines written in one turn of the event loop leave as one write. */
export class Output {
  readonly #stream: Writable;
  readonly #faults: Faults;
  #pending = "";
  #closed = false;

  constructor(faults: Faults) {
    this.#faults = faults;
    this.#stream = openStdout();
    this.#stream.on("error", dieOfBrokenPipe); // as the recorded imsg does
  }

  /** Answers a request; `id` is JSON text. */
  respond(id: string, result: unknown): void {
    this.#write(`{"jsonrpc":"2.0","id":${id},"result":${JSON.stringify(result)}}`, "response");
  }

  /** Answers with an error; an unknown id is written as null. */
  fail(id: string | undefined, error: RpcError): void {
    const { code, message, data } = error;
    const body = JSON.stringify({ code, message, data });
    this.#write(`{"jsonrpc":"2.0","id":${id ?? "null"},"error":${body}}`, "response");
  }

  /** Writes a notification. */
  notify(method: string, params: object): void {
    if (this.#closed) return;
    this.#write(JSON.stringify({ jsonrpc: "2.0", method, params }), "notification");
  }

  /** Writes a line past every fault. */
  raw(line: string | Uint8Array): void {
    this.#append(line);
    this.#flush();
  }

  /** Calls back once when the reader has caught up; at once when it is not behind. */
  whenDrained(listener: () => void): void {
    this.#flush();
    if (this.#stream.writableNeedDrain) this.#stream.once("drain", () => setImmediate(listener));
    else setImmediate(listener);
  }

  /** From now on notifications are dropped: imsg writes none after stdin closed. */
  closeNotifications(): void {
    this.#closed = true;
  }

  /** Settles when everything written so far has left. */
  async finish(): Promise<void> {
    this.#flush();
    await new Promise<void>((resolve) => {
      this.#stream.write("", () => resolve());
    });
  }

  #write(line: string, kind: "response" | "notification"): void {
    for (const out of this.#faults.outgoing(line, kind)) this.#append(out);
    this.#faults.written(() => this.#flush());
  }

  #append(line: string | Uint8Array): void {
    if (typeof line !== "string") {
      this.#flush();
      this.#stream.write(Buffer.concat([line, Buffer.from("\n")]));
      return;
    }
    if (this.#pending === "") queueMicrotask(() => this.#flush());
    this.#pending += `${line}\n`;
  }

  #flush(): void {
    if (this.#pending === "") return;
    this.#stream.write(this.#pending);
    this.#pending = "";
  }
}

/** Node writes to a pipe of stdout synchronously; a socket on the same descriptor does not, and tells when it is full. */
function openStdout(): Writable {
  try {
    return new Socket({ fd: 1, readable: false, writable: true });
  } catch {
    return process.stdout; // a file or a terminal
  }
}
