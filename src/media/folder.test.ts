// The media folder: one file for one content, within its bounds, what is in use stays.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ConversationId } from "../model/ids.ts";
import { hashFile, MediaFolder } from "./folder.ts";

let path: string;
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), "media-")), "media");
});
afterEach(() => rmSync(join(path, ".."), { recursive: true }));

async function put(folder: MediaFolder, content: string): Promise<string> {
  const part = await folder.newPart();
  writeFileSync(part, content, { mode: 0o644 });
  const place = folder.pathOf(await hashFile(part), "txt");
  await folder.keep(part, place);
  return place;
}

/** Makes a file look as if it was used that long ago. */
function age(file: string, seconds: number): void {
  const then = new Date(Date.now() - seconds * 1000);
  utimesSync(file, then, then);
}

test("a file lies under its hash, readable for nobody else, and once", async () => {
  const folder = new MediaFolder(path);
  const first = await put(folder, "hello");
  expect(await put(folder, "hello")).toBe(first);
  expect(first).toBe(join(path, "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824.txt"));
  expect(readdirSync(path)).toHaveLength(1);
  expect(statSync(first).mode & 0o777).toBe(0o600);
  expect(statSync(path).mode & 0o777).toBe(0o700);
});

test("the oldest goes first when there is no more room, but nothing that is in use", async () => {
  const folder = new MediaFolder(path, 10);
  const [used, old, young] = [await put(folder, "aaaa"), await put(folder, "bbbb"), await put(folder, "cc")];
  for (const file of [old, young]) folder.release(file);
  [used, old, young].forEach((file, index) => age(file, 100 - index));
  const newest = await put(folder, "dddd");
  expect([used, old, young, newest].map((file) => existsSync(file))).toEqual([true, false, true, true]);
});

test("what is held twice is let go twice", async () => {
  const folder = new MediaFolder(path, 5);
  const file = await put(folder, "aaaa");
  folder.hold(file);
  folder.release(file);
  await put(folder, "bbbb");
  expect(existsSync(file)).toBe(true);
  folder.release(file);
  await put(folder, "cccc");
  expect(existsSync(file)).toBe(false);
});

test("files of others are left alone; old parts of a process that was killed are not", async () => {
  mkdirSync(path);
  for (const name of ["note.txt", ".part-young", ".part-old"])
    writeFileSync(join(path, name), "x".repeat(100));
  mkdirSync(join(path, ".part-work"));
  for (const name of [".part-old", ".part-work"]) age(join(path, name), 7200);
  await put(new MediaFolder(path, 10), "hello");
  expect(
    readdirSync(path)
      .filter((name) => !name.endsWith("24.txt"))
      .toSorted(),
  ).toEqual([".part-young", "note.txt"]);
});

test("what was there before counts", async () => {
  const before = new MediaFolder(path);
  const old = await put(before, "aaaaaaaa");
  age(old, 100);
  await put(new MediaFolder(path, 10), "bbbb");
  expect(existsSync(old)).toBe(false);
});

test("the files of all conversations count together, and the oldest is dropped wherever it lies", async () => {
  const folder = new MediaFolder(path);
  const putFor = async (conversation: number, content: string): Promise<string> => {
    const part = await folder.newPart();
    writeFileSync(part, content);
    const place = folder.pathOf(await hashFile(part), "txt", conversation as ConversationId);
    await folder.keep(part, place);
    folder.release(place);
    return place;
  };
  const [first, second] = [await putFor(1, "aaaaaa"), await putFor(2, "bbbbbb")];
  age(first, 100);
  expect(statSync(join(path, "c1")).mode & 0o777).toBe(0o700);
  await put(new MediaFolder(path, 13), "c");
  expect([existsSync(first), existsSync(second)]).toEqual([true, true]);
  await put(new MediaFolder(path, 13), "dddd");
  expect([existsSync(first), existsSync(second)]).toEqual([false, true]);
});

test("only a plain file that is not empty is found; one that was looked for is young again", async () => {
  const folder = new MediaFolder(path);
  const file = await put(folder, "hello");
  age(file, 100);
  expect(await folder.find(file)).toBe(5);
  expect(Date.now() - statSync(file).mtimeMs).toBeLessThan(60_000);
  const link = folder.pathOf("0".repeat(64), "txt");
  symlinkSync(file, link);
  expect(await folder.find(link)).toBeUndefined();
  writeFileSync(file, "");
  expect(await folder.find(file)).toBeUndefined();
});

test("a link that lies in the place of a file is replaced, and what it leads to is left alone", async () => {
  const folder = new MediaFolder(path);
  const victim = join(path, "../victim");
  writeFileSync(victim, "mine");
  const place = await put(folder, "hello");
  rmSync(place);
  symlinkSync(victim, place);
  await put(folder, "hello");
  expect([readFileSync(victim, "utf8"), readFileSync(place, "utf8")]).toEqual(["mine", "hello"]);
});

test("a folder that cannot be made is tried again", async () => {
  writeFileSync(path, "in the way");
  const folder = new MediaFolder(path);
  await expect(folder.newPart()).rejects.toThrow();
  rmSync(path);
  expect(await put(folder, "hello")).toContain(path);
});
