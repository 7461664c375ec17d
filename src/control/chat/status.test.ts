import { afterEach, beforeEach, expect, test } from "vitest";
import { ChatWorld } from "../../../test/control/chat-world.ts";
import { HEALTHY } from "../../../test/control/running-world.ts";
import { ANNA } from "../../../test/contracts/store-world.ts";

let chat: ChatWorld;
beforeEach(async () => {
  chat = await ChatWorld.create(
    `{ channels: { imessage: { allowFrom: ["${ANNA}"], accounts: { home: {} } } } }`,
  );
});
afterEach(async () => chat.remove());

test("an account that is being opened is starting, not in trouble", async () => {
  const watching = { ...HEALTHY.watching, ok: false, reason: undefined };
  chat.running.health = { ...HEALTHY, watching };
  expect(await chat.ask("/status")).toMatch(/^Messages: starting$/m);
  expect(await chat.ask("/status")).not.toContain("⚠️");
  chat.running.health = { ...HEALTHY, watching: { ...watching, reason: "refused" } };
  expect(await chat.ask("/status")).toMatch(/trouble with receiving[^]*⚠️/);
  const reading = { ...HEALTHY.reading, state: "starting", reason: "it ended" } as const;
  chat.running.health = { ...HEALTHY, watching, reading };
  expect(await chat.ask("/status")).toMatch(/trouble with receiving/);
});
