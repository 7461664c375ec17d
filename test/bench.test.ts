// The benchmark itself: that it measures and says so. How fast anything is, is no matter of a test.
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "..");

/** A copy that measures a build of its own: the one in `dist` may be old, or not there. */
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "bench-"));
  await run(process.execPath, [join(ROOT, "scripts/build.ts"), join(folder, "dist")]);
  for (const name of ["bench", "package.json"])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a measurement gives its figure beside its floor", async () => {
  const { stdout } = await run(process.execPath, [
    join(folder, "bench/main.ts"),
    "--only",
    "version",
    "--json",
  ]);
  const report = JSON.parse(stdout) as { figures: Record<string, unknown>[] };
  expect(report.figures.map(({ name }) => name)).toEqual([
    "floor: empty Node start",
    "floor: pipe echo",
    "floor: one SQLite commit",
    "coderclaw --version",
  ]);
  expect(report.figures.at(-1)).toMatchObject({
    measurement: "version",
    unit: "ms",
    value: expect.any(Number) as number,
    ratio: expect.any(Number) as number,
    floor: { name: "empty Node", value: expect.any(Number) as number },
    target: { of: "ratio", is: "at most", bound: 2 },
  });
});

test("an unknown measurement is named, with those there are", async () => {
  const bench = run(process.execPath, [join(folder, "bench/main.ts"), "--only", "speed"]);
  await expect(bench).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/no measurement "speed"[^]*one of: version, commands/u) as string,
  });
});
