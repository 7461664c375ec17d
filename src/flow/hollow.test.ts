// Rows in which nothing is seen: looked at again, then nothing.
import { describe, expect, test } from "vitest";
import { ANNA, BEN, FlowWorld } from "../../test/flow/flow-world.ts";
import type { InboundAttachment, InboundMessage } from "../model/message.ts";

const PHOTO: InboundAttachment = {
  name: "photo.heic",
  path: "/photo.heic",
  mimeType: "image/heic",
  uti: "public.heic",
  bytes: 1000,
  isSticker: false,
  missing: false,
};

async function codeOf(world: FlowWorld, { guid }: InboundMessage): Promise<string | undefined> {
  const [story] = await world.store.records.explain({ guid });
  const outcome = story?.decisions.at(-1)?.outcome;
  return outcome && ("code" in outcome ? outcome.code : outcome.kind);
}

describe("a row in which nothing is seen", () => {
  test.each(["", "\ufffc", "\u200b\u2060", " \n\u00a0", "\u3164\u2800"])(
    "%j is nothing in the end",
    async (text) => {
      await using world = await FlowWorld.create();
      const row = await world.receive(ANNA, text);
      await world.receive(ANNA, "hello");
      await world.expectSent("You said: hello");
      expect(await codeOf(world, row)).toBe("event.empty");
    },
  );

  test("is a photo whose file came later: it is answered together with what was written behind it", async () => {
    await using world = await FlowWorld.create();
    const row = world.row(ANNA, "\ufffc");
    world.history = async () => [{ ...row, attachments: [PHOTO] }];
    await world.receiveAll([row, world.row(ANNA, "what is this?")]);
    await world.until(() => world.sent.length > 0, "answered");
    expect(world.prompts).toHaveLength(1);
    expect(world.prompts[0]).toContain("photo.heic");
    expect(world.prompts[0]).toContain("what is this?");
  });

  test("keeps nobody else waiting, and no command", async () => {
    await using world = await FlowWorld.create({ timing: { hollowLimitMs: 60_000 } });
    const group = 12;
    await world.receive(ANNA, "", group);
    await world.receive(BEN, "hi", group);
    await world.receive(ANNA, "/status", group);
    await world.until(() => world.sent.length === 2, "both answered");
    expect(world.sent.map(({ text }) => text).join()).toMatch(/\/status done/);
    expect(world.prompts).toEqual([`[Message from ${BEN}]\n> hi`]);
  });

  test("is decided after a restart, however long ago it came", async () => {
    await using world = await FlowWorld.create({ timing: { hollowLimitMs: 60_000 } });
    const row = await world.receive(ANNA, "\ufffc");
    expect(await codeOf(world, row)).toBeUndefined();
    await world.stop();
    world.history = async () => [{ ...row, attachments: [PHOTO] }];
    await world.start();
    await world.until(() => world.prompts.length === 1, "answered");
    expect(world.prompts[0]).toContain("photo.heic");
  });

  test("many of them ask for no more than their chats' histories", async () => {
    await using world = await FlowWorld.create();
    let asked = 0;
    world.history = async () => {
      asked += 1;
      return [];
    };
    const rows = Array.from({ length: 200 }, () => world.row(ANNA, "\u200b"));
    await world.receiveAll(rows);
    await world.receive(ANNA, "hello");
    await world.expectSent("You said: hello");
    expect(asked).toBeLessThan(20);
  });
});
