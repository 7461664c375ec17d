// The file that defines the service: written whole or not at all, and never over one that somebody else wrote.
import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { GatewayError } from "../model/errors.ts";
import { MARK } from "./service-plan.ts";

/** The text of the file; undefined when there is none. */
export async function readUnit(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw unusable(file, thrown);
  }
}

/** Whether the file may be replaced or removed. Contract: rejects with `service/foreign-file` when somebody else wrote it. */
export async function requireOwn(file: string): Promise<string | undefined> {
  const text = await readUnit(file);
  if (text === undefined || text.includes(MARK)) return text;
  throw new GatewayError("service/foreign-file", `"${file}" was not written by CoderClaw`, {
    hint: `Keep it under another name, then run this again: mv '${file}' '${file}.mine'`,
  });
}

/** Writes the file. Contract: a crash leaves the old one or the new one. */
export async function writeUnit(file: string, text: string): Promise<void> {
  const half = `${file}.${randomBytes(4).toString("hex")}`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(half, text, { mode: 0o644, flag: "wx" });
    await rename(half, file);
  } catch (thrown) {
    await rm(half, { force: true }).catch(() => {});
    throw unusable(file, thrown);
  }
}

/** Removes the file; one that is missing is fine. */
export async function removeUnit(file: string): Promise<void> {
  await rm(file, { force: true }).catch((thrown: unknown) => {
    throw unusable(file, thrown);
  });
}

function unusable(file: string, thrown: unknown): GatewayError {
  const { code, message } = thrown as NodeJS.ErrnoException;
  return new GatewayError("service/failed", `"${file}" could not be read or written: ${code ?? message}`, {
    hint: `Check the permissions of "${dirname(file)}" and the free space on its disk, then run this again.`,
    cause: thrown,
  });
}
