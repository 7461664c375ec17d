import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TextRange } from "../model/formatting.ts";
import { hasMarks } from "./markdown-marks.ts";
import { convertMarkdown } from "./markdown.ts";

/** What of a text is formatted, as `bold+italic:words`. */
function formatted(text: string): string[] {
  const converted = convertMarkdown(text);
  return converted.ranges.map(
    ({ start, length, styles }) => `${styles.join("+")}:${converted.text.slice(start, start + length)}`,
  );
}

describe("marks become styles", () => {
  it.each([
    ["**b** and __bold__", "b and bold", ["bold:b", "bold:bold"]],
    ["*i* and _it_", "i and it", ["italic:i", "italic:it"]],
    ["~~gone~~", "gone", ["strikethrough:gone"]],
    ["***both***", "both", ["bold+italic:both"]],
    ["**a *b* c**", "a b c", ["bold:a ", "bold+italic:b", "bold: c"]],
    ["*one\ntwo*", "one\ntwo", ["italic:one", "italic:two"]],
    ["这是**重点**内容", "这是重点内容", ["bold:重点"]],
    ["👩‍👩‍👧 **👍🏽** 𝄞", "👩‍👩‍👧 👍🏽 𝄞", ["bold:👍🏽"]],
    ["# Title", "Title", ["bold:Title"]],
    ["## Two **bold** ##", "Two bold", ["bold:Two bold"]],
    ["> # Quoted *i*", "> Quoted i", ["bold:Quoted ", "bold+italic:i"]],
    ["Title\n=====\nwords", "Title\nwords", ["bold:Title"]],
    ["Step**1**: x**y**", "Step1: xy", ["bold:1", "bold:y"]],
  ])("%j", (source, text, ranges) => {
    expect(convertMarkdown(source).text).toBe(text);
    expect(formatted(source)).toEqual(ranges);
    expect(hasMarks(source)).toBe(true);
  });
});

describe("what is no style becomes text", () => {
  it.each([
    ["see [docs](https://x.y/z) there", "see docs (https://x.y/z) there"],
    ["[**docs**](https://x.y)", "docs (https://x.y)"],
    ["[https://x.y/a_b](https://x.y/a_b)", "https://x.y/a_b"],
    ["[x.y](https://x.y/)", "https://x.y/"],
    ["[src/a.ts:4](src/a.ts#L4) [`src/b.ts`](src/b.ts)", "src/a.ts:4 (src/a.ts#L4) src/b.ts"],
    ["[write](mailto:a@b.c?subject=x) [a@b.c](mailto:a@b.c)", "write (a@b.c) a@b.c"],
    ["[a][1] and [1]\n\n[1]: http://x", "a (http://x) and 1 (http://x)\n\n[1]: http://x"],
    ["[](https://x.y)", "https://x.y"],
    ['[t](https://x.y "a title")', "t (https://x.y)"],
    ["![a cat](cat.png)", "a cat (cat.png)"],
    ["![](cat.png)", "cat.png"],
    ["![a *cat*](data:image/png;base64,AAAA)", "a cat"],
    ["[![build](badge.svg)](https://ci)", "build (https://ci)"],
    ["run `npm i -g **x**` now", "run `npm i -g **x**` now"],
    ["a &amp; b&nbsp;c &#x1F44D; `&amp;`", "a & b\u00A0c 👍 `&amp;`"],
    ["snake\\_case \\*x\\* C\\#", "snake_case *x* C#"],
    ["2021\\. A year", "2021. A year"],
    ["* a\n* b **c**\n  * d\n  * e", "- a\n- b c\n  - d\n  - e"],
    ["- [ ] to **do**\n- [x] done", "- [ ] to do\n- [x] done"],
    ["1. one **x**\n   goes on `y`\n10) z", "1. one x\n   goes on `y`\n10) z"],
    ["> **a**\n> > b `c`\nlazy *d*", "> a\n> > b `c`\nlazy d"],
    ["- > **x**\n  > y", "- > x\n  > y"],
    ["a  \n**b**", "a\nb"],
    ["a\n---\n**b**", "a\n---\nb"],
    ["**a**\n\n***\n\n- - -", "a\n\n***\n\n- - -"],
  ])("%j", (source, text) => {
    expect(convertMarkdown(source).text).toBe(text);
    expect(hasMarks(source)).toBe(true);
  });

  it("writes the rows of a table as lines, its head bold", () => {
    const source = "| Name | Size |\n|:-----|-----:|\n| `a` | **1** |\n| b |\n|| c \\| d |\n\nend";
    expect(convertMarkdown(source).text).toBe("Name | Size\n`a` | 1\nb\n | c | d\n\nend");
    expect(formatted(source)).toEqual(["bold:Name", "bold:Size", "bold:1"]);
    expect(convertMarkdown("> a | b\n> --- | ---\n> 1 | 2").text).toBe("> a | b\n> 1 | 2");
  });

  it("loses no cell that a table has no column for", () => {
    expect(convertMarkdown("|a|b|\n|-|-|\n|1|2|3|").text).toBe("a | b\n|1|2|3|");
  });
});

