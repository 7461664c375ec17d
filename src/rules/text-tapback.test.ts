// Tapbacks put into words, in the languages that are known, and texts that only look like them.
import { describe, expect, test } from "vitest";
import { isTextTapback } from "./text-tapback.ts";

describe("a tapback", () => {
  test.each([
    "Liked “See you at 6”",
    'Liked "See you at 6"',
    "Loved “one\ntwo “quoted” three”",
    "Laughed at “ha”",
    "Disliked “”",
    "Emphasised “now”",
    "Questioned “why?”",
    "Removed a heart from “hi”",
    "Removed an exclamation from “hi”",
    "Reacted 😂 to “that”",
    "Reacted 👍🏽 to “that”",
    "Reacted ❤️ to “that”",
    "Removed 😂 from “that”",
    "\u200a\u200b👍\u200b to “\u200aok\u200a”\u200a",
    "\u200aRemoved \u200c👍\u200c from “\u200aok\u200a”\u200a",
    "Loved an image",
    "Liked 3 photos",
    "Emphasized a voice message",
    "Le gustó “hola”",
    "Le encantó una imagen",
    "Reaccionó con 🔥 a “hola”",
    "A aimé « bonjour »",
    "A réagi avec 🔥 à « la photo »",
    "Não curtiu “oi”",
    "Gefällt „Nutzt du Tapback?“",
    "Gefällt „Hallo“ nicht",
    "„Hallo“ ein Herz hinzugefügt",
    "Entfernte 👍 aus „Hallo”",
    "Polubił “cześć”",
    "Очень понравилось «привет»",
    "Líbilo se „ahoj“",
    "szívecske erre: „szia”",
  ])("%s", (text) => {
    expect(isTextTapback(text)).toBe(true);
  });
});

describe("a text", () => {
  test.each([
    "",
    "Liked",
    "I liked “Dune”",
    "Liked “Dune”, what else is like it?",
    "Liked “Dune” and “Solaris” a lot",
    "Loved it",
    "“Hello”",
    "„Hallo“ übersetzen",
    "Translate to “French”",
    "go to “settings”",
    "1 to “ten”",
    "Removed the file from “docs”",
    "Liked an image of yours, send more",
    "Reacted badly to “that”",
    "Gefällt dir „Dune“?",
    `Liked ${"x".repeat(100)} “y”`,
  ])("%s", (text) => {
    expect(isTextTapback(text)).toBe(false);
  });
});

test("takes time that grows with the text", () => {
  for (const piece of ["“", "”", " ", "Liked “", "👍", "removed a "]) {
    const began = process.cpuUsage().user;
    isTextTapback(piece.repeat(100_000));
    isTextTapback(`Liked “${piece.repeat(100_000)}`);
    expect(process.cpuUsage().user - began).toBeLessThan(500_000);
  }
});
