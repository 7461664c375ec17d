// That somebody is typing, through a real child: with the bridge, without it, and with one that hangs.
import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import type { Target } from "../../src/model/target.ts";
import { DIALECTS, FRIEND, Mac, type TestAccount } from "./mac.ts";

const CHAT: Target = { kind: "chat_guid", guid: `iMessage;-;${FRIEND}` };

/** What the stand-in was asked or did, by the name of the event. */
async function events(mac: Mac, name: "request" | "typing"): Promise<Record<string, unknown>[]> {
  const lines = (await readFile(mac.events, "utf8")).split("\n").filter(Boolean);
  const all = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return all.filter(({ event, method }) => event === name && (name === "typing" || method === "typing"));
}

async function watched(mac: Mac): Promise<TestAccount> {
  await mac.receive("hi");
  const account = mac.account({ timing: { typingMs: { legacy: 400, v1: 400 } } });
  await account.watching();
  return account;
}

describe.each(DIALECTS)("%s", (dialect) => {
  it("is shown in the chat and taken away, by every name of the chat, and not where nobody sees it", async () => {
    await using mac = await Mac.create(dialect, { bridge: true });
    await using account = await watched(mac);
    await account.messages.typing(CHAT, true);
    await account.messages.typing(CHAT, false);
    await account.messages.typing({ kind: "chat_id", chatId: 1 }, true);
    await account.messages.typing({ kind: "chat_identifier", identifier: FRIEND }, true);
    await account.messages.typing({ kind: "handle", handle: FRIEND as never, service: "auto" }, true);
    await account.messages.typing({ kind: "handle", handle: FRIEND as never, service: "sms" }, true);
    await account.messages.typing({ kind: "chat_guid", guid: `SMS;-;${FRIEND}` }, true);
    const shown = await events(mac, "typing");
    expect(shown.map(({ typing, chat_id: chatId }) => [typing, chatId])).toEqual([
      [true, 1],
      [false, 1],
      [true, 1],
      [true, 1],
      [true, undefined],
    ]);
    expect(account.logs.filter((line) => line.includes("typing"))).toEqual([]);
  });

  it("one request a chat at a time, and the last wish counts", async () => {
    await using mac = await Mac.create(dialect, { bridge: true });
    await using account = await watched(mac);
    const { messages } = account;
    await Promise.all([true, true, false, true, false].map((wish) => messages.typing(CHAT, wish)));
    expect((await events(mac, "typing")).map(({ typing }) => typing)).toEqual([true, false]);
  });

  it("without the bridge a child is asked once, and it is noted once", async () => {
    await using mac = await Mac.create(dialect);
    await using account = await watched(mac);
    for (const wish of [true, true, false]) await account.messages.typing(CHAT, wish);
    expect(await events(mac, "request")).toHaveLength(1);
    expect(account.logs.filter((line) => line.includes("typing"))).toHaveLength(1);
  });

  it("a send does not wait for one that hangs, and nothing is asked any more; the watch goes on", async () => {
    await using mac = await Mac.create(dialect, { bridge: true });
    await using account = await watched(mac);
    await mac.setFaults({ fault: "hang", method: "typing", times: 1 });
    const hanging = account.messages.typing(CHAT, true);
    const sent = await account.messages.send(account.part("yes", CHAT));
    expect(sent.kind).toBe("sent");
    await hanging;
    // On legacy every read would hang behind it, v1 reads beside it.
    const restarts = dialect === "legacy" ? 1 : 0;
    await account.until(() => account.health.reading.restarts === restarts);
    await account.watching();
    await account.messages.typing(CHAT, false);
    expect(await events(mac, "request")).toHaveLength(1);
    await mac.receive("still there?");
    await account.until(() => account.texts.includes("still there?"));
    expect(account.health.reading.restarts).toBe(restarts);
  });
});
