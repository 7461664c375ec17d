// Reads a request's JSON as Foundation does, numbers kept as they were written.

/** A number as it stands in the line: what it is worth depends on who asks. */
export class JsonNumber {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  /** A whole number, written without fraction and exponent. */
  get isWhole(): boolean {
    return /^-?\d+$/u.test(this.source);
  }

  /** The nearest number of JavaScript. */
  get value(): number {
    return Number(this.source);
  }

  toJSON(): number {
    return this.value;
  }
}

/** Which Foundation reads: the one of macOS takes JSON as the standard has it, the one of Linux commas at the end too. */
export interface JsonManner {
  readonly trailingCommas: boolean;
}

/** The deepest nesting Foundation follows. */
const MAX_DEPTH = 512;

/** Parses a text. Contract: throws SyntaxError on whatever Foundation refuses. */
export function parseJson(source: string, manner: JsonManner): unknown {
  return new Reader(source, manner).read();
}

const BLANKS = /[ \t\r\n]*/uy;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?=[ \t\r\n,\]}]|$)/uy;
const PLAIN_TEXT = /[^"\\]*/uy; // JSON.parse refuses the control characters in it
const ESCAPE = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/uy;
const WORDS: Readonly<Record<string, unknown>> = { true: true, false: false, null: null };

class Reader {
  readonly #source: string;
  readonly #manner: JsonManner;
  #at = 0;
  #depth = 0;

  constructor(source: string, manner: JsonManner) {
    this.#source = source;
    this.#manner = manner;
  }

  read(): unknown {
    const value = this.#value();
    this.#blanks();
    if (this.#at < this.#source.length) throw new SyntaxError("text after the value");
    return value;
  }

  #value(): unknown {
    this.#blanks();
    const first = this.#source[this.#at];
    if (first === "{") return this.#nested(() => this.#object());
    if (first === "[") return this.#nested(() => this.#array());
    if (first === '"') return this.#string();
    const word = Object.keys(WORDS).find((candidate) => this.#source.startsWith(candidate, this.#at));
    if (word === undefined) return this.#number();
    this.#at += word.length;
    return WORDS[word];
  }

  #nested<Value>(read: () => Value): Value {
    if (this.#depth >= MAX_DEPTH) throw new SyntaxError("nested too deeply");
    this.#depth += 1;
    this.#at += 1;
    const value = read();
    this.#depth -= 1;
    return value;
  }

  #object(): Record<string, unknown> {
    const entries: [string, unknown][] = [];
    this.#items("}", () => {
      const key = this.#string();
      this.#blanks();
      this.#expect(":");
      entries.push([key, this.#value()]);
    });
    return Object.fromEntries(entries);
  }

  #array(): unknown[] {
    const items: unknown[] = [];
    this.#items("]", () => items.push(this.#value()));
    return items;
  }

  #items(end: string, readOne: () => void): void {
    this.#blanks();
    if (this.#take(end)) return;
    for (;;) {
      readOne();
      this.#blanks();
      if (this.#take(end)) return;
      this.#expect(",");
      this.#blanks();
      if (this.#manner.trailingCommas && this.#take(end)) return;
    }
  }

  #string(): string {
    const start = this.#at;
    this.#expect('"');
    for (;;) {
      this.#match(PLAIN_TEXT);
      if (this.#take('"')) break;
      if (this.#match(ESCAPE) === undefined) throw new SyntaxError("bad text");
    }
    const text = JSON.parse(this.#source.slice(start, this.#at)) as string;
    if (!text.isWellFormed()) throw new SyntaxError("half a surrogate pair");
    return text;
  }

  #number(): JsonNumber {
    const source = this.#match(NUMBER);
    if (source === undefined || source === "" || !Number.isFinite(Number(source))) {
      throw new SyntaxError("no value");
    }
    return new JsonNumber(source);
  }

  #blanks(): void {
    this.#match(BLANKS);
  }

  #take(character: string): boolean {
    if (this.#source[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #expect(character: string): void {
    if (!this.#take(character)) throw new SyntaxError(`no ${character}`);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }
}
