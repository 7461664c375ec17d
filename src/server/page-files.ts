// The control page's files, as they were built: all read at once, so that an update on the disk never mixes two versions.
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { GatewayError } from "../model/errors.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".webmanifest": "application/manifest+json",
};

interface PageFile {
  readonly type: string;
  readonly plain: Buffer<ArrayBuffer>;
  readonly zipped: Buffer<ArrayBuffer>;
}

/** The files by their path below the page, such as `index.html` and `assets/main-1234.js`. */
export type PageFiles = ReadonlyMap<string, PageFile>;

/** Where the files lie beside this program, as source or as built. */
const FOLDERS = ["../../dist/ui/", "../ui/", "./ui/"];

/** The folder of the built page; undefined when it was not built. */
export function findPageFolder(): string | undefined {
  return FOLDERS.map((folder) => fileURLToPath(new URL(folder, import.meta.url))).find((folder) =>
    existsSync(join(folder, "index.html")),
  );
}

/** Reads them all. Throws `page/not-built`. */
export async function readPageFiles(folder = findPageFolder()): Promise<PageFiles> {
  if (folder === undefined)
    throw new GatewayError("page/not-built", "The control page has not been built.", {
      hint: "Run `npm run build` in the package's folder, then reload the page.",
    });
  const names = await readdir(folder, { recursive: true });
  const files = new Map<string, PageFile>();
  for (const name of names) {
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    const plain = await readFile(join(folder, name));
    files.set(name, { type, plain, zipped: await promisify(gzip)(plain) });
  }
  return files;
}

/** Answers with a file; undefined: there is none of that name. Names with a hash never change, so browsers may keep them. */
export function answerWithFile(files: PageFiles, name: string, request: Request): Response | undefined {
  const file = files.get(name);
  if (file === undefined) return undefined;
  const isZipped = /\bgzip\b/.test(request.headers.get("accept-encoding") ?? "");
  return new Response(isZipped ? file.zipped : file.plain, {
    headers: {
      "Content-Type": file.type,
      Vary: "Accept-Encoding",
      ...(isZipped ? { "Content-Encoding": "gzip" } : {}),
      "Cache-Control": name.startsWith("assets/") ? "public, max-age=31536000, immutable" : "no-cache",
    },
  });
}
