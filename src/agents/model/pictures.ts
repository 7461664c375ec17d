// Pictures of a turn as data URLs, for models that see.
import { readFile } from "node:fs/promises";
import type { AgentRequest } from "../../model/turn.ts";

const TYPES: ReadonlySet<string> = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);
const MAX_BYTES = 5 * 1024 * 1024;
/** The newest count. */
const MAX_PICTURES = 8;

/** The pictures a model can be shown, oldest first: up to eight, of up to 5 MiB each. The prompt names them, and those left out. */
export async function readPictures({ turn, files }: AgentRequest): Promise<readonly string[]> {
  const shown = [...turn.context, ...turn.messages]
    .flatMap(({ entryId }) => files.get(entryId) ?? [])
    .flatMap((file) =>
      file.kind === "file" && TYPES.has(file.mimeType) && file.bytes <= MAX_BYTES ? [file] : [],
    );
  const urls = shown.slice(-MAX_PICTURES).map(async ({ path, mimeType }) => {
    const content = await readFile(path).catch(() => undefined);
    return content === undefined ? [] : [`data:${mimeType};base64,${content.toString("base64")}`];
  });
  return (await Promise.all(urls)).flat();
}
