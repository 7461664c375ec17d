// Changes one path in a JSON5 text and leaves every other character where it is.
import { findMember, parseSyntax, type SyntaxTree, type ValueNode } from "../read/parse.ts";
import { renderPath, type ConfigPath } from "../read/path.ts";
import {
  NEW_FILE_STYLE,
  readStyle,
  renderJson5,
  renderMember,
  type TextStyle,
  type Token,
} from "./text-style.ts";

/** The new text, or one sentence why the path cannot be changed. */
export type Edited =
  | { readonly ok: true; readonly text: string; readonly changed: boolean }
  | { readonly ok: false; readonly reason: string };

/** A text taken apart. */
interface Source {
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly style: TextStyle;
}

interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

type Container = Extract<ValueNode, { type: "Object" | "Array" }>;
type Span = readonly [number, number];

const NEW_LINE = /[\n\r\u2028\u2029]/;

/** Sets a path, creating what is missing on the way. Contract: `text` is valid JSON5, or blank. */
export function setInText(text: string, path: ConfigPath, value: unknown): Edited {
  const root = parseRoot(text);
  if (root === undefined) {
    const start = text === "" || text.endsWith("\n") ? text : `${text}\n`;
    const built = wrap(path, value);
    return built.ok
      ? { ok: true, changed: true, text: `${start}${renderJson5(built.value, NEW_FILE_STYLE)}\n` }
      : built;
  }
  const source = takeApart(text, root);
  let node: ValueNode = root.body;
  for (const [depth, segment] of path.entries()) {
    const child = childNode(node, segment);
    if (child !== undefined) {
      node = child;
      continue;
    }
    const refusal = whyNotInto(node, segment, path.slice(0, depth));
    if (refusal !== undefined) return { ok: false, reason: refusal };
    const built = wrap(path.slice(depth + 1), value);
    if (!built.ok) return built;
    return splice(text, append(source, node as Container, { segment, value: built.value }));
  }
  const [start, end] = spanOf(node);
  return splice(text, [{ start, end, text: renderJson5(value, source.style, lineIndent(text, start)) }]);
}

/** Removes a path with its comma; `changed` is false when it is not there. Contract: `text` is valid JSON5, or blank. */
export function unsetInText(text: string, path: ConfigPath): Edited {
  const root = parseRoot(text);
  const unchanged: Edited = { ok: true, text, changed: false };
  if (root === undefined) return unchanged;
  let parent: ValueNode = root.body;
  for (const segment of path.slice(0, -1)) {
    const child = childNode(parent, segment);
    if (child === undefined) return unchanged;
    parent = child;
  }
  const last = path.at(-1);
  const span = last === undefined ? undefined : itemSpan(parent, last);
  if (span === undefined) return unchanged;
  return splice(text, cut(takeApart(text, root), parent as Container, span));
}

function parseRoot(text: string): SyntaxTree | undefined {
  try {
    return parseSyntax(text);
  } catch {
    return undefined;
  }
}

function takeApart(text: string, root: SyntaxTree): Source {
  const tokens = (root.tokens ?? []) as unknown as Token[];
  return { text, tokens, style: readStyle(text, tokens) };
}

/** The value inside the keys and positions of a path that does not exist yet. */
function wrap(
  path: ConfigPath,
  value: unknown,
): { ok: true; value: unknown } | { ok: false; reason: string } {
  let wrapped = value;
  for (const segment of path.toReversed()) {
    if (typeof segment === "number" && segment > 0)
      return { ok: false, reason: `${renderPath(path)} starts a list, so its first position is [0]` };
    wrapped = typeof segment === "number" ? [wrapped] : { [segment]: wrapped };
  }
  return { ok: true, value: wrapped };
}

function whyNotInto(node: ValueNode, segment: string | number, at: ConfigPath): string | undefined {
  const where = at.length === 0 ? "The configuration" : renderPath(at);
  if (typeof segment === "string")
    return node.type === "Object"
      ? undefined
      : `${where} is ${node.type === "Array" ? "a list" : "a plain value"}, it has no keys`;
  if (node.type !== "Array") return `${where} is not a list, it has no [${segment}]`;
  const { length } = node.elements;
  return segment === length ? undefined : `${where} has ${length} entries; the next position is [${length}]`;
}

function childNode(node: ValueNode, segment: string | number): ValueNode | undefined {
  if (typeof segment === "string") return findMember(node, segment)?.value;
  return node.type === "Array" ? node.elements[segment]?.value : undefined;
}

function itemSpan(node: ValueNode, segment: string | number): Span | undefined {
  if (typeof segment === "string") {
    const member = findMember(node, segment);
    return member && spanOf(member);
  }
  const element = node.type === "Array" ? node.elements[segment] : undefined;
  return element && spanOf(element.value);
}

function itemSpans(node: Container): Span[] {
  return node.type === "Object"
    ? node.members.map((member) => spanOf(member))
    : node.elements.map((element) => spanOf(element.value));
}

/** Offsets; the parser was asked for them. */
function spanOf(node: { readonly range?: readonly number[] | undefined }): Span {
  const [start = 0, end = 0] = node.range ?? [];
  return [start, end];
}

