import { describe, expect, test } from "vitest";
import { mergeCall, parseApproval } from "./approval.ts";

const OPTIONS = [
  { optionId: "once", kind: "allow_once", name: "Allow once" },
  { optionId: "reject", kind: "reject_once", name: "Reject" },
];

/** The question about a tool call with these fields. */
function ask(toolCall: object, known: Record<string, unknown> = {}) {
  const question = parseApproval(
    { sessionId: "s", toolCall: { toolCallId: "c", ...toolCall }, options: OPTIONS },
    known,
  );
  if (!question) throw new Error("no question");
  return question;
}

test("a change of a file: its path, the lines that go and those that come", () => {
  const diff = {
    type: "diff",
    path: "/w/a.ts",
    oldText: "one\ntwo\nthree\nfour\n",
    newText: "one\nzwei\ndrei\nfour\n",
  };
  expect(
    ask({ title: "Edit a.ts", kind: "edit", locations: [{ path: "/w/a.ts" }], content: [diff] }),
  ).toEqual({
    title: "Edit a.ts",
    toolKind: "edit",
    tool: "edit",
    places: ["/w/a.ts"],
    detail: "/w/a.ts\n-two\n-three\n+zwei\n+drei",
    options: [
      { id: "once", label: "Allow once", kind: "allow_once" },
      { id: "reject", label: "Reject", kind: "reject_once" },
    ],
  });
});

describe("a diff", () => {
  test.each([
    ["a new file", undefined, "a\nb\n", "f\n+a\n+b"],
    ["a file made empty", "a\n", "", "f\n-a"],
    ["lines put in", "a\nc\n", "a\nb\nc\n", "f\n+b"],
    ["the same line again", "a\na\n", "a\na\na\n", "f\n+a"],
    ["nothing", "a\n", "a\n", "f"],
  ])("%s", (_, oldText, newText, detail) => {
    expect(ask({ content: [{ type: "diff", path: "f", oldText, newText }] }).detail).toBe(detail);
  });
});

describe("a program", () => {
  test.each([
    ["a line", { command: "rm -rf build" }, "rm -rf build"],
    ["its words", { command: ["git", "commit", "-m", "it's done"] }, `git commit -m 'it'\\''s done'`],
    ["a shell's script", { command: ["bash", "-lc", "npm test && echo $HOME"] }, "npm test && echo $HOME"],
    ["under another name", { cmd: "ls" }, "ls"],
  ])("%s", (_, rawInput, detail) => {
    expect(ask({ title: "Run it", kind: "execute", rawInput })).toMatchObject({
      detail,
      tool: `execute: ${detail}`,
    });
  });

  test("what is allowed once for all lets no other command through, even where only the title tells it", () => {
    const [list, remove] = ["ls", "rm -rf ."].map((title) => ask({ title, kind: "execute" }).tool);
    expect(list).toBe("execute: ls");
    expect(remove).not.toBe(list);
    const odd = ask({ title: "t", kind: "other", name: "shell", rawInput: { command: "ls" } });
    expect(odd.tool).toBe("shell: ls");
  });
});

test("a tool goes by its name, which some agents tell in a field of their own", () => {
  expect(ask({ kind: "edit", name: "write_file" }).tool).toBe("write_file");
  expect(ask({ kind: "edit", _meta: { anyAgent: { toolName: "MultiEdit" } } }).tool).toBe("MultiEdit");
});

test("what was told of the call before counts, unless it is told anew", () => {
  const known = mergeCall({}, { title: "bash", kind: "execute", locations: [{ path: "/w" }], rawInput: {} });
  const question = ask({ title: "echo hi", kind: null, rawInput: { command: "echo hi" } }, known);
  expect(question).toMatchObject({
    title: "echo hi",
    toolKind: "execute",
    places: ["/w"],
    detail: "echo hi",
  });
});

test("what else there may be to show: a text, else what the tool is given", () => {
  const content = [{ type: "content", content: { type: "text", text: "Fetches a page" } }];
  expect(ask({ kind: "fetch", content, rawInput: { url: "https://a" } }).detail).toBe("Fetches a page");
  expect(ask({ kind: "fetch", rawInput: { url: "https://a" } })).toMatchObject({
    title: "fetch",
    detail: '{"url":"https://a"}',
  });
  expect(ask({})).toMatchObject({ title: "other", toolKind: "other", detail: "", places: [] });
});

test("a detail has an end", () => {
  expect(ask({ rawInput: { command: "x".repeat(100_000) } }).detail.length).toBeLessThanOrEqual(20_000);
});

test("options that mean nothing known are left out; without any there is no question", () => {
  const options = [
    { optionId: "x", kind: "maybe", name: "Perhaps" },
    { kind: "allow_once" },
    OPTIONS[0],
    "y",
  ];
  expect(parseApproval({ toolCall: {}, options }, {})?.options).toEqual([
    { id: "once", label: "Allow once", kind: "allow_once" },
  ]);
  for (const odd of [undefined, null, 7, "x", [], {}, { options: [] }, { options: "once", toolCall: [] }])
    expect(parseApproval(odd, {})).toBeUndefined();
});

test("of two options with one id only the first can be chosen", () => {
  const options = [...OPTIONS, { optionId: "once", kind: "allow_always", name: "Always" }];
  const question = parseApproval({ sessionId: "s", toolCall: { toolCallId: "c" }, options }, {});
  expect(question?.options.map(({ kind }) => kind)).toEqual(["allow_once", "reject_once"]);
});
