// What few programs read becomes what they all do: HEIC → JPEG, CAF → M4A, with a converter of the machine.
import { link, lstat, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { FileKind } from "./identify.ts";
import { findTool, runTool } from "./tool.ts";

/** Limits of one conversion, and where converters are. */
export interface ConvertOptions {
  readonly searchPath: readonly string[];
  readonly timeoutMs: number;
  /** Of the result. */
  readonly maxBytes: number;
  /** Default 1 GB: what the largest pictures of a phone take several times over. */
  readonly memoryBytes?: number;
  readonly signal: AbortSignal;
}

const MOST_MEMORY_BYTES = 1024 * 1024 * 1024;

/** A converter: its arguments for absolute paths, which no program takes for options. */
interface Converter {
  readonly program: string;
  readonly args: (from: string, to: string) => readonly string[];
}

/** A kind that is converted, and what to. */
export interface Conversion {
  /** What people call it. */
  readonly from: string;
  readonly to: FileKind;
  readonly converters: readonly Converter[];
}

const TO_JPEG: Conversion = {
  from: "HEIC",
  to: { mimeType: "image/jpeg", extension: "jpg" },
  converters: [
    { program: "heif-convert", args: (from, to) => ["-q", "90", from, to] },
    { program: "sips", args: (from, to) => ["-s", "format", "jpeg", from, "--out", to] },
  ],
};

const TO_M4A: Conversion = {
  from: "CAF",
  to: { mimeType: "audio/mp4", extension: "m4a" },
  converters: [
    {
      program: "ffmpeg",
      // The format is said: a file that only looks like sound could be a list of other files to read.
      args: (from, to) => {
        const input = ["-protocol_whitelist", "file", "-f", "caf", "-i", `file:${from}`];
        return ["-nostdin", "-v", "error", "-y", ...input, "-vn", "-c:a", "aac", "-f", "ipod", `file:${to}`];
      },
    },
    { program: "afconvert", args: (from, to) => ["-f", "m4af", "-d", "aac", from, to] },
  ],
};

const CONVERSIONS: Readonly<Record<string, Conversion>> = {
  "image/heic": TO_JPEG,
  "image/heif": TO_JPEG,
  "image/heic-sequence": TO_JPEG,
  "image/heif-sequence": TO_JPEG,
  "audio/x-caf": TO_M4A,
};

/** How a file of this kind is converted; undefined when it is good as it is. */
export function conversionOf({ mimeType }: FileKind): Conversion | undefined {
  return Object.hasOwn(CONVERSIONS, mimeType) ? CONVERSIONS[mimeType] : undefined;
}

/**
 * Converts a file, in a folder of its own that is not there yet.
 *
 * Contract: the answer is the path of the result in that folder, or why there is none, fit for people. Removing the folder is the
 * caller's. Rejects only when the folder cannot be made.
 */
export async function convert(
  file: string,
  { conversion, folder }: { readonly conversion: Conversion; readonly folder: string },
  options: ConvertOptions,
): Promise<{ readonly path: string } | { readonly because: string }> {
  const found = await findConverter(conversion, options.searchPath);
  if (!found) {
    const names = conversion.converters.map(({ program }) => program).join(" or ");
    return { because: `${conversion.from} was not converted: there is no ${names}` };
  }
  await mkdir(folder, { mode: 0o700 });
  // Some converters look at the end of a name.
  const from = join(folder, `in.${conversion.from.toLowerCase()}`);
  const to = join(folder, `out.${conversion.to.extension}`);
  await link(file, from);
  const { size } = await lstat(from);
  const failure = await runTool({
    program: found.path,
    args: found.args(from, to),
    folder,
    ...options,
    memoryBytes: options.memoryBytes ?? MOST_MEMORY_BYTES,
    // What was there before does not count.
    maxBytes: options.maxBytes + size,
  });
  if (failure !== undefined) return { because: `${conversion.from} was not converted: ${failure}` };
  // Of several pictures in one file, heif-convert numbers the results.
  for (const path of [to, join(folder, `out-1.${conversion.to.extension}`)]) {
    const result = await lstat(path).catch(() => undefined);
    if (!result?.isFile() || result.size === 0) continue;
    if (result.size <= options.maxBytes) return { path };
    return { because: `${conversion.from} was not converted: the result is too large` };
  }
  return { because: `${conversion.from} was not converted: the converter wrote nothing` };
}

async function findConverter(
  { converters }: Conversion,
  searchPath: readonly string[],
): Promise<(Converter & { readonly path: string }) | undefined> {
  for (const converter of converters) {
    const path = await findTool(converter.program, searchPath);
    if (path !== undefined) return { ...converter, path };
  }
  return undefined;
}
