// Writing the config file: whole or not at all, 0600, the previous file kept beside it.
import { randomUUID } from "node:crypto";
import { mkdir, open, readlink, realpath, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { GatewayError } from "../model/errors.ts";
import { readConfigText } from "./load.ts";

/**
 * Replaces the config file's text. `previous` is the text it was made from (undefined: there was no file).
 *
 * Contract: atomic; a symbolic link stays one, its target is replaced. Throws `config/unreadable`, also when the file has
 * changed since `previous` was read. The answer is the path of the kept copy, undefined when there was no file.
 */
export async function writeConfigText(
  file: string,
  text: string,
  previous: string | undefined,
): Promise<string | undefined> {
  try {
    const target = await targetOf(file);
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    const backup = `${file}.bak`;
    if (previous !== undefined) await replaceFile(backup, previous);
    if ((await readConfigText(file)) !== previous) throw changedError(file);
    await replaceFile(target, text);
    return previous === undefined ? undefined : backup;
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    throw new GatewayError(
      "config/unreadable",
      `${file} could not be written (${(error as NodeJS.ErrnoException).code})`,
      { hint: `Make ${dirname(file)} writable for you.`, details: { file }, cause: error },
    );
  }
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

async function replaceFile(file: string, text: string): Promise<void> {
  const temporary = join(dirname(file), `.${basename(file)}.${randomUUID()}.tmp`);
  try {
    const handle = await open(temporary, "wx", 0o600);
    try {
      await handle.writeFile(text, "utf8");
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

function changedError(file: string): GatewayError {
  return new GatewayError("config/unreadable", `${file} was changed by someone else at the same time`, {
    hint: "Run the command again.",
    details: { file },
  });
}
