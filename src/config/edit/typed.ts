// Paths and values as people type them on the command line, in chat and on the page.
import { GatewayError } from "../../model/errors.ts";
import { parseText } from "../read/parse.ts";
import { parsePath, type ConfigPath } from "../read/path.ts";
import { unknownKeyFault } from "../schema/check.ts";
import { definitionOf, memberOf, schemaAt } from "../schema/walk.ts";

/** The path of a text. Throws `cli/usage` for what is none. */
export function readPath(text: string): ConfigPath {
  const path = parsePath(text.trim());
  if (path !== undefined)
    return path.map((segment, at) => (isKeyed(path.slice(0, at)) ? `${segment}` : segment));
  throw new GatewayError("cli/usage", `${JSON.stringify(text)} is not a config path`, {
    hint: 'Write a path such as channels.imessage.allowFrom[0], or accounts["a.b"] where a key holds other characters.',
  });
}

/** True where keys stand, and no positions: there `groups[42]` is the key "42". */
function isKeyed(path: ConfigPath): boolean {
  const node = schemaAt(path);
  return node !== undefined && ["object", "record"].includes(definitionOf(node).type);
}

/** Throws for a key that the schema does not have. */
export function requireKnownPath(path: ConfigPath, config: unknown): void {
  for (let length = 1; length <= path.length; length++) {
    if (schemaAt(path.slice(0, length), config) === undefined)
      throw unknownKeyError(path.slice(0, length), config);
  }
}

function unknownKeyError(path: ConfigPath, config: unknown): GatewayError {
  const { message, hint } = unknownKeyFault(path, config, "command line");
  return new GatewayError("cli/usage", message, { hint });
}

/** VALUE as the key wants it: a key that holds a text takes it bare, `+15551234567` too; else JSON5, else a bare text. */
export function readValue(path: ConfigPath, text: string, config: unknown): unknown {
  const node = schemaAt(path, config);
  const holdsText = node !== undefined && ["string", "enum", "literal"].includes(definitionOf(node).type);
  const isQuoted = /^(["'])[^]*\1$/.test(text);
  // JSON5 would take a phone number for a number, and its `+` would be lost.
  const isPhone = /^\+\d+$/.test(text);
  if (isPhone || (holdsText && !isQuoted)) return text;
  const parsed = parseText(`{value:${text}\n}`);
  const isOne =
    !("message" in parsed) && parsed.faults.length === 0 && Object.keys(parsed.value ?? {}).length === 1;
  if (isOne && text.trim() !== "") return memberOf(parsed.value, "value");
  if (!/^\s*[[{"']/.test(text)) return text;
  throw new GatewayError("cli/usage", `${text} is not valid JSON5`, {
    hint: "Put the value in single quotes for the shell, or write it as a bare text.",
  });
}
