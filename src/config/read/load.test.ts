import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readConfigText } from "./load.ts";

test("a pipe in the place of the config file is refused and not waited for", async () => {
  const folder = await mkdtemp(join(tmpdir(), "load-"));
  try {
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    await expect(readConfigText(pipe)).rejects.toMatchObject({
      code: "config/unreadable",
      message: `${pipe} is no regular file`,
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});
