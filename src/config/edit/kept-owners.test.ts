// Owners and chat: no change of the config that is made from chat makes anybody an owner.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readEnvironment } from "../env.ts";
import { loadConfig } from "../read/load.ts";
import { setConfig, undoConfig, unsetConfig } from "./operations.ts";

const ME = "+15550000001";
const FRIEND = "+15550000002";

let folder = "";
let file = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "owners-"));
  file = join(folder, "c.json");
});
afterEach(async () => rm(folder, { recursive: true }));

const options = () => ({
  configPath: file,
  environment: readEnvironment({ CODERCLAW_STATE_DIR: folder }),
});
const chat = () => ({ ...options(), fromChat: true });
const write = async (imessage: object, commands?: object): Promise<void> =>
  writeFile(file, JSON.stringify({ channels: { imessage }, ...(commands && { commands }) }));
const text = async (): Promise<string> => readFile(file, "utf8");

async function owners(): Promise<Record<string, readonly string[]>> {
  const { accounts } = (await loadConfig(options())).settings;
  return Object.fromEntries(accounts.map((account) => [account.id, account.owners]));
}

describe("allowFrom from chat admits, and makes no owner", () => {
  test.each([
    ["channels.imessage.allowFrom[1]", FRIEND],
    ["channels.imessage.allowFrom", `["${ME}", "${FRIEND}"]`],
    ["channels.imessage", `{ allowFrom: ["${ME}", "${FRIEND}"] }`],
    ["channels.imessage.allowFrom", `["${FRIEND}"]`],
  ])("set %s %s", async (path, value) => {
    await write({ allowFrom: [ME] });
    const before = await text();
    const change = await setConfig(path, value, chat());
    expect(change.keptOwners).toEqual([ME]);
    expect(await owners()).toEqual({ default: [ME] });
    // The owners are the same without the list: it goes with the change.
    await undoConfig(chat());
    expect(await text()).toBe(before);
    await undoConfig(chat());
    expect(await owners()).toEqual({ default: [ME] });
  });

  test("a list of owners that is there stays as it is", async () => {
    await write({ allowFrom: [ME] }, { ownerAllowFrom: [ME] });
    const change = await setConfig("channels.imessage.allowFrom[1]", FRIEND, chat());
    expect([change.keptOwners, await owners()]).toEqual([undefined, { default: [ME] }]);
  });

  test("whom it takes off is an owner no longer, and nothing is written down for that", async () => {
    await write({ allowFrom: [ME, FRIEND] });
    const change = await unsetConfig("channels.imessage.allowFrom[1]", chat());
    expect([change.keptOwners, await owners()]).toEqual([undefined, { default: [ME] }]);
  });

  test("a region that makes another handle of a number makes no owner", async () => {
    await write({ allowFrom: [ME, "0171 1234567"], region: "DE" });
    expect(await owners()).toEqual({ default: [ME, "+491711234567"] });
    await setConfig("channels.imessage.region", "GB", chat());
    expect(await owners()).toEqual({ default: [ME, "+491711234567"] });
  });

  test("an account that is enabled again brings the owners it had, and none that were added meanwhile", async () => {
    await write({ accounts: { a: { allowFrom: [ME] }, b: { allowFrom: [ME], dbPath: "/b" } } });
    await setConfig("channels.imessage.accounts.b.enabled", "false", chat());
    await setConfig("channels.imessage.accounts.b.allowFrom[1]", FRIEND, chat());
    await setConfig("channels.imessage.accounts.b.enabled", "true", chat());
    expect(await owners()).toEqual({ a: [ME], b: [ME] });
  });

  test("where accounts have different owners it is refused: one list would mix them", async () => {
    await write({ accounts: { a: { allowFrom: [ME] }, b: { allowFrom: [FRIEND], dbPath: "/b" } } });
    const before = await text();
    await expect(
      setConfig("channels.imessage.accounts.a.allowFrom[1]", FRIEND, chat()),
    ).rejects.toMatchObject({
      code: "config/protected",
      hint: expect.stringContaining("commands.ownerAllowFrom"),
    });
    expect(await text()).toBe(before);
  });

  test("an undo brings back whom it admits, not whom it made an owner", async () => {
    await write({ allowFrom: [ME, FRIEND] });
    await setConfig("channels.imessage.allowFrom", `["${ME}"]`, options());
    const undone = await undoConfig(chat());
    expect([undone.keptOwners, await owners()]).toEqual([[ME], { default: [ME] }]);
    expect((await loadConfig(options())).settings.accounts[0]?.allowFrom).toHaveLength(2);
  });
});

test("at the machine allowFrom makes owners as ever", async () => {
  await write({ allowFrom: [ME] });
  const change = await setConfig("channels.imessage.allowFrom[1]", FRIEND, options());
  expect([change.keptOwners, await owners()]).toEqual([undefined, { default: [ME, FRIEND] }]);
});
