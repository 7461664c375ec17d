import { expect, test } from "vitest";
import { loadOnce } from "./load-once.ts";

test("loads with the first call, once, for all who wait", async () => {
  let loads = 0;
  const get = loadOnce(async () => (loads += 1));
  expect(loads).toBe(0);
  expect(await Promise.all([get(), get()])).toEqual([1, 1]);
  expect(await get()).toBe(1);
});

test("a failure is told to all who wait, and the next call tries again", async () => {
  let loads = 0;
  const get = loadOnce(async () => {
    loads += 1;
    if (loads === 1) throw new Error("away");
    return loads;
  });
  expect(await Promise.allSettled([get(), get()])).toMatchObject([
    { status: "rejected" },
    { status: "rejected" },
  ]);
  expect(await get()).toBe(2);
});
