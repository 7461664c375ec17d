// A terminal with a line being typed at its bottom: what is said meanwhile appears above that line.
import { clearScreenDown, createInterface, moveCursor, type Interface } from "node:readline";
import { columnsOf } from "../columns.ts";
import type { Screen } from "./bubbles.ts";

const UNKNOWN_WIDTH = 80;

/** What the terminal reports. */
export interface TerminalEvents {
  /** A line was entered; it is taken off the screen first. */
  readonly onLine: (line: string) => void;
  /** Ctrl-C, Ctrl-D, or the terminal is gone. */
  readonly onEnd: () => void;
}

/** The terminal of this process. */
export class Terminal {
  readonly #input: Interface;
  readonly #prompt: string;
  #isClosed = false;

  constructor(prompt: string, events: TerminalEvents) {
    this.#prompt = prompt;
    this.#input = createInterface({ input: process.stdin, output: process.stdout, terminal: true, prompt });
    this.#input.on("line", (line) => {
      this.#takeOff(line);
      events.onLine(line);
    });
    this.#input.on("SIGINT", () => this.#input.close());
    this.#input.on("close", () => {
      this.#isClosed = true;
      events.onEnd();
    });
  }

  /** Its size and whether it has colours (`NO_COLOR` is honoured), as they are now. */
  screen(): Screen {
    return { columns: columns(), colour: process.stdout.hasColors() };
  }

  /** Prints text that ends with a line end, above the line being typed. */
  print(text: string): void {
    if (this.#isClosed) {
      process.stdout.write(text);
      return;
    }
    const { rows } = this.#input.getCursorPos();
    moveCursor(process.stdout, -columns(), -rows);
    clearScreenDown(process.stdout);
    // The line is drawn anew from where its first row was when it was drawn last.
    process.stdout.write(text + "\n".repeat(rows));
    this.#input.prompt(true);
  }

  /** Asks for a line. */
  ask(): void {
    if (!this.#isClosed) this.#input.prompt(true);
  }

  close(): void {
    this.#input.close();
  }

  /** What was typed goes to where the chat shows it. */
  #takeOff(line: string): void {
    const width = columnsOf(this.#prompt) + columnsOf(line);
    moveCursor(process.stdout, -columns(), -(Math.floor(width / columns()) + 1));
    clearScreenDown(process.stdout);
  }
}

/** A terminal that does not know its width says 0. */
function columns(): number {
  return process.stdout.columns || UNKNOWN_WIDTH;
}
