import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { describeAgentContract, silentHost, textOf } from "../../../test/contracts/agent.contract.ts";
import { asId, type EntryId } from "../../model/ids.ts";
import type { TakenFile } from "../../model/media.ts";
import type { TurnHost } from "../../model/ports.ts";
import { answering, makeFolder, open, pidsIn, play } from "../../../test/agents/acp-runtimes.ts";

/** Makes every prompt of the contract the script `lines`. */
function scripted(lines: string): string {
  const file = join(makeFolder(), "script.json");
  writeFileSync(file, JSON.stringify({ "": lines.split("\n") }));
  return file;
}

function hanging(...flags: readonly string[]) {
  const workspace = makeFolder();
  const runtime = open(["--script", scripted("@hang"), ...flags]);
  return { runtime, workspace, started: async () => pidsIn(workspace) };
}

const shared = {
  answering: () => open(),
  silent: () => open(["--script", scripted("@think nothing")]),
  failing: () => open(["--script", scripted("@error -32603 it broke")]),
  workspace: makeFolder,
};
describeAgentContract("acp", () => ({ ...shared, hanging: () => hanging() }));
describeAgentContract("acp that does not end when asked", () => ({
  ...shared,
  hanging: () => hanging("--stubborn"),
}));

describe("what comes out", () => {
  test("its text, and that a tool call began; no thought, plan or output, whatever else it prints", async () => {
    const script =
      "@think T\n@say I look.\n@garbage\n@tool Search\n@plan P\n@say Found\n@tool Read\n@say  it.";
    expect(await play(open(["--banner"]), script)).toEqual([
      { kind: "text", text: "I look." },
      { kind: "aside" },
      { kind: "text", text: "Found" },
      { kind: "aside" },
      { kind: "text", text: " it." },
    ]);
  });

  test("two messages with nothing between them are two paragraphs", async () => {
    expect(textOf(await play(open(), "@messages one | two"))).toBe("one\n\ntwo");
  });

  test("text that comes in pieces comes out in pieces, the last one too", async () => {
    const words = Array.from({ length: 200 }, (_, index) => `word${index}`).join(" ");
    const events = await play(open(), `@chunks 0 ${words}`);
    expect(events.length).toBeGreaterThan(100);
    expect(textOf(events)).toBe(words);
  });

  test("an answer has an end", async () => {
    const text = textOf(await play(open(), "@flood 1048570\n@flood 100\n@say no"));
    expect(text).toBe("x".repeat(1024 * 1024));
  });

  test.each([
    ["@say so far\n@stop max_tokens", "so far", undefined],
    ["@say no\n@stop refusal", "no", undefined],
    ["@stop max_tokens", "", "limit of tokens"],
    ["@stop max_turn_requests", "", "limit of requests"],
    ["@stop refusal", "", "refused"],
    ["@stop cancelled", "", undefined],
    ["@stop end_turn", "", undefined],
  ])("%j", async (script, text, reason) => {
    const events = await play(open(), script);
    expect(textOf(events)).toBe(text);
    const failure = events.find((event) => event.kind === "failed");
    if (reason === undefined) expect(failure).toBeUndefined();
    else expect(failure).toMatchObject({ reason: expect.stringContaining(reason), passing: false });
  });
});

