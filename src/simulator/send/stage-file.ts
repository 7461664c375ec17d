// Copies the file of a message to where Messages can read it, or says as imsg does why it cannot.

import { lstatSync, statSync } from "node:fs";
import { resolve, sep } from "node:path";
import type { RpcContext } from "../rpc/context.ts";
import { internalError } from "../rpc/error.ts";
import { storeFile } from "../write-attachments.ts";
import type { StoredFile } from "../write-attachments.ts";

/** Folders that macOS itself keeps as links. */
const SYSTEM_LINKS = ["tmp", "var", "etc"];

/** The copy, none for an empty path. Contract: throws an internal error that is a text, before anything was handed over. */
export function stageFile(context: RpcContext, { file }: { readonly file: string }): StoredFile[] {
  if (file === "") return [];
  if (leadsThroughLink(file)) {
    throw internalError(`AppleScript failed: Attachment path contains a symbolic link: ${file}`);
  }
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) {
    throw internalError(`AppleScript failed: Attachment not found at ${file}`);
  }
  return [storeFile(context.dbPath, file, "out")];
}

/** imsg follows no link to a file, but those of the system. */
function leadsThroughLink(path: string): boolean {
  const [, first = "", ...rest] = resolve(path).split(sep);
  let place = `${sep}${first}`;
  if (!SYSTEM_LINKS.includes(first) && isLink(place)) return true;
  return rest.some((part) => {
    place += `${sep}${part}`;
    return isLink(place);
  });
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}
