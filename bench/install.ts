// What an installation for use takes on disk.
import { execFileSync } from "node:child_process";
import { lstatSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atMost, type Figure } from "./figure.ts";
import { ROOT } from "./programs.ts";

/** Packs the package, installs it elsewhere without development dependencies, and adds up the files. Needs no network. */
export function measureInstall(): Figure[] {
  const dir = mkdtempSync(join(tmpdir(), "coderclaw-bench-install-"));
  try {
    // The scripts would build again; what was built is what is measured.
    const pack = ["pack", "--ignore-scripts", "--silent", "--pack-destination", dir];
    const tarball =
      execFileSync("npm", pack, { cwd: ROOT, encoding: "utf8" }).trim().split("\n").at(-1) ?? "";
    writeFileSync(join(dir, "package.json"), '{"private":true}\n');
    const install = ["install", "--omit=dev", "--offline", "--no-audit", "--no-fund", "--ignore-scripts"];
    execFileSync("npm", [...install, join(dir, tarball)], { cwd: dir, stdio: "ignore" });
    const bytes = sizeOf(join(dir, "node_modules"));
    const name = "production install";
    return [{ measurement: "install", name, value: bytes / 1024 / 1024, unit: "MB", target: atMost(60) }];
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function sizeOf(path: string): number {
  const stat = lstatSync(path);
  if (!stat.isDirectory()) return stat.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}
