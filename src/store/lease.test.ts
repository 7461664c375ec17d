import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { takeLease } from "./lease.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lease-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("the first start on a machine makes the state folder, for its owner only", () => {
  const state = join(folder, "new/state");
  const lease = takeLease(join(state, "state.db"));
  expect(statSync(state).mode & 0o777).toBe(0o700);
  lease.close();
});

test("a second one is refused, with the holder's process id, until the first is closed", () => {
  const path = join(folder, "state.db");
  const first = takeLease(path);
  expect(() => takeLease(path)).toThrow(`Another gateway (process ${process.pid}) runs on ${path}.`);
  first.close();
  takeLease(path).close();
});

test("a folder that cannot be written, or a lock that is none, is no other gateway and no bug", () => {
  writeFileSync(join(folder, "file"), "");
  writeFileSync(join(folder, "state.db.lock"), "no lock ".repeat(1000));
  for (const path of [join(folder, "file/state.db"), join(folder, "state.db")])
    expect(() => takeLease(path)).toThrow(
      expect.objectContaining({
        code: "store/unusable",
        message: expect.stringContaining(path) as string,
      }) as Error,
    );
});
