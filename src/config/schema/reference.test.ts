import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { renderReference } from "./reference.ts";

test("docs/gateway/configuration-reference.md is what the schema says; else run node scripts/write-reference.ts", async () => {
  const page = new URL("../../../docs/gateway/configuration-reference.md", import.meta.url);
  expect(await readFile(page, "utf8")).toBe(renderReference());
});
