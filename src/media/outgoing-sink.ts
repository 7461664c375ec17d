// The bounds of a file on its way out: how much of it is written, and the words for one that is not sent.
import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { GatewayError, type ErrorCode } from "../model/errors.ts";

/** Writes what comes to a file, as much as is allowed, and hashes it. */
export class Sink {
  readonly #target: FileHandle;
  readonly #limit: { readonly source: string; readonly maxBytes: number };
  readonly #hash = createHash("sha256");
  #bytes = 0;

  constructor(target: FileHandle, limit: { readonly source: string; readonly maxBytes: number }) {
    this.#target = target;
    this.#limit = limit;
  }

  /** Throws `media/too-large`. */
  async write(chunk: Uint8Array): Promise<void> {
    const { source, maxBytes } = this.#limit;
    if (this.#bytes + chunk.length > maxBytes) throw tooLarge(source, maxBytes);
    this.#hash.update(chunk);
    for (let from = 0; from < chunk.length;)
      from += (await this.#target.write(chunk, from, chunk.length - from)).bytesWritten;
    this.#bytes += chunk.length;
  }

  end(): { readonly hash: string; readonly bytes: number } {
    return { hash: this.#hash.digest("hex"), bytes: this.#bytes };
  }
}

/** A file that is not sent, and why. */
export function refuse(code: ErrorCode, message: string, cause?: unknown): GatewayError {
  return new GatewayError(code, `${message}.`, { hint: "Give another file.", cause });
}

/** More than the account sends. */
export function tooLarge(source: string, maxBytes: number): GatewayError {
  const most = `${Math.round((maxBytes / 1024 / 1024) * 10) / 10} MB`;
  return new GatewayError("media/too-large", `${source} is larger than ${most}.`, {
    hint: "Send a smaller file, or raise channels.imessage.mediaMaxMb.",
  });
}
