// Makes facts fit for a log: secrets out, texts from outside unable to forge lines or drive a terminal.

const HIDDEN = "••••";
const MAX_DEPTH = 8;

/** A shorter value would be found in harmless text; it is still hidden under a secret key. */
const SHORTEST_SECRET = 6;

/** Ends of key names whose values are secret, without case, `-` and `_`. */
const SECRET_KEY = /(?:token|apikey|authorization|password|passphrase|secret|cookie)$/;

/** Control characters, line separators, and what is not seen; joiners and selectors, which make an emoji what it is, aside. */
const UNSAFE =
  /[\p{Cc}\u2028\u2029\ufff9-\ufffb]|(?!\u200c|\u200d|[\ufe00-\ufe0f\u{e0020}-\u{e007f}])\p{Default_Ignorable_Code_Point}/gu;

/** Takes secrets out of any value. */
export type Scrub = (value: unknown) => unknown;

/**
 * Makes a scrubber: the given secrets are hidden in every string (keys too), and whatever stands under a secret key.
 *
 * Contract: never throws, whatever it is given; the answer is plain JSON data, cut off at a depth of 8. An error becomes its name,
 * message, code and cause, with its stack where `withStacks` is set.
 */
export function createScrub(secrets: readonly string[], withStacks: boolean): Scrub {
  const known = secrets
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    .toSorted((a, b) => b.length - a.length);

  const hide = (text: string): string =>
    known.reduce((rest, secret) => (rest.includes(secret) ? rest.replaceAll(secret, HIDDEN) : rest), text);

  const scrub = (value: unknown, depth: number): unknown => {
    if (typeof value === "string") return hide(value);
    if (typeof value === "bigint") return value.toString();
    if (typeof value === "symbol" || typeof value === "function") return undefined;
    if (value === null || typeof value !== "object") return value;
    if (depth >= MAX_DEPTH) return "…";
    if (Array.isArray(value)) return value.map((item) => scrub(item, depth + 1));
    const source = value instanceof Error ? errorFacts(value, withStacks) : value;
    const entries = Object.entries(source).map(([key, item]) => [
      hide(key),
      isSecretKey(key) && item !== undefined ? HIDDEN : scrub(item, depth + 1),
    ]);
    return Object.fromEntries(entries);
  };

  return (value) => {
    try {
      return scrub(value, 0);
    } catch (cause) {
      // A getter or proxy of somebody else's must not take the line with it.
      return `(could not be shown: ${hide(String(cause))})`;
    }
  };
}

/** Makes a text one printable line: what could end the line or drive a terminal is written as an escape. */
export function escapeUnsafe(text: string): string {
  return text.replace(UNSAFE, (found) => {
    if (found === "\n") return "\\n";
    if (found === "\t") return "\\t";
    const units = Array.from({ length: found.length }, (_, at) => found.charCodeAt(at));
    return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
  });
}

function isSecretKey(key: string): boolean {
  return SECRET_KEY.test(key.toLowerCase().replace(/[-_]/g, ""));
}

function errorFacts(error: Error, withStacks: boolean): object {
  return {
    name: error.name,
    message: error.message,
    ...("code" in error && { code: error.code }),
    ...("details" in error && { details: error.details }),
    ...(error.cause !== undefined && { cause: error.cause }),
    ...(withStacks && { stack: error.stack }),
  };
}