function append(
  source: Source,
  node: Container,
  item: { readonly segment: string | number; readonly value: unknown },
): Splice[] {
  const { text, style } = source;
  const [open, end] = spanOf(node);
  const close = end - 1;
  const spans = itemSpans(node);
  const last = spans.at(-1);
  const render = (indent: string) =>
    typeof item.segment === "string"
      ? renderMember(item.segment, item.value, { style, indent })
      : renderJson5(item.value, style, indent);
  if (last === undefined) return fillEmpty(source, node, render);

  const comma = commaAfter(source, last, close);
  const anchor = comma?.[1] ?? last[1];
  const lineStop = endOfLineComments(source, anchor, close);
  if (!NEW_LINE.test(text.slice(lineStop, close))) {
    const rendered = render(lineIndent(text, open));
    return [insertion(anchor, comma ? ` ${rendered},` : `, ${rendered}`)];
  }
  const indent = itemIndent(source, spans, open);
  const line = insertion(lineStop, style.lineEnd + indent + render(indent) + (comma ? "," : ""));
  return comma ? [line] : [insertion(last[1], ","), line];
}

function fillEmpty(source: Source, node: Container, render: (indent: string) => string): Splice[] {
  const { text, style, tokens } = source;
  const [start, end] = spanOf(node);
  const [open, close] = [start + 1, end - 1];
  const base = lineIndent(text, start);
  const indent = base + style.indent;
  const comment = tokens.findLast(
    ({ type, range }) => type.endsWith("Comment") && range[0] >= open && range[1] <= close,
  );
  const comma = style.trailingCommas ? "," : "";
  if (comment !== undefined) {
    const onLines = NEW_LINE.test(text.slice(comment.range[1], close));
    return [
      insertion(
        comment.range[1],
        onLines ? style.lineEnd + indent + render(indent) + comma : ` ${render(base)} `,
      ),
    ];
  }
  if (node.type === "Array") return [{ start: open, end: close, text: render(base) }];
  if (!style.multiLine) return [{ start: open, end: close, text: ` ${render(base)} ` }];
  return [
    { start: open, end: close, text: style.lineEnd + indent + render(indent) + comma + style.lineEnd + base },
  ];
}

function cut(source: Source, node: Container, item: Span): Splice[] {
  const { text } = source;
  const spans = itemSpans(node);
  const close = spanOf(node)[1] - 1;
  const index = spans.findIndex((span) => span[0] === item[0]);
  const before = spans[index - 1];
  const comma = commaAfter(source, item, spans[index + 1]?.[0] ?? close);
  const other = comma ?? (before && commaAfter(source, before, item[0]));
  if (other === undefined) return [removal(text, item)];
  const [first, second] = other[0] < item[0] ? [other, item] : [item, other];
  const isJoined = text.slice(first[1], second[0]).trim() === "";
  return isJoined ? [removal(text, [first[0], second[1]])] : [removal(text, first), removal(text, second)];
}

/** Takes a span out: with its line when nothing else is on it, else with the blanks after it where others stand before. */
function removal(text: string, [start, end]: Span): Splice {
  const blanksBefore = blanksEndingAt(text, start);
  const neighbour = text.charAt(start - blanksBefore.length - 1);
  const [blanksAfter = "", newLine] = /^[ \t]*(\r?\n)?/.exec(text.slice(end)) ?? [];
  const startsLine = neighbour === "" || neighbour === "\n";
  if (newLine !== undefined)
    return startsLine
      ? { start: start - blanksBefore.length, end: end + blanksAfter.length, text: "" }
      : { start, end, text: "" };
  const isSpaced = startsLine || blanksBefore !== "" || neighbour === "{" || neighbour === "[";
  return { start, end: isSpaced ? end + blanksAfter.length : end, text: "" };
}

/** The comma that follows a span, before `limit`. */
function commaAfter({ tokens }: Source, span: Span, limit: number): Span | undefined {
  return tokens.find(({ type, range }) => type === "Comma" && range[0] >= span[1] && range[0] < limit)?.range;
}

/** The offset after the comments that stand on the line of `from`. */
function endOfLineComments({ text, tokens }: Source, from: number, limit: number): number {
  let at = from;
  for (const { type, range } of tokens) {
    if (!type.endsWith("Comment") || range[0] < at || range[0] >= limit) continue;
    if (NEW_LINE.test(text.slice(at, range[0]))) break;
    at = range[1];
  }
  return at;
}

/** The indent of the last item that starts its line; else one step more than the line of the bracket. */
function itemIndent({ text, style }: Source, spans: readonly Span[], open: number): string {
  for (const [start] of spans.toReversed()) {
    const blanks = blanksEndingAt(text, start);
    const before = text.charAt(start - blanks.length - 1);
    if (before === "" || before === "\n") return blanks;
  }
  return lineIndent(text, open) + style.indent;
}

/** The spaces and tabs right before an offset. */
function blanksEndingAt(text: string, end: number): string {
  let start = end;
  while (start > 0 && (text[start - 1] === " " || text[start - 1] === "\t")) start -= 1;
  return text.slice(start, end);
}

function lineIndent(text: string, offset: number): string {
  const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  return /^[ \t]*/.exec(text.slice(lineStart))?.[0] ?? "";
}

function insertion(at: number, text: string): Splice {
  return { start: at, end: at, text };
}

function splice(text: string, splices: readonly Splice[]): Edited {
  let result = text;
  for (const { start, end, text: replacement } of splices.toReversed())
    result = result.slice(0, start) + replacement + result.slice(end);
  return { ok: true, text: result, changed: result !== text };
}
