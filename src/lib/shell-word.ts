// A text as one word of a shell's command line, for commands that people are told to run.

/** In quotes only where it needs them. */
export function shellWord(text: string): string {
  if (/^[\w@%+=:,./-]+$/u.test(text) && !text.startsWith("-")) return text;
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
