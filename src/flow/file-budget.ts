// What the files of one answer may take together: so many of them, so many tries, so much time; and what is told of those that are not sent.
import { unlessAborted } from "../lib/unless-aborted.ts";
import { toGatewayError } from "../model/errors.ts";
import type { OutboundFile } from "../model/media.ts";
import { plainLine } from "../model/plain-line.ts";

/** Files one answer may have. */
const MOST_FILES = 10;
/** Files that are tried: one that is not there is a try, too. */
const MOST_TRIES = 20;
/** For all of them together. */
const ALL_FILES_MS = 120_000;
/** Reasons that are kept; of more there is the number. */
const MOST_REASONS = 10;
const LONGEST_REASON = 300;

/** Files that an answer names and that are not sent. */
export interface UnsentFiles {
  readonly count: number;
  /** Of the first few, each a sentence. */
  readonly reasons: readonly string[];
}

/** Keeps the account of one answer's files. */
export class FileBudget {
  readonly #allMs: number;
  #files = 0;
  #tries = 0;
  #spentMs = 0;
  #unsent = 0;
  readonly #reasons: string[] = [];

  constructor(allMs = ALL_FILES_MS) {
    this.#allMs = allMs;
  }

  get unsent(): UnsentFiles {
    return { count: this.#unsent, reasons: this.#reasons };
  }

  /** Takes back what is counted from here on, but for tries and time: it is for files that are taken once more. */
  checkpoint(): () => void {
    const { files, unsent, reasons } = {
      files: this.#files,
      unsent: this.#unsent,
      reasons: this.#reasons.length,
    };
    return () => {
      this.#files = files;
      this.#unsent = unsent;
      this.#reasons.length = reasons;
    };
  }

  /** Tries to take a file, where there is room for so many more. Undefined: it is not sent, which is noted. */
  async take(
    source: string,
    { room, signal }: { readonly room: number; readonly signal: AbortSignal },
    fetch: (signal: AbortSignal) => Promise<OutboundFile>,
  ): Promise<OutboundFile | undefined> {
    if (this.#files >= MOST_FILES)
      return this.#refuse(`${source} is one too many: an answer has ${MOST_FILES} files at most.`);
    if (room < 1)
      return this.#refuse(
        `${source} is one too many: the answer has no message left for it (messages.maxPartsPerReply).`,
      );
    if (this.#tries >= MOST_TRIES)
      return this.#refuse(`${source} was not tried: ${MOST_TRIES} files of the answer were tried before it.`);
    const leftMs = Math.ceil(this.#allMs - this.#spentMs);
    if (leftMs <= 0) return this.#refuse(`${source} was not tried: ${this.#outOfTime()}`);
    this.#tries += 1;
    const beganMs = performance.now();
    const limited = AbortSignal.any([signal, AbortSignal.timeout(leftMs)]);
    try {
      const file = await unlessAborted(fetch(limited), [limited]);
      if (file === undefined) return this.#refuse(`${source} did not come in time: ${this.#outOfTime()}`);
      this.#files += 1;
      return file;
    } catch (cause) {
      return this.#refuse(
        limited.aborted
          ? `${source} did not come in time: ${this.#outOfTime()}`
          : toGatewayError(cause).message,
      );
    } finally {
      this.#spentMs += performance.now() - beganMs;
    }
  }

  #outOfTime(): string {
    return `all files of an answer have ${this.#allMs / 1000} s together.`;
  }

  #refuse(reason: string): undefined {
    this.#unsent += 1;
    if (this.#reasons.length < MOST_REASONS) this.#reasons.push(plainLine(reason, LONGEST_REASON));
  }
}
