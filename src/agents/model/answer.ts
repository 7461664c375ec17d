// Reads a model's answer as it comes: events of a stream, or one JSON object from a server that does not stream.
import { createParser, type EventSourceParser, type ParseError } from "eventsource-parser";
import { ThoughtFilter, type Seen } from "../thinking/filter.ts";
import { withoutWords } from "../thinking/whole.ts";
import { faultOf, ModelFault, type Place } from "./fault.ts";
import { isTooLong } from "./overflow.ts";
import { errorIn, jsonOf, member, parseJson, saidIn, statusIn } from "./said.ts";

/** One event, or a whole JSON answer. */
const MAX_BUFFERED = 8 * 1024 * 1024;
/** All of an answer, with thoughts and what the protocol puts around each word. */
const MAX_READ = 256 * 1024 * 1024;
/** Lines that are none of an event; a server that sends more of them is none for models. */
const MOST_ODD_LINES = 1000;
/** Of an answer that may still turn out to be a thought, in UTF-16 units; longer answers are cut anyway. */
const MAX_HELD = 1024 * 1024 + 1;

/**
 * Where a model thinks, as far as its answers told: `marked`, it says where a thought begins; `unmarked`, its prompt ends within a thought,
 * and only the end of it is marked.
 */
export type Habit = "marked" | "unmarked";

/** Makes text of the pieces of an answer. */
export class AnswerReader {
  readonly #place: Place;
  readonly #habit: Habit | undefined;
  readonly #decoder = new TextDecoder();
  readonly #filter = new ThoughtFilter();
  readonly #events: EventSourceParser;
  #shape: "unknown" | "events" | "object" = "unknown";
  /** What came of an answer whose shape is not known yet, or that is one object. */
  #buffer = "";
  #read = 0;
  /** What can be seen and is not given out yet. */
  #text = "";
  #startsOver = false;
  /** The server tells thoughts from the answer by itself. */
  #hasReasoning = false;
  /** It thought in words rather than marks. */
  #hasWords = false;
  #finish: string | undefined;
  #isDone = false;
  #hasEvents = false;
  /** Lines that are none of an event. */
  #oddLines = 0;
  /** The last event was cut in the middle. */
  #isBroken = false;

