import { expect, test } from "vitest";
import { AsyncQueue } from "./async-queue.ts";

async function readAll<Value>(queue: AsyncQueue<Value>): Promise<Value[]> {
  const read: Value[] = [];
  for await (const value of queue) read.push(value);
  return read;
}

test("what was put in is read in order, whether the reader came before or after it", async () => {
  const queue = new AsyncQueue<number>();
  queue.push(1);
  const reading = readAll(queue);
  queue.push(2);
  await Promise.resolve();
  queue.push(3);
  queue.push(4);
  queue.end();
  expect(await reading).toEqual([1, 2, 3, 4]);
});

test("what comes after the end is dropped, what came before is not", async () => {
  const queue = new AsyncQueue<number>();
  queue.push(1);
  queue.end();
  queue.push(2);
  expect(await readAll(queue)).toEqual([1]);
});

test("a reader that waits is woken by the end", async () => {
  const queue = new AsyncQueue<number>();
  const reading = readAll(queue);
  await Promise.resolve();
  queue.end();
  expect(await reading).toEqual([]);
});
