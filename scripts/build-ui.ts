// Builds the control page from `ui/` into a folder (default: `dist/ui`), which is replaced whole. `npm run build` runs it too.
import { mkdtemp, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Builds the page; what is in the folder stays until the new page is whole. */
export async function buildPage(outDir = join(root, "dist/ui")): Promise<void> {
  const fresh = await mkdtemp(`${outDir}.`);
  await build({
    configFile: false,
    root: join(root, "ui"),
    // Only relative addresses: the page may lie below any path.
    base: "./",
    logLevel: "warn",
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    build: {
      outDir: fresh,
      emptyOutDir: false,
      target: "es2023",
      modulePreload: false,
      // The policy of the page takes no image that is written into a style sheet.
      assetsInlineLimit: 0,
      reportCompressedSize: false,
    },
  });
  await rm(outDir, { recursive: true, force: true });
  await rename(fresh, outDir);
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await buildPage(resolve(process.argv[2] ?? join(root, "dist/ui")));
