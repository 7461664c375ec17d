// The two programs under a Node that is too old: another one beside them takes over, or two lines say what to do.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Finished } from "./world.ts";

const PROGRAMS = [
  ["CoderClaw", "main.ts"],
  ["imsg-sim", "simulator/main.ts"],
] as const;
const PRETEND_OLD = `data:text/javascript,Object.defineProperty(process.versions,"node",{value:"20.0.0"})`;

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), "old-node-")), "package");
  mkdirSync(join(folder, "dist"), { recursive: true });
});
afterEach(() => rmSync(dirname(folder), { recursive: true, force: true }));

describe.each(PROGRAMS)("%s", (name, path) => {
  const source = fileURLToPath(new URL(`../../src/${path}`, import.meta.url));

  async function runOld(...argv: readonly string[]): Promise<Finished> {
    const main = join(folder, "dist/main.ts");
    copyFileSync(source, main);
    return new Promise((resolve) => {
      execFile(process.execPath, ["--import", PRETEND_OLD, main, ...argv], (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
      );
    });
  }

  test("says what to do where no newer one is", async () => {
    const { code, stdout, stderr } = await runOld("--version");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(new RegExp(`^${name} needs Node 24 or newer; .*\\n.*npm install node@24.*\\n$`));
  });

  test.each(["node_modules/node/bin", "../node/bin"])("runs by the one in %s", async (place) => {
    const bin = join(folder, place);
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, "node"), '#!/bin/sh\nshift\necho "newer: $*"\nexit 3\n');
    chmodSync(join(bin, "node"), 0o755);
    expect(await runOld("a b", "--c")).toEqual({ code: 3, stdout: "newer: a b --c\n", stderr: "" });
  });

  test("loads nothing that an old one could not before it has looked", () => {
    const imports = readFileSync(source, "utf8").matchAll(/^import .* from "(.*)";$/gm);
    for (const [, from] of imports) expect(from).toMatch(/^node:(fs|url)$/);
  });
});

test("the gateway under a newer Node ends when the old one is killed", async () => {
  const main = join(folder, "dist/main.ts");
  copyFileSync(fileURLToPath(new URL("../../src/main.ts", import.meta.url)), main);
  mkdirSync(join(folder, "dist/cli"));
  writeFileSync(
    join(folder, "dist/cli/run.ts"),
    "export const run = () => new Promise(() => { setInterval(() => {}, 1000); console.log(process.pid); });",
  );
  writeFileSync(join(folder, "package.json"), '{ "type": "module", "version": "0.0.0" }');
  const bin = join(folder, "node_modules/node/bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "node"), `#!/bin/sh\nexec "${process.execPath}" "$@"\n`);
  chmodSync(join(bin, "node"), 0o755);
  const old = spawn(process.execPath, ["--import", PRETEND_OLD, main], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [line] = (await once(old.stdout, "data")) as [Buffer];
  const pid = Number(line.toString());
  expect(isAlive(pid)).toBe(true);
  old.kill("SIGKILL");
  await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
});

/** A zombie whose parent is slow to notice is not alive. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch (error) {
    return (error as NodeJS.ErrnoException).syscall === "open" && process.platform !== "linux";
  }
}
