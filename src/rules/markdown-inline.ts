// The words of one paragraph, heading or table cell: marks become styles, links and images are written out.
import type { Token } from "markdown-it";
import type { FormattedWriter } from "./formatted-writer.ts";
import { findCodeMarks, styleOf } from "./markdown-emphasis.ts";

/** Writes the words down; `onBreak` writes what stands between two lines. False: they were written as they are in the source. */
export function writeInline(writer: FormattedWriter, tokens: readonly Token[], onBreak: () => void): boolean {
  const inline = new InlineWriter(writer, tokens, onBreak);
  return inline.writeAll();
}

/** A link that is being written. */
interface OpenLink {
  /** What is written after its text. */
  readonly tail: string;
  readonly isPlain: boolean;
}

class InlineWriter {
  readonly #writer: FormattedWriter;
  readonly #tokens: readonly Token[];
  readonly #onBreak: () => void;
  readonly #codeMarks: ReadonlySet<Token>;
  #link: OpenLink | undefined;
  /** Last character written. */
  #last = "";
  #changed = false;

  constructor(writer: FormattedWriter, tokens: readonly Token[], onBreak: () => void) {
    this.#writer = writer;
    this.#tokens = tokens;
    this.#onBreak = onBreak;
    this.#codeMarks = findCodeMarks(tokens);
  }

  writeAll(): boolean {
    for (let index = 0; index < this.#tokens.length;) index += this.#writeToken(index);
    return this.#changed;
  }

  /** Returns how many tokens it was. */
  #writeToken(index: number): number {
    const token = this.#tokens[index];
    if (!token) return 1;
    const style = styleOf(token);
    if (style !== undefined) {
      if (this.#codeMarks.has(token)) this.#write(token.markup);
      else {
        this.#changed = true;
        if (token.nesting > 0) this.#writer.begin(style);
        else this.#writer.end(style);
      }
      return 1;
    }
    switch (token.type) {
      case "softbreak":
      case "hardbreak":
        this.#onBreak();
        this.#last = "\n";
        return 1;
      case "code_inline":
        this.#writeCode(token);
        return 1;
      case "link_open":
        return this.#openLink(index, token);
      case "link_close":
        this.#closeLink();
        return 1;
      case "image":
        this.#writeImage(token);
        return 1;
      case "text_special":
        this.#changed = true;
        break;
      default:
    }
    this.#write(token.content);
    return 1;
  }

  #write(text: string): void {
    this.#writer.write(text);
    this.#last = text.slice(-1) || this.#last;
  }

  /** With its marks: what stands between them is to be typed as it is, and they say where it begins and ends. */
  #writeCode({ content, markup }: Token): void {
    const space = content.startsWith("`") || content.endsWith("`") ? " " : "";
    this.#write(markup + space + content + space + markup);
  }

  #openLink(index: number, token: Token): number {
    if (token.info === "auto") {
      this.#link = { tail: ">", isPlain: true };
      this.#write("<");
      return 1;
    }
    const target = String(token.attrGet("href") ?? "");
    const shown = showTarget(target);
    const [content, close] = this.#tokens.slice(index + 1, index + 3);
    if (isCall(this.#last, target) && token.attrGet("title") === null) {
      this.#link = { tail: `](${target})`, isPlain: true };
      this.#write("[");
      return 1;
    }
    this.#changed = true;
    const isText = content?.type === "text" || content?.type === "code_inline";
    if (isText && close?.type === "link_close" && isSame(content.content, target)) {
      this.#write(shown === "" ? content.content : shown);
      return 3;
    }
    const isEmpty = content?.type === "link_close";
    this.#link = { tail: shown === "" || isEmpty ? shown : ` (${shown})`, isPlain: false };
    return 1;
  }

  #closeLink(): void {
    const link = this.#link;
    this.#link = undefined;
    if (!link) return;
    if (link.isPlain) this.#write(link.tail);
    else {
      this.#writer.writePlain(link.tail);
      this.#last = ")";
    }
  }

  #writeImage(token: Token): void {
    this.#changed = true;
    const words = plainWords(token).trim();
    const shown = showTarget(String(token.attrGet("src") ?? ""));
    this.#write(words);
    // A picture that is a link leads where the link does.
    if (shown === "" || (this.#link && words !== "")) return;
    this.#writer.writePlain(words === "" ? shown : ` (${shown})`);
    this.#last = ")";
  }
}

/** A target for people: mail and phone links as the address; nothing for a picture that is its own address. */
function showTarget(target: string): string {
  const address = /^(?:mailto|tel|sms):([^?]*)/i.exec(target)?.[1];
  if (address !== undefined) return address;
  return /^data:/i.test(target) ? "" : target;
}

function isSame(text: string, target: string): boolean {
  const bare = (address: string): string =>
    address.replace(/^(?:https?:\/\/|mailto:|tel:|sms:)/i, "").replace(/\/$/, "");
  return bare(text) === bare(target);
}

/** `handlers[0](event)` is no link: it hangs on a word, and what is in brackets is no place. */
function isCall(before: string, target: string): boolean {
  return /[\w)\]]/.test(before) && !/[/.#:]/.test(target);
}

function plainWords(token: Token): string {
  const words = (token.children ?? []).map((child) => {
    if (child.type === "image") return plainWords(child);
    return child.type === "softbreak" || child.type === "hardbreak" ? " " : child.content;
  });
  return words.join("");
}
