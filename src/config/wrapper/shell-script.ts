// Reads the text of a shell script into simple commands, without running or evaluating anything: what only a shell could tell is marked.

/** A piece of a word. */
export type Piece =
  | { readonly kind: "text"; readonly text: string }
  | {
      readonly kind: "variable";
      readonly name: string;
      readonly isQuoted: boolean;
      /** `"${NAME[@]}"`. */
      readonly isList: boolean;
      /** `${NAME:-fallback}`; undefined: none. */
      readonly fallback: readonly Piece[] | undefined;
      /** `${NAME:=fallback}`. */
      readonly assigns: boolean;
    }
  /** Something that is worked out when the script runs; `what` names it, `text` is it as written. */
  | { readonly kind: "unknown"; readonly what: string; readonly text: string };

/** A word; `NAME=(a b)` has its items in `items`. */
export interface Word {
  readonly pieces: readonly Piece[];
  readonly items?: readonly Word[];
}

/** Words up to the end of a line or an operator. */
export interface ShellCommand {
  /** Of its first word, from 1. */
  readonly line: number;
  readonly words: readonly Word[];
  /** The operator in front of it: `&&`, `||`, `|`, `(` and the like; empty at the beginning of a line. */
  readonly before: string;
}

/** The commands in front of `stop`, where the text could not be read any further. */
export interface ShellScript {
  readonly commands: readonly ShellCommand[];
  readonly stop: { readonly line: number; readonly because: string } | undefined;
}

/** Reads a script. Contract: never throws; its time grows linearly with the text. */
export function readShellScript(text: string): ShellScript {
  const reader = new Reader(text);
  try {
    reader.run();
    return { commands: reader.commands, stop: undefined };
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    return { commands: reader.commands, stop: { line: error.line, because: error.message } };
  }
}

class Stop extends Error {
  readonly line: number;

  constructor(line: number, because: string) {
    super(because);
    this.line = line;
  }
}

const DEEPEST = 12;
const ENDS_WORD = " \t\r\n;&|()<>";
const OPERATORS = ["&&", "||", ";;", ";", "&", "|", "(", ")"];

class Reader {
  readonly commands: ShellCommand[] = [];
  readonly #text: string;
  #at = 0;
  #line = 1;
  #words: Word[] = [];
  #firstLine = 1;
  #before = "";
  #dropsNext = false;

  constructor(text: string) {
    this.#text = text;
  }

