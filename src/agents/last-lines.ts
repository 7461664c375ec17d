// The last lines that a program wrote to stderr: they say best why it failed.

const KEPT_LINES = 5;
const KEPT_LENGTH = 200;

/** Keeps the newest lines. */
export class LastLines {
  readonly #lines: string[] = [];

  add(line: string): void {
    if (line.trim() !== "") this.#lines.push(line.slice(0, KEPT_LENGTH));
    if (this.#lines.length > KEPT_LINES) this.#lines.shift();
  }

  /** To be put behind a reason: `: first | second`, or nothing. */
  get said(): string {
    return this.#lines.length === 0 ? "" : `: ${this.#lines.join(" | ")}`;
  }
}
