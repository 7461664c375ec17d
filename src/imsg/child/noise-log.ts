// What a child says that cannot be used, so that it does not fill the log: of lines that are no JSON-RPC (banners, diagnostics) the
// first few of a minute and a count of the rest, of broken rows each once.
import type { GatewayError } from "../../model/errors.ts";
import type { OnBroken } from "../read/wire.ts";

const LINES_A_MINUTE = 10;
const MINUTE_MS = 60_000;
const MAX_LENGTH = 500;
const BROKEN_KEPT = 100;

/** The noise of the children that follow one another in one place; what they all say is said once. */
export class NoiseLog {
  readonly #write: (line: string, facts: Record<string, unknown>) => void;
  readonly #child: string;
  #minuteBegan = Number.NEGATIVE_INFINITY;
  #lines = 0;
  #last = "";
  #reason = "";

  constructor(write: (line: string, facts: Record<string, unknown>) => void, child: string) {
    this.#write = write;
    this.#child = child;
  }

  /** A child is replaced: one line, not one for each try of a long night. */
  replaced(reason: GatewayError, wasReady: boolean): void {
    if (!wasReady && reason.message === this.#reason) return;
    this.#reason = reason.message;
    this.#write(`${this.#child} child is replaced: ${reason.message}`, { hint: reason.hint });
  }

  heard(stream: "stdout" | "stderr", line: string): void {
    if (line.trim() === "" || line === this.#last) return;
    this.#last = line;
    const now = performance.now();
    if (now - this.#minuteBegan > MINUTE_MS) {
      const left = this.#lines - LINES_A_MINUTE;
      if (left > 0) this.#write(`${this.#child} child: ${left} more lines that are no answers`, {});
      this.#minuteBegan = now;
      this.#lines = 0;
    }
    this.#lines += 1;
    if (this.#lines > LINES_A_MINUTE) return;
    this.#write(`${this.#child} child says: ${line.slice(0, MAX_LENGTH)}`, { stream });
  }
}

/** A broken row stays in the database and is read again by every check: it is told once a child. */
export function onceEach(tell: OnBroken): OnBroken {
  const told = new Set<unknown>();
  return (error) => {
    const line = error.details?.["line"];
    if (told.has(line)) return;
    if (told.size >= BROKEN_KEPT) told.clear();
    told.add(line);
    tell(error);
  };
}
