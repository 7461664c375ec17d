// Bubbles: on their sides, straight, and harmless.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { columnsOf } from "../columns.ts";
import { renderBubble, wrap, type Screen } from "./bubbles.ts";

const PLAIN: Screen = { columns: 40, colour: false };

describe("a bubble", () => {
  test("stands on the side of who wrote it", () => {
    expect(renderBubble(PLAIN, "left", "hi\nthere")).toBe(
      [" ╭───────╮", " │ hi    │", " │ there │", " ╰───────╯", ""].join("\n"),
    );
    const indent = " ".repeat(33);
    expect(renderBubble(PLAIN, "right", "hi")).toBe(
      [`${indent}╭────╮`, `${indent}│ hi │`, `${indent}╰────╯`, ""].join("\n"),
    );
  });

  test("is coloured only where there are colours", () => {
    expect(renderBubble(PLAIN, "left", "hi")).not.toContain("\u001b");
    expect(renderBubble({ ...PLAIN, colour: true }, "left", "hi")).toContain("\u001b[32m");
  });

  test("lets no text drive the terminal", () => {
    const shown = renderBubble(PLAIN, "left", "a\u001b[2Jb\u0007");
    expect(shown).not.toContain("\u001b");
    expect(shown).not.toContain("\u0007");
  });

  test("has straight sides around wide characters", () => {
    const rows = renderBubble(PLAIN, "left", "你好\nab").trimEnd().split("\n");
    expect(new Set(rows.map(columnsOf)).size).toBe(1);
  });
});

test("wrapping loses nothing but white space, and no line is too wide", () => {
  const line = fc.string({ unit: "grapheme" }).map((text) => text.replaceAll(/[\n\r\u2028\u2029]/gu, " "));
  fc.assert(
    fc.property(line, fc.integer({ min: 2, max: 20 }), (text, widest) => {
      const lines = wrap(text, widest);
      expect(lines.join("").replaceAll(/\s/gu, "")).toBe(text.replaceAll(/\s/gu, ""));
      expect(Math.max(...lines.map(columnsOf))).toBeLessThanOrEqual(widest);
    }),
  );
});
