import { expect, test } from "vitest";
import { unlessAborted } from "./unless-aborted.ts";

test("what settles first counts", async () => {
  const signals = [new AbortController(), new AbortController()];
  const all = signals.map(({ signal }) => signal);
  expect(await unlessAborted(Promise.resolve(7), all)).toBe(7);
  await expect(unlessAborted(Promise.reject(new Error("no")), all)).rejects.toThrow("no");
  const work = Promise.withResolvers<number>();
  const waiting = unlessAborted(work.promise, all);
  signals[1]?.abort();
  expect(await waiting).toBeUndefined();
  work.reject(new Error("nobody listens"));
  expect(await unlessAborted(Promise.resolve(7), all)).toBeUndefined();
  expect(await unlessAborted(Promise.resolve(7), [])).toBe(7);
});
