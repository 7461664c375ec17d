// One temporary folder for a whole run: whatever a test leaves in it is an error, and gone when the run ends.
import { chmodSync, mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Made by what is tested, for all of its processes: locks of databases, and compiled code. */
const SHARED = /^(?:coderclaw-\d+|imsg-sim-compile-cache|node-compile-cache)$/;

/** Vitest calls it once before the workers start. The answer is called after the last test. */
export function setup(): () => void {
  if (process.env["CODERCLAW_TEST_TEMPORARY"] !== undefined) return () => {};
  // Files that others could change would be refused.
  process.umask(0o022);
  const before = process.env["TMPDIR"];
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "coderclaw-tests-")));
  // Some tests run a program as another user.
  chmodSync(folder, 0o755);
  process.env["TMPDIR"] = folder;
  process.env["CODERCLAW_TEST_TEMPORARY"] = folder;
  return () => {
    const left = readdirSync(folder).filter((name) => !SHARED.test(name));
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    delete process.env["CODERCLAW_TEST_TEMPORARY"];
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
    if (left.length === 0) return;
    process.stderr.write(`These tests left files in the temporary folder: ${left.slice(0, 20).join(", ")}\n`);
    process.exitCode = 1;
  };
}
