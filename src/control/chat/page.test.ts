import { afterEach, beforeEach, expect, test } from "vitest";
import { ChatWorld } from "../../../test/control/chat-world.ts";
import { ANNA } from "../../../test/contracts/store-world.ts";
import { signIn } from "../page/sign-in.ts";

const PUBLIC = `gateway: { publicUrls: ["https://mac.example/claw", "https://other.example"] }`;
const config = (more: string): string => `{ channels: { imessage: { allowFrom: ["${ANNA}"] } }, ${more} }`;

let chat: ChatWorld;
beforeEach(async () => {
  chat = await ChatWorld.create(config(PUBLIC));
});
afterEach(async () => chat.remove());

test("/page gives the owner a link that signs one browser in", async () => {
  const [first = "", link = ""] = (await chat.ask("/page")).split("\n");
  expect(first).toBe("Your control page, once, within 5 minutes:");
  const [base, code = ""] = link.split("#sign-in-here=");
  expect(base).toBe("https://mac.example/claw/");
  const { nowMs } = chat.running.world;
  const { session } = await signIn(chat.running.store, code, { userAgent: "", nowMs });
  expect(session.linkFrom).toBe(`chat ${ANNA}`);
});

test("/page says how where the page cannot be reached from elsewhere, and makes no code", async () => {
  chat.write(config("gateway: {}"));
  await chat.reload();
  const reply = await chat.ask("/page");
  expect(reply).toContain("coderclaw page allow URL");
  expect(reply).not.toContain("#");
});
