import { expect, test } from "vitest";
import { ANNA, BEN, FlowWorld } from "../../test/flow/flow-world.ts";
import { GatewayError } from "../model/errors.ts";
import type { OutboundFile } from "../model/media.ts";
import { takeAnswer } from "./answer.ts";

const by = { roots: [], maxBytes: 1, signal: new AbortController().signal };

function fileOf(source: string): OutboundFile {
  return { path: `/media/${source}`, name: source, mimeType: "image/png", bytes: 1 };
}

async function outgoing(source: string): Promise<OutboundFile> {
  if (source.startsWith("bad"))
    throw new GatewayError("media/outside", `${source} is elsewhere.`, { hint: "No." });
  return fileOf(source);
}

async function pieces(markdown: string): Promise<readonly (string | { file: string })[]> {
  const answer = await takeAnswer(markdown, { outgoing }, by);
  return answer.pieces.map((piece) => (typeof piece === "string" ? piece : { file: piece.name }));
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
  const answer = await takeAnswer(`![](bad)\n${lines.join("")}`, { outgoing }, by);
  expect(answer.refused).toEqual(["bad is elsewhere.", expect.stringContaining("f10 is one too many")]);
  expect(answer.pieces.at(-1)).toBe("![](f10)\n");
});

test("an answer's files go out between its texts, as one group, the prefix once", async () => {
  await using world = await FlowWorld.create({ output: "markdown", account: { responsePrefix: "[bot] " } });
  world.takeOut = async (source, { roots, maxBytes }) => {
    expect({ roots, maxBytes }).toEqual({ roots: ["/nowhere", "/media"], maxBytes: 16_777_216 });
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
