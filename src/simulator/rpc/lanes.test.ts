import { expect, test } from "vitest";
import { Lanes, PARALLEL, SERIAL } from "./lanes.ts";
import type { Lane } from "./lanes.ts";

/** Jobs that end when told to; what runs is written down. */
function trackedLanes(widths: ConstructorParameters<typeof Lanes>[0]) {
  const lanes = new Lanes(widths);
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const add = (lane: Lane, name: string): void => {
    lanes.add(lane, () => {
      started.push(name);
      return new Promise((resolve) => ends.set(name, resolve));
    });
  };
  const end = async (name: string): Promise<void> => {
    ends.get(name)?.();
    await new Promise(setImmediate);
  };
  return { lanes, started, add, end };
}

test("changes run one at a time, in order, while reads run beside them", async () => {
  const { started, add, end } = trackedLanes(PARALLEL);
  for (const name of ["m1", "m2"]) add("mutation", name);
  for (const name of ["r1", "r2", "r3", "r4", "r5"]) add("read", name);
  add("control", "c1");
  expect(started).toEqual(["m1", "r1", "r2", "r3", "r4", "c1"]);
  await end("r3");
  expect(started.at(-1)).toBe("r5");
  await end("m1");
  expect(started.at(-1)).toBe("m2");
});

test("one serial lane holds everything back", async () => {
  const { started, add, end } = trackedLanes(SERIAL);
  for (const name of ["a", "b", "c"]) add("control", name);
  expect(started).toEqual(["a"]);
  await end("a");
  expect(started).toEqual(["a", "b"]);
});

test("idle settles when the last request is done", async () => {
  const { lanes, add, end } = trackedLanes(PARALLEL);
  await lanes.idle();
  add("read", "r");
  const settled = lanes.idle();
  const first = await Promise.race([settled, new Promise((resolve) => setImmediate(resolve, "waiting"))]);
  expect([first, lanes.outstanding]).toEqual(["waiting", 1]);
  await end("r");
  await settled;
  expect(lanes.outstanding).toBe(0);
});
