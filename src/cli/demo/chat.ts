// The demo at a terminal: a phone to type on as a stranger, and the owner's deeds as commands beside it.
import { setTimeout as delay } from "node:timers/promises";
import { toGatewayError } from "../../model/errors.ts";
import { paint, renderBubble, type Tone } from "./bubbles.ts";
import { PHONE_NUMBER } from "./phone.ts";
import { countThoughts } from "./place.ts";
import { codeIn, shell } from "./story.ts";
import { Terminal } from "./terminal.ts";
import { Unmet, World } from "./world.ts";

const HELP: readonly (readonly [command: string, does: string])[] = [
  ["/approve", "as the owner: approve the pairing code that the phone was sent"],
  ["/crash [TEXT]", "text the agent, kill the gateway while the agent thinks, start it again"],
  ["/explain", "ask the journal about the last message of the phone"],
  ["/status", "ask the gateway how it is"],
  ["/help", "show this"],
  ["/quit", "end (Ctrl-C and Ctrl-D too)"],
];

/** How the chat is run. */
export interface ChatOptions {
  readonly stop: AbortController;
  readonly keep: boolean;
}

/** Runs the demo at this process's terminal until it is ended. */
export async function runChat({ stop, keep }: ChatOptions): Promise<void> {
  const chat = new Chat(stop);
  try {
    await chat.open();
    await chat.ended;
  } catch (thrown) {
    if (!stop.signal.aborted) throw thrown;
  } finally {
    await chat.close(keep);
  }
}

/** The chat; lives as long as the demo. */
class Chat {
  readonly ended: Promise<void>;
  readonly #stop: AbortController;
  readonly #terminal: Terminal;
  #world: World | undefined;
  #lastGuid: string | undefined;
  readonly #opened = Promise.withResolvers<void>();
  /** One line at a time: what is typed while a command runs, or before there is a gateway, waits. */
  #work: Promise<void> = this.#opened.promise;

