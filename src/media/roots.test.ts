// Which paths lie inside of the folders that files may come from.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { isInside, resolveRoots } from "./roots.ts";

const ROOTS = ["/Users/*/Library/Messages/Attachments", "/srv/files"];

test.each([
  ["/Users/bot/Library/Messages/Attachments/a/b.png", true],
  ["/Users/bot//Library/Messages/Attachments/b.png", true],
  ["/srv/files/-rf *?[x]\n", true],
  ["/srv/files/...", true],
  ["/srv/files", false],
  ["/srv/files/", false],
  ["/srv/files2/a", false],
  ["/Users/bot/Library/Messages/chat.db", false],
  ["/Users/bot/x/Library/Messages/Attachments/a", false],
  ["/Users/Library/Messages/Attachments/a", false],
  ["/srv/files/../secret", false],
  ["/srv/files/a/..", false],
  ["/srv/files/./a", false],
  ["/Users/../Library/Messages/Attachments/a", false],
  ["srv/files/a", false],
  ["~/Library/Messages/Attachments/a", false],
  ["/srv/files/a\0.png", false],
  ["", false],
])("%j: %s", (path, isIn) => {
  expect(isInside(path, ROOTS)).toBe(isIn);
});

test("no root lets nothing in, and neither does one of everything", () => {
  expect(isInside("/a", [])).toBe(false);
  expect(isInside("/a", ["/"])).toBe(false);
});

test("whatever is inside starts with the root's names", () => {
  const name = fc.constantFrom("srv", "files", "..", ".", "", "a", "*", "Users");
  fc.assert(
    fc.property(fc.array(name), (names) => {
      const path = `/${names.join("/")}`;
      if (!isInside(path, ["/srv/files"])) return;
      expect(
        path
          .split("/")
          .filter((one) => one !== "")
          .slice(0, 2),
      ).toEqual(["srv", "files"]);
      expect(names).not.toContain("..");
    }),
  );
});

test("links in a root are resolved up to its first `*`", async () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "roots-")));
  try {
    mkdirSync(join(folder, "real"));
    symlinkSync(join(folder, "real"), join(folder, "link"));
    expect(
      await resolveRoots([join(folder, "link/*/a"), join(folder, "link"), join(folder, "no/b")]),
    ).toEqual([join(folder, "real/*/a"), join(folder, "real"), join(folder, "no/b")]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
