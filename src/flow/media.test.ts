// Turns with files: asked for after the turn has begun, held while its agent runs, and nobody else waits for them.
import { expect, test } from "vitest";
import { ANNA, asTaken, BEN, FlowWorld } from "../../test/flow/flow-world.ts";
import type { InboundMessage } from "../model/message.ts";
import type { CommandAnswer } from "../model/command.ts";

const TAKES = { media: { isTaken: true, roots: ["/a"], maxBytes: 1000 } };

function withFile(row: InboundMessage, name = "a.png"): InboundMessage {
  const file = { name, path: `/a/${name}`, mimeType: "image/png", uti: "", bytes: 5, isSticker: false };
  return { ...row, text: `\uFFFC${row.text}`, attachments: [{ ...file, missing: false }] };
}

function world(over: object = {}): Promise<FlowWorld> {
  return FlowWorld.create({ account: { ...TAKES, ...over } });
}

test("the agent is given the files, and they are held while it runs", async () => {
  await using flow = await world();
  let held = 0;
  flow.play = async ({ files }) => {
    held = flow.held.length;
    return [...files.values()]
      .flat()
      .map((file) => (file.kind === "file" ? file.path : ""))
      .join();
  };
  await flow.receiveAll([withFile(flow.row(ANNA, "look"))]);
  await flow.expectSent("/media/a/a.png");
  expect(held).toBe(1);
  expect(flow.prompts[0]).toContain("[Attached file]\n> path: /media/a/a.png\n");
  await flow.until(() => flow.held.length === 0, "released");
});

test("those of a group's unanswered messages, too, each with its message", async () => {
  await using flow = await FlowWorld.create({ account: TAKES, agent: { mentionPatterns: ["claw"] } });
  flow.play = async ({ files, turn }) =>
    [...turn.context, ...turn.messages]
      .map(({ entryId }) => (files.get(entryId) ?? []).map(({ name }) => name).join("+"))
      .join(" | ");
  await flow.receiveAll([withFile(flow.row(ANNA, "see", 10), "a.png"), flow.row(BEN, "nice", 10)]);
  await flow.receiveAll([withFile(flow.row(BEN, "claw, and this?", 10), "b.png")]);
  await flow.expectSent("a.png |  | b.png");
});

test("a voice message that Messages has heard", async () => {
  await using flow = await world();
  flow.take = async (wanted) =>
    wanted.map(({ attachment }) => ({ ...asTaken(attachment), mimeType: "audio/mp4" }));
  flow.play = async ({ files }) => JSON.stringify([...files.values()].flat());
  const row = withFile(flow.row(ANNA, "call me"), "voice.caf");
  await flow.receiveAll([{ ...row, text: "call me" }]);
  await flow.until(() => flow.sent.length === 1, "answered");
  expect(flow.sent[0]?.text).toContain('"transcript":"call me"');
});

test("without includeAttachments they are named and not asked for", async () => {
  await using flow = await FlowWorld.create();
  flow.take = () => Promise.reject(new Error("asked"));
  flow.play = async ({ files }) => `${files.size} files`;
  await flow.receiveAll([withFile(flow.row(ANNA, "look"))]);
  await flow.expectSent("0 files");
  expect(flow.prompts[0]).toContain("[Attached file, not fetched]");
});

test("what was missing and why is recorded with the turn's end", async () => {
  await using flow = await world();
  flow.take = async (wanted) =>
    wanted.map(({ attachment }, index) =>
      index === 0 ? asTaken(attachment) : { kind: "missing", name: attachment.name, because: "it is gone" },
    );
  flow.play = async () => "ok";
  const row = withFile(flow.row(ANNA, "two"));
  await flow.receiveAll([{ ...row, attachments: [...row.attachments, ...row.attachments] }]);
  await flow.expectSent("ok");
  const [story] = await flow.store.records.explain({ guid: row.guid });
  expect(story?.turn).toMatchObject({
    state: "answered",
    failure: "file a.png taken; file a.png missing: it is gone",
  });
});

test("files that are stuck hold back neither other conversations nor, once they are given up, their own", async () => {
  await using flow = await FlowWorld.create({ account: TAKES, settings: { maxConcurrentTurns: 1 } });
  const stuck = Promise.withResolvers<void>();
  flow.take = async (wanted) => {
    await stuck.promise;
    return wanted.map(({ attachment }) => ({ kind: "missing", name: attachment.name, because: "no time" }));
  };
  flow.play = async ({ turn }) => turn.messages.map(({ message }) => message.text.at(-1)).join("");
  await flow.receiveAll([withFile(flow.row(ANNA, "1"))]);
  await flow.receive(ANNA, "2");
  await flow.receive(BEN, "3");
  await flow.expectSent("3");
  stuck.resolve();
  await flow.expectSent("3", "1", "2");
});

test("only as many agents run as may, with files or without", async () => {
  await using flow = await FlowWorld.create({ account: TAKES, settings: { maxConcurrentTurns: 1 } });
  const going = Promise.withResolvers<void>();
  let running = 0;
  let most = 0;
  flow.play = async () => {
    running += 1;
    most = Math.max(most, running);
    await going.promise;
    running -= 1;
    return "ok";
  };
  const asked = Promise.withResolvers<void>();
  const there = Promise.withResolvers<void>();
  flow.take = async (wanted) => {
    asked.resolve();
    await there.promise;
    return wanted.map(({ attachment }) => asTaken(attachment));
  };
  await flow.receiveAll([withFile(flow.row(ANNA, "2"))]);
  await asked.promise;
  await flow.receive(BEN, "1");
  await flow.until(() => running === 1, "the other one runs");
  there.resolve();
  await flow.until(() => flow.held.length === 1, "the file is there");
  going.resolve();
  await flow.expectSent("ok", "ok");
  expect(most).toBe(1);
});

test("a stop ends the fetching, and no agent runs", async () => {
  await using flow = await world();
  const asked = Promise.withResolvers<void>();
  flow.take = async (_wanted, signal) => {
    asked.resolve();
    const stopped = Promise.withResolvers<never[]>();
    signal.addEventListener("abort", () => stopped.resolve([]));
    return stopped.promise;
  };
  flow.carry = async (): Promise<CommandAnswer> => ({ effect: { kind: "stop" }, reply: () => "stopped" });
  await flow.receiveAll([withFile(flow.row(ANNA, "1"))]);
  await asked.promise;
  await flow.receive(ANNA, "/stop");
  await flow.expectSent("stopped");
  expect(flow.prompts).toEqual([]);
});

test("an orderly stop gives the turn back: the next start fetches again, as the same attempt", async () => {
  await using flow = await world();
  const asked = Promise.withResolvers<void>();
  flow.take = async (_wanted, signal) => {
    asked.resolve();
    const stopped = Promise.withResolvers<never[]>();
    signal.addEventListener("abort", () => stopped.resolve([]));
    return stopped.promise;
  };
  await flow.receiveAll([withFile(flow.row(ANNA, "1"))]);
  await asked.promise;
  await flow.stop();
  flow.take = async (wanted) => wanted.map(({ attachment }) => asTaken(attachment));
  flow.play = async ({ turn }) => `attempt ${turn.attempt}`;
  await flow.start();
  await flow.expectSent("attempt 1");
  expect(flow.prompts).toHaveLength(1);
});