  constructor(place: Place, habit?: Habit) {
    this.#place = place;
    this.#habit = habit;
    this.#events = createParser({
      maxBufferSize: MAX_BUFFERED,
      onEvent: ({ event, data }) => this.#takeEvent(data, event === "error"),
      onError: (error) => this.#takeOdd(error),
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

  /** What this answer tells of the model; undefined: nothing. */
  get habit(): Habit | undefined {
    if (this.#filter.hasUnopened || this.#hasWords) return "unmarked";
    return this.#filter.hasSeen && !this.wasCut ? "marked" : undefined;
  }

  /** Takes a piece; the answer is what can be seen by it. Throws a `ModelFault` for what is no answer. */
  push(piece: Uint8Array): Seen {
    this.#read += piece.length;
    if (this.#read > MAX_READ) throw tooLarge(this.#place);
    this.#take(this.#decoder.decode(piece, { stream: true }));
    return this.#flush(this.#mayShow());
  }

  /** The rest of the text. Throws a `ModelFault` where the answer is not whole, or says nothing. */
  end(): Seen {
    this.#take(this.#decoder.decode());
    // The last event may lack the blank line behind it.
    if (this.#shape === "events") this.#events.feed("\n\n");
    else if (this.#shape === "object") this.#takeObject(this.#buffer);
    if (this.#shape === "events" && !this.#hasEvents) throw notAnApi(this.#place, "text of another kind");
    this.#see(this.#filter.end());
    const isWhole = this.#isDone || this.#finish !== undefined;
    // Some servers end a stream without a mark.
    if (!isWhole && (this.#isBroken || !this.#filter.hasSeen))
      throw new ModelFault("the answer ended in the middle", { remedy: "later" });
    const isThought = this.#habit === "unmarked" && this.wasCut && !this.#filter.hasUnopened;
    if (!this.#filter.hasSeen || isThought) throw this.#nothingSaid(isThought);
    if (!this.#mayShow()) {
      const text = withoutWords(this.#text);
      this.#hasWords = text !== this.#text;
      this.#text = text;
    }
    return this.#flush(true);
  }

  /** What came of an answer that nobody waits for any longer. */
  soFar(): Seen {
    return this.#flush(this.#habit !== "unmarked" || this.#mayShow());
  }

  #flush(mayShow: boolean): Seen {
    if (!mayShow) return { startsOver: false, text: "" };
    const seen = { startsOver: this.#startsOver, text: this.#text };
    this.#text = "";
    this.#startsOver = false;
    return seen;
  }

  /** False while all of it may turn out to be a thought. */
  #mayShow(): boolean {
    const { isClosed, hasOpened, hasUnopened } = this.#filter;
    return !isClosed && (this.#habit === "marked" || this.#hasReasoning || hasOpened || hasUnopened);
  }

  #see({ startsOver, text }: Seen): void {
    if (startsOver) {
      this.#startsOver = true;
      this.#text = "";
    }
    if (this.#text.length < MAX_HELD || this.#mayShow()) this.#text += text;
  }

  #take(text: string): void {
    if (this.#shape === "events") return this.#events.feed(text);
    this.#buffer += text;
    if (this.#buffer.length > MAX_BUFFERED) throw tooLarge(this.#place);
    if (this.#shape === "object") return;
    this.#buffer = this.#buffer.trimStart();
    const first = this.#buffer.charAt(0);
    if (first === "{" || first === "[") this.#shape = "object";
    else if (first === "<") throw notAnApi(this.#place, "a web page");
    else if (first !== "") {
      this.#shape = "events";
      this.#events.feed(this.#buffer);
      this.#buffer = "";
    }
  }

  #takeEvent(data: string, isError: boolean): void {
    this.#hasEvents = true;
    if (this.#isDone) return;
    const text = data.trim();
    if (text === "[DONE]") {
      this.#isDone = true;
      return;
    }
    const value = parseJson(data);
    this.#isBroken = value === undefined && /^[[{"]/u.test(text);
    const isWords = value === undefined && !this.#isBroken && /^\[?error\b/iu.test(text);
    if (isError || isWords) this.#fail(value ?? text);
    else this.#takeChunk(value, "delta");
  }

  /** A line that is none of an event: llama.cpp had `error: {…}`, and some servers just print the error. */
  #takeOdd({ type, field, value, line }: ParseError): void {
    if (type === "max-buffer-size-exceeded") throw tooLarge(this.#place);
    if (type !== "unknown-field" || this.#isDone) return;
    this.#oddLines += 1;
    if (this.#oddLines > MOST_ODD_LINES) throw notAnApi(this.#place, "text of another kind");
    const error =
      field === "error" ? (parseJson(value ?? "") ?? value) : errorIn(parseJson(line ?? ""), false);
    if (error === undefined) return;
    this.#hasEvents = true;
    this.#fail(error);
  }

  #takeObject(text: string): void {
    const value = parseJson(text);
    if (value === undefined) throw notAnApi(this.#place, "what is no JSON");
    this.#takeChunk(value, "message");
    this.#isDone = true;
  }

  /** A chunk of the stream, or the whole answer; they differ in one name. */
  #takeChunk(value: unknown, name: "delta" | "message"): void {
    const error = errorIn(value, false);
    if (error !== undefined) return this.#fail(error);
    const choices = member(value, "choices");
    // The last chunk of some servers counts tokens, and has no choice.
    if (!Array.isArray(choices) && name === "message") throw notAnApi(this.#place, "JSON of another kind");
    const choice: unknown = Array.isArray(choices) ? choices[0] : undefined;
    const content = member(choice, name) ?? member(choice, "message");
    if (hasReasoning(content)) this.#hasReasoning = true;
    const text =
      textOf(member(content, "content")) ||
      textOf(member(content, "refusal")) ||
      textOf(member(choice, "text"));
    this.#see(this.#filter.push(text));
    const finish = member(choice, "finish_reason");
    if (typeof finish === "string" && finish !== "") this.#finish = finish;
  }

  /** An error in place of an answer, or in the middle of one. */
  #fail(error: unknown): void {
    const { baseUrl, apiKey } = this.#place;
    const body = typeof error === "string" ? error : jsonOf(error);
    const status = statusIn(error);
    if (isTooLong(status ?? 200, body) && this.#filter.hasSeen) {
      // The context is full of the answer: what there is of it is all that there will be.
      this.#finish = "length";
      this.#isDone = true;
      return;
    }
    if (status !== undefined || isTooLong(200, body))
      throw faultOf({ status: status ?? 400, headers: {}, body }, this.#place);
    const words = saidIn(body, apiKey);
    throw new ModelFault(`${baseUrl} broke off with an error: ${words}`, { remedy: "later" });
  }

  #nothingSaid(isThought: boolean): ModelFault {
    const model = JSON.stringify(this.#place.model);
    if (this.#finish === "length")
      return new ModelFault(`model ${model} used up the room for its answer before it said anything`, {
        remedy: "less-history",
      });
    if (this.#finish === "content_filter")
      return new ModelFault(`a filter of ${this.#place.baseUrl} kept the answer back`);
    const thought = this.#filter.hasThought || isThought ? " but thoughts" : "";
    return new ModelFault(`model ${model} answered with nothing${thought}`, { remedy: "later" });
  }
}

/** Servers that tell thoughts apart put them into fields, or parts, of their own, which are not read. */
function hasReasoning(content: unknown): boolean {
  const parts = member(content, "content");
  const isPart = Array.isArray(parts) && parts.some((part) => member(part, "type") === "thinking");
  return (
    isPart ||
    ["reasoning_content", "reasoning", "reasoning_details", "thinking"].some((name) => {
      const thought = member(content, name);
      return thought !== undefined && thought !== null && thought !== "";
    })
  );
}

/** A text, or the text parts of a list of parts; parts of other kinds are thoughts. */
function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content
    .map((part) =>
      /^(?:output_)?text$/u.test(String(member(part, "type"))) ? textOf(member(part, "text")) : "",
    )
    .join("");
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
