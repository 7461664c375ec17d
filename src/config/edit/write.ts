// Writing the config file: whole or not at all, 0600, the previous file kept beside it.
import { randomUUID } from "node:crypto";
import { mkdir, open, readlink, realpath, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { GatewayError } from "../../model/errors.ts";
import { readConfigText } from "../read/load.ts";

/** Somebody else changed the file since its text was read: what was made from that text must be made anew. */
export class ConfigConflict extends GatewayError {
  constructor(file: string) {
    super("config/unreadable", `${file} was changed by someone else at the same time`, {
      hint: "Run the command again.",
      details: { file },
    });
  }
}

/** Where the previous text of a config file is kept. */
export function backupOf(file: string): string {
  return `${file}.bak`;
}

/**
 * Replaces the config file's text. `previous` is the text it was made from (undefined: there was no file).
 *
 * Contract: atomic; a symbolic link stays one, its target is replaced. Throws `ConfigConflict` when the file has changed since
 * `previous` was read, else `config/unreadable`. The answer is the path of the kept copy, undefined when there was no file.
 */
export async function writeConfigText(
  file: string,
  text: string,
  previous: string | undefined,
): Promise<string | undefined> {
  try {
    const target = await targetOf(file);
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await requireUnchanged(file, previous);
    if (previous !== undefined) await replaceFile(backupOf(file), previous);
    await replaceFile(target, text, async () => requireUnchanged(file, previous));
    return previous === undefined ? undefined : backupOf(file);
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    throw new GatewayError(
      "config/unreadable",
      `${file} could not be written (${(error as NodeJS.ErrnoException).code})`,
      { hint: `Make ${dirname(file)} writable for you.`, details: { file }, cause: error },
    );
  }
}

async function requireUnchanged(file: string, previous: string | undefined): Promise<void> {
  if ((await readConfigText(file)) !== previous) throw new ConfigConflict(file);
}

/** The file that a link leads to, there or not; without a link the file itself. */
async function targetOf(file: string): Promise<string> {
  try {
    return await realpath(file);
  } catch {
    const target = await readlink(file).catch(() => undefined);
    return target === undefined ? file : resolve(dirname(file), target);
  }
}

/** `lastLook` may still refuse, once everything but the renaming is done. */
async function replaceFile(file: string, text: string, lastLook?: () => Promise<void>): Promise<void> {
  const temporary = join(dirname(file), `.${basename(file)}.${randomUUID()}.tmp`);
  try {
    const handle = await open(temporary, "wx", 0o600);
    try {
      await handle.writeFile(text, "utf8");
      await handle.sync();
    } finally {
      await handle.close();
    }
    await lastLook?.();
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
