// A text without a run of one character at its end, in linear time.

/** Contract: `character` is one UTF-16 unit. */
export function withoutEnd(text: string, character: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === character) end -= 1;
  return text.slice(0, end);
}
