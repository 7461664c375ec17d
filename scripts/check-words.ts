// Measures the prose of the product: how long its sentences are, and turns of phrase that read like a translation.
// `npm run check:words`; with --json the same for a program; with --all every finding instead of the first of each file.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const MOST_WORDS = 30;
const MOST_AVERAGE = 17;

/** Turns that a native speaker would not use, and what to write instead. */
const BANNED: readonly (readonly [turn: RegExp, instead: string])[] = [
  [/\banew\b/iu, "again"],
  [/\bmend(?:s|ed|ing)?\b/iu, "fix"],
  [/\bwhoever\b/iu, "name the person"],
  [/\b(?:could|can|cannot|can't) (?:not )?be had\b|\bto be had\b/iu, "fetch, read, get"],
  [/\b(?:is|are) none\b/iu, "is not a …"],
  [
    /\blet(?:s|ting)? (?:us|him|her|them|nobody|somebody|people|strangers?|everybody) in\b|\b(?:be|is|are|was|were) let in\b/iu,
    "admit, allow",
  ],
  [/\bin front of\b/iu, "before"],
  [/\bblanks\b/iu, "spaces"],
  [/\b(?:no|not a) plain\b/iu, "not a regular"],
  [/\bone that is not there\b|\bthat is not there\b/iu, "a missing …"],
  [
    /\bwants? leave\b|\basks? leave\b|\bleave (?:for|to)\b(?= (?:edit|run|do|write|use|read))/iu,
    "permission",
  ],
  [/\bwhat is (?:over|left|meant|to be)\b/iu, "name the thing"],
  [/\bnothing is to be done\b/iu, "no action needed"],
  [/\bof its own accord\b/iu, "by itself"],
  [
    /\bit is (?:said|told)\b|\bare (?:said|told)\b(?! (?:to|that|by|so|how|why|what|about|of)\b)/iu,
    "name who says it",
  ],
  [/\bthose that are\b|\bone that is\b|\bsuch that is\b/iu, "a noun"],
  [
    /\bwhat (?:agents?|people|it|they|he|she|somebody|the \w+) (?:ask|asks|wants?|wrote|writes|said|says|needs?) (?:for )?(?:is|are|was|were|goes|comes|stays|waits)\b/iu,
    "name the actor",
  ],
  [/\bis a stranger's\b/iu, "is treated as a stranger's"],
  [/\bholds from now on\b/iu, "standing"],
  [/\bsigns\b(?= (?:that|of|in) )/iu, "characters"],
  [/\bonce for all\b/iu, "standing"],
  [/\bgive(?:s|n)? back\b/iu, "return"],
];

interface Text {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

interface Finding extends Text {
  readonly problem: string;
}

const pages = [
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "CHANGELOG.md",
  ...globSync("docs/**/*.md", { cwd: ROOT }),
].filter((path) => !path.endsWith("configuration-reference.md"));
const sources = globSync(
  ["src/**/*.ts", "ui/**/*.{ts,tsx}", "test/**/*.ts", "bench/**/*.ts", "scripts/**/*.ts"],
  { cwd: ROOT },
)
  .filter((path) => !path.startsWith("test/fixtures/") && path !== "scripts/check-words.ts")
  .toSorted();

const prose = pages.toSorted().flatMap(proseOf);
const sentences = prose.flatMap(sentencesOf);
const findings: readonly Finding[] = [
  ...sentences
    .filter(({ text }) => wordsOf(text) > MOST_WORDS)
    .map((one) => ({ ...one, problem: `${wordsOf(one.text)} words in a sentence (at most ${MOST_WORDS})` })),
  ...[...prose, ...sources.flatMap(spokenOf)].flatMap(bannedIn),
];
const average = sentences.reduce((sum, { text }) => sum + wordsOf(text), 0) / Math.max(1, sentences.length);
const isTooLong = average > MOST_AVERAGE;

if (process.argv.includes("--json")) {
  process.stdout.write(`${JSON.stringify({ sentences: sentences.length, average, findings }, null, 2)}\n`);
} else {
  const shown = process.argv.includes("--all") ? findings : findings.slice(0, 40);
  for (const { file, line, text, problem } of shown)
    process.stdout.write(`${file}:${line}: ${problem}\n    ${text.slice(0, 160)}\n`);
  if (shown.length < findings.length)
    process.stdout.write(`… ${findings.length - shown.length} more (--all)\n`);
  process.stdout.write(
    `${sentences.length} sentences in ${pages.length} pages, ${average.toFixed(1)} words on average (at most ${MOST_AVERAGE}); ${findings.length} to rewrite\n`,
  );
}
if (findings.length > 0 || isTooLong) process.exitCode = 1;

/** The paragraphs and list items of a page, without code, tables, headings and links' addresses. */
function proseOf(file: string): readonly Text[] {
  const texts: Text[] = [];
  let isCode = false;
  let open: { line: number; text: string } | undefined;
  const close = (): void => {
    if (open !== undefined) texts.push({ file, ...open });
    open = undefined;
  };
  for (const [index, raw] of readFileSync(join(ROOT, file), "utf8").split("\n").entries()) {
    const line = raw.trim();
    if (line.startsWith("```")) isCode = !isCode;
    if (isCode || line === "" || /^(?:```|#|\||!\[|---)/u.test(line)) {
      close();
      continue;
    }
    if (/^(?:[-*]|\d+\.) /u.test(line)) close();
    const plain = plainOf(line);
    open = open === undefined ? { line: index + 1, text: plain } : { ...open, text: `${open.text} ${plain}` };
  }
  close();
  return texts;
}

function plainOf(line: string): string {
  return line
    .replace(/^(?:[-*]|\d+\.) /u, "")
    .replace(/!?\[([^\]]*)\]\([^)]*\)/gu, "$1")
    .replace(/`[^`]*`/gu, "code")
    .replace(/\*\*/gu, "");
}

function sentencesOf({ file, line, text }: Text): readonly Text[] {
  return text
    .split(/(?<=[.!?])\s+|(?<=:)\s+(?=[A-Z“"(])/u)
    .filter((sentence) => /\p{L}/u.test(sentence))
    .map((sentence) => ({ file, line, text: sentence }));
}

function wordsOf(text: string): number {
  return text.split(/\s+/u).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
}

/** Comments and string literals of a source file, line by line. */
function spokenOf(file: string): readonly Text[] {
  return readFileSync(join(ROOT, file), "utf8")
    .split("\n")
    .flatMap((source, index) => {
      const comment = /(?:^|\s)(?:\/\/|\/?\*\*?)\s(.*)$/u.exec(source)?.[1];
      const literals = [...source.matchAll(/"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`/gu)].map(
        ([, one, other]) => one ?? other ?? "",
      );
      const spoken = [comment ?? "", ...literals].filter((text) => text.includes(" "));
      return spoken.map((text) => ({ file, line: index + 1, text }));
    });
}

function bannedIn(one: Text): readonly Finding[] {
  return BANNED.flatMap(([turn, instead]) => {
    const found = turn.exec(one.text)?.[0];
    return found === undefined
      ? []
      : [{ ...one, problem: `"${found}" reads like a translation; write: ${instead}` }];
  });
}
