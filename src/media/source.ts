// Where a file of a message may be read: inside of the roots, links resolved where they can be.
import { lstat, realpath } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { GatewayError } from "../model/errors.ts";
import { isInside, resolveRoots } from "./roots.ts";

/** Whose files they are. */
export interface Place {
  readonly roots: readonly string[];
  /** They are another machine's: paths are taken as written, for its links cannot be seen from here. */
  readonly isRemote: boolean;
}

/**
 * The path to copy from. Rejects with `media/outside` for what lies outside of the roots, be it there or not, with `media/missing`, and
 * with `media/not-a-file` for folders, pipes and devices.
 */
export async function findSource(path: string, { roots, isRemote }: Place): Promise<string> {
  if (path === "")
    throw new GatewayError("media/missing", "Messages does not say where it is", { hint: LOOK_HINT });
  if (isRemote) {
    if (!isInside(path, roots)) throw outside();
    return path;
  }
  const here = path.startsWith("~/") ? join(homedir(), path.slice(2)) : path;
  const resolved = await resolveRoots(roots);
  const found = await realpath(here).catch((cause: NodeJS.ErrnoException) => {
    if (!isInside(here, [...roots, ...resolved])) throw outside();
    if (cause.code === "ENOENT" || cause.code === "ENOTDIR")
      throw new GatewayError("media/missing", "Messages has not downloaded it", { hint: LOOK_HINT });
    throw new GatewayError("media/failed", `it cannot be read (${cause.code ?? "unknown"})`, {
      hint: "Give the user that runs the gateway the right to read it.",
    });
  });
  if (!isInside(found, resolved)) throw outside();
  if (!(await lstat(found)).isFile())
    throw new GatewayError("media/not-a-file", "it is no plain file", { hint: LOOK_HINT });
  return found;
}

const LOOK_HINT = "Open the chat in Messages and look at the file.";

function outside(): GatewayError {
  return new GatewayError("media/outside", "it lies outside of the folders that files may come from", {
    hint: "Add its folder to attachmentRoots (for another machine, to remoteAttachmentRoots).",
  });
}
