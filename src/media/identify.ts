// What a file is, told by what is in it: neither its name nor what the sender says of it counts.
import { open } from "node:fs/promises";

/** Read of a file to tell its kind. The library that tells it sees no more, so that nothing in a file makes it work long. */
const SAMPLE_BYTES = 64 * 1024;

/** A kind of file. */
export interface FileKind {
  readonly mimeType: string;
  /** `a-z` and `0-9`, without a dot. */
  readonly extension: string;
}

/** Texts are all alike inside: of these, the name says which one. */
const TEXT_KINDS: Readonly<Record<string, string>> = {
  csv: "text/csv",
  css: "text/css",
  html: "text/html",
  ics: "text/calendar",
  json: "application/json",
  log: "text/plain",
  md: "text/markdown",
  svg: "image/svg+xml",
  tsv: "text/tab-separated-values",
  txt: "text/plain",
  vcf: "text/vcard",
  xml: "application/xml",
  yaml: "application/yaml",
  yml: "application/yaml",
};

const PLAIN_TEXT: FileKind = { mimeType: "text/plain", extension: "txt" };
const UNKNOWN: FileKind = { mimeType: "application/octet-stream", extension: "bin" };

/** Tells what kind of file lies at `path`; `name` is what its sender calls it. Rejects when it cannot be read. */
export async function identify(path: string, name: string): Promise<FileKind> {
  const sample = await readSample(path);
  if (sample.length === 0) return UNKNOWN;
  // Loaded with the first file.
  const { fileTypeFromBuffer } = await import("file-type");
  const found = await fileTypeFromBuffer(sample).catch(() => undefined);
  if (found && found.mime !== "application/xml") return { mimeType: found.mime, extension: safe(found.ext) };
  return isText(sample) ? textKind(name) : UNKNOWN;
}

async function readSample(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const sample = new Uint8Array(SAMPLE_BYTES);
    let length = 0;
    while (length < SAMPLE_BYTES) {
      const { bytesRead } = await file.read(sample, length, SAMPLE_BYTES - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return sample.subarray(0, length);
  } finally {
    await file.close();
  }
}

function isText(sample: Uint8Array): boolean {
  if (sample.includes(0)) return false;
  try {
    // A full sample may end within a character.
    const stream = sample.length === SAMPLE_BYTES;
    new TextDecoder("utf-8", { fatal: true }).decode(sample, { stream });
    return true;
  } catch {
    return false;
  }
}

function textKind(name: string): FileKind {
  const extension = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  const mimeType = Object.hasOwn(TEXT_KINDS, extension) ? TEXT_KINDS[extension] : undefined;
  return mimeType === undefined ? PLAIN_TEXT : { mimeType, extension };
}

function safe(extension: string): string {
  const kept = extension.toLowerCase().replaceAll(/[^a-z0-9]/gu, "");
  return kept === "" ? UNKNOWN.extension : kept;
}
