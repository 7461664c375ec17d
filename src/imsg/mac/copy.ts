// Copies one file from wherever it is: bounded while it runs, and not before it is whole.
import { open, rm } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { GatewayError } from "../../model/errors.ts";
import type { FetchLimits } from "../../model/ports.ts";

/** Where a file is read from. */
export interface CopySource {
  stat(): Promise<{ readonly bytes: number; readonly isFile: boolean }>;
  /** Reads from `offset` to the end as it is now; answers where that is. */
  read(offset: number, onBlock: (block: Uint8Array) => Promise<void>): Promise<number>;
}

/** Waiting times in ms, given so that a test can shorten them. */
export interface CopyTiming {
  /** Between looks at a file that is being written. */
  readonly lookMs: number;
  /** A file that did not grow for so long is not being written any more. */
  readonly stillMs: number;
}

/** What a gateway runs with. */
export const COPY_TIMING: CopyTiming = { lookMs: 300, stillMs: 30_000 };

/**
 * Copies to a path that is not there yet. A file shorter than was expected is being written: what comes is copied as it comes.
 *
 * Contract: rejects with `media/…` of its own and with what the source throws; nothing is left at `to` then.
 */
export async function copyFile(
  source: CopySource,
  to: string,
  { limits, timing }: { readonly limits: FetchLimits; readonly timing: CopyTiming },
): Promise<{ readonly bytes: number }> {
  const { expectedBytes = 0, maxBytes, signal } = limits;
  const file = await open(to, "wx", 0o600);
  try {
    let got = 0;
    let grewAt = performance.now();
    for (;;) {
      signal.throwIfAborted();
      const { bytes, isFile } = await source.stat();
      if (!isFile)
        throw new GatewayError("media/not-a-file", "it is no plain file", { hint: "Nothing can be done." });
      if (bytes > maxBytes) throw tooLarge(bytes, maxBytes);
      // Begun anew by who writes it.
      if (bytes < got) {
        await file.truncate(0);
        got = 0;
      }
      const before = got;
      if (bytes > got)
        got = await source.read(got, async (block) => {
          signal.throwIfAborted();
          if (got + block.length > maxBytes) throw tooLarge(got + block.length, maxBytes);
          await file.write(block, 0, block.length, got);
          got += block.length;
        });
      if (got === before && got >= expectedBytes) return { bytes: got };
      if (got > before) grewAt = performance.now();
      else if (performance.now() - grewAt > timing.stillMs) throw halfWritten(got, expectedBytes);
      // A look more shows whether a file of unknown size is whole.
      if (got < expectedBytes) await delay(timing.lookMs, undefined, { signal });
    }
  } catch (error) {
    await rm(to, { force: true });
    throw signal.aborted ? givenUp(error) : error;
  } finally {
    await file.close();
  }
}

/** The copy was told to stop. */
export function givenUp(cause: unknown): GatewayError {
  return new GatewayError("media/timeout", "it could not be had in time", {
    hint: "Look whether the Mac is reachable: coderclaw channels status --probe",
    cause,
  });
}

function tooLarge(bytes: number, maxBytes: number): GatewayError {
  const megabytes = (count: number): number => Math.ceil((count / 1024 / 1024) * 100) / 100;
  const message = `it is larger than ${megabytes(maxBytes)} MB (${megabytes(bytes)} MB)`;
  return new GatewayError("media/too-large", message, { hint: "Raise mediaMaxMb, or send a smaller file." });
}

function halfWritten(got: number, expected: number): GatewayError {
  return new GatewayError("media/timeout", `only ${got} of its ${expected} bytes are there`, {
    hint: "Open the chat in Messages on the Mac and look whether the file is still being downloaded.",
  });
}