  run(): void {
    while (this.#at < this.#text.length) {
      this.#blanks();
      const sign = this.#peek();
      if (sign === undefined) break;
      if (sign === "#") this.#comment();
      else if (sign === "\n") {
        this.#next();
        this.#end("");
      } else if (sign === "<" || sign === ">") this.#redirection();
      else {
        const operator = OPERATORS.find((each) => this.#text.startsWith(each, this.#at));
        if (operator === undefined) this.#word();
        else {
          this.#at += operator.length;
          this.#end(operator);
        }
      }
    }
    this.#end("");
  }

  #end(operator: string): void {
    if (this.#words.length > 0)
      this.commands.push({ line: this.#firstLine, words: this.#words, before: this.#before });
    else if (operator !== "" && this.#before !== "") operator = `${this.#before.slice(0, 8)}${operator}`;
    this.#words = [];
    this.#before = operator;
    this.#dropsNext = false;
  }

  #redirection(): void {
    if (this.#text.startsWith("<<", this.#at) && this.#text[this.#at + 2] !== "<")
      throw new Stop(this.#line, "a here document");
    while (/[<>&|]/u.test(this.#peek() ?? "")) this.#next();
    this.#dropsNext = true;
  }

  #word(): void {
    const line = this.#line;
    const pieces = this.#pieces(ENDS_WORD, 0);
    const last = pieces.at(-1);
    const isArray = last?.kind === "text" && pieces.length === 1 && /^\w+\+?=$/u.test(last.text);
    const word: Word = isArray && this.#peek() === "(" ? { pieces, items: this.#items() } : { pieces };
    if (this.#dropsNext) {
      this.#dropsNext = false;
      return;
    }
    const isDescriptor =
      /[<>]/u.test(this.#peek() ?? "") && last?.kind === "text" && /^\d+$/u.test(last.text);
    if (isDescriptor && pieces.length === 1) return;
    if (this.#words.length === 0) this.#firstLine = line;
    this.#words.push(word);
  }

  #items(): Word[] {
    const began = this.#line;
    const items: Word[] = [];
    this.#next();
    for (;;) {
      this.#blanks();
      const sign = this.#peek();
      if (sign === undefined) throw new Stop(began, "a list without its end");
      if (sign === "#") this.#comment();
      else if (sign === "\n") this.#next();
      else if (sign === ")") {
        this.#next();
        return items;
      } else if (ENDS_WORD.includes(sign)) throw new Stop(this.#line, "a list that is none");
      else items.push({ pieces: this.#pieces(ENDS_WORD, 0) });
    }
  }

  /** Pieces up to one of the signs in `until`, outside of quotes. */
  #pieces(until: string, depth: number): Piece[] {
    const pieces: Piece[] = [];
    let plain = "";
    let hasQuotes = false;
    const flush = (): void => {
      if (plain !== "" || hasQuotes) pieces.push({ kind: "text", text: plain });
      plain = "";
      hasQuotes = false;
    };
    for (let sign = this.#peek(); sign !== undefined && !until.includes(sign); sign = this.#peek()) {
      if (sign === "'") {
        plain += this.#single();
        hasQuotes = true;
      } else if (sign === '"') {
        flush();
        pieces.push(...this.#double(depth));
      } else if (sign === "\\") {
        this.#next();
        const escaped = this.#next();
        if (escaped !== undefined && escaped !== "\n") plain += escaped;
      } else if (sign === "$" || sign === "`") {
        const piece = this.#dollar(false, depth);
        if (piece.kind === "text") plain += piece.text;
        else {
          flush();
          pieces.push(piece);
        }
      } else plain += this.#next();
    }
    flush();
    return pieces;
  }

  #single(): string {
    const began = this.#line;
    this.#next();
    let text = "";
    for (let sign = this.#next(); sign !== "'"; sign = this.#next()) {
      if (sign === undefined) throw new Stop(began, "a quote without its end");
      text += sign;
    }
    return text;
  }

  #double(depth: number): Piece[] {
    const began = this.#line;
    this.#next();
    const pieces: Piece[] = [];
    let text = "";
    for (let sign = this.#peek(); sign !== '"'; sign = this.#peek()) {
      if (sign === undefined) throw new Stop(began, "a quote without its end");
      if (sign === "\\") {
        this.#next();
        const escaped = this.#next() ?? "";
        if (escaped !== "\n") text += '$`"\\'.includes(escaped) ? escaped : `\\${escaped}`;
      } else if (sign === "$" || sign === "`") {
        const piece = this.#dollar(true, depth);
        if (piece.kind === "text") text += piece.text;
        else {
          if (text !== "") pieces.push({ kind: "text", text });
          text = "";
          pieces.push(piece);
        }
      } else text += this.#next();
    }
    this.#next();
    if (text !== "" || pieces.length === 0) pieces.push({ kind: "text", text });
    return pieces;
  }

  #dollar(isQuoted: boolean, depth: number): Piece {
    const began = this.#at;
    const line = this.#line;
    const unknown = (what: string): Piece => ({
      kind: "unknown",
      what,
      text: this.#text.slice(began, this.#at),
    });
    if (depth > DEEPEST) throw new Stop(line, "substitutions within substitutions");
    if (this.#next() === "`") {
      this.#skipTo("`", line);
      return unknown("the output of a command");
    }
    const sign = this.#peek() ?? "";
    if (sign === "(") {
      this.#parentheses(line);
      return unknown("the output of a command");
    }
    if (sign === "'" && !isQuoted) {
      this.#next();
      this.#skipTo("'", line);
      return unknown("a quote of the form $'…'");
    }
    if (sign === "{") return this.#braces(isQuoted, { depth, unknown });
    if (/[0-9@*#?$!-]/u.test(sign)) {
      this.#next();
      return unknown("an argument of the script");
    }
    const name = this.#name();
    if (name === "") return { kind: "text", text: "$" };
    return { kind: "variable", name, isQuoted, isList: false, fallback: undefined, assigns: false };
  }

  #braces(isQuoted: boolean, { depth, unknown }: { depth: number; unknown: (what: string) => Piece }): Piece {
    const line = this.#line;
    this.#next();
    const name = this.#name();
    const variable = { kind: "variable", name, isQuoted, isList: false, assigns: false } as const;
    const isList = this.#text.startsWith("[@]", this.#at);
    if (isList) this.#at += 3;
    const form = /^(?:\}|:?[-=?])/u.exec(this.#text.slice(this.#at, this.#at + 2))?.[0];
    if (name === "" || form === undefined) {
      this.#skipTo("}", line);
      return unknown(
        name === "" ? "an argument of the script" : "a variable that is changed where it is used",
      );
    }
    this.#at += form.length;
    if (form === "}") return { ...variable, isList, fallback: undefined };
    const fallback = this.#pieces("}", depth + 1);
    if (this.#next() !== "}") throw new Stop(line, "a brace without its end");
    if (form.endsWith("?")) return { ...variable, fallback: undefined };
    return { ...variable, fallback, assigns: form.endsWith("=") };
  }

  #name(): string {
    let name = "";
    while (/\w/u.test(this.#peek() ?? "") && !(name === "" && /\d/u.test(this.#peek() ?? "")))
      name += this.#next();
    return name;
  }

  #parentheses(line: number): void {
    let open = 0;
    do {
      const sign = this.#next();
      if (sign === undefined) throw new Stop(line, "a parenthesis without its end");
      if (sign === "(") open += 1;
      else if (sign === ")") open -= 1;
      else if (sign === "'") this.#skipTo("'", line);
      else if (sign === "\\") this.#next();
    } while (open > 0);
  }

  #skipTo(end: string, line: number): void {
    for (let sign = this.#next(); sign !== end; sign = this.#next()) {
      if (sign === undefined) throw new Stop(line, "a quote without its end");
      if (sign === "\\" && end !== "'") this.#next();
    }
  }

  #comment(): void {
    while (this.#peek() !== undefined && this.#peek() !== "\n") this.#next();
  }

  #blanks(): void {
    for (;;) {
      if (/[ \t\r]/u.test(this.#peek() ?? "")) this.#next();
      else if (this.#text.startsWith("\\\n", this.#at)) {
        this.#next();
        this.#next();
      } else return;
    }
  }

  #peek(): string | undefined {
    return this.#text[this.#at];
  }

  #next(): string | undefined {
    const sign = this.#text[this.#at];
    if (sign === undefined) return undefined;
    this.#at += 1;
    if (sign === "\n") this.#line += 1;
    return sign;
  }
}
