// JSON5 text to a plain value, with the position of every key and value kept for errors.
import { parse, tokenize } from "@humanwhocodes/momoa";
import { renderPath, type ConfigPath } from "./path.ts";
import type { ConfigProblem, Fault } from "./problem.ts";

/** What the parser gives: the tree, with positions and tokens. */
export type SyntaxTree = ReturnType<typeof parse>;
/** A value in the syntax tree. */
export type ValueNode = SyntaxTree["body"];
/** An object in the syntax tree. */
type ObjectNode = Extract<ValueNode, { type: "Object" }>;
/** A key and its value in the syntax tree. */
type MemberNode = ObjectNode["members"][number];

/** A place in the text, from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** What the text says. */
export interface ParsedText {
  readonly value: unknown;
  /** Undefined when the text holds nothing but blanks and comments. */
  readonly root: ValueNode | undefined;
  /** Faults that JSON5 allows but a configuration does not: a key written twice. */
  readonly faults: readonly Fault[];
}

const START: Position = { line: 1, column: 1 };
const PARSE_OPTIONS = { mode: "json5", ranges: true, tokens: true } as const;

/** The syntax tree with tokens. Contract: throws what the parser throws. */
export function parseSyntax(text: string): SyntaxTree {
  // The parser never comes back from a text that ends in a backslash within a string: there is always a line end.
  return parse(`${text}\n`, PARSE_OPTIONS);
}

/** Reads JSON5; the problem says where it stops making sense. Text without any value is an empty object. */
export function parseText(text: string): ParsedText | ConfigProblem {
  try {
    if (isBlank(text)) return { value: {}, root: undefined, faults: [] };
    const root = parseSyntax(text).body;
    const faults: Fault[] = [];
    return { value: evaluate(root, { path: [], faults }), root, faults };
  } catch (error) {
    return syntaxProblem(error, text);
  }
}

/** Where a path stands in the text: its value, or its key; for what is not there, the closest thing above it. */
export function locate(root: ValueNode | undefined, path: ConfigPath, at: "key" | "value"): Position {
  let position: Position = root?.loc.start ?? START;
  let node = root;
  for (const segment of path) {
    const member = node && findMember(node, segment);
    const element =
      node?.type === "Array" && typeof segment === "number" ? node.elements[segment] : undefined;
    node = member?.value ?? element?.value;
    if (!node) return position;
    position = at === "key" && member ? member.name.loc.start : node.loc.start;
  }
  return position;
}

/** The member of an object node with this key; the last one where it is written twice. */
export function findMember(node: ValueNode, key: string | number): MemberNode | undefined {
  if (node.type !== "Object") return undefined;
  return node.members.findLast((member) => keyOf(member) === String(key));
}

/** The key of a member, quoted or not. */
export function keyOf(member: MemberNode): string {
  return member.name.type === "String" ? member.name.value : member.name.name;
}

/** Where an evaluation is, and what it found on the way. */
interface Walk {
  /** To the node. It is one list for all: a copy for each node of a text that nests deeply would be quadratic. */
  readonly path: (string | number)[];
  readonly faults: Fault[];
}

/** The plain value of a node; faults are added to those of the walk. */
function evaluate(node: ValueNode, walk: Walk): unknown {
  switch (node.type) {
    case "Object":
      return evaluateObject(node, walk);
    case "Array":
      return node.elements.map((element, index) => within(element.value, index, walk));
    case "String":
    case "Number":
    case "Boolean":
      return node.value;
    case "NaN":
      return Number.NaN;
    case "Infinity":
      return node.sign === "-" ? -Infinity : Infinity;
    default:
      return null;
  }
}

function evaluateObject(node: ObjectNode, walk: Walk): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (const member of node.members) {
    const name = keyOf(member);
    if (name === "__proto__" || Object.hasOwn(object, name)) {
      const path = [...walk.path, name];
      walk.faults.push({
        path,
        at: "key",
        message: name === "__proto__" ? "`__proto__` is not a key" : `${renderPath(path)} is written twice`,
        hint: "Remove one of them.",
      });
    } else object[name] = within(member.value, name, walk);
  }
  return object;
}

function within(node: ValueNode, segment: string | number, walk: Walk): unknown {
  walk.path.push(segment);
  const value = evaluate(node, walk);
  walk.path.pop();
  return value;
}

function isBlank(text: string): boolean {
  if (text.trim() === "") return true;
  const first = /^[\s\uFEFF]*(.)/s.exec(text)?.[1];
  return first === "/" && tokenize(`${text}\n`, PARSE_OPTIONS).every(({ type }) => type.endsWith("Comment"));
}

function syntaxProblem(error: unknown, text: string): ConfigProblem {
  const { message, line = 1, column = 1 } = error as Error & Partial<Position>;
  const lines = text.split("\n");
  const lineInText = Math.min(line, lines.length);
  const numberKey = /^\d+(?=\s*:)/.exec((lines[line - 1] ?? "").slice(column - 1))?.[0];
  const reason =
    error instanceof RangeError
      ? "it is nested too deeply"
      : message.replace(/ \(\d+:\d+\)$/, "").replace(/^U/, "u");
  return {
    path: "",
    line: lineInText,
    column: Math.min(column, (lines[lineInText - 1]?.length ?? 0) + 1),
    message: `The file is not valid JSON5: ${reason.replace(/\.$/, "")}`,
    hint:
      numberKey === undefined
        ? "Look there, and just before, for a missing comma, quote or bracket; `coderclaw config validate` checks it again."
        : `Put a key that is a number in quotes: \`"${numberKey}"\`.`,
    unsupported: false,
  };
}
