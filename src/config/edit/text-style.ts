// How a JSON5 text is written (quotes, bare keys, commas, indent, line ends), and values written the same way.
import { renderJson } from "../../model/plain-line.ts";

/** The habits of one text. */
export interface TextStyle {
  readonly quote: '"' | "'";
  /** Keys that need no quotes have none. */
  readonly bareKeys: boolean;
  readonly trailingCommas: boolean;
  /** One step of indentation. */
  readonly indent: string;
  readonly lineEnd: "\n" | "\r\n";
  /** False: everything stands on one line. */
  readonly multiLine: boolean;
}

/** A token as the parser gives it. */
export interface Token {
  readonly type: string;
  /** Offsets of its first character and of the one after it. */
  readonly range: readonly [number, number];
}

/** The style of a file that is written for the first time. */
export const NEW_FILE_STYLE: TextStyle = {
  quote: '"',
  bareKeys: true,
  trailingCommas: true,
  indent: "  ",
  lineEnd: "\n",
  multiLine: true,
};

const MAX_INLINE = 70;

/** Reads the habits of a text from its tokens; where it shows none, those of a new file. */
export function readStyle(text: string, tokens: readonly Token[]): TextStyle {
  const first = (token: Token) => text[token.range[0]];
  const strings = tokens.filter((token) => token.type === "String");
  const single = strings.filter((token) => first(token) === "'").length;
  const keys = tokens.filter((_, index) => tokens[index + 1]?.type === "Colon");
  const bare = keys.filter((token) => token.type === "Identifier").length;
  const closers = tokens.filter((token) => token.type === "RBrace" || token.type === "RBracket").length;
  const significant = tokens.filter((token) => !token.type.endsWith("Comment"));
  const trailing = significant.filter(
    (token, index) => token.type === "Comma" && significant[index + 1]?.type.startsWith("R"),
  ).length;
  return {
    quote: single * 2 > strings.length ? "'" : '"',
    bareKeys: keys.length === 0 || bare * 2 >= keys.length,
    trailingCommas: keys.length === 0 || (trailing > 0 && trailing * 4 >= closers),
    indent: /\n([ \t]+)[^\s/*]/.exec(text)?.[1] ?? NEW_FILE_STYLE.indent,
    lineEnd: text.includes("\r\n") ? "\r\n" : "\n",
    multiLine: keys.length === 0 || /[\r\n]/.test(text.trim()),
  };
}

/** A JSON value as JSON5 in a style; lines after the first start with `indent`. */
export function renderJson5(value: unknown, style: TextStyle, indent = ""): string {
  if (typeof value === "string") return quote(value, style);
  if (Array.isArray(value)) {
    const items = value.map((item) => renderJson5(item, style, indent + style.indent));
    return renderItems(items, { brackets: ["[", "]"], style, indent, isList: true });
  }
  if (typeof value === "object" && value !== null) {
    const items = Object.entries(value).map(([name, item]) =>
      renderMember(name, item, { style, indent: indent + style.indent }),
    );
    return renderItems(items, { brackets: ["{", "}"], style, indent, isList: false });
  }
  return String(value);
}

/** `key: value` in a style. */
export function renderMember(
  name: string,
  value: unknown,
  { style, indent }: { readonly style: TextStyle; readonly indent: string },
): string {
  const isBare = style.bareKeys && /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(name);
  return `${isBare ? name : quote(name, style)}: ${renderJson5(value, style, indent)}`;
}

interface ItemsFrame {
  readonly brackets: readonly [string, string];
  readonly style: TextStyle;
  readonly indent: string;
  readonly isList: boolean;
}

function renderItems(items: readonly string[], { brackets, style, indent, isList }: ItemsFrame): string {
  const [open, close] = brackets;
  if (items.length === 0) return open + close;
  const line = items.join(", ");
  const fits = line.length <= MAX_INLINE && !line.includes("\n");
  if (!style.multiLine || (isList && fits))
    return isList ? `${open}${line}${close}` : `${open} ${line} ${close}`;
  const start = style.lineEnd + indent + style.indent;
  const end = (style.trailingCommas ? "," : "") + style.lineEnd + indent;
  return open + start + items.join(`,${start}`) + end + close;
}

function quote(text: string, style: TextStyle): string {
  const json = renderJson(text);
  if (style.quote === '"') return json;
  return `'${json.slice(1, -1).replace(/\\"/g, '"').replace(/'/g, "\\'")}'`;
}
