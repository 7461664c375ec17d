// What a file is by what is in it.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { identify, type FileKind } from "./identify.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "identify-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function kindOf(content: string | Uint8Array, name: string): Promise<FileKind> {
  const path = join(folder, "file");
  writeFileSync(path, content);
  return identify(path, name);
}

function bytes(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}

const PNG = bytes(
  "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\b\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\0IDAT",
);
const HEIC = bytes("\0\0\0\x18ftypheic\0\0\0\0mif1heic");
const CAF = bytes(`caff\0\x01\0\0desc${"\0".repeat(60)}`);

test.each<[string, string | Uint8Array, string, string]>([
  ["a picture that says it is a document", PNG, "a.pdf", "image/png png"],
  ["a PDF that says it is a picture", "%PDF-1.7\n", "a.png", "application/pdf pdf"],
  ["HEIC", HEIC, "IMG.HEIC", "image/heic heic"],
  ["CAF", CAF, "Audio Message.caf", "audio/x-caf caf"],
  ["a program", bytes(`\x7fELF\x02\x01\x01${"\0".repeat(80)}`), "a.txt", "application/x-elf elf"],
  ["text", "hello\n", "a", "text/plain txt"],
  ["text with a name that says more", "a,b\n", "table.CSV", "text/csv csv"],
  ["text that says it is a picture", "hello", "a.png", "text/plain txt"],
  ["text with a name of the object prototype", "hello", "a.constructor", "text/plain txt"],
  ["a drawing", '<svg xmlns="http://www.w3.org/2000/svg"/>', "a.svg", "image/svg+xml svg"],
  ["other bytes", bytes("\x01\x02\0\xff"), "a.txt", "application/octet-stream bin"],
  ["text of another encoding", bytes("caf\xe9"), "a.txt", "application/octet-stream bin"],
  ["nothing", "", "a.txt", "application/octet-stream bin"],
  ["long text that the sample cuts within a character", `x${"é".repeat(40_000)}`, "a.md", "text/markdown md"],
])("%s", async (_what, content, name, kind) => {
  const { mimeType, extension } = await kindOf(content, name);
  expect(`${mimeType} ${extension}`).toBe(kind);
});

test("any bytes have a kind, and an extension that is safe", async () => {
  const heads = fc.constantFrom(
    "",
    "PK\x03\x04",
    "\x89PNG\r\n\x1a\n",
    "RIFF",
    "\0\0\0\x18ftyp",
    "ID3",
    "\x30\x26\xb2\x75",
  );
  await fc.assert(
    fc.asyncProperty(heads, fc.uint8Array({ maxLength: 300 }), async (head, tail) => {
      const { mimeType, extension } = await kindOf(Buffer.concat([bytes(head), tail]), "x");
      expect(mimeType).toMatch(/^[\w.+-]+\/[\w.+-]+$/u);
      expect(extension).toMatch(/^[a-z0-9]+$/u);
    }),
    { numRuns: 300 },
  );
});