  constructor(stop: AbortController) {
    this.#stop = stop;
    const ended = Promise.withResolvers<void>();
    this.ended = ended.promise;
    stop.signal.addEventListener("abort", () => ended.resolve());
    this.#terminal = new Terminal("you: ", {
      onLine: (line) => this.#onLine(line),
      onEnd: () => stop.abort(),
    });
  }

  async open(): Promise<void> {
    this.#say("dim", "CoderClaw demo: a gateway and a stand-in for Messages, in a throw-away folder.");
    this.#world = await World.make({
      signal: this.#stop.signal,
      onReceived: ({ text }) => this.#bubble("left", text),
    });
    const startedMs = await this.#world.startGateway();
    this.#say(
      "dim",
      `The gateway watches after ${startedMs} ms. You are a stranger with a phone, ${PHONE_NUMBER}.`,
    );
    this.#say("dim", "Type a text and press Enter; /help shows what else there is.");
    this.#opened.resolve();
  }

  async close(keep: boolean): Promise<void> {
    this.#terminal.close();
    this.#opened.resolve();
    await this.#work;
    await this.#world?.close({ keep });
    if (this.#world === undefined) return;
    const { dir, coderclaw } = this.#world.place;
    if (keep) this.#say("dim", `Kept: ${dir}\nGo on with: ${coderclaw} gateway`);
    else this.#say("dim", "Everything is stopped and the folder is removed.");
  }

  #onLine(typed: string): void {
    const line = typed.trim();
    if (line === "/quit") {
      this.#terminal.close();
      return;
    }
    this.#work = this.#work
      .then(async () => this.#carryOut(line))
      .catch((thrown: unknown) => this.#onFailure(thrown));
  }

  async #carryOut(line: string): Promise<void> {
    const world = this.#world;
    if (world === undefined || this.#stop.signal.aborted) return;
    if (line === "") return this.#terminal.ask();
    const [command = "", ...rest] = line.split(/\s+/u);
    switch (command) {
      case "/approve":
        return this.#approve(world);
      case "/crash":
        return this.#crash(world, rest.join(" ") || "Tell me something wise.");
      case "/explain":
        return this.#explain(world);
      case "/status":
        return this.#order(world, ["channels", "status"]);
      case "/help":
        return this.#help();
      default:
        if (command.startsWith("/"))
          return this.#say("dim", `There is no ${command} in this demo; /help shows what there is.`);
        return this.#text(world, line);
    }
  }

  async #text(world: World, text: string): Promise<void> {
    this.#bubble("right", text);
    // It may be there before the text is known to be sent.
    const isFirst = world.phone.received.length === 0;
    this.#lastGuid = await world.phone.text(text);
    // The first reply holds what a newcomer needs to know next.
    if (!isFirst) return;
    const reply = await world.untilReceived(() => true, "a reply");
    if (codeIn(reply.text) !== undefined)
      this.#say("dim", "A stranger gets a code, no answer. /approve lets you in, as the owner would.");
  }

  async #approve(world: World): Promise<void> {
    const code = world.phone.received.map(({ text }) => codeIn(text)).findLast((one) => one !== undefined);
    if (code === undefined) {
      this.#say("dim", "The phone was sent no pairing code yet: write something first.");
      return;
    }
    await this.#order(world, ["pairing", "approve", "imessage", code]);
  }

  async #explain(world: World): Promise<void> {
    if (this.#lastGuid === undefined) this.#say("dim", "The phone has written nothing yet.");
    else await this.#order(world, ["explain", this.#lastGuid]);
  }

  async #crash(world: World, text: string): Promise<void> {
    if (!world.phone.received.some((message) => codeIn(message.text) === undefined)) {
      this.#say("dim", "Nobody answers a stranger: write something, then /approve, then /crash.");
      return;
    }
    await world.think(true, (command) => this.#say("command", shell(command)));
    const thoughts = await countThoughts(world.place);
    const before = world.phone.received.length;
    await this.#text(world, text);
    await world.untilThinking(thoughts);
    const pid = world.gatewayPid;
    await world.crashGateway();
    this.#say("command", `$ kill -9 ${pid}`);
    this.#say("bad", "The gateway is dead, in the middle of the answer.");
    await delay(700, undefined, { signal: this.#stop.signal });
    this.#say("command", "$ coderclaw gateway");
    const startedMs = await world.startGateway();
    this.#say("dim", `The gateway watches after ${startedMs} ms; the agent is asked once more.`);
    const isAnswer = (answer: string): boolean => answer.includes(`"${text}"`);
    await world.until(
      () => world.phone.received.slice(before).some((message) => isAnswer(message.text)),
      "the answer after the restart",
      () => "no answer",
    );
    await world.think(false, (command) => this.#say("command", shell(command)));
    const answers = world.phone.received.slice(before).filter((message) => isAnswer(message.text)).length;
    if (answers !== 1) throw new Unmet("one answer", `${answers} answers`);
    this.#say("good", "The agent began twice, the answer came once. /explain shows how.");
  }

  /** Runs a command as the owner would type it, and shows both. */
  async #order(world: World, command: readonly string[]): Promise<void> {
    this.#say("command", shell(command));
    const { stdout, stderr } = await world.coderclaw(...command);
    this.#say("dim", `${stdout}${stderr}`.trimEnd());
  }

  #help(): void {
    const width = Math.max(...HELP.map(([command]) => command.length));
    this.#say("dim", HELP.map(([command, does]) => `${command.padEnd(width)}  ${does}`).join("\n"));
  }

  #onFailure(thrown: unknown): void {
    if (this.#stop.signal.aborted) return;
    this.#say("bad", `✗ ${toGatewayError(thrown).message}`);
    for (const line of this.#world?.lastLog(12) ?? []) this.#say("dim", line);
  }

  #say(tone: Tone, text: string): void {
    const screen = this.#terminal.screen();
    const lines = text.split("\n").map((line) => `  ${paint(screen, tone, line)}\n`);
    this.#terminal.print(lines.join(""));
  }

  #bubble(side: "left" | "right", text: string): void {
    this.#terminal.print(renderBubble(this.#terminal.screen(), side, text));
  }
}
