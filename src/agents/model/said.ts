// What a server says about an error, whatever the shape it gives it.
import { plainLine } from "../../model/plain-line.ts";

const LONGEST_SAID = 300;
/** How deep in an error its words are looked for, and how much of it. */
const DEEPEST = 6;
const MOST_LOOKED_AT = 200;

/** Where words stand, the likeliest first. */
const WORDS = [
  "message",
  "error_message",
  "errorMessage",
  "error_msg",
  "msg",
  "status_msg",
  "error_description",
  "detail",
  "details",
  "description",
  "reason",
  "title",
] as const;
/** What may hold an error. */
const HOLDERS = ["error", "errors", "data", "base_resp", "response", "cause", "body"] as const;
const CODES = ["code", "status", "status_code", "statusCode", "http_code"] as const;

/** The member of a JSON value; undefined when there is none. */
export function member(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

/** What JSON holds; undefined for what is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** A JSON value as JSON. The parser reads what nests more deeply than anything can write. */
export function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return "JSON that nests too deeply to be shown";
  }
}

/** What a server says about an error: its words on one line, short, without the key; a page says nothing. */
export function saidIn(body: string, apiKey: string | undefined): string {
  const value = parseJson(body);
  const text = value === undefined ? (/^\s*</.test(body) ? "" : body) : wordsOf(value);
  const hidden = apiKey === undefined || apiKey === "" ? text : text.replaceAll(apiKey, "••••");
  return plainLine(hidden, LONGEST_SAID);
}

/** The words of an error; all of it, as JSON, where none can be told from the rest. */
function wordsOf(value: unknown): string {
  const words = findWords(value, 0, { left: MOST_LOOKED_AT });
  if (words.length === 0) return jsonOf(value);
  return [...new Set(words)].slice(0, 3).join(": ");
}

function findWords(value: unknown, depth: number, budget: { left: number }): readonly string[] {
  budget.left -= 1;
  if (budget.left < 0 || depth > DEEPEST) return [];
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return findFirst(value.slice(0, 10), depth, budget);
  const held = [...HOLDERS, ...WORDS].map((name) => member(value, name));
  const words = findFirst(held, depth, budget);
  const raw = member(member(value, "metadata"), "raw");
  if (typeof raw !== "string") return words;
  // OpenRouter: the provider behind it said more.
  return [...words, ...findWords(parseJson(raw) ?? raw, depth + 1, budget)];
}

function findFirst(values: readonly unknown[], depth: number, budget: { left: number }): readonly string[] {
  for (const one of values) {
    const words = one === null || one === undefined ? [] : findWords(one, depth + 1, budget);
    if (words.length > 0) return words;
  }
  return [];
}

/**
 * The error that an event of a stream, or an object in place of an answer, holds; undefined: none. `isNamed`: the event itself is called
 * an error.
 */
export function errorIn(value: unknown, isNamed: boolean): unknown {
  const one = Array.isArray(value) && value.length > 0 ? (value[0] as unknown) : value;
  const choices = member(one, "choices");
  const choice: unknown = Array.isArray(choices) ? choices[0] : undefined;
  const own = member(one, "error") ?? member(choice, "error");
  if (isThere(own)) return one;
  if (isNamed || member(one, "object") === "error" || member(one, "type") === "error") return one;
  if (member(choice, "finish_reason") === "error") return one;
  if (Array.isArray(choices)) return undefined;
  // Servers of other kinds say what went wrong in words, or by a number.
  const hasWords = [...WORDS, "errors"].some((name) => {
    const words = member(one, name);
    return (typeof words === "string" && words !== "") || (Array.isArray(words) && words.length > 0);
  });
  const minimax = member(member(one, "base_resp"), "status_code");
  return hasWords || (typeof minimax === "number" && minimax !== 0) ? one : undefined;
}

function isThere(error: unknown): boolean {
  return error !== undefined && error !== null && error !== false && error !== "";
}

/** The HTTP status that an error names; undefined: it names none. */
export function statusIn(error: unknown): number | undefined {
  for (const place of [member(error, "error"), error, member(error, "errors"), member(error, "base_resp")]) {
    const one: unknown = Array.isArray(place) ? place[0] : place;
    for (const name of CODES) {
      const status = Number(member(one, name) ?? Number.NaN);
      if (Number.isInteger(status) && status >= 400 && status < 600) return status;
    }
    const type = member(one, "type") ?? member(one, "code") ?? member(one, "status");
    const known = typeof type === "string" ? TYPES.find(({ type: shape }) => shape.test(type)) : undefined;
    if (known) return known.status;
  }
  return undefined;
}

/** What OpenAI, Anthropic and Google call their errors. */
const TYPES: readonly { readonly type: RegExp; readonly status: number }[] = [
  { type: /rate_?limit|too_many|resource_exhausted/iu, status: 429 },
  { type: /overloaded|unavailable/iu, status: 503 },
  { type: /invalid_?(?:request|argument|prompt)|bad_?request|unsupported/iu, status: 400 },
  { type: /authentication|invalid_api_key|unauthorized|unauthenticated/iu, status: 401 },
  { type: /permission|forbidden/iu, status: 403 },
  { type: /insufficient|billing|payment/iu, status: 402 },
  { type: /not_?found/iu, status: 404 },
  { type: /exceed_context|context_length|too_large/iu, status: 413 },
  { type: /server_?error|internal|api_error|timeout/iu, status: 500 },
];
