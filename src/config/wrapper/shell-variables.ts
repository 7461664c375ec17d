// What words of a shell script stand for, as far as the script itself and the environment say it; nothing is run for it.
import type { Piece, ShellCommand, Word } from "./shell-script.ts";

/** A word after its variables are put in; `unknown` says what could not be told. */
export type Field =
  | { readonly text: string; readonly unknown?: undefined }
  | { readonly text: string; readonly unknown: string };

type Value = readonly string[] | { readonly unknown: string };

/** A script may not make us write more than this by putting variables into variables. */
const BUDGET = 256 * 1024;

/** The variables of one script, in the order in which it sets them. */
export class ShellVariables {
  readonly #environment: (name: string) => string | undefined;
  readonly #values = new Map<string, Value>();
  #left = BUDGET;

  /** `environment` is what the script would be run with. */
  constructor(environment: (name: string) => string | undefined) {
    this.#environment = environment;
  }

  /** Reads `NAME=value`; false for a word that is no such thing. `isCertain` is false where it may not be done. */
  assign(word: Word, isCertain: boolean): boolean {
    const [first, ...rest] = word.pieces;
    const match = first?.kind === "text" ? /^([A-Za-z_]\w*)(\+?)=/u.exec(first.text) : null;
    if (first?.kind !== "text" || match?.[1] === undefined) return false;
    const name = match[1];
    const pieces: Piece[] = [{ kind: "text", text: first.text.slice(match[0].length) }, ...rest];
    const value = word.items === undefined ? this.#joined(pieces) : this.#listed(word.items);
    if (match[2] === "+") this.#values.set(name, { unknown: `$${name}, which is put together` });
    else this.#set(name, value, isCertain);
    return true;
  }

  /** The variable may be anything from here on. */
  forget(name: string): void {
    this.#values.set(name, { unknown: `$${name}` });
  }

  /** Every variable that was set may be anything from here on. */
  forgetAll(): void {
    for (const name of this.#values.keys()) this.forget(name);
  }

  /** The words of a command as its program would get them. */
  fieldsOf({ words }: Pick<ShellCommand, "words">): Field[] {
    return words.flatMap((word) => this.#expand(word.pieces));
  }

  #set(name: string, value: Value, isCertain: boolean): void {
    const before = this.#values.get(name);
    const isSame = before !== undefined && JSON.stringify(before) === JSON.stringify(value);
    this.#values.set(
      name,
      isCertain || isSame ? value : { unknown: `$${name}, which is set in more than one way` },
    );
  }

  #listed(items: readonly Word[]): Value {
    const fields = items.flatMap((item) => this.#expand(item.pieces));
    const unknown = fields.find((field) => field.unknown !== undefined)?.unknown;
    return unknown === undefined ? fields.map(({ text }) => text) : { unknown };
  }

  /** The value of an assignment: never split. */
  #joined(pieces: readonly Piece[]): Value {
    let text = "";
    for (const piece of pieces) {
      const value = this.#valueOf(piece);
      if ("unknown" in value) return value;
      text += value.join(" ");
    }
    return [text];
  }

  #expand(pieces: readonly Piece[]): Field[] {
    const fields: { text: string; unknown?: string }[] = [];
    let open: { text: string; unknown?: string } | undefined;
    const begin = (): { text: string; unknown?: string } => {
      if (open === undefined) fields.push((open = { text: "" }));
      return open;
    };
    for (const piece of pieces) {
      const value = this.#valueOf(piece);
      if ("unknown" in value) begin().unknown ??= value.unknown;
      else if (piece.kind !== "variable" || (piece.isQuoted && !piece.isList))
        begin().text += value.join(" ");
      else {
        const whole = value.join(" ");
        const parts = piece.isQuoted ? value : whole.split(/[ \t\n]+/u);
        parts.forEach((part, index) => {
          if (index > 0) open = undefined;
          if (part !== "" || piece.isQuoted) begin().text += part;
        });
      }
    }
    return fields;
  }

  #valueOf(piece: Piece): Value {
    if (piece.kind === "unknown") return { unknown: piece.what };
    if (piece.kind === "text") return [piece.text];
    const value = this.#variable(piece);
    if (!("unknown" in value)) this.#left -= value.reduce((sum, part) => sum + part.length, 0);
    return this.#left < 0 ? { unknown: "more text than can be followed" } : value;
  }

  #variable(piece: Piece & { readonly kind: "variable" }): Value {
    const inherited = this.#environment(piece.name);
    const value = this.#values.get(piece.name) ?? (inherited === undefined ? undefined : [inherited]);
    // Set but empty takes the fallback too with `:-`; without the colon nobody means anything else.
    if (value !== undefined && ("unknown" in value || piece.fallback === undefined || value.join("") !== ""))
      return value;
    if (piece.fallback === undefined) return { unknown: `$${piece.name}, which is not set in it` };
    const fallback = this.#joined(piece.fallback);
    if (piece.assigns) this.#values.set(piece.name, fallback);
    return fallback;
  }
}
