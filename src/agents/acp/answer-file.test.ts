import { describe, expect, test } from "vitest";
import { textOf } from "../../../test/contracts/agent.contract.ts";
import { open, play } from "../../../test/agents/acp-runtimes.ts";
import { composeAnswerFile, readAnswerFile } from "./answer-file.ts";

const keep = async (content: Uint8Array, name: string): Promise<string> => `/kept/${name}/${content.length}`;
const PNG = Buffer.from("picture").toString("base64");

describe("what is not text in an answer", () => {
  test.each([
    [
      { type: "image", data: PNG, mimeType: "image/png" },
      '![](</kept/a picture (image/png)/7> "a picture (image/png)")',
    ],
    [
      { type: "image", data: PNG, mimeType: "image/png", uri: "file:///w/cat%20a.png" },
      '![](</kept/cat a.png/7> "cat a.png")',
    ],
    [{ type: "image", data: "", mimeType: "image/png", uri: "file:///w/cat.png" }, "![](</w/cat.png>)"],
    [
      { type: "image", data: "", mimeType: "image/png" },
      "(a file that I cannot send: a picture (image/png))",
    ],
    [
      { type: "audio", data: PNG, mimeType: "audio/wav" },
      '![](</kept/a sound (audio/wav)/7> "a sound (audio/wav)")',
    ],
    [{ type: "resource", resource: { uri: "file:///w/a.csv", text: "a,b" } }, '![](</kept/a.csv/3> "a.csv")'],
    [{ type: "resource", resource: { uri: "x:y/b.bin", blob: PNG } }, '![](</kept/b.bin/7> "b.bin")'],
    [{ type: "resource", resource: { uri: "x:y/b.bin" } }, "(a file that I cannot send: b.bin)"],
    [{ type: "resource_link", uri: "file:///w/a%20b.pdf", name: "a b" }, "![](</w/a b.pdf>)"],
    [{ type: "resource_link", uri: "/w/a.pdf", name: "a" }, "![](</w/a.pdf>)"],
    [
      { type: "resource_link", uri: "https://a.b/c.png", name: "c", mimeType: "image/png" },
      "![](<https://a.b/c.png>)",
    ],
    [{ type: "resource_link", uri: "https://a.b/c", name: "A page" }, "A page (https://a.b/c)"],
    [
      { type: "resource_link", uri: "https://a.b/c", name: "A page", mimeType: "text/html" },
      "A page (https://a.b/c)",
    ],
    [{ type: "resource_link", uri: "zed://thread/7", name: "a\nb [c](d)" }, "a b c(d) (zed://thread/7)"],
    [
      { type: "resource_link", uri: "file:///w/a%0Ab](c.png", name: "odd" },
      "(a file that I cannot send: odd)",
    ],
    [{ type: "resource_link", uri: "file://host/share", name: "far" }, "(a file that I cannot send: far)"],
  ])("%j", async (content, line) => {
    const file = readAnswerFile(content);
    expect(file && (await composeAnswerFile(file, keep))).toBe(`\n\n${line}\n\n`);
  });

  test.each([[undefined], [null], [7], [{}], [{ type: "hologram" }]])("%j is nothing", (content) => {
    expect(readAnswerFile(content)).toBeUndefined();
  });

  test("a file that cannot be kept is named", async () => {
    const file = readAnswerFile({
      type: "image",
      data: PNG,
      mimeType: "image/png",
      uri: "file:///w/cat.png",
    });
    const full = async (): Promise<string> => Promise.reject(new Error("the disk is full"));
    expect(file && (await composeAnswerFile(file, full))).toBe(
      "\n\n(a file that I cannot send: cat.png)\n\n",
    );
  });
});

test("text and files come in their order, and no more than 10 files", async () => {
  const script = `@say one\n@image\n@say two\n${"@resource file:///w/a.txt x\n".repeat(10)}@say end`;
  const text = textOf(await play(open(), script));
  expect(text.startsWith("one\n\n![](</kept/a picture (image/png)> ")).toBe(true);
  expect(text.match(/!\[/gu)).toHaveLength(10);
  expect(text.endsWith("(a file that I cannot send: a.txt)\n\nend")).toBe(true);
});
