// The package as it is published: both programs from one bundle, called by a link, with nothing installed beside them.
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("..", import.meta.url));

interface Manifest {
  readonly version: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly dependencies?: unknown;
}
const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Manifest;

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "package-"));
  await run(process.execPath, [join(ROOT, "scripts/build.ts"), join(folder, "dist")]);
  cpSync(join(ROOT, "package.json"), join(folder, "package.json"));
  for (const [name, path] of Object.entries(manifest.bin)) symlinkSync(path, join(folder, name));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function bin(name: string, ...argv: readonly string[]): Promise<string> {
  const env = { ...process.env, PATH: `${join(process.execPath, "..")}:${process.env["PATH"] ?? ""}` };
  const { stdout } = await run(join(folder, name), argv, {
    // Nothing listens there: a gateway on the default port is somebody's own.
    env: { ...env, CODERCLAW_STATE_DIR: join(folder, "state"), CODERCLAW_GATEWAY_PORT: "1" },
  });
  return stdout;
}

test("asks for nothing to be installed", () => {
  expect(manifest.dependencies).toBeUndefined();
});

test("coderclaw runs", async () => {
  expect(await bin("coderclaw", "--version")).toBe(`${manifest.version}\n`);
  expect(await bin("coderclaw", "config", "path")).toBe(`${join(folder, "state/coderclaw.json")}\n`);
  expect(await bin("coderclaw", "outbox", "list")).toBe("Nothing waits to be sent.\n");
});

test("imsg-sim runs, and coderclaw can ask it", async () => {
  const database = join(folder, "chat.db");
  expect(await bin("imsg-sim", "init", "--db", database)).toContain("Made");
  await bin("coderclaw", "config", "set", "channels.imessage.dbPath", database);
  await bin("coderclaw", "config", "set", "channels.imessage.cliPath", join(folder, "imsg-sim"));
  expect(await bin("coderclaw", "channels", "status", "--probe")).toContain("ok     watch     accepted");
});

test("hands on the licences of what is bundled", () => {
  const text = readFileSync(join(folder, "dist/THIRD-PARTY-LICENSES.txt"), "utf8");
  for (const name of ["commander", "hono", "libphonenumber-js", "zod"])
    expect(text).toMatch(new RegExp(`^${name} \\d`, "m"));
});
