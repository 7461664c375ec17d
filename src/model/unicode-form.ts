// One Unicode form for texts that are compared: canonically equivalent texts become equal, in linear time.

/** Longer runs of combining marks occur in no language; normalizing them takes the platform quadratic time. */
const LONGEST_RUN = 30;
const MAY_BE_LONG = /\p{M}{10}/u;
const LONG_RUNS = new RegExp(`(\\p{M}{${LONGEST_RUN + 1},})`, "u");

/**
 * NFC, but for absurd runs of combining marks: the marks of such a run are sorted instead, so that a hostile text costs no more than any
 * other. Contract: canonically equivalent texts give the same text; for people's texts that text is NFC.
 */
export function composedText(text: string): string {
  const wellFormed = text.toWellFormed();
  if (!MAY_BE_LONG.test(wellFormed)) return wellFormed.normalize("NFC");
  // One character decomposes on its own in constant time.
  const decomposed = Array.from(wellFormed, (character) => character.normalize("NFD")).join("");
  return decomposed
    .split(LONG_RUNS)
    .map((piece, index) => (index % 2 === 0 ? piece.normalize("NFC") : Array.from(piece).sort().join("")))
    .join("");
}