describe("what it is given", () => {
  const picture = (name: string, content: Buffer, mimeType: string): TakenFile => {
    const path = join(makeFolder(), name);
    writeFileSync(path, content);
    return { kind: "file", path, name, mimeType, bytes: content.length, note: "" };
  };

  test("text, pictures that models read and that are not too large, and links to files that are text", async () => {
    const files: TakenFile[] = [
      picture("a b.png", Buffer.from("png"), "image/png"),
      picture("a b.csv", Buffer.from("a,b"), "text/csv"),
      picture("b.json", Buffer.from("{}"), "application/json"),
      picture("b.svg", Buffer.from("<svg/>"), "image/svg+xml"),
      picture("b.zip", Buffer.from("PK"), "application/zip"),
      picture("b.pdf", Buffer.from("%PDF"), "application/pdf"),
      picture("large.txt", Buffer.alloc(256 * 1024 + 1, "a"), "text/plain"),
      picture("c.heic", Buffer.from("heic"), "image/heic"),
      picture("large.png", Buffer.alloc(5 * 1024 * 1024 + 1), "image/png"),
      { kind: "missing", name: "d.png", because: "gone" },
    ];
    const asked = { files: new Map([[asId<EntryId>(7), files]]) };
    const links = files.slice(1, 3).map((file) =>
      expect.objectContaining({
        type: "resource_link",
        name: file.name,
        uri: expect.stringMatching(/^file:/),
      }),
    );
    const image = { type: "image", data: Buffer.from("png").toString("base64"), mimeType: "image/png" };
    const text = { type: "text", text: "@blocks" };
    const withPictures = await play(open(["--images"]), "@blocks", asked);
    expect(JSON.parse(textOf(withPictures))).toEqual([text, image, ...links]);
    expect(JSON.parse(textOf(await play(open(), "@blocks", asked)))).toEqual([text, ...links]);
  });

  test("a group's instructions under a mark", async () => {
    const [block] = JSON.parse(textOf(await play(open(), "@blocks", { systemPrompt: "Be brief." })));
    expect(block.text).toBe("[Instructions for this group]\nBe brief.\n\n@blocks");
  });

  test("the environment that it may have, with its own variables; its workspace to work in", async () => {
    const workspace = join(makeFolder(), "deep");
    const context = { environment: () => ({ PATH: process.env["PATH"] ?? "", BASE: "1", OWN: "0" }) };
    const runtime = open([], { context, settings: { env: { OWN: "2" } } });
    const environment = JSON.parse(textOf(await play(runtime, "@env", { workspace }))) as object;
    expect(environment).toMatchObject({ BASE: "1", OWN: "2" });
    expect(Object.keys(environment).filter((name) => name.startsWith("CODERCLAW_"))).toEqual([]);
    await play(runtime, "@touch here", { workspace });
    expect(existsSync(join(workspace, "here"))).toBe(true);
  });
});

describe("what it asks", () => {
  test("a change that is allowed is made, one that is denied is not", async () => {
    const workspace = makeFolder();
    const runtime = open();
    const yes = answering("once");
    const script = "@say I write.\n@ask edit a.txt new";
    expect(await play(runtime, script, { workspace, host: yes })).toEqual([
      { kind: "text", text: "I write." },
      { kind: "aside" },
      { kind: "text", text: "allowed: once\n" },
    ]);
    expect(readFileSync(join(workspace, "a.txt"), "utf8")).toBe("new\n");
    expect(yes.asked).toMatchObject([
      {
        title: "Edit a.txt",
        toolKind: "edit",
        tool: "write",
        sections: [{ name: `changes to ${join(workspace, "a.txt")}`, text: "+new" }],
      },
    ]);
    const no = await play(runtime, "@ask edit a.txt newer", { workspace, host: answering("no") });
    expect(textOf(no)).toBe("denied: no\n");
    expect(readFileSync(join(workspace, "a.txt"), "utf8")).toBe("new\n");
    const none = await play(runtime, "@ask run rm -rf .", { workspace, host: answering(undefined) });
    expect(textOf(none)).toBe("cancelled\n");
  });

  test("one that says nothing of a denial: what led up to it is not the answer", async () => {
    const runtime = open(["--speechless"]);
    const end = { kind: "text", text: "Not done: it was denied." };
    const host = answering("no");
    const narrated = [{ kind: "text", text: "I write." }, { kind: "aside" }];
    const edit = "@say I write.\n@ask edit a.txt new";
    expect(await play(runtime, edit, { host })).toEqual([...narrated, end]);
    const both = await play(runtime, `${edit}\n@say As you like.`, { host });
    expect(both).toEqual([...narrated, { kind: "text", text: "As you like." }]);
    expect(await play(runtime, edit, { host: answering("once") })).toEqual([
      ...narrated,
      { kind: "text", text: "allowed: once\n" },
    ]);
  });

  test("the time that a question waits is not the turn's", async () => {
    const host: TurnHost = {
      ...silentHost,
      ask: async () => {
        await new Promise((resolve) => setTimeout(resolve, 4500));
        return { optionId: "once", isExplained: false };
      },
    };
    const runtime = open([], { settings: { timeoutMs: 4000 } });
    expect(textOf(await play(runtime, "@ask run ls", { host }))).toBe("allowed: once\n");
  });

  test("a turn that is stopped while it asks ends, and the agent is told that nobody answers", async () => {
    const workspace = makeFolder();
    const stop = new AbortController();
    const asked = Promise.withResolvers<void>();
    const host: TurnHost = {
      ...silentHost,
      ask: () => {
        asked.resolve();
        return new Promise(() => {});
      },
    };
    const runtime = open();
    const turn = play(runtime, "@ask edit a.txt x", { workspace, host, signal: stop.signal });
    await asked.promise;
    const pid = textOf(await play(runtime, "@pid", { sessionId: "other" }));
    stop.abort();
    expect(await turn).toEqual([{ kind: "aside" }]);
    expect(existsSync(join(workspace, "a.txt"))).toBe(false);
    expect(textOf(await play(runtime, "@pid"))).toBe(pid);
  });
});
