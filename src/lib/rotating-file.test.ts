import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openRotatingFile } from "./rotating-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rotating-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("keeps the newest lines in the file and older ones in numbered files, no more than asked for", () => {
  const path = join(folder, "logs", "a.log");
  const file = openRotatingFile(path, { maxBytes: 10, keep: 2 });
  for (let line = 1; line <= 9; line += 1) file.write(`line ${line}\n`);
  file.close();
  expect(readdirSync(join(folder, "logs")).toSorted()).toEqual(["a.log", "a.log.1", "a.log.2"]);
  expect(readFileSync(path, "utf8")).toBe("line 9\n");
  expect(readFileSync(`${path}.1`, "utf8")).toBe("line 8\n");
  expect(readFileSync(`${path}.2`, "utf8")).toBe("line 7\n");
});

test("goes on with a file that is there, and only its owner can read it", () => {
  const path = join(folder, "a.log");
  for (const text of ["one\n", "two\n"]) {
    const file = openRotatingFile(path, { maxBytes: 100, keep: 1 });
    file.write(text);
    file.close();
  }
  expect(readFileSync(path, "utf8")).toBe("one\ntwo\n");
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("a text longer than the limit is written whole", () => {
  const path = join(folder, "a.log");
  const file = openRotatingFile(path, { maxBytes: 3, keep: 1 });
  file.write("longer than three\n");
  file.close();
  expect(readFileSync(path, "utf8")).toBe("longer than three\n");
});
