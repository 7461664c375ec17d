// Makes a file readable for an imsg of this machine, under the name that the recipient is to see.
import { copyFile, link, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GatewayError } from "../model/errors.ts";
import type { StagedFile } from "../model/ports.ts";

/** Contract: `name` is one name, no path. Rejects with `media/missing` or `media/failed`; `release` never rejects. */
export async function stageHere(file: string, name: string): Promise<StagedFile> {
  let folder: string | undefined;
  const release = async (): Promise<void> => {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true }).catch(() => {});
  };
  try {
    folder = await mkdtemp(join(tmpdir(), "coderclaw-"));
    const path = join(folder, name);
    // A second name costs nothing; another file system has to have a copy.
    await link(file, path).catch(async () => copyFile(file, path));
    return { path, release };
  } catch (cause) {
    await release();
    const isGone = (cause as NodeJS.ErrnoException).code === "ENOENT";
    throw new GatewayError(
      isGone ? "media/missing" : "media/failed",
      isGone ? `${name} is not in the media folder any more.` : `${name} could not be copied for imsg.`,
      { hint: "Send it again.", cause },
    );
  }
}
