// The files that an agent's answer names: each a Markdown image on a line of its own, and nothing else.
import { blockAround, findCodeBlocks } from "./code-block.ts";

/** A piece of an answer, in order. */
export type AnswerPiece =
  | { readonly kind: "text"; readonly text: string }
  | {
      readonly kind: "file";
      /** A path or an `https:` address, as written. */
      readonly source: string;
      /** What it is called, where its path does not say it; may be empty. */
      readonly title: string;
      /** Markdown; may be empty. */
      readonly caption: string;
      /** The whole line, with its end. */
      readonly line: string;
    };

/** Longer lines name nothing: no path is as long. */
const LONGEST_LINE = 5000;
const START = /^ {0,3}!\[/u;
const SCHEME = /^[a-z][a-z\d+.-]*:/iu;

/**
 * Takes an answer apart at the lines that are nothing but `![caption](path-or-https-url)`.
 *
 * Contract: the texts and lines together are the answer. Code blocks name nothing.
 */
export function splitAnswer(markdown: string): readonly AnswerPiece[] {
  if (!markdown.includes("](")) return [{ kind: "text", text: markdown }];
  const blocks = findCodeBlocks(markdown);
  const pieces: AnswerPiece[] = [];
  let textFrom = 0;
  for (let from = 0; from < markdown.length;) {
    const lineEnd = markdown.indexOf("\n", from);
    const next = lineEnd === -1 ? markdown.length : lineEnd + 1;
    const line = markdown.slice(from, next);
    const named = readLine(line);
    if (named && !blockAround(blocks, from)) {
      if (textFrom < from) pieces.push({ kind: "text", text: markdown.slice(textFrom, from) });
      pieces.push({ kind: "file", ...named, line });
      textFrom = next;
    }
    from = next;
  }
  if (textFrom < markdown.length || pieces.length === 0)
    pieces.push({ kind: "text", text: markdown.slice(textFrom) });
  return pieces;
}

interface NamedFile {
  readonly source: string;
  readonly title: string;
  readonly caption: string;
}

function readLine(line: string): NamedFile | undefined {
  if (line.length > LONGEST_LINE || !START.test(line)) return undefined;
  const text = line.trim();
  const middle = text.indexOf("](");
  if (middle === -1 || !text.endsWith(")")) return undefined;
  const inside = text.slice(middle + 2, -1).trim();
  const titleAt = inside.endsWith('"') ? inside.slice(0, -1).lastIndexOf(' "') : -1;
  const source = readSource(inside, titleAt);
  if (source === undefined) return undefined;
  const title = titleAt === -1 ? "" : inside.slice(titleAt + 2, -1);
  return { source, title, caption: text.slice(2, middle).trim() };
}

/** What stands in the brackets: `path`, `<path>`, with or without a `"title"` behind it. */
function readSource(inside: string, titleAt: number): string | undefined {
  // A second image or link on the same line.
  if (inside.includes("](")) return undefined;
  const named = (titleAt === -1 ? inside : inside.slice(0, titleAt)).trim();
  const source = named.startsWith("<") && named.endsWith(">") ? named.slice(1, -1) : named;
  if (source === "" || source.includes("\0")) return undefined;
  const scheme = SCHEME.exec(source)?.[0].toLowerCase();
  return scheme === undefined || scheme === "https:" ? source : undefined;
}
