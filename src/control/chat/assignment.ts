// `PATH VALUE` and `PATH=VALUE` taken apart, as a phone writes them: quotes may be curly, a key in quotes may hold anything.

/** A path and a value, both trimmed; the value is empty where none is given. */
export interface Assignment {
  readonly path: string;
  readonly value: string;
}

/** Splits at the first space or `=` that is not within a quoted key. */
export function readAssignment(text: string): Assignment {
  const line = text.trim();
  const end = endOfPath(line);
  const rest = line.slice(end).trim();
  return { path: straighten(line.slice(0, end)), value: straightenValue(rest.replace(/^=\s*/, "")) };
}

/** Quotes as JSON5 knows them. */
export function straighten(text: string): string {
  return text.replace(/[“”„‟]/gu, '"').replace(/[‘’‚‛]/gu, "'");
}

/** In a bare text curly quotes are part of it; in a list or a quoted text they stand for the straight ones, unless those are there too. */
function straightenValue(value: string): string {
  return /^[“”„‟‘’‚‛[{]/u.test(value) && !/["']/.test(value) ? straighten(value) : value;
}

function endOfPath(line: string): number {
  let quote = "";
  for (let at = 0; at < line.length; at += 1) {
    const character = straighten(line[at] ?? "");
    if (quote !== "" && character === "\\") at += 1;
    else if (quote !== "") quote = character === quote ? "" : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (character === "=" || /\s/u.test(character)) return at;
  }
  return line.length;
}
