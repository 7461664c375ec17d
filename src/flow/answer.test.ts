import { describe, expect, test } from "vitest";
import { ANNA, BEN, FlowWorld, say } from "../../test/flow/flow-world.ts";
import { GatewayError } from "../model/errors.ts";
import type { Handle } from "../model/handle.ts";
import type { OutboundFile } from "../model/media.ts";
import { takeAnswer } from "./answer.ts";
import { FileBudget } from "./file-budget.ts";

const by = { roots: [], maxBytes: 1, signal: new AbortController().signal, most: 20 };

function fileOf(source: string): OutboundFile {
  return { path: `/media/${source}`, name: source, mimeType: "image/png", bytes: 1 };
}

async function outgoing(source: string): Promise<OutboundFile> {
  if (source.startsWith("bad"))
    throw new GatewayError("media/outside", `${source} is elsewhere.`, { hint: "No." });
  return fileOf(source);
}

async function pieces(markdown: string): Promise<readonly (string | { file: string })[]> {
  const taken = await takeAnswer(markdown, { outgoing }, { ...by, budget: new FileBudget() });
  return taken.map((piece) => (typeof piece === "string" ? piece : { file: piece.name }));
}

test.each([
  ["hello", ["hello"]],
  ["", [""]],
  ["![](a)", [{ file: "a" }]],
  ["![Sales](a)\n", ["Sales", { file: "a" }]],
  ["Here:\n\n![Sales](a)\n\n  after", ["Here:\n\nSales", { file: "a" }, "  after"]],
  ["![](a)\n![](b)\n", [{ file: "a" }, { file: "b" }]],
  ["one\n![](a)\ntwo\n![](b)", ["one", { file: "a" }, "two", { file: "b" }]],
  ["one\n![x](bad)\ntwo", ["one\n![x](bad)\ntwo"]],
  ["![x](bad)\n![y](a)\n", ["![x](bad)\n\ny", { file: "a" }]],
  ["  indented\n", ["  indented\n"]],
])("%j", async (markdown, expected) => expect(await pieces(markdown)).toEqual(expected));

test("a file that is refused has its reason told, and the eleventh is one too many", async () => {
  const lines = Array.from({ length: 11 }, (_, index) => `![](f${index})\n`);
  const budget = new FileBudget();
  const taken = await takeAnswer(`![](bad)\n${lines.join("")}`, { outgoing }, { ...by, budget });
  expect(budget.unsent).toEqual({
    count: 2,
    reasons: ["bad is elsewhere.", expect.stringContaining("f10 is one too many")],
  });
  expect(taken.at(-1)).toBe("![](f10)\n");
});

test("a text that comes with files has a message, whatever there is room for", async () => {
  const budget = new FileBudget();
  const taken = await takeAnswer("![](a)\n![](b)\n![](c)\n", { outgoing }, { ...by, most: 3, budget });
  expect(taken).toEqual([fileOf("a"), fileOf("b"), "![](c)\n"]);
  expect(budget.unsent.reasons).toEqual([expect.stringContaining("messages.maxPartsPerReply")]);
});

test("of ten thousand files that are not there, twenty are tried, and three reasons and a number are told", async () => {
  await using world = await FlowWorld.create({
    output: "markdown",
    account: { notified: [BEN as Handle], maxPartsPerReply: 4 },
  });
  let tries = 0;
  world.takeOut = async (source) => {
    tries += 1;
    throw new GatewayError("media/missing", `${source} is not there.`, { hint: "No." });
  };
  const lines = Array.from({ length: 10_000 }, (_, index) => `![](f${index})`);
  world.keep = async () => Promise.reject(new Error("the disk is full"));
  world.play = async () => lines.join("\n");
  await world.receive(ANNA, "files?");
  const notices = () => world.sent.filter(({ part }) => part.origin === "notice").map(({ text }) => text);
  await world.until(() => notices().length > 0, "the owner is told");
  const [notice = ""] = notices();
  expect(tries).toBe(20);
  expect(notice).toContain("f0 is not there. f1 is not there. f2 is not there. And 9,997 more.");
});

describe("all files of an answer have one deadline", () => {
  const never = async (): Promise<OutboundFile> => new Promise(() => {});

  test("one that never comes uses it up, and the next is not tried", async () => {
    const budget = new FileBudget(30);
    const tried: string[] = [];
    const media = {
      outgoing: async (source: string) => {
        tried.push(source);
        return source === "quick" ? fileOf(source) : never();
      },
    };
    const taken = await takeAnswer("![](quick)\n![](slow)\n![](late)\n", media, { ...by, budget });
    expect(tried).toEqual(["quick", "slow"]);
    expect(taken[0]).toEqual(fileOf("quick"));
    expect(budget.unsent.reasons).toEqual([
      expect.stringMatching(/^slow did not come in time/u),
      expect.stringMatching(/^late was not tried/u),
    ]);
  });

  test("the one that is under way is told to end", async () => {
    const ended = Promise.withResolvers<void>();
    const outgoing = async (_: string, { signal }: { signal: AbortSignal }): Promise<OutboundFile> => {
      signal.addEventListener("abort", () => ended.resolve());
      return never();
    };
    await takeAnswer("![](slow)", { outgoing }, { ...by, budget: new FileBudget(10) });
    await ended.promise;
  });
});

