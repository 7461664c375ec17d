// docs/simulator.md tells the truth: every example runs, every fault is listed with its fields.

import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { FAULTS, SEND_OUTCOMES, parseRules } from "../../src/simulator/faults/rules.ts";

const ROOT = join(import.meta.dirname, "../..");
const PAGE = readFileSync(join(ROOT, "docs/simulator.md"), "utf8");
const folder = mkdtempSync(join(tmpdir(), "imsg-sim-docs-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function blocks(language: string): string[] {
  return [...PAGE.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gmsu"))].map(
    (match) => match[1] ?? "",
  );
}

/** The cells of a table's rows, code marks removed. */
function tableAfter(heading: string): string[][] {
  const rest = PAGE.slice(PAGE.indexOf(heading));
  const table = /(?:^\|.*\n)+/mu.exec(rest)?.[0] ?? "";
  const rows = table.trim().split("\n").slice(2);
  return rows.map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll("`", "")),
  );
}

describe("the page", () => {
  it("has examples that run, one after another, as written", () => {
    const shim = join(folder, "imsg-sim");
    writeFileSync(
      shim,
      `#!/bin/sh\nexec "${process.execPath}" "${join(ROOT, "src/simulator/main.ts")}" "$@"\n`,
    );
    chmodSync(shim, 0o755);
    const env = { PATH: `${folder}:/usr/bin:/bin`, HOME: folder, NODE_NO_WARNINGS: "1" };
    const examples = blocks("sh");
    expect(examples.length).toBeGreaterThan(8);
    for (const script of examples) {
      const { status, stderr, stdout } = spawnSync("sh", ["-e", "-c", script], {
        cwd: folder,
        env,
        encoding: "utf8",
      });
      expect({ script, status, stderr }).toEqual({ script, status: 0, stderr: "" });
      expect(stdout, script).not.toBe("");
    }
  });

  it("shows rules that are right", () => {
    const shown = blocks("json");
    expect(shown).toHaveLength(1);
    for (const text of shown) expect(parseRules(text).length).toBeGreaterThan(0);
  });

  it("lists every fault with its fields, and every outcome", () => {
    const common = new Set(["times", "after"]);
    const own = Object.entries(FAULTS).map(([name, { fields }]) => [
      name,
      fields.filter((field) => !common.has(field)).toSorted(),
    ]);
    const listed = tableAfter("## Faults").map(([name = "", fields = ""]) => {
      const names = fields.split(", ").filter((field) => field !== "" && field !== "…" && !common.has(field));
      return [
        name,
        name === "send" ? ["disposition", "message", "ms", "number", "outcome", "text"] : names.toSorted(),
      ];
    });
    expect(listed).toEqual(own);
    const outcomes = tableAfter("### Send outcomes").map(([name]) => name);
    expect(new Set(outcomes)).toEqual(new Set(SEND_OUTCOMES));
  });
});
