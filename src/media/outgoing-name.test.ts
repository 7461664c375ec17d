import { expect, test } from "vitest";
import { nameForSending } from "./outgoing-name.ts";

const PNG = { mimeType: "image/png", extension: "png" };
const JPEG = { mimeType: "image/jpeg", extension: "jpg" };
const TEXT = { mimeType: "text/plain", extension: "txt" };

test.each([
  ["chart.png", PNG, "chart.png"],
  ["chart", PNG, "chart.png"],
  ["photo.JPEG", JPEG, "photo.JPEG"],
  ["photo.png", JPEG, "photo.jpg"],
  ["main.rs", TEXT, "main.rs"],
  ["README", TEXT, "README.txt"],
  [".env", TEXT, "env.txt"],
  ["", PNG, "file.png"],
  ["a/b\\c:d\n.png", PNG, "a_b_c_d.png"],
  ["evil\u202Egnp.exe", TEXT, "evilgnp.exe"],
  ["-rf.png", PNG, "-rf.png"],
  ["v1.2 the final version", TEXT, "v1.2 the final version.txt"],
  ["ワニ 🐊.png", PNG, "ワニ 🐊.png"],
])("%j", (name, kind, shown) => expect(nameForSending(name, kind)).toBe(shown));

test("a long name is cut before its extension, never within a character", () => {
  const name = nameForSending(`${"🐊".repeat(200)}.png`, PNG);
  expect(Buffer.byteLength(name)).toBeLessThan(190);
  expect(name.endsWith("🐊.png")).toBe(true);
  expect(name.isWellFormed()).toBe(true);
});
