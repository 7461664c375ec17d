// What stands at the two ends of a text, taken off in linear time: a pattern such as `x+$` is tried at every `x` of the text.

/** Takes every one of these characters off the end; each is one UTF-16 unit. */
export function withoutEnd(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

/** Takes the blank lines off the beginning; the indentation of the first line that says something stays. */
export function withoutBlankStart(text: string): string {
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === "\n") start = at + 1;
    else if (character.trim() !== "") break;
  }
  return text.slice(start);
}
