import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { KeyedQueue } from "./keyed-queue.ts";

/** A task that runs until it is told to end. */
function gate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  let started = false;
  return {
    task: async () => {
      started = true;
      await promise;
    },
    end: resolve,
    get started() {
      return started;
    },
  };
}

async function turnOver(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe("KeyedQueue", () => {
  test("runs tasks of one key one after another, in the order added", async () => {
    const queue = new KeyedQueue<string>(4);
    const [one, two] = [gate(), gate()];
    const first = queue.add("a", one.task);
    const second = queue.add("a", two.task);
    await turnOver();
    expect([one.started, two.started]).toEqual([true, false]);
    one.end();
    await first;
    await turnOver();
    expect(two.started).toBe(true);
    two.end();
    await second;
    expect(queue.running).toBe(0);
  });

  test("runs different keys side by side up to the limit, and more once it is raised", async () => {
    const queue = new KeyedQueue<string>(2);
    const gates = [gate(), gate(), gate(), gate()];
    const all = gates.map(async ({ task }, index) => queue.add(`key ${index}`, task));
    await turnOver();
    expect(gates.map(({ started }) => started)).toEqual([true, true, false, false]);
    queue.setLimit(3);
    await turnOver();
    expect(gates.map(({ started }) => started)).toEqual([true, true, true, false]);
    queue.setLimit(1);
    gates[0]?.end();
    gates[1]?.end();
    await turnOver();
    expect(gates[3]?.started).toBe(false);
    gates[2]?.end();
    gates[3]?.end();
    await Promise.all(all);
  });

  test("lets a busy key wait behind the others", async () => {
    const queue = new KeyedQueue<string>(1);
    const order: string[] = [];
    const note = (name: string) => async () => void order.push(name);
    await Promise.all([
      queue.add("busy", note("busy 1")),
      queue.add("busy", note("busy 2")),
      queue.add("busy", note("busy 3")),
      queue.add("other", note("other")),
    ]);
    expect(order).toEqual(["busy 1", "other", "busy 2", "busy 3"]);
  });

  test("a task that fails is told to its owner and holds up nobody", async () => {
    const queue = new KeyedQueue<string>(1);
    const failed = queue.add("a", async () => {
      throw new Error("no");
    });
    const after = queue.add("a", async () => 7);
    await expect(failed).rejects.toThrow("no");
    await expect(after).resolves.toBe(7);
  });

  test("a task that throws before its first await is a failed task", async () => {
    const queue = new KeyedQueue<string>(1);
    const failed = queue.add("a", () => {
      throw new Error("at once");
    });
    await expect(failed).rejects.toThrow("at once");
    await expect(queue.add("a", async () => 1)).resolves.toBe(1);
  });

  test("whatever is added: every task runs once, never two of a key, never more than the limit", async () => {
    const jobs = fc.array(fc.record({ key: fc.nat({ max: 3 }), turns: fc.nat({ max: 3 }) }), {
      maxLength: 30,
    });
    await fc.assert(
      fc.asyncProperty(jobs, fc.integer({ min: 1, max: 4 }), async (jobs, limit) => {
        const queue = new KeyedQueue<number>(limit);
        const active = new Set<number>();
        const done: number[] = [];
        await Promise.all(
          jobs.map(async ({ key, turns }, index) =>
            queue.add(key, async () => {
              expect(active.has(key)).toBe(false);
              active.add(key);
              expect(active.size).toBeLessThanOrEqual(limit);
              for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
              active.delete(key);
              done.push(index);
            }),
          ),
        );
        expect(done.toSorted((a, b) => a - b)).toEqual(jobs.map((_, index) => index));
      }),
      { numRuns: 100 },
    );
  });
});
