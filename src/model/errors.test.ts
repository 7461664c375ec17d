import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ERROR_CATALOGUE, GatewayError, toGatewayError } from "./errors.ts";

describe("docs/errors.md", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/errors.md"), "utf8");
  const entries = [...page.matchAll(/^### `(?<code>[^`]+)`\n(?<text>(?:(?!^##)[^])*)/gmu)].map((match) => ({
    code: match.groups?.["code"] ?? "",
    text: match.groups?.["text"] ?? "",
  }));

  test("has an entry for each code, in the catalogue's order, and no more", () => {
    expect(entries.map(({ code }) => code)).toEqual(Object.keys(ERROR_CATALOGUE));
  });

  test.each(Object.entries(ERROR_CATALOGUE))("says what %s means and what to do", (code, sentence) => {
    const text = entries.find((entry) => entry.code === code)?.text ?? "";
    expect(text).toMatch(/^\n(?<meaning>.+)\n\n\*\*What to do:\*\* [A-Z][^]{20,}\n$/u);
    expect(text.split("\n")[1]).toBe(sentence);
  });
});

describe("toGatewayError", () => {
  test("leaves one as it is", () => {
    const error = new GatewayError("imsg/gone", "it ended", { hint: "Wait.", effect: "maybe" });
    expect(toGatewayError(error)).toBe(error);
    expect(error).toMatchObject({ effect: "maybe", details: {}, hint: "Wait.", name: "GatewayError" });
  });

  test.each([
    [new Error("broken"), "broken"],
    ["a text", "a text"],
    [undefined, "undefined"],
  ])("anything else is a bug of ours, with its cause", (thrown, message) => {
    const error = toGatewayError(thrown);
    expect(error).toMatchObject({ code: "internal/bug", message, effect: "maybe" });
    expect(error.cause).toBe(thrown);
  });
});
