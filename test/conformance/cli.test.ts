// Every recorded command prints what it printed and ends as it ended.

import { afterEach, beforeEach, expect, test } from "vitest";
import { Executable } from "../../src/simulator/executable.ts";
import { EXCUSED_COMMANDS, EXCUSED_KEYS } from "./exceptions.ts";
import { readSteps } from "./recording.ts";
import type { Step } from "./recording.ts";
import { World } from "./world.ts";

const COMMANDS = readSteps("17-cli.jsonl").filter(({ dir }) => dir === "cli");
/** The recorder ended commands that went on running; here they are ended when they have said what was recorded. */
const RUNS_ON = /still running/u;

let world: World;

beforeEach(() => {
  world = new World();
  world.writeFile(
    "/data/notadb.db",
    "this is not a database, and it is long enough to be read as one ".repeat(20),
  );
});

afterEach(() => {
  world.destroy();
});

function commandLine(step: Step): string {
  return (step.argv ?? []).join(" ");
}

function start(step: Step): Executable {
  const argv = (step.argv ?? []).slice(1).map((part) => (part.startsWith("/") ? world.path(part) : part));
  const version = step.stdout === "9.9.9\n" ? { IMSG_VERSION: "9.9.9" } : {}; // the recorder set it, unrecorded
  return new Executable(argv, {
    cwd: world.root,
    env: { HOME: world.path("/home/user"), IMSG_SIM_DIALECT: "legacy", IMSG_SIM_LINUX: "1", ...version },
  });
}

/** JSON lines as values without the keys that may differ, all others as they are. */
function comparable(lines: readonly string[]): unknown[] {
  return lines.map((line) => {
    if (!line.startsWith("{")) return line;
    const entries = Object.entries(JSON.parse(line) as object);
    return Object.fromEntries(
      entries.filter(([key]) => !EXCUSED_KEYS.some((excused) => excused.key === key)),
    );
  });
}

const played = COMMANDS.filter(
  (step) => !EXCUSED_COMMANDS.some(({ command }) => command === commandLine(step)),
);

test("only recorded commands are excused", () => {
  const recorded = new Set(COMMANDS.map(commandLine));
  expect(EXCUSED_COMMANDS.filter(({ command }) => !recorded.has(command))).toEqual([]);
});

test.each(played.map((step) => [commandLine(step), step] as const))("%s", async (_title, step) => {
  const recorded = (step.stdout ?? "").replaceAll("/data/home/", "/home/user/");
  const lines = recorded.split("\n").slice(0, -1);
  const child = start(step);
  const runsOn = RUNS_ON.test(String(step.exit));
  if (!runsOn) child.process.stdin.end();
  const said = runsOn ? await child.take(lines.length, 5000) : [];
  if (runsOn) child.process.kill();
  const code = await child.ended;
  const got = [...said, ...child.lines].map((line) => world.asRecorded(line));
  expect(comparable(got)).toEqual(comparable(lines));
  expect(child.stderr).toBe(step.stderr);
  if (!runsOn) expect(code).toBe(step.exit);
});
