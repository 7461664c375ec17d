// Tells emphasis from code that happens to read like it: `2*3*4`, `__init__.py`, `src/**/*.ts`.
import type { Token } from "markdown-it";
import type { TextStyle } from "../model/formatting.ts";

const STYLES: Readonly<Record<string, TextStyle>> = {
  strong_open: "bold",
  strong_close: "bold",
  em_open: "italic",
  em_close: "italic",
  s_open: "strikethrough",
  s_close: "strikethrough",
};

/** The style that a token begins or ends; undefined for any other token. */
export function styleOf(token: Token): TextStyle | undefined {
  return STYLES[token.type];
}

/** Names that are written with underscores around them, as `__init__`. */
const DUNDER_NAME = new RegExp(
  `^(?:${[
    "init|main|name|file|doc|all|dict|class|call|new|del|repr|str|len|iter|next|enter|exit|eq|ne|lt|le|gt|ge|hash|bool|add|sub|mul",
    "getitem|setitem|delitem|contains|getattr|setattr|delattr|getattribute|slots|version|author|path|package|module|annotations",
    "future|import|builtins|debug|post_init|init_subclass|aenter|aexit|aiter|anext|await|bases|mro|qualname|wrapped|code|globals",
    "pycache|tests|mocks|snapshots|fixtures|proto|typename|schema|func|FILE|LINE|DIR|FUNCTION|CLASS|METHOD|NAMESPACE|DATE|TIME",
    "VA_ARGS|COUNTER|DEV|construct|destruct|toString|invoke|get|set|index|newindex|gc|tostring",
  ].join("|")})$`,
);

/** What stands beside a pair of marks; other marks are passed over. */
interface Surroundings {
  /** The character before the first mark; empty where the text begins. */
  readonly before: string;
  /** The two characters after the last mark. */
  readonly after: string;
  /** The character after the first mark. */
  readonly first: string;
  /** The character before the last mark. */
  readonly last: string;
}

/** The marks among the tokens of a text that are no emphasis. */
export function findCodeMarks(tokens: readonly Token[]): ReadonlySet<Token> {
  const before = readBefore(tokens);
  const after = readAfter(tokens);
  const found = new Set<Token>();
  const opened: number[] = [];
  for (const [index, token] of tokens.entries()) {
    if (styleOf(token) === undefined) continue;
    if (token.nesting > 0) {
      opened.push(index);
      continue;
    }
    const from = opened.pop() ?? index;
    const open = tokens[from] ?? token;
    const surroundings = {
      before: before[from] ?? "",
      after: after[index] ?? "",
      first: (after[from] ?? "").slice(0, 1),
      last: before[index] ?? "",
    };
    const name = index - from === 2 ? (tokens[from + 1]?.content ?? "") : "";
    if (isCode(open.markup, surroundings) || (open.markup === "__" && DUNDER_NAME.test(name))) {
      found.add(open).add(token);
    }
  }
  return found;
}

function isCode(mark: string, around: Surroundings): boolean {
  const { before, after, first, last } = around;
  // Calls, globs, comments: `count(*) and sum(*)`, `src/**/x or lib/**`, `/* a */ b /* c */`.
  if (/[)\]},;]/.test(first) || /[\\/([{]/.test(last)) return true;
  if (first === "/" && after.startsWith("/")) return true;
  if (mark === "~~") return false;
  const isInWord = [/[\w)\]]/.test(before), /^[\w(]/.test(after)];
  if (mark === "**") return isInWord.every(Boolean);
  // Paths, addresses, assignments, members: `a/_b_/c`, `x=*y*`, `self.__name__`, `__init__.py`.
  if (/[\\/=$@.#?&%]/.test(before) || /^(?:[\\/=@$]|\.\w)/.test(after)) return true;
  if (mark.startsWith("_")) return before === "-" || /^(?:[([]|-\w)/.test(after);
  const isQuoted = /["']/.test(before) && /^["']/.test(after);
  return isInWord.some(Boolean) || isQuoted || first === ".";
}

/** For each token, the last character before it. */
function readBefore(tokens: readonly Token[]): readonly string[] {
  let last = "";
  return tokens.map((token) => {
    const own = last;
    if (styleOf(token) === undefined) last = textOf(token).slice(-1) || last;
    return own;
  });
}

/** For each token, the next two characters after it. */
function readAfter(tokens: readonly Token[]): readonly string[] {
  let next = "";
  const found = tokens.toReversed().map((token) => {
    const own = next;
    if (styleOf(token) === undefined) next = (textOf(token).slice(0, 2) + next).slice(0, 2);
    return own;
  });
  return found.reverse();
}

/** What a token is in the source, as far as its ends matter. */
function textOf(token: Token): string {
  switch (token.type) {
    case "softbreak":
    case "hardbreak":
      return "\n";
    case "code_inline":
      return "`";
    case "link_open":
      return "[";
    case "link_close":
      return "]";
    case "image":
      return "![]";
    default:
      return token.content;
  }
}