it.each([
  "2 * 3 * 4 = 24",
  "2*3*4=24 and x**2 + y**2 and 2**3**2",
  "snake_case_name a_b_c _private",
  "C:\\dir\\* and D:\\_x\\* and \\\\server\\share\\*",
  "#1 is done\n#include <x.h>",
  "1) foo\n2) bar",
  "- 5 degrees",
  "~/x ~ y ~~ z",
  "Map<T> and <T> of <a@b.c>, <https://x.y/_a_/>",
  "__init__.py, __init__, obj.__str__(), foo/__tests__/x, __dirname",
  "ls *.ts *.js && echo $HOME $* | grep 'a\\|b' > /dev/null",
  'find . -name "*.ts" -o -name "*.js"',
  "src/**/*.ts and lib/**/*.js, **/*.a,**/*.b",
  "count(*) and sum(*), *.*, f(*args, **kwargs)",
  "/* a */ b /* c */",
  "/**\n * a\n * b\n */",
  "handlers[0](event)",
  "sed 's/\\*/x/' \\d+\\.\\d+ \\(x\\)",
  "docker run \\\n  -v a:b \\\n  x",
  "* main\n  develop",
  "+ added\n- removed",
  "a\n---\nb\n--\nc\n=",
  "a | b\nc | d",
  "https://x.y/a_b_c?d=_e_&f=*g*#_h_",
  "```js\n**a** [b](c)\n\n  d  \n```",
  "~~~\n**never closed**",
  "    **indented** code",
  "<b>x</b>\n\n<div>\n**y**\n</div>",
  "<!-- *a* -->",
  "`` ` ``` ` ``",
  "****",
  "tail  \t\r\n\r\n\r\n  lead\u2028x\u0000",
])("stays as it is: %j", (text) => {
  expect(convertMarkdown(text)).toEqual({ text, ranges: [] });
});

it("keeps what is between marks byte for byte", () => {
  const source = "  lead \r\n\t tab\u2028x  \r\n\r\n\r\n**m**\r\n\r\n\r\n   y  \n ```\n**c**\n ```  \n\n\n";
  expect(convertMarkdown(source).text).toBe(source.replace("**m**", "m"));
});

