// Reads a model's answer as it comes: events of a stream, or one JSON object from a server that does not stream.
import { createParser, type EventSourceParser } from "eventsource-parser";
import { member, ModelFault, saidIn, type Place } from "./fault.ts";
import { ThoughtFilter } from "./thinking.ts";

/** One event, or a whole JSON answer. */
const MAX_BUFFERED = 8 * 1024 * 1024;
/** All of an answer, with thoughts and what the protocol puts around each word. */
const MAX_READ = 256 * 1024 * 1024;

/** Makes text of the pieces of an answer. */
export class AnswerReader {
  readonly #place: Place;
  readonly #decoder = new TextDecoder();
  readonly #filter = new ThoughtFilter();
  readonly #events: EventSourceParser;
  #shape: "unknown" | "events" | "object" = "unknown";
  /** What came of an answer whose shape is not known yet, or that is one object. */
  #buffer = "";
  #read = 0;
  #text = "";
  #finish: string | undefined;
  #isDone = false;
  #hasEvents = false;
  #hasText = false;

  constructor(place: Place) {
    this.#place = place;
    this.#events = createParser({
      maxBufferSize: MAX_BUFFERED,
      onEvent: ({ data }) => this.#takeEvent(data),
      onError: ({ type }) => {
        if (type === "max-buffer-size-exceeded") throw tooLarge(place);
      },
    });
  }

  /** The answer is whole: what comes now is not part of it. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** The model had no room left for the rest of what it wanted to say. */
  get wasCut(): boolean {
    return this.#finish === "length";
  }

  /** Takes a piece; the answer is the text in it. Throws a `ModelFault` for what is no answer. */
  push(piece: Uint8Array): string {
    this.#read += piece.length;
    if (this.#read > MAX_READ) throw tooLarge(this.#place);
    this.#take(this.#decoder.decode(piece, { stream: true }));
    return this.#flush();
  }

  /** The rest of the text. Throws a `ModelFault` where the answer is not whole, or says nothing. */
  end(): string {
    this.#take(this.#decoder.decode());
    if (this.#shape === "events") this.#events.reset({ consume: true });
    else if (this.#shape === "object") this.#takeObject(this.#buffer);
    if (this.#shape === "events" && !this.#hasEvents) throw notAnApi(this.#place, "text of another kind");
    const isWhole = this.#isDone || this.#finish !== undefined;
    if (!isWhole) throw new ModelFault("the answer ended in the middle", { remedy: "later" });
    const text = this.#flush() + this.#see(this.#filter.end());
    if (!this.#hasText) throw this.#nothingSaid();
    return text;
  }

  #take(text: string): void {
    if (this.#shape === "events") return this.#events.feed(text);
    this.#buffer += text;
    if (this.#buffer.length > MAX_BUFFERED) throw tooLarge(this.#place);
    if (this.#shape === "object") return;
    const first = this.#buffer.trimStart().charAt(0);
    if (first === "{" || first === "[") this.#shape = "object";
    else if (first === "<") throw notAnApi(this.#place, "a web page");
    else if (first !== "") {
      this.#shape = "events";
      this.#events.feed(this.#buffer.trimStart());
      this.#buffer = "";
    }
  }

  #takeEvent(data: string): void {
    this.#hasEvents = true;
    if (this.#isDone) return;
    if (data.trim() === "[DONE]") this.#isDone = true;
    else this.#takeChunk(parseJson(data), "delta");
  }

  #takeObject(text: string): void {
    const value = parseJson(text);
    if (value === undefined) throw notAnApi(this.#place, "what is no JSON");
    this.#takeChunk(value, "message");
    this.#isDone = true;
  }

  /** A chunk of the stream, or the whole answer; they differ in one name. Reasoning has fields of its own, which are not read. */
  #takeChunk(value: unknown, name: "delta" | "message"): void {
    const error = member(value, "error");
    if (error !== undefined && error !== null) throw this.#failed(value, error);
    const choices = member(value, "choices");
    // The last chunk of some servers counts tokens, and has no choice.
    if (!Array.isArray(choices) && name === "message") throw notAnApi(this.#place, "JSON of another kind");
    const choice: unknown = Array.isArray(choices) ? choices[0] : undefined;
    const content = member(choice, name) ?? member(choice, "message");
    const text = textOf(member(content, "content")) || textOf(member(content, "refusal"));
    this.#text += this.#see(this.#filter.push(text));
    const finish = member(choice, "finish_reason");
    if (typeof finish === "string") this.#finish = finish;
  }

  /** An error in the middle of a stream. */
  #failed(value: unknown, error: unknown): ModelFault {
    const said = saidIn(JSON.stringify(value), this.#place.apiKey);
    const code = Number(member(error, "code"));
    const isPassing = code === 429 || code >= 500 || Number.isNaN(code);
    return new ModelFault(`${this.#place.baseUrl} broke off with an error: ${said}`, {
      remedy: isPassing ? "later" : "none",
    });
  }

  #nothingSaid(): ModelFault {
    const model = JSON.stringify(this.#place.model);
    if (this.#finish === "length")
      return new ModelFault(`model ${model} used up the room for its answer before it said anything`);
    if (this.#finish === "content_filter")
      return new ModelFault(`a filter of ${this.#place.baseUrl} kept the answer back`);
    const thought = this.#filter.hasThought ? " but thoughts" : "";
    return new ModelFault(`model ${model} answered with nothing${thought}`, { remedy: "later" });
  }

  #see(text: string): string {
    if (text.trim() !== "") this.#hasText = true;
    return text;
  }

  #flush(): string {
    const text = this.#text;
    this.#text = "";
    return text;
  }
}

/** A text, or the text parts of a list of parts; parts of other kinds are thoughts. */
function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content
    .map((part) => (member(part, "type") === "text" ? textOf(member(part, "text")) : ""))
    .join("");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function tooLarge({ baseUrl }: Place): ModelFault {
  return new ModelFault(`${baseUrl} sends more than an answer can be`);
}

function notAnApi({ baseUrl, agentId }: Place, what: string): ModelFault {
  const advice = /\/v\d+$/.test(baseUrl)
    ? `is \`baseUrl\` in the runtime of agent ${agentId} the address of an OpenAI-compatible API?`
    : `\`baseUrl\` in the runtime of agent ${agentId} probably lacks /v1`;
  return new ModelFault(`${baseUrl}/chat/completions answered with ${what}: ${advice}`);
}
