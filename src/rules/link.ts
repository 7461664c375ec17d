// Links as people paste them and as Messages repeats them in the row of their preview.

/** Longest link that is looked for, in UTF-16 units. */
const LONGEST_LINK = 4096;

/** True for a text that is a link and nothing else. */
export function isBareLink(text: string): boolean {
  const link = text.trim();
  return link.length <= LONGEST_LINK && /^(?:https?:\/\/|www\.)\S+$/iu.test(link);
}

/** True when the text has the link in it, however either is written: with or without its scheme, `www.` and a slash at the end. */
export function holdsLink(text: string, link: string): boolean {
  return text.toLowerCase().includes(fold(link));
}

function fold(link: string): string {
  return link
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\//u, "")
    .replace(/^www\./u, "")
    .replace(/\/$/u, "");
}
