// Keeps what an agent gave as bytes rather than as a file: in the media folder, under what is in it.
import { createHash } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import type { ConversationId } from "../model/ids.ts";
import type { MediaFolder } from "./folder.ts";
import { identify } from "./identify.ts";

/** Puts content into the folder; the answer is its path there. `name`: what the agent calls it. */
export async function keepContent(
  content: Uint8Array,
  name: string,
  {
    folder,
    conversationId,
  }: { readonly folder: MediaFolder; readonly conversationId: ConversationId | undefined },
): Promise<string> {
  const part = await folder.newPart();
  try {
    await writeFile(part, content, { flag: "wx", mode: 0o600 });
    const { extension } = await identify(part, name);
    const path = folder.pathOf(createHash("sha256").update(content).digest("hex"), extension, conversationId);
    await folder.keep(part, path);
    // It is the newest of the folder, and the oldest are dropped first.
    folder.release(path);
    return path;
  } finally {
    await rm(part, { force: true });
  }
}
