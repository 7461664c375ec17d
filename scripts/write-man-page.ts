// Writes the manual page from the commands themselves: what `--help` says, in the form that `man` reads.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { renderManPage } from "../src/cli/man-page.ts";
import { buildWholeTree } from "../src/cli/run.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Writes `coderclaw.1` into a folder. */
export async function writeManPage(folder: string): Promise<void> {
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "coderclaw.1"), renderManPage(await buildWholeTree(version), version));
}
