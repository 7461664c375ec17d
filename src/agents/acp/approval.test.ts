// What an agent's request says of a tool call: all of it, and nothing that it does not say.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ApprovalRequest } from "../../model/approval.ts";
import { mergeCall, parseApproval } from "./approval.ts";

const OPTIONS = [
  { optionId: "once", kind: "allow_once", name: "Allow once" },
  { optionId: "reject", kind: "reject_once", name: "Reject" },
];

let folder = "";
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "approval-")));
  mkdirSync(join(folder, "w/src"), { recursive: true });
  writeFileSync(join(folder, "w/src/a.ts"), "");
  writeFileSync(join(folder, "secret"), "");
  symlinkSync(join(folder, "secret"), join(folder, "w/link"));
  symlinkSync(join(folder, "not-there"), join(folder, "w/dangling"));
  symlinkSync(folder, join(folder, "w/up"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The request about a tool call with these fields. */
async function ask(toolCall: object, known: Record<string, unknown> = {}): Promise<ApprovalRequest> {
  const params = { sessionId: "s", toolCall: { toolCallId: "c", ...toolCall }, options: OPTIONS };
  const request = await parseApproval(params, known, join(folder, "w"));
  if (!request) throw new Error("no request");
  return request;
}

async function sections(toolCall: object): Promise<string[]> {
  return (await ask(toolCall)).sections.map(({ name, text }) => `${name}: ${text}`);
}

async function keyOf(toolCall: object): Promise<string | undefined> {
  return (await ask(toolCall)).standing?.key;
}

test("a change of a file: its path, the lines that go and those that come; not twice what the input says as well", async () => {
  const path = join(folder, "w/src/a.ts");
  const [oldText, newText] = ["one\ntwo\nthree\nfour\n", "one\nzwei\ndrei\nfour\n"];
  const diff = { type: "diff", path, oldText, newText };
  expect(
    await ask({
      title: "Edit a.ts",
      kind: "edit",
      locations: [{ path }],
      content: [diff],
      rawInput: { file_path: path, old_string: oldText, new_string: newText, replace_all: true, old: null },
    }),
  ).toEqual({
    title: "Edit a.ts",
    toolKind: "edit",
    tool: "edit",
    sections: [
      { name: "replace_all", text: "true" },
      { name: `changes to ${path}`, text: "-two\n-three\n+zwei\n+drei" },
    ],
    omittedSections: 0,
    options: [
      { id: "once", label: "Allow once", kind: "allow_once" },
      { id: "reject", label: "Reject", kind: "reject_once" },
    ],
    standing: { key: expect.stringContaining(path) as string, what: `edit ${path}`, covers: "file" },
  });
});

describe("a change", () => {
  test.each([
    ["a new file", undefined, "a\nb\n", "+a\n+b"],
    ["a file made empty", "a\n", "", "-a"],
    ["lines put in", "a\nc\n", "a\nb\nc\n", "+b"],
    ["the same line again", "a\na\n", "a\na\na\n", "+a"],
    ["a line end at the end", "a", "a\n", "+(a line end at the end)"],
    ["nothing", "a\n", "a\n", ""],
  ])("%s", async (_, oldText, newText, lines) => {
    expect(await sections({ content: [{ type: "diff", path: "f", oldText, newText }] })).toEqual([
      `changes to f: ${lines}`,
    ]);
  });
});

describe("a program", () => {
  test.each<[string, unknown, readonly string[]]>([
    ["a line", { command: "rm -rf build" }, ["command: rm -rf build"]],
    [
      "its words",
      { command: ["git", "commit", "-m", "it's done"] },
      [`command: git commit -m 'it'\\''s done'`],
    ],
    [
      "a name and arguments",
      { command: "git", args: ["push", "--force", "a b"] },
      ["command: git push --force 'a b'"],
    ],
    ["under other names", { program: "make", argv: ["-j", ""] }, ["command: make -j ''"]],
    ["words alone", { argv: ["ls", "-l"] }, ["command: ls -l"]],
    ["a name with a space in it", { command: "my tool", args: ["x"] }, ["command: 'my tool' x"]],
    [
      "a shell's script",
      { command: ["bash", "-lc", "npm test && echo $HOME"] },
      ["command: npm test && echo $HOME", "shell: bash -lc"],
    ],
    [
      "a shell as the program",
      { command: "/bin/sh", args: ["-c", "x\ny"] },
      ["command: x\ny", "shell: /bin/sh -c"],
    ],
    [
      "its folder, environment, and whatever else there is",
      {
        cmd: "ls",
        timeout: 5000,
        cwd: "/w",
        env: { A: "1", B: "x\nC=2" },
        sudo: { user: "root" },
        description: "Lists",
      },
      [
        "command: ls",
        "folder: /w",
        'environment: A=1\nB="x\\nC=2"',
        "timeout: 5000",
        'sudo: {"user":"root"}',
        "description: Lists",
      ],
    ],
    ["two of them", { command: "ls", cmd: "rm" }, ["command: ls", "cmd: rm"]],
    ["arguments that are no words", { command: "ls", args: ["a", 7] }, ["command: ls", 'args: ["a",7]']],
    [
      "a name of the call itself says nothing",
      { command: "ls", call_id: "c7", turn_id: "9" },
      ["command: ls"],
    ],
    ["a text", "ls -l", ["input: ls -l"]],
    ["a list", ["ls", 1], ['input: ["ls",1]']],
    ["nothing", {}, []],
  ])("%s", async (_, rawInput, shown) => {
    expect(await sections({ title: "Run it", kind: "execute", rawInput })).toEqual(shown);
  });
});

describe("an answer from now on", () => {
  const run = (rawInput: unknown, over: object = {}) => ({
    title: "Run",
    kind: "execute",
    name: "shell",
    rawInput,
    ...over,
  });

  test("holds for the whole of a call", async () => {
    const calls = [
      run({ command: "git", args: ["status"] }),
      run({ command: "git", args: ["push", "--force"] }),
      run({ command: "git", args: ["status"], cwd: "/elsewhere" }),
      run({ command: "git", args: ["status"], env: { GIT_DIR: "/x" } }),
      run({ command: "git", args: ["status"], timeout: 1 }),
      run({ command: "git", args: ["status"] }, { title: "Other" }),
      run({ command: "git", args: ["status"] }, { name: "sudo" }),
      run({ command: "git", args: ["status"] }, { locations: [{ path: "/w" }] }),
      run(
        { command: "git", args: ["status"] },
        { content: [{ type: "content", content: { type: "text", text: "x" } }] },
      ),
      run({ command: "git status" }),
      run({ command: "status", args: ["git"] }),
      run("git status"),
    ];
    const keys = await Promise.all(calls.map(keyOf));
    expect(new Set(keys).size).toBe(calls.length);
    expect(keys).not.toContain(undefined);
  });

  test("holds for the same call whatever the order of its fields, and the name of the call", async () => {
    expect(await keyOf(run({ command: "ls", cwd: "/w", call_id: "1" }))).toBe(
      await keyOf(run({ cwd: "/w", call_id: "2", command: "ls" })),
    );
  });

  test("holds for nothing where only the title says what is done, nor for a mode", async () => {
    expect(await keyOf({ title: "ls", kind: "execute" })).toBeUndefined();
    expect(await keyOf({ title: "ls", kind: "execute", rawInput: {} })).toBeUndefined();
    expect(await keyOf({ title: "Plan", kind: "switch_mode", rawInput: { plan: "do it" } })).toBeUndefined();
  });

  test("holds for nothing that is not kept whole", async () => {
    expect(await keyOf(run({ command: "x".repeat(100_000) }))).toBeUndefined();
    expect(await keyOf(run({ command: "x".repeat(9_000) }))).toBeUndefined();
  });

  const edit = (path: string, over: object = {}) => ({
    title: "Edit",
    kind: "edit",
    content: [{ type: "diff", path, oldText: "a", newText: "b" }],
    ...over,
  });

  test("holds for any change of the very file", async () => {
    const key = await keyOf(edit("src/a.ts"));
    expect(await keyOf(edit(join(folder, "w/src/a.ts"), { title: "Other", rawInput: { text: "x" } }))).toBe(
      key,
    );
    expect(await keyOf(edit("./src/../src/a.ts"))).toBe(key);
    for (const other of [
      edit("src/a.tsx"),
      edit("src/b.ts"),
      edit("src/a.ts", { name: "other" }),
      edit("src/a.ts", { locations: [{ path: "src/b.ts" }] }),
      edit("src/a.ts", { rawInput: { file_path: "src/b.ts" } }),
      edit("src/a.ts", { rawInput: { filePaths: ["src/a.ts", "src/b.ts"] } }),
      edit("src/a.ts", { rawInput: { command: "rm src/a.ts" } }),
    ])
      expect(await keyOf(other)).not.toBe(key);
  });

  test.each([
    "/etc/passwd",
    "../secret",
    "src/../../secret",
    "link",
    "dangling",
    "up/secret",
    "up/new/file",
    "~/.ssh/authorized_keys",
    "file:///etc/passwd",
    "$HOME/x",
    "src/*.ts",
    ".",
    "",
    "a\0b",
  ])("holds for nothing outside of the workspace: %j", async (path) => {
    expect(await keyOf(edit(path))).toBeUndefined();
    expect(await keyOf(edit("src/a.ts", { locations: [{ path }] }))).toBe(
      path === "" ? await keyOf(edit("src/a.ts")) : undefined,
    );
    const deletion = { kind: "delete", rawInput: { path } };
    if (path !== "") expect(await keyOf(deletion)).toBeUndefined();
  });
});

test("a tool goes by its name, which some agents tell in a field of their own", async () => {
  expect((await ask({ kind: "edit", name: "write_file" })).tool).toBe("write_file");
  expect((await ask({ kind: "edit", _meta: { anyAgent: { toolName: "MultiEdit" } } })).tool).toBe(
    "MultiEdit",
  );
});

test("what was told of the call before counts, unless it is told anew", async () => {
  const known = mergeCall({}, { title: "bash", kind: "execute", locations: [{ path: "/w" }], rawInput: {} });
  const request = await ask({ title: "echo hi", kind: null, rawInput: { command: "echo hi" } }, known);
  expect(request).toMatchObject({
    title: "echo hi",
    toolKind: "execute",
    sections: [
      { name: "command", text: "echo hi" },
      { name: "file", text: "/w" },
    ],
  });
});

test("what the agent says of it beside is shown as well; without a title the first thing is one", async () => {
  const content = [{ type: "content", content: { type: "text", text: "Fetches a page" } }];
  expect(await sections({ kind: "fetch", content, rawInput: { url: "https://a" } })).toEqual([
    "url: https://a",
    "details: Fetches a page",
  ]);
  expect(await ask({ kind: "execute", rawInput: { command: "ls\nrm" } })).toMatchObject({ title: "ls" });
  expect(await ask({})).toMatchObject({ title: "other", toolKind: "other", sections: [] });
});

describe("what is too long to be kept", () => {
  test("keeps its beginning and end, and how much is between", async () => {
    const command = `start${"x".repeat(100_000)}end`;
    const [kept] = (await ask({ title: "Run", rawInput: { command } })).sections;
    expect(kept?.text.startsWith("start") && kept.text.endsWith("end")).toBe(true);
    expect((kept?.text.length ?? 0) + (kept?.omitted?.characters ?? 0)).toBe(command.length);
  });

  test("so do many long ones together, and a long title", async () => {
    const fields = Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`f${at}`, "y".repeat(20_000)]));
    const request = await ask({ title: `T${"z".repeat(90_000)}!`, rawInput: fields });
    expect(JSON.stringify(request).length).toBeLessThan(100_000);
    expect(request.sections).toHaveLength(60);
    expect(request.omittedSections).toBe(141);
    expect(request.sections[0]).toMatchObject({
      name: "title",
      text: expect.stringMatching(/^T.*!$/u) as string,
    });
  });

  test("what is nested without end is said to be so", async () => {
    let deep: unknown = 1;
    for (let at = 0; at < 50_000; at += 1) deep = [deep];
    const request = await ask({ title: "Run", rawInput: { deep } });
    expect(request.sections).toEqual([{ name: "deep", text: "(it is nested too deeply to be shown)" }]);
    expect(request.standing).toBeUndefined();
  });
});

test("options that mean nothing known are left out; without any there is no request", async () => {
  const options = [
    { optionId: "x", kind: "maybe", name: "Perhaps" },
    { kind: "allow_once" },
    OPTIONS[0],
    "y",
  ];
  expect((await parseApproval({ toolCall: {}, options }, {}, folder))?.options).toEqual([
    { id: "once", label: "Allow once", kind: "allow_once" },
  ]);
  for (const odd of [undefined, null, 7, "x", [], {}, { options: [] }, { options: "once", toolCall: [] }])
    expect(await parseApproval(odd, {}, folder)).toBeUndefined();
});

test("of two options with one id only the first can be chosen", async () => {
  const options = [...OPTIONS, { optionId: "once", kind: "allow_always", name: "Always" }];
  const request = await parseApproval({ sessionId: "s", toolCall: { toolCallId: "c" }, options }, {}, folder);
  expect(request?.options.map(({ kind }) => kind)).toEqual(["allow_once", "reject_once"]);
});
