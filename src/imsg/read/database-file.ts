// Notices that another file was put in the place of a Messages database, where it lies on this machine.
import { stat } from "node:fs/promises";
import { homedir } from "node:os";
import type { TransportSettings } from "../../model/settings.ts";

const DEFAULT_PATH = "~/Library/Messages/chat.db";

/**
 * Remembers which file lies at the path now; the answer says whether it still does.
 *
 * A file that is gone for the moment counts as the same. What lies at the path on another machine is not seen from here: what the rows
 * say has to do there.
 */
export function watchFile({ dbPath, reach }: TransportSettings): () => Promise<boolean> {
  if (reach.kind !== "local") return async () => true;
  const path = (dbPath ?? DEFAULT_PATH).replace(/^~(?=\/)/u, homedir());
  const first = markOf(path);
  return async () => {
    const [before, now] = await Promise.all([first, markOf(path)]);
    return before === undefined || now === undefined || before === now;
  };
}

async function markOf(path: string): Promise<string | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  return found === undefined ? undefined : `${found.dev}:${found.ino}`;
}
