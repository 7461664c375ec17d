// Bundles the two programs of the package: one small entry each, one lazy chunk a command.
import { chmod, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const root = fileURLToPath(new URL("..", import.meta.url));
const outDir = `${root}dist`;

await rm(outDir, { recursive: true, force: true });
const bundle = await rolldown({
  cwd: root,
  input: { coderclaw: "src/main.ts", "imsg-sim": "src/simulator/main.ts" },
  platform: "node",
  treeshake: true,
});
const { output } = await bundle.write({
  dir: outDir,
  format: "esm",
  minify: true,
  chunkFileNames: "chunks/[name]-[hash].js",
  banner: (chunk) => (chunk.isEntry ? "#!/usr/bin/env node" : ""),
});
await bundle.close();
for (const file of output)
  if (file.type === "chunk" && file.isEntry) await chmod(`${outDir}/${file.fileName}`, 0o755);
const bytes = output.reduce((sum, file) => sum + (file.type === "chunk" ? file.code.length : 0), 0);
process.stdout.write(`dist: ${output.length} files, ${Math.round(bytes / 1024)} KiB\n`);
