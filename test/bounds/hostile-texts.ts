// Texts that make a careless function slow: one for each way that is known, of any length.

/** Repeats a text until it is `length` UTF-16 units long. */
export function filled(unit: string, length: number): string {
  return unit.repeat(Math.ceil(length / unit.length)).slice(0, length);
}

/** Runs of one thing; each is also tried with something before and behind it. */
const RUNS: readonly string[] = [
  "\n",
  "\r",
  "\r\n",
  "\t",
  " ",
  "\u00a0",
  "\u2028",
  "\u0000",
  "\u001b",
  "a",
  "A",
  "0",
  "é",
  "漢",
  "`",
  "~",
  "*",
  "_",
  "#",
  "=",
  "-",
  "+",
  "|",
  ">",
  "<",
  "[",
  "]",
  "(",
  ")",
  "{",
  "}",
  '"',
  "'",
  "\\",
  "/",
  ".",
  "!",
  ",",
  ":",
  ";",
  "@",
  "&",
  "$",
  "%",
  "\u0301",
  "e\u0301",
  "\u200d",
  "\u200b",
  "\u202e",
  "\ufe0f",
  "\ufffc",
  "\ud800",
  "\udc00",
  "\ud83d",
  "🇩",
  "👍🏽",
  "👩‍👩‍👧",
  "क्",
  "가",
  "ᄀ",
  "。",
  "」",
];

/** Things that take each other's place, nest, or never come to their end. */
const UNITS: readonly string[] = [
  "\n\n\n ",
  "x\n",
  "\n x",
  " \n",
  "\t\n",
  "a ",
  "a b. ",
  "3.14! ",
  "。」a",
  "``` \n",
  "```\nx\n",
  "```a\n",
  "~~~\n",
  "`a",
  "``a`",
  "` `` ``` ",
  "[](",
  "[a](",
  "[a](b",
  "[a](<b",
  "![",
  "![a](",
  "![a](b)\n",
  "![a](b.png)",
  "[a]: b\n",
  "](",
  "<a",
  "<a b='",
  "<!--",
  "<![CDATA[",
  "<?",
  "&amp;",
  "&#",
  "**a",
  "*a **b ",
  "a**b",
  "_a",
  "*_",
  "***a___",
  "~~a",
  "> ",
  ">> ",
  "- ",
  "* ",
  "1. ",
  "- a\n",
  "* a\n",
  "* a\n  ",
  "# a\n",
  "a\n===\n",
  "a\n---\n",
  "|a",
  "|a|b|\n",
  "a|b\n-|-\n",
  "|a|b|\n|-|-|\n|c|d|\n",
  "-|",
  "\\*",
  "\\\\",
  "\\n",
  "a\\_b/",
  "http://a.b/c ",
  "www.a.b ",
  "a@b.c ",
  "mailto:",
  "imessage:",
  "sms: ",
  ";-;",
  ";+;",
  "p:0/",
  "{}",
  "[]",
  "{a:",
  '{"a":',
  "[1,",
  "a:1,",
  "//a\n",
  "/* */",
  "/*",
  "${",
  "${a}",
  "$${a}",
  "${a:-",
  "$(",
  "a=b\n",
  "ssh a\n",
  '"\\',
  '" "',
  "'\"",
  "“”",
  "<think>",
  "</think>",
  "<thi",
  "<think></think>",
  "data: {}\n\n",
  "data: ",
  "session not found ",
  "session ",
  "unknown session ",
  "host key ",
  "model ",
  "can't get buddy ",
  "streamtyped",
  "claude",
  "stop.",
  "/new ",
  "/stop",
  " :",
  "x\u0301 ",
  "\n\u0301",
  " \u0301",
  "\u2028a",
  "\u001b[31m",
  "\ud83d\udc4d ",
  "🇩🇪 ",
  "a\u200db",
];

/** A text of about `length` units, by name. */
export interface HostileText {
  readonly name: string;
  readonly make: (length: number) => string;
}

/** The same random text for the same length: all that means something to some function, mixed. */
function mixed(length: number): string {
  const all = [...RUNS, ...UNITS];
  let seed = 12_345;
  let text = "";
  while (text.length < length) {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    text += all[seed % all.length];
  }
  return text.slice(0, length);
}

/** Brackets within brackets, and closed again. */
function nested(open: string, close: string, length: number): string {
  const depth = Math.floor(length / (open.length + close.length));
  return open.repeat(depth) + close.repeat(depth);
}

/** Runs that grow: each of them is an opening that finds no equal. */
function growing(mark: string, length: number): string {
  let text = "";
  for (let count = 1; text.length < length; count += 1) text += `${mark.repeat(count)}a `;
  return text.slice(0, length);
}

/** Every text that every function is timed with. */
export const HOSTILE_TEXTS: readonly HostileText[] = [
  ...RUNS.flatMap((unit): HostileText[] => [
    { name: `a run of ${JSON.stringify(unit)}`, make: (length) => filled(unit, length) },
    {
      name: `a run of ${JSON.stringify(unit)} between words`,
      make: (length) => `a ${filled(unit, length)}x`,
    },
  ]),
  ...UNITS.map((unit): HostileText => ({
    name: `${JSON.stringify(unit)} again and again`,
    make: (length) => filled(unit, length),
  })),
  ...["()", "[]", "{}", "<>", "“”"].map(([open = "", close = ""]): HostileText => ({
    name: `nested ${open}${close}`,
    make: (length) => nested(open, close, length),
  })),
  { name: "nested links", make: (length) => nested("[", "](a)", length) },
  { name: "nested emphasis", make: (length) => nested("*a ", "*", length) },
  { name: "nested objects", make: (length) => nested('{"a":', "1}", length) },
  { name: "growing runs of `", make: (length) => growing("`", length) },
  { name: "growing runs of *", make: (length) => growing("*", length) },
  { name: "growing runs of line ends", make: (length) => growing("\n", length) },
  { name: "an open code block", make: (length) => `\`\`\`\n${filled("x\n\n", length)}` },
  { name: "a code block of spaces", make: (length) => `\`\`\`\n${filled(" ", length)}\n\`\`\`` },
  { name: "everything, mixed", make: mixed },
];
