// A file that has been fetched finds its place in the media folder: kind → hash → conversion → name.
import { lstat, rm } from "node:fs/promises";
import { conversionOf, convert, type Conversion, type ConvertOptions } from "./convert.ts";
import { hashFile, type MediaFolder } from "./folder.ts";
import type { ConversationId } from "../model/ids.ts";
import { identify } from "./identify.ts";

/** A file in the media folder. */
export interface PlacedFile {
  readonly path: string;
  /** By content. */
  readonly mimeType: string;
  readonly bytes: number;
  /** What was done to it, or could not be; may be empty. */
  readonly note: string;
}

/** Where a file is kept, and whose it is. */
interface Keeping {
  readonly folder: MediaFolder;
  readonly conversationId: ConversationId;
}

/**
 * Puts a part of the folder into its place, converted where that makes it readable for more programs. `name` is the sender's.
 *
 * Contract: the file is held at its place. A part that is still there afterwards is the caller's to remove.
 */
export async function placeFile(
  part: string,
  { folder, name, conversationId }: Keeping & { readonly name: string },
  limits: ConvertOptions,
): Promise<PlacedFile> {
  const kind = await identify(part, name);
  const hash = await hashFile(part);
  const conversion = conversionOf(kind);
  const converted =
    conversion && (await placeConverted(part, { folder, conversationId, hash, conversion }, limits));
  if (converted && "path" in converted) return converted;
  const { size } = await lstat(part);
  const path = folder.pathOf(hash, kind.extension, conversationId);
  await folder.keep(part, path);
  const note = converted?.because ?? (size === 0 ? "the file is empty" : "");
  return { path, mimeType: kind.mimeType, bytes: size, note };
}

async function placeConverted(
  part: string,
  {
    folder,
    conversationId,
    hash,
    conversion,
  }: Keeping & { readonly hash: string; readonly conversion: Conversion },
  limits: ConvertOptions,
): Promise<PlacedFile | { readonly because: string }> {
  const { mimeType, extension } = conversion.to;
  const note = `converted from ${conversion.from}`;
  // Named by what came: the same picture again is not converted again.
  const path = folder.pathOf(hash, extension, conversationId);
  folder.hold(path);
  const known = await folder.find(path);
  if (known !== undefined) return { path, mimeType, bytes: known, note };
  folder.release(path);
  const work = await folder.newPart();
  try {
    const result = await convert(part, { conversion, folder: work }, limits);
    if ("because" in result) return result;
    const { size } = await lstat(result.path);
    await folder.keep(result.path, path);
    return { path, mimeType, bytes: size, note };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
