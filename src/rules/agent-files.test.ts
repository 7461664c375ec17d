import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { splitAnswer } from "./agent-files.ts";

const files = (markdown: string) =>
  splitAnswer(markdown).flatMap((piece) => (piece.kind === "file" ? [[piece.source, piece.caption]] : []));

describe("a file is", () => {
  test.each([
    ["![Sales](chart.png)", "chart.png", "Sales"],
    ["![](out/chart.png)", "out/chart.png", ""],
    ["   ![a](b.png)  \r\n", "b.png", "a"],
    ["![a b](my chart.png)", "my chart.png", "a b"],
    ["![a](<my (chart).png>)", "my (chart).png", "a"],
    ["![a](chart (1).png)", "chart (1).png", "a"],
    ['![a](chart.png "Sales")', "chart.png", "a"],
    ["![a](https://example.com/a.png?b=(c))", "https://example.com/a.png?b=(c)", "a"],
    ["![a](HTTPS://example.com/a.png)", "HTTPS://example.com/a.png", "a"],
    ["![a](/tmp/ワニ.png)", "/tmp/ワニ.png", "a"],
    ["text before\n![a](b.png)\ntext after", "b.png", "a"],
    ["```\ncode\n```\n![a](b.png)", "b.png", "a"],
  ])("%j", (markdown, source, caption) => expect(files(markdown)).toEqual([[source, caption]]));
});

describe("no file is", () => {
  test.each([
    ["see chart.png"],
    ["/etc/passwd"],
    ["[chart](chart.png)"],
    ["here: ![a](b.png)"],
    ["![a](b.png) is it"],
    ["![a](b.png) ![c](d.png)"],
    ["- ![a](b.png)"],
    ["> ![a](b.png)"],
    ["    ![a](b.png)"],
    ["\t![a](b.png)"],
    ["`![a](b.png)`"],
    ["```\n![a](b.png)\n```"],
    ["~~~md\n![a](b.png)"],
    ["![a][b]"],
    ["![a]()"],
    ["![a](<>)"],
    ["![a](b.png"],
    ["\\![a](b.png)"],
    ["![a](http://example.com/a.png)"],
    ["![a](file:///etc/passwd)"],
    ["![a](data:image/png;base64,AAAA)"],
    ["![a](b\0.png)"],
    ["![a]\n(b.png)"],
  ])("%j", (markdown) => expect(files(markdown)).toEqual([]));

  test("an address of 5000 characters", () => {
    expect(files(`![a](${"x".repeat(5000)})`)).toEqual([]);
  });
});

test("order is kept, and nothing is lost", () => {
  const markdown = "one\n![a](a.png)\n![b](b.png)\ntwo";
  expect(splitAnswer(markdown)).toEqual([
    { kind: "text", text: "one\n" },
    { kind: "file", source: "a.png", title: "", caption: "a", line: "![a](a.png)\n" },
    { kind: "file", source: "b.png", title: "", caption: "b", line: "![b](b.png)\n" },
    { kind: "text", text: "two" },
  ]);
  expect(splitAnswer("")).toEqual([{ kind: "text", text: "" }]);
});

test("the pieces are the answer, whatever it is", () => {
  const word = fc.constantFrom(
    "![",
    "a",
    "](",
    ")",
    "\n",
    " ",
    "```",
    "<",
    ">",
    '"',
    "b.png",
    "https://x",
    "\r\n",
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 40 }), (words) => {
      const markdown = words.join("");
      const pieces = splitAnswer(markdown);
      expect(pieces.map((piece) => (piece.kind === "text" ? piece.text : piece.line)).join("")).toBe(
        markdown,
      );
    }),
  );
});
