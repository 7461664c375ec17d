// Lines of a child that are no JSON-RPC: banners, diagnostics. The log gets the first few of a minute and a count of the rest.

const LINES_A_MINUTE = 10;
const MINUTE_MS = 60_000;
const MAX_LENGTH = 500;

/** One child's noise. */
export class NoiseLog {
  readonly #write: (line: string, facts: Record<string, unknown>) => void;
  readonly #child: string;
  #minuteBegan = Number.NEGATIVE_INFINITY;
  #lines = 0;

  constructor(write: (line: string, facts: Record<string, unknown>) => void, child: string) {
    this.#write = write;
    this.#child = child;
  }

  heard(stream: "stdout" | "stderr", line: string): void {
    if (line.trim() === "") return;
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
