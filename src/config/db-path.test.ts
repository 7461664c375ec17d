import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { resolveDbPath } from "./db-path.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "db-path-"));
  await writeFile(join(folder, "binary"), Buffer.from("\x7fELF\0 ssh \0", "latin1"));
  await writeFile(join(folder, "local.sh"), '#!/bin/sh\nexec /opt/imsg "$@"\n');
  await writeFile(join(folder, "remote.sh"), '#!/usr/bin/env bash\nexec ssh -T mac imsg "$@"\n');
  await chmod(join(folder, "remote.sh"), 0o755);
});
afterAll(async () => rm(folder, { recursive: true }));

const home = join(homedir(), "chat.db");

test.each([
  ["a program, even one that holds the word", "binary", "~/chat.db", home],
  ["a script without ssh", "local.sh", "~/chat.db", home],
  ["a script that uses ssh", "remote.sh", "~/chat.db", "~/chat.db"],
  ["nothing there to look into", "missing", "~/chat.db", "~/chat.db"],
  ["an absolute path, whoever reads it", "remote.sh", "/Users/bot/chat.db", "/Users/bot/chat.db"],
  ["another user's home", "binary", "~bot/chat.db", "~bot/chat.db"],
])("%s", (_name, program, dbPath, expected) => {
  expect(resolveDbPath(dbPath, join(folder, program), [])).toBe(expected);
  expect(resolveDbPath(dbPath, program, ["/nowhere", folder])).toBe(expected);
});
