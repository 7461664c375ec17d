// Sending files through a real child: what proves that one was sent, and how one of unknown fate is found.
import { mkdir, readdir, realpath, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { safeName } from "../../src/imsg/mac/local-mac.ts";
import { createMac } from "../../src/imsg/mac/remote.ts";
import { nameForSending } from "../../src/media/outgoing-name.ts";
import type { OutboundFile } from "../../src/model/media.ts";
import { asId, type AccountId, type MessageGuid } from "../../src/model/ids.ts";
import type { Target } from "../../src/model/target.ts";
import { DIALECTS, FRIEND, Mac, type TestAccount } from "./mac.ts";

const CHAT: Target = { kind: "chat_id", chatId: 1 };
const nothingKnown = async (): Promise<ReadonlySet<MessageGuid>> => new Set();

async function makeFile(mac: Mac, name = "Café & chart.png", content = "picture"): Promise<OutboundFile> {
  const folder = join(mac.dir, "media");
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${content.length}.png`);
  await writeFile(path, content);
  return { path, name, mimeType: "image/png", bytes: content.length };
}

async function watched(mac: Mac): Promise<TestAccount> {
  await mac.receive("hi");
  const account = mac.account();
  await account.watching();
  return account;
}

function sentFiles(account: TestAccount): readonly (string | undefined)[] {
  return account.rows.filter((row) => row.isFromMe).map((row) => row.attachments[0]?.name);
}

// A row is known again by its name: what the recipient is to see is what the Mac is given.
it.each([
  ".env",
  "a/b.png",
  "🐊".repeat(200),
  " . x .png ",
  "-rf",
  "ワニ\u2028.png",
  "a\tb.txt",
  "x".repeat(400),
])("the name of %j is the one that is staged", (name) => {
  for (const kind of [
    { mimeType: "image/png", extension: "png" },
    { mimeType: "text/plain", extension: "txt" },
  ]) {
    const shown = nameForSending(name, kind);
    expect(safeName(shown)).toBe(shown);
  }
});

describe.each(DIALECTS)("%s", (dialect) => {
  it("sends a file under its name, and the row proves it", async () => {
    await using mac = await Mac.create(dialect);
    await using account = await watched(mac);
    const file = await makeFile(mac);
    const outcome = await account.messages.send(account.part("", CHAT, { file }));
    expect(outcome).toMatchObject({ kind: "sent", guid: expect.any(String) });
    await account.until(() => sentFiles(account).length === 1);
    expect(sentFiles(account)).toEqual([file.name]);
    const [row] = account.rows.filter((one) => one.isFromMe);
    expect(row?.attachments[0]?.bytes).toBe(file.bytes);
    // The copy in the media folder stays: it is asked for again if this attempt was in vain.
    expect(await readdir(join(mac.dir, "media"))).toHaveLength(1);
  });

  it("finds one whose answer proved nothing, by its name, and not one with another", async () => {
    await using mac = await Mac.create(dialect);
    await using account = await watched(mac);
    await mac.setFaults({ fault: "send", outcome: "no-guid", times: 1 });
    const part = account.part("", CHAT, { file: await makeFile(mac) });
    expect((await account.messages.send(part)).kind).toBe("unknown");
    const found = await account.messages.lookUp(part, nothingKnown);
    expect(found).toMatchObject({ kind: "found", rowId: 2 });
    const guids = new Set(found.kind === "found" ? [found.guid] : []);
    expect(await account.messages.lookUp(part, async () => guids)).toEqual({ kind: "absent" });
    const other = account.part("", CHAT, { file: await makeFile(mac, "other.png", "another picture") });
    const before = { ...other, anchorRow: part.anchorRow };
    // v1 forbids to send again while a file of ours stands there that nobody else sent.
    const kind = dialect === "v1" ? "unclear" : "absent";
    expect(await account.messages.lookUp(before, nothingKnown)).toMatchObject({ kind });
  });

  it("does not send over a row of ours that may be it under another name, nor over one that is not whole yet", async () => {
    await using mac = await Mac.create(dialect);
    await using account = await watched(mac);
    const part = account.part("", CHAT, { file: await makeFile(mac) });
    expect(await account.messages.lookUp(part, nothingKnown)).toEqual({ kind: "absent" });
    const renamed = join(mac.dir, "renamed.jpeg");
    await writeFile(renamed, "picture");
    await mac.receive("", "--from-me", "--attachment", renamed);
    expect(await account.messages.lookUp(part, nothingKnown)).toMatchObject({ kind: "unclear" });
    const { anchorRow } = part;
    const text = account.part("words", CHAT, { anchorRow });
    expect(await account.messages.lookUp(text, nothingKnown)).toEqual({ kind: "absent" });
    const file = await makeFile(mac, "a.png", "much more of it");
    const bigger = account.part("", CHAT, { anchorRow, file });
    expect((await account.messages.lookUp(bigger, nothingKnown)).kind).toBe(
      dialect === "v1" ? "unclear" : "absent",
    );
    await mac.sim("receive", "--from", FRIEND, "--from-me", "--empty");
    expect(await account.messages.lookUp(bigger, nothingKnown)).toMatchObject({ kind: "unclear" });
  });

  it.each([
    ["before", 0],
    ["after", 1],
  ])("an error %s the hand-over: what history shows decides", async (when, count) => {
    await using mac = await Mac.create(dialect);
    await using account = await watched(mac);
    await mac.setFaults({ fault: "send", outcome: `error-${when}`, times: 1 });
    const part = account.part("", CHAT, { file: await makeFile(mac) });
    const isCertain = dialect === "v1" && when === "before";
    expect((await account.messages.send(part)).kind).toBe(isCertain ? "failed" : "unknown");
    expect((await account.messages.lookUp(part, nothingKnown)).kind).toBe(count === 0 ? "absent" : "found");
  });

  it("gives up at once on a file that is not in the media folder any more", async () => {
    await using mac = await Mac.create(dialect);
    await using account = await watched(mac);
    const file = { ...(await makeFile(mac)), path: join(mac.dir, "media/gone.png") };
    const outcome = await account.messages.send(account.part("", CHAT, { file }));
    expect(outcome).toMatchObject({
      kind: "failed",
      retryable: false,
      reason: expect.stringContaining("media folder"),
    });
  });
});

it("gives imsg the real path of a file, where the staging folder lies behind a link", async () => {
  await using mac = await Mac.create("v1");
  const behind = join(mac.dir, "real");
  await mkdir(behind);
  await symlink(behind, join(mac.dir, "link"));
  const local = createMac({
    accountId: asId<AccountId>("default"),
    transport: mac.transport,
    stagingDir: join(mac.dir, "link", "outgoing"),
  });
  const file = await makeFile(mac);
  const staged = await local.stage(file.path, file.name);
  expect(staged.path).toBe(await realpath(staged.path));
  expect(staged.path).toContain("/real/outgoing/");
  await staged.release();
  expect(await readdir(join(behind, "outgoing"))).toEqual([]);
  await local.close();
});
