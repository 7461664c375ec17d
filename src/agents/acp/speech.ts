// What an agent says in one turn: text without thoughts, files, and where the use of a tool begins.
import { ThoughtFilter, type Seen } from "../thinking/filter.ts";
import type { AgentEvent } from "../../model/turn.ts";
import type { AnswerFile } from "./answer-file.ts";

/** What comes of it: a file is still as the agent gave it. */
export type SpeechEvent = AgentEvent | { readonly kind: "file"; readonly file: AnswerFile };

/** More of an answer is dropped. */
const LONGEST_ANSWER = 1024 * 1024;
/** Files of one turn, and what they hold together; those past it are named. */
const MOST_FILES = 10;
const LARGEST_FILES = 64 * 1024 * 1024;

/** Collects the speech of one turn. Contract: emits in the order in which it is told. */
export class Speech {
  readonly #emit: (event: SpeechEvent) => void;
  #filter = new ThoughtFilter();
  /** The message that the last text belongs to; undefined behind a tool call. */
  #messageId: string | undefined;
  /** UTF-16 units it may still say. */
  #left = LONGEST_ANSWER;
  #files = 0;
  #fileBytes = 0;
  /** Something was emitted since the last aside. */
  #isOpen = false;
  /** What comes is an earlier turn that is told again. */
  #isReplay = false;
  /** The agent has ended the turn; what still comes belongs to it. */
  isOver = false;
  /** It said something that may be the answer. */
  hasSaid = false;
  /** It said, showed or used something. */
  hasActed = false;
  /** It gave a sign of life. */
  isHeard = false;
  /** When it last said or showed something, by `performance.now()`. */
  saidMs = 0;

  constructor(emit: (event: SpeechEvent) => void) {
    this.#emit = emit;
  }

  /** Takes a piece of a message. */
  say(text: string, messageId: string | undefined): void {
    if (text === "" || this.#isReplay) return;
    this.saidMs = performance.now();
    // Two messages without anything between them are two paragraphs.
    if (this.#messageId !== undefined && messageId !== this.#messageId) {
      this.#flush();
      if (this.#isOpen) this.#tell("\n\n");
    }
    this.#messageId = messageId;
    this.#see(this.#filter.push(text));
  }

  /** Takes a picture, a sound or another file. */
  show(file: AnswerFile): void {
    if (this.#isReplay) return;
    this.saidMs = performance.now();
    this.#flush();
    this.#files += 1;
    this.#fileBytes += file.kind === "content" ? file.content.length : 0;
    const isTaken = this.#files <= MOST_FILES && this.#fileBytes <= LARGEST_FILES;
    this.hasSaid = true;
    this.hasActed = true;
    this.#isOpen = true;
    this.#emit({ kind: "file", file: isTaken ? file : { kind: "name", name: file.name } });
  }

  /** It began to use a tool. */
  use(): void {
    this.hasActed = true;
    // Behind the end it takes back nothing of the answer.
    if (this.isOver) return;
    this.#flush();
    this.#turnAside();
  }

  /** It repeats what a person wrote: what it told before that is no answer to the prompt. */
  hearPerson(): void {
    if (this.isOver) this.#isReplay = true;
    else this.#startOver();
  }

  /** Nothing more comes. */
  end(): void {
    this.#flush();
  }

  #flush(): void {
    this.#see(this.#filter.end());
    this.#filter = new ThoughtFilter();
    this.#messageId = undefined;
  }

  #see({ startsOver, text }: Seen): void {
    if (startsOver) this.#startOver();
    this.#tell(text);
  }

  #startOver(): void {
    if (this.#isOpen) this.#turnAside();
    this.hasSaid = false;
  }

  #turnAside(): void {
    this.#isOpen = false;
    this.#emit({ kind: "aside" });
  }

  #tell(text: string): void {
    if (text === "") return;
    if (text.trim() !== "") {
      this.hasSaid = true;
      this.hasActed = true;
    }
    this.#isOpen = true;
    if (this.#left > 0) this.#emit({ kind: "text", text: text.slice(0, this.#left) });
    this.#left -= text.length;
  }
}
