import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { changesSince, isNewer, readInstallation } from "./installation.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "installation-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A package with its program, in this folder below the root. */
function install(folder: string): string {
  const dist = join(root, folder, "dist");
  mkdirSync(dist, { recursive: true });
  writeFileSync(join(root, folder, "package.json"), "{}");
  writeFileSync(join(dist, "coderclaw.js"), "");
  return join(dist, "coderclaw.js");
}

test.each([
  ["lib/node_modules/coderclaw", "npm", "npm install --global coderclaw@latest"],
  ["Cellar/coderclaw/1.0.0/lib/node_modules/coderclaw", "homebrew", "brew upgrade coderclaw"],
])("a copy in %s is updated by its own means", (folder, kind, update) => {
  expect(readInstallation(install(folder))).toMatchObject({ kind, update });
});

test("a clone is pulled and built again", () => {
  const program = install("clone");
  mkdirSync(join(root, "clone", ".git"));
  expect(readInstallation(program)).toMatchObject({
    kind: "clone",
    update: expect.stringMatching(/clone && git pull && npm ci$/u) as string,
  });
});

test.each([
  ["1.0.0", "0.9.9", true],
  ["0.10.0", "0.9.0", true],
  ["0.2.0", "0.2.0", false],
  ["0.1.9", "0.2.0", false],
])("%s is newer than %s: %s", (one, other, newer) => {
  expect(isNewer(one, other)).toBe(newer);
});

test("the changelog is shown from the version that is known", () => {
  writeFileSync(
    join(root, "CHANGELOG.md"),
    "# Changelog\n\n## 0.3.0\n\n- c\n\n## 0.2.0\n\n- b\n\n## 0.1.0\n\n- a\n",
  );
  expect(changesSince(root, "0.1.0")).toBe("0.3.0\n\n- c\n\n0.2.0\n\n- b");
  expect(changesSince(root, "0.3.0")).toBe("");
});
