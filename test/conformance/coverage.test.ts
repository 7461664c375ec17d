// No recording is forgotten: each is played by a test.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { RECORDED } from "./recording.ts";

test("every recording is played", () => {
  const tests = readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => readFileSync(join(import.meta.dirname, name), "utf8"))
    .join("\n");
  const recordings = readdirSync(RECORDED).filter((name) => name.endsWith(".jsonl"));
  const forgotten = recordings.filter((name) => !tests.includes(name));
  expect(recordings.length).toBeGreaterThan(0);
  expect(forgotten).toEqual([]);
});
