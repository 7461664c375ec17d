// No regular expression of the product takes more than linear time: a run of one character must not be tried from each of its places.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAst } from "rolldown/parseAst";
import { analyse } from "scslre";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");

/** Expressions that look slow and are not, each with what bounds it. */
const BOUNDED: Readonly<Record<string, string>> = {
  "^\\s*(\\S*)\\s*([^]*)$": "it matches every text at the first try",
  "^\\s*([A-Za-z0-9]+)(?:\\s*=\\s*|\\s+)(.*)$": "its end matches anything",
  "^ {0,3}(`{3,}|~{3,})(.*)$": "its end matches anything",
  ": `[^]*`$": "a mention pattern is 500 characters at most",
  ": `([^]*)`$": "a mention pattern is 500 characters at most",
  "(?:https?:\\/\\/|www\\.)\\S+|(?<![\\p{L}\\p{N}.-])[\\p{L}\\p{N}-]+(?:\\.[\\p{L}\\p{N}-]+)*\\.\\p{L}{2,}(?:[/?#:]\\S*)?":
    "what is read to the end of a word ends the expression",
  "^\\+\\d{7,15}$|^[^\\s@]+@[^\\s@]+\\.[^\\s@]+$": "one line typed at a terminal",
  "\\d+\\.\\d+(?:\\.\\d+)?": "the first 1000 characters of what a program prints",
};

interface Found {
  readonly place: string;
  readonly source: string;
  readonly flags: string;
}

function expressionsOf(path: string): Found[] {
  const found: Found[] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    const { type, regex } = node as { type?: string; regex?: { pattern: string; flags: string } };
    if (type === "Literal" && regex) found.push({ place: path, source: regex.pattern, flags: regex.flags });
    for (const child of Object.values(node)) walk(child);
  };
  walk(parseAst(readFileSync(join(root, path), "utf8"), { lang: "ts" }));
  return found;
}

/** Anything, or anything but a few characters, as often as it comes. */
const ANYTHING = /(?<!\\)(?:\\\\)*(?:\.|\[\^(?:\\.|[^\]\\])*\]|\\[SDW])(?:[*+]|\{\d+,\})/u;

/** Why an expression may take more than linear time; undefined: it does not. */
function faultOf({ source, flags }: Pick<Found, "source" | "flags">): string | undefined {
  const [report] = analyse({ source, flags }).reports;
  if (report) return `${report.type} at ${report.character.literal.source.slice(0, 20)}`;
  if (flags.includes("y")) return undefined;
  return alternativesOf(source).some((one) => isOpen(one, flags)) ? "anything, from many places" : undefined;
}

/** What stands before "anything" begins at many places, and from each of them the text is read to its end. */
function isOpen(alternative: string, flags: string): boolean {
  if (alternative.startsWith("^") && !flags.includes("m")) return false;
  const [before, ...after] = alternative.split(ANYTHING);
  return after.length > 0 && before !== "" && after.at(-1) !== "";
}

/** The parts of an expression between its outermost `|`; of its classes of characters only those that leave characters out. */
function alternativesOf(source: string): string[] {
  const parts = [""];
  let depth = 0;
  for (const [token] of source.matchAll(/\\.|\[(?:\\.|[^\]\\])*\]|./gsu)) {
    if (token === "(") depth += 1;
    if (token === ")") depth -= 1;
    if (token === "|" && depth === 0) parts.push("");
    else parts.push(parts.pop() + (/^\[[^^]/u.test(token) ? "a" : token));
  }
  return parts;
}

const all = globSync("src/**/*.ts", { cwd: root })
  .filter((path) => !path.endsWith(".test.ts"))
  .flatMap(expressionsOf);

test("every expression is linear, or says what bounds it", () => {
  expect(all.length).toBeGreaterThan(200);
  const slow = all.flatMap((one) => {
    const fault = Object.hasOwn(BOUNDED, one.source) ? undefined : faultOf(one);
    return fault === undefined ? [] : [`${one.place}: /${one.source}/${one.flags}: ${fault}`];
  });
  expect(slow).toEqual([]);
});

test("nothing is excused that is not there, or needs no excuse", () => {
  for (const source of Object.keys(BOUNDED)) {
    const found = all.find((one) => one.source === source);
    expect(found && faultOf(found), source).toBeDefined();
  }
});

describe("what is slow is found", () => {
  test.each([
    /x+$/u,
    /(a|a)*b/u,
    /[.!]+$/u,
    /(\s*,\s*)+x/u,
    /a.*b/u,
    /^a|b.*c/u,
    /^a.*b/mu,
    /"[^"]*!/u,
    /^(a+)+$/u,
  ])("%s", (expression) => {
    expect(faultOf(expression)).toBeDefined();
  });
  test.each([/^x+$/u, /x+/u, /[^a]+/gu, /^.*b/u, /a.{0,20}b/u, /[.*]x/u, /a.*/u, /\\[.]*x/u])(
    "%s is not",
    (expression) => {
      expect(faultOf(expression)).toBeUndefined();
    },
  );
});
