// The demo's world: a gateway, a phone, and the commands an owner types, all real processes on one throw-away folder.
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Phone, type Received } from "./phone.ts";
import {
  countThoughts,
  makePlace,
  removePlace,
  removePlaceNow,
  THINKER_RUNTIME,
  type Place,
} from "./place.ts";
import { runToEnd, startProgram, type Finished, type Running } from "./programs.ts";

const POLL_MS = 15;
const PATIENCE_MS = 20_000;

/** Something that was to be seen and was not. */
export class Unmet extends Error {
  readonly expected: string;
  readonly seen: string;

  constructor(expected: string, seen: string) {
    super(`expected ${expected}, saw ${seen}`);
    this.expected = expected;
    this.seen = seen;
  }
}

/** What a world is made with. */
export interface WorldOptions {
  /** Aborting it ends every wait and every command. */
  readonly signal: AbortSignal;
  readonly onReceived?: (message: Received) => void;
}

/** The world. */
export class World {
  readonly place: Place;
  readonly #signal: AbortSignal;
  #phone: Phone | undefined;
  #gateway: Running | undefined;
  #log = "";
  /** The process may be ended from elsewhere, as when nobody reads its output any more. */
  readonly #onExit = (): void => {
    void this.#gateway?.kill();
    this.#phone?.abandon();
    removePlaceNow(this.place);
  };

  private constructor(place: Place, signal: AbortSignal) {
    this.place = place;
    this.#signal = signal;
    process.once("exit", this.#onExit);
  }

  /** Makes the folder and the phone; the gateway is not started. */
  static async make(options: WorldOptions): Promise<World> {
    const world = new World(await makePlace(), options.signal);
    try {
      world.#phone = await Phone.open(world.place, options.signal, options.onReceived ?? (() => {}));
      return world;
    } catch (cause) {
      await world.close({ keep: false });
      throw cause;
    }
  }

  get phone(): Phone {
    if (this.#phone === undefined) throw new Error("the world has no phone yet");
    return this.#phone;
  }

  /** Process id of the gateway that was started last. */
  get gatewayPid(): number {
    return this.#gateway?.pid ?? 0;
  }

  /** Starts the gateway and waits until it watches; the answer is how long that took, in ms. */
  async startGateway(): Promise<number> {
    const startedAt = performance.now();
    const from = this.#log.length;
    const file = join(this.place.dir, "gateway.log");
    const decoder = new TextDecoder();
    const gateway = startProgram(this.place.coderclaw, ["gateway"], {
      stderr: (chunk) => {
        appendFileSync(file, chunk);
        this.#log += decoder.decode(chunk, { stream: true });
      },
    });
    this.#gateway = gateway;
    await this.until(
      () => gateway.isOver() || this.logSince(from).includes(" watching,"),
      "the gateway to watch the Messages database",
      () => "a gateway that does not watch yet",
    );
    if (gateway.isOver())
      throw new Unmet("the gateway to watch the Messages database", "a gateway that ended");
    return Math.round(performance.now() - startedAt);
  }

  /** SIGKILL to the gateway, as a power cut would. */
  async crashGateway(): Promise<void> {
    await this.#gateway?.kill();
  }

  /** Runs `coderclaw ARGS`, as the owner would type it. */
  async coderclaw(...args: readonly string[]): Promise<Finished> {
    return runToEnd(this.place.coderclaw, args, this.#signal);
  }

  /** The same, of a command that must succeed; the answer is what it printed. */
  async ordered(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.coderclaw(...args);
    if (code !== 0)
      throw new Unmet(`\`coderclaw ${args.join(" ")}\` to succeed`, `exit code ${code}: ${stderr.trim()}`);
    return stdout.trim();
  }

  /** Has the thinking agent answer (or the echo agent again), by the commands given to `tell`; waits until that is in force. */
  async think(isThinking: boolean, tell: (command: readonly string[]) => void = () => {}): Promise<void> {
    const from = this.#log.length;
    const key = "agents.defaults.runtime";
    const command = isThinking ? ["config", "set", key, THINKER_RUNTIME] : ["config", "unset", key];
    tell(command);
    await this.ordered(...command);
    await this.untilLogged("config taken over", from);
  }

  /** Waits until the thinking agent has begun once more than `before` times. */
  async untilThinking(before: number): Promise<void> {
    await this.until(
      async () => (await countThoughts(this.place)) > before,
      "the agent to begin to think",
      () => "an agent that was not started",
    );
  }

  /** Waits for a text on the phone. */
  async untilReceived(matches: (text: string) => boolean, expected: string): Promise<Received> {
    return this.until(
      () => this.phone.received.find((message) => matches(message.text)),
      expected,
      () => describeTexts(this.phone.received),
    );
  }

  /** Waits until the gateway's log holds `text` after the position `from`. */
  async untilLogged(text: string, from: number): Promise<void> {
    await this.until(
      () => this.logSince(from).includes(text),
      `the gateway to log "${text}"`,
      () => "no such line",
    );
  }

  /** Waits until `probe` gives something. Throws `Unmet` when it does not within 20 s. */
  async until<T>(
    probe: () => Promise<T | undefined | false> | T | undefined | false,
    expected: string,
    seen: () => string,
  ): Promise<T> {
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      const found = await probe();
      if (found !== undefined && found !== false) return found;
      if (performance.now() > end) throw new Unmet(expected, seen());
      await delay(POLL_MS, undefined, { signal: this.#signal });
    }
  }

  /** How much the gateway has logged so far; `logSince` takes it. */
  get logLength(): number {
    return this.#log.length;
  }

  logSince(from: number): string {
    return this.#log.slice(from);
  }

  /** The last lines of the gateway's log. */
  lastLog(lines: number): readonly string[] {
    return this.#log.trimEnd().split("\n").slice(-lines);
  }

  /** Ends every process; then the folder goes, or is kept. */
  async close({ keep }: { readonly keep: boolean }): Promise<void> {
    await Promise.all([this.#gateway?.end(), this.#phone?.close()]);
    if (!keep) await removePlace(this.place);
    process.off("exit", this.#onExit);
  }
}

/** Texts in one line, for a report of what was seen instead. */
export function describeTexts(messages: readonly Received[]): string {
  return messages.length === 0 ? "no message" : messages.map(({ text }) => JSON.stringify(text)).join(", ");
}