describe("any text", () => {
  const bits = [
    ..."*_~`[]()<>#|\\-+!&;:=\"' \t\n.ab1é".split(""),
    "**",
    "__",
    "~~",
    "```",
    "\n\n",
    "\r\n",
    "> ",
    "|- ",
    "* ",
    "1. ",
    "    ",
    "# ",
    "](",
    "http://x",
    "&amp;",
    "<b>",
    "👍",
    "\u2028",
    "\u0000",
    "\uD800",
    "| a |\n|-|\n",
    "*a*",
    "**b**",
    "`c`",
    "[d](e)",
    "===",
    "[e]: f\n",
  ];
  const soup = fc.array(fc.constantFrom(...bits), { maxLength: 60 }).map((chosen) => chosen.join(""));

  it("gives ranges in order, apart, inside, that split nothing", () => {
    fc.assert(
      fc.property(soup, (source) => {
        const { text, ranges } = convertMarkdown(source);
        let end = 0;
        for (const range of ranges) {
          expect(range.start).toBeGreaterThanOrEqual(end);
          expect(range.length).toBeGreaterThan(0);
          end = range.start + range.length;
          expect([range.start, end].some((at) => isInsidePair(text, at))).toBe(false);
        }
        expect(end).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: 2000 },
    );
  });

  it("is given back when it has no marks", () => {
    const rare = fc.array(fc.constantFrom(...bits.filter((bit) => !/[*`]/.test(bit))), { maxLength: 12 });
    const cases = fc
      .oneof(
        soup,
        rare.map((chosen) => chosen.join("")),
      )
      .filter((text) => !hasMarks(text));
    fc.assert(
      fc.property(cases, (text) => {
        expect(convertMarkdown(text)).toEqual({ text, ranges: [] satisfies TextRange[] });
      }),
      { numRuns: 3000 },
    );
  });

  it("keeps every word", () => {
    // Links and entities have their own cases: their targets and names are no words.
    const words = fc
      .array(fc.constantFrom(...bits.filter((bit) => !/[(:&]/.test(bit))), { maxLength: 60 })
      .map((chosen) => chosen.join(""));
    fc.assert(
      fc.property(words, (source) => {
        expect(lettersOf(convertMarkdown(source).text)).toBe(lettersOf(source));
      }),
      { numRuns: 2000 },
    );
  });

  it("is not changed a second time once it was converted", () => {
    const blocks = fc.constantFrom(
      "**Done.** See *this*.",
      "# Title",
      "* one\n* two **x**",
      "| a | b |\n|---|---|\n| 1 | `2` |",
      "[docs](https://x.y/a_b)",
      "```\n**code**\n```",
      "> quoted ~~not~~",
      "2 * 3 * 4",
    );
    fc.assert(
      fc.property(fc.array(blocks), (chosen) => {
        const once = convertMarkdown(chosen.join("\n\n")).text;
        expect(convertMarkdown(once)).toEqual({ text: once, ranges: [] });
      }),
    );
  });

  it("keeps the blocks without marks", () => {
    const plain = fc
      .array(fc.constantFrom("a", "b c", " ", "\t", "\u2028", "é", "\u0000", ".", ","), {
        minLength: 1,
        maxLength: 12,
      })
      .map((chosen) => chosen.join(""));
    const block = fc.oneof(plain, fc.constant("**m**"));
    fc.assert(
      fc.property(fc.array(block), fc.constantFrom("\n\n", "\r\n\r\n", "\n \n\n"), (blocks, gap) => {
        const source = blocks.join(gap);
        expect(convertMarkdown(source).text).toBe(source.replaceAll("**", ""));
      }),
    );
  });
});

describe("takes no long time", () => {
  const MIB = 1 << 20;
  const hostile: readonly [string, string][] = [
    ["nested quotes", `${">".repeat(3000)} **x**`],
    ["nested lists", `${"- ".repeat(5000)}**x**`],
    ["deep lists", Array.from({ length: 600 }, (_, depth) => `${" ".repeat(depth)}* x`).join("\n")],
    ["brackets", "[".repeat(100_000)],
    ["links begun", "[a](".repeat(30_000)],
    ["pictures in pictures", `${"![".repeat(5000)}a${"](u)".repeat(5000)}`],
    ["stars", "*".repeat(100_000)],
    ["words with stars", "*a ".repeat(60_000)],
    ["powers", "a**b".repeat(40_000)],
    ["marks in turn", "_*".repeat(50_000)],
    ["escapes", "\\*".repeat(90_000)],
    ["list markers escaped", "1\\. ".repeat(40_000)],
    ["backticks", Array.from({ length: 500 }, (_, length) => "`".repeat(length)).join(" ")],
    ["a wide table", `${"|a".repeat(20_000)}|\n${"|-".repeat(20_000)}|\n${"|b".repeat(20_000)}|`],
    ["a fence never closed", `\`\`\`\n${"**x**\n".repeat(30_000)}`],
    ["many blocks", "**x**\n\n".repeat(25_000)],
    ["spaces", `${" ".repeat(100_000)}#${" ".repeat(90_000)}`],
    ["line ends", "\n".repeat(199_000)],
    ["1 MiB", "**x** y\n".repeat(MIB / 8)],
    ["1 MiB of pipes", "|".repeat(MIB)],
  ];
  it.each(hostile)("%s", (_, text) => {
    const start = performance.now();
    hasMarks(text);
    const { ranges } = convertMarkdown(text);
    expect(performance.now() - start).toBeLessThan(3000);
    expect(ranges.length).toBeLessThanOrEqual(text.length);
  });

  it("gives a text back that is too long for a reply", () => {
    const text = "**x** ".repeat(40_000);
    expect(convertMarkdown(text)).toEqual({ text, ranges: [] });
  });
});

function isInsidePair(text: string, at: number): boolean {
  return /^[\uD800-\uDBFF][\uDC00-\uDFFF]$/.test(text.slice(at - 1, at + 1));
}

function lettersOf(text: string): string {
  return (text.match(/[\p{L}\p{N}👍]/gu) ?? []).toSorted().join("");
}
