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
  `/config unset channels.imessage.dms["${LONG}"].historyLimit`,
  `/config unset ${"q.".repeat(50_000)}b`,
  `/config get channels.imessage.dms.${LONG}.historyLimit`,
  `/config set channels.imessage.dms.${LONG}.historyLimit`,
  `/config set messages.responsePrefix ${LONG}`,
  `/config set channels.imessage.allowFrom ${"[".repeat(100_000)}`,
  `/config ${LONG}`,
  `/agent ${LONG}`,
  `/pairing approve ${LONG}`,
  `/help ${LONG}`,
])("however long %s, the reply is one message", async (text) => {
  const reply = await chat.ask(text);
  expect(reply).not.toBe("");
  expect(reply.length).toBeLessThan(4000);
  expect(chat.errors).toEqual([]);
});
