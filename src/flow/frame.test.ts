import { expect, test } from "vitest";
import type { Reach } from "../model/settings.ts";
import { FLOW_TIMING, unknownGraceOf, type Frame } from "./frame.ts";

const remote = { user: "bot", host: "mac", port: undefined };

test.each<[Reach, number]>([
  [{ kind: "local" }, 15_000],
  [{ kind: "ssh", remote, program: "imsg" }, 150_000],
  [{ kind: "wrapper", remote, identityFile: undefined, options: [] }, 150_000],
  [{ kind: "unclear", because: "line 1" }, 150_000],
])("an unfinished send by %j may still arrive for %s ms", (reach, expected) => {
  const frame = () => ({ account: { transport: { reach } } }) as unknown as Frame;
  expect(unknownGraceOf({ timing: FLOW_TIMING, frame })).toBe(expected);
});