describe("an answer that is too long for its messages", () => {
  const limits = { textChunkLimit: 20, maxPartsPerReply: 3 };
  const words = Array.from({ length: 40 }, (_, at) => `word${at}`).join(" ");

  test("ends in a file with the rest", async () => {
    await using world = await FlowWorld.create({ output: "markdown", account: limits });
    let kept = "";
    world.keep = async (content, name) => {
      kept = Buffer.from(content).toString();
      return `/media/${name}`;
    };
    world.takeOut = async (path, { title = "" }) => ({ ...fileOf(path), path, name: title });
    world.play = async () => words;
    await world.receive(ANNA, "words?");
    await world.until(() => world.sent.length === 3, "all of it is sent");
    const [one, two, three] = world.sent;
    expect(three?.part.file?.name).toBe("Rest of the answer.txt");
    expect(`${one?.text} ${two?.text} ${kept.replace("\ufeff", "")}`).toBe(words);
  });

  test("says so where no file can be made, and the records say why", async () => {
    await using world = await FlowWorld.create({ account: limits });
    world.keep = async () => Promise.reject(new Error("the disk is full"));
    world.play = async () => words;
    await world.receive(ANNA, "words?");
    await world.until(() => world.sent.length === 3, "all of it is sent");
    expect(world.sent[2]?.text).toMatch(/^\(That is not all: \d+ more characters/u);
    expect(world.lines.join("")).toContain("the disk is full");
  });
});

test("control characters reach nobody, wherever they come from", async () => {
  await using world = await FlowWorld.create({
    output: "markdown",
    account: { responsePrefix: "\u0007[bot] " },
  });
  world.play = async () => "\u001b[31m**red**\u001b[0m\r\nfile\u202etxt.exe\u0000\u0085";
  world.carry = async () => say("\u001b]0;title\u0007done\u009b1m");
  await world.receive(ANNA, "hello");
  await world.expectSent("[bot] red\nfiletxt.exe");
  await world.receive(ANNA, "/status");
  await world.until(() => world.sent.length === 2, "the command is answered");
  expect(world.sent[1]?.text).toBe("done");
});

test("an answer's files go out between its texts, as one group, the prefix once", async () => {
  await using world = await FlowWorld.create({ output: "markdown", account: { responsePrefix: "[bot] " } });
  world.takeOut = async (source, { roots, maxBytes }) => {
    expect({ roots, maxBytes }).toEqual({ roots: ["/nowhere", "/media/c1"], maxBytes: 16_777_216 });
    return fileOf(source);
  };
  world.play = async () => "![](first.png)\n**Here** it is:\n![Sales](chart.png)\nDone.";
  await world.receive(ANNA, "chart?");
  await world.until(() => world.sent.length === 4, "all of it is sent");
  expect(world.sent.map(({ text, part }) => part.file?.name ?? text)).toEqual([
    "first.png",
    "[bot] Here it is:\n\nSales",
    "chart.png",
    "Done.",
  ]);
  expect(world.sent.map(({ text }) => text)).toEqual(["", "[bot] Here it is:\n\nSales", "", "Done."]);
});

test("the text of an agent whose answers are plain names no files", async () => {
  await using world = await FlowWorld.create({});
  world.play = async () => "![Sales](chart.png)";
  await world.receive(ANNA, "chart?");
  await world.expectSent("![Sales](chart.png)");
});

test("why a file is not sent is told to the owner, not to whoever asked", async () => {
  await using world = await FlowWorld.create({ output: "markdown", account: { notified: [BEN as never] } });
  world.takeOut = outgoing;
  world.play = async () => "see:\n![Sales](bad.png)";
  await world.receive(ANNA, "chart?");
  await world.until(() => world.sent.length === 2, "the answer and the notice are sent");
  const [answer, notice] = world.sent;
  expect(answer?.text).toContain("bad.png");
  expect(answer?.text).not.toContain("elsewhere");
  expect(notice?.to).toContain(BEN);
  expect(notice?.text).toMatch(new RegExp(`${ANNA.replace("+", "\\+")}.*bad\\.png is elsewhere`));
});
