// Bundles the two programs of the package: one small entry each, one lazy chunk a command. Takes another folder than `dist` to write to.
import { readdirSync, readFileSync } from "node:fs";
import { chmod, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown, type OutputChunk } from "rolldown";
import { buildPage } from "./build-ui.ts";
import { writeManPage } from "./write-man-page.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const outDir = resolve(process.argv[2] ?? join(root, "dist"));

/**
 * A file takes Node half a millisecond to find, read and link: what a start always needs is in few of them. Each takes with it what it
 * imports, but for what an earlier one has; the first two are of both programs.
 */
const TOGETHER = [
  { name: "jsonl", test: /[\\/]src[\\/]lib[\\/]jsonl\.ts$/ },
  { name: "phone-numbers", test: /[\\/]libphonenumber-js[\\/]/ },
  { name: "command", test: /[\\/]src[\\/]cli[\\/]run\.ts$/ },
  { name: "config", test: /[\\/]src[\\/]config[\\/]read[\\/]load\.ts$/ },
  { name: "gateway", test: /[\\/]src[\\/]gateway[\\/]run\.ts$/ },
  { name: "stand-in", test: /[\\/]src[\\/]simulator[\\/](?:rpc|read)[\\/]/ },
];

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
  codeSplitting: {
    groups: TOGETHER.map((group, index) => ({ ...group, priority: TOGETHER.length - index })),
  },
  chunkFileNames: "chunks/[name]-[hash].js",
  banner: (chunk) => (chunk.isEntry ? "#!/usr/bin/env node" : ""),
});
await bundle.close();
await buildPage(join(outDir, "ui"));
await writeManPage(join(outDir, "man"));
const chunks = output.filter((file) => file.type === "chunk");
for (const { isEntry, fileName } of chunks) if (isEntry) await chmod(join(outDir, fileName), 0o755);
await writeFile(join(outDir, "THIRD-PARTY-LICENSES.txt"), renderLicenses(chunks));
const bytes = chunks.reduce((sum, { code }) => sum + code.length, 0);
process.stdout.write(`dist: ${output.length} files, ${Math.round(bytes / 1024)} KiB\n`);

/** The licences of the libraries that are part of the chunks: most ask to be handed on with every copy. */
function renderLicenses(chunks: readonly OutputChunk[]): string {
  const modules = chunks.flatMap(({ moduleIds }) => moduleIds);
  const folders = modules.flatMap((id) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(id)?.[0] ?? []);
  return [...new Set(folders)].toSorted().map(renderLicense).join("\n\n");
}

function renderLicense(folder: string): string {
  const { name, version, license, homepage } = JSON.parse(
    readFileSync(join(folder, "package.json"), "utf8"),
  ) as Readonly<Record<string, string>>;
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text =
    file === undefined
      ? `Licence: ${license}; see ${homepage}`
      : readFileSync(join(folder, file), "utf8").trim();
  return `${name} ${version}\n\n${text}\n`;
}
