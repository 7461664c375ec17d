// The config file's own text for people's eyes: every secret in it replaced where it stands, all else as it was written.
import { parseSyntax, type ValueNode, keyOf } from "./parse.ts";
import type { ConfigPath } from "./path.ts";
import { REDACTED } from "./problem.ts";
import { redact } from "./render.ts";

/** The text without its secrets; undefined: it cannot be read, so what in it is secret is not known. `${NAME}` stays: it names one. */
export function redactText(text: string): string | undefined {
  try {
    const spans = secretSpans(parseSyntax(text).body, []);
    const pieces: string[] = [];
    let end = 0;
    for (const [from, to] of spans) {
      pieces.push(text.slice(end, from), JSON.stringify(REDACTED));
      end = to;
    }
    return [...pieces, text.slice(end)].join("");
  } catch {
    return /^[\s]*$/.test(text) ? text : undefined;
  }
}

/** Where secrets stand, in the order of the text. */
function secretSpans(node: ValueNode, path: ConfigPath): readonly (readonly [number, number])[] {
  if (path.length > 0 && redact("", path, NOTHING) === REDACTED) {
    const isVariable = node.type === "String" && /^\$\{\w+\}$/.test(node.value);
    return isVariable ? [] : [[node.loc.start.offset, node.loc.end.offset]];
  }
  if (node.type === "Object")
    return node.members.flatMap((member) => secretSpans(member.value, [...path, keyOf(member)]));
  if (node.type === "Array")
    return node.elements.flatMap((element, index) => secretSpans(element.value, [...path, index]));
  return [];
}

const NOTHING: ReadonlySet<string> = new Set();
