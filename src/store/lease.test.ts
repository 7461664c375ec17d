import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { takeAccountLease, takeLease } from "./lease.ts";

const reach = { kind: "local" } as const;
const transport = { cliPath: "/no/imsg", dbPath: "", probeTimeoutMs: 1, reach };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lease-"));
  transport.dbPath = join(folder, "chat.db");
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

test("the lock of a Messages database is held once, and leaves nothing behind", () => {
  const locks = join(tmpdir(), `coderclaw-${userInfo().uid}`);
  const mine = () => readdirSync(locks).filter((name) => !before.has(name));
  takeAccountLease({ ...transport, dbPath: join(folder, "other.db") })?.close();
  const before = new Set(readdirSync(locks));
  const first = takeAccountLease(transport);
  expect(() => takeAccountLease(transport)).toThrow(`Another gateway (process ${process.pid}) runs on `);
  const held = mine();
  expect(held.some((name) => name.endsWith(".lock"))).toBe(true);
  first?.close();
  const second = takeAccountLease(transport);
  second?.close();
  expect(mine().filter((name) => held.includes(name))).toEqual([]);
});
