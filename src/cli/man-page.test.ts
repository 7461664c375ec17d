import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { renderManPage } from "./man-page.ts";
import { buildWholeTree } from "./run.ts";

test("names every command with its options, and nothing in it is a request of roff by accident", async () => {
  const page = renderManPage(await buildWholeTree("1.2.3"), "1.2.3");
  expect(page).toContain('.SS "coderclaw pairing approve <channel> <code>"');
  expect(page).toContain("\\-\\-dry\\-run");
  const requests = page.split("\n").filter((line) => /^[.']/u.test(line));
  expect(new Set(requests.map((line) => line.split(" ")[0]))).toEqual(
    new Set([".TH", ".SH", ".SS", ".B", ".TP", ".br"]),
  );
});

test("man reads it without a warning", async () => {
  const page = renderManPage(await buildWholeTree("1.2.3"), "1.2.3");
  let warnings: string;
  try {
    warnings = execFileSync("groff", ["-man", "-Tutf8", "-wall", "-z"], {
      input: page,
      encoding: "utf8",
      stdio: "pipe",
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return; // no groff on this machine
    throw error;
  }
  expect(warnings).toBe("");
});
