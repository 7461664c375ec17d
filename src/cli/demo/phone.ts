// The phone at the other end: its texts go into the Messages database, and what the Mac writes there shows up on it.
import { createLineSplitter } from "../../lib/jsonl.ts";
import type { Place } from "./place.ts";
import { runToEnd, startProgram, type Running } from "./programs.ts";

/** The number the phone writes from. */
export const PHONE_NUMBER = "+14155550123";

/** What the phone got. */
export interface Received {
  readonly guid: string;
  readonly text: string;
}

/** A row as the stand-in's watch gives it; only what the phone shows. */
interface Row {
  readonly guid: string;
  readonly text: string;
  readonly is_from_me: boolean;
  readonly chat_identifier: string;
}

/** A phone in a one-to-one chat with the Mac. */
export class Phone {
  /** Everything that came, in order. */
  readonly received: Received[] = [];
  readonly #place: Place;
  readonly #signal: AbortSignal;
  readonly #onReceived: (message: Received) => void;
  readonly #ready = Promise.withResolvers<void>();
  #watch: Running | undefined;

  private constructor(place: Place, signal: AbortSignal, onReceived: (message: Received) => void) {
    this.#place = place;
    this.#signal = signal;
    this.#onReceived = onReceived;
  }

  /** Makes an empty Messages database and looks at it from the phone's side. */
  static async open(
    place: Place,
    signal: AbortSignal,
    onReceived: (message: Received) => void,
  ): Promise<Phone> {
    const made = await runToEnd(place.imsg, ["init", "--db", place.database], signal);
    if (made.code !== 0) throw new Error(`imsg-sim init failed: ${made.stderr.trim()}`);
    const phone = new Phone(place, signal, onReceived);
    await phone.#look();
    return phone;
  }

  /** Texts the Mac; the answer is the message's guid. */
  async text(text: string): Promise<string> {
    const args = ["receive", "--db", this.#place.database, "--from", PHONE_NUMBER, "--text", text, "--json"];
    const { code, stdout, stderr } = await runToEnd(this.#place.imsg, args, this.#signal);
    if (code !== 0) throw new Error(`imsg-sim receive failed: ${stderr.trim()}`);
    return (JSON.parse(stdout) as { guid: string }).guid;
  }

  async close(): Promise<void> {
    await this.#watch?.end();
  }

  /** Ends it at once, for a process that is about to exit. */
  abandon(): void {
    void this.#watch?.kill();
  }

  async #look(): Promise<void> {
    const splitter = createLineSplitter((line) => this.#take(line));
    this.#watch = startProgram(this.#place.imsg, ["rpc", "--db", this.#place.database], {
      stdout: (chunk) => splitter.push(chunk),
    });
    const params = { since_rowid: 0, debounce_ms: 20 };
    this.#watch.write(`${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "watch.subscribe", params })}\n`);
    const failed = this.#watch.over.then(() => {
      throw new Error("the stand-in for imsg ended");
    });
    await Promise.race([this.#ready.promise, failed]);
    failed.catch(() => {});
  }

  #take(line: string): void {
    const said = JSON.parse(line) as { id?: number; params?: { message?: Row } };
    if (said.id !== undefined) this.#ready.resolve();
    const row = said.params?.message;
    if (row === undefined || !row.is_from_me || row.chat_identifier !== PHONE_NUMBER) return;
    const message = { guid: row.guid, text: row.text };
    this.received.push(message);
    this.#onReceived(message);
  }
}
