// A whole answer without what its model thought aloud, in marks or in words.
import { ThoughtFilter } from "./filter.ts";

/** Words that some models and programs have in place of marks: they count at the start of an answer only, and only in pairs. */
const WORDS: readonly { readonly open: RegExp; readonly close: RegExp }[] = [
  // Harmony, where a server left its marks out.
  { open: /^analysis(?=\S)/u, close: /assistantfinal/u },
  { open: /^here(?:'s|’s| is) my thought process:/iu, close: /here(?:'s|’s| is) my response:/iu },
  // `ollama run` and the like.
  { open: /^thinking(?:\.\.\.|…)\s*\n/iu, close: /^(?:\.\.\.|…)done thinking\.?\s*$/imu },
];

/** The answer that people may see; empty where there are only thoughts. */
export function withoutThoughts(answer: string): string {
  const filter = new ThoughtFilter();
  const [first, last] = [filter.push(answer), filter.end()];
  return withoutWords(last.startsOver ? last.text : first.text + last.text);
}

/** The same for words alone. */
export function withoutWords(answer: string): string {
  const text = answer.trimStart();
  for (const { open, close } of WORDS) {
    const end = open.test(text) ? close.exec(text) : null;
    if (end) return text.slice(end.index + end[0].length).trimStart();
  }
  return answer;
}
