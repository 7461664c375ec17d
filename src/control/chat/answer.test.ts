import { afterEach, beforeEach, expect, test } from "vitest";
import { ChatWorld } from "../../../test/control/chat-world.ts";
import { ANNA } from "../../../test/contracts/store-world.ts";

let chat: ChatWorld;
beforeEach(async () => {
  chat = await ChatWorld.create(
    `{ channels: { imessage: { allowFrom: ["${ANNA}"], accounts: { home: {} } } }, commands: { config: true } }`,
  );
});
afterEach(async () => chat.remove());

const LONG = "x".repeat(100_000);
test.each([
  ["/config unset with a long key", `/config unset channels.imessage.dms["${LONG}"].historyLimit`],
  ["/config unset with many keys", `/config unset ${"q.".repeat(50_000)}b`],
  ["/config get", `/config get channels.imessage.dms.${LONG}.historyLimit`],
  ["/config set without a value", `/config set channels.imessage.dms.${LONG}.historyLimit`],
  ["/config set with a long value", `/config set messages.responsePrefix ${LONG}`],
  ["/config set with a deep value", `/config set channels.imessage.allowFrom ${"[".repeat(100_000)}`],
  ["/config", `/config ${LONG}`],
  ["/agent", `/agent ${LONG}`],
  ["/pairing approve", `/pairing approve ${LONG}`],
  ["/help", `/help ${LONG}`],
])("%s: the reply to 100,000 characters is one message", async (_, text) => {
  const reply = await chat.ask(text);
  expect(reply).not.toBe("");
  expect(reply.length).toBeLessThan(4000);
  expect(chat.errors).toEqual([]);
});
