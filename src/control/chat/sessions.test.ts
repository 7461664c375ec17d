import { afterEach, beforeEach, expect, test } from "vitest";
import { ChatWorld } from "../../../test/control/chat-world.ts";
import { ANNA } from "../../../test/contracts/store-world.ts";

let chat: ChatWorld;
beforeEach(async () => {
  chat = await ChatWorld.create(
    `{ channels: { imessage: { allowFrom: ["${ANNA}"], accounts: { home: {} } } } }`,
  );
});
afterEach(async () => chat.remove());

const FILE = { name: "a.png", mimeType: "image/png", bytes: 1, isSticker: false, missing: false };

test.each([
  ["/new", [], ""],
  ["/new hello", [FILE], "hello"],
  ["/reset", [FILE], "\uFFFC"],
])("%s with %j: the file is a first message, too", async (text, attachments, first) => {
  const command = chat.command(text, { message: { attachments: attachments as never } });
  const { effect } = await chat.operations.run(command as never);
  expect(effect).toEqual({ kind: "reset", first });
});
