// Tapbacks that arrive as a text, such as `Liked “…”`: phones write them where the other side cannot show a tapback.

/** Quotation marks of the languages below; some close with what others open with. */
const OPENING = /["“„«‟]/u;
const CLOSING = new Set(['"', "”", "“", "»", "‟"]);
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Cf}]/gu;
/** No phrase around a quotation is longer, in UTF-16 units. */
const LONGEST_PHRASE = 60;

/** What stands before a quotation, lowercased. From Apple's Messages, and from tables that other programs keep of it. */
const BEFORE = new Set(
  [
    "loved, liked, disliked, laughed at, emphasized, emphasised, questioned, removed a heart from, removed a like from",
    "removed a dislike from, removed a laugh from, removed an exclamation from, removed an exclamation mark from",
    "removed an exclamation point from, removed a question mark from, reacted with a sticker to, removed a sticker from",
    "le encantó, le gustó, no le gustó, le dio risa, exclamó por, dudó sobre",
    "a adoré, a aimé, n’a pas aimé, n'a pas aimé",
    "amou, curtiu, gostou de, não curtiu, não gostou de, riu de",
    "gefällt",
    "pokochał, polubił, znielubił, zaśmiał się z, podkreślił, zakwestionował, usunął serce z, usunął polubienie z",
    "usunął znielubienie z, usunął śmiech z, usunął okrzyk z, usunął znak zapytania z",
    "очень понравилось, понравилось, не понравилось, посмеялись над, отмечено, поставлен вопрос на",
    "milovaný, líbilo se, nelíbí se, smál se, zdůrazněno, odstraněno srdce z, odebrán lajk z, odstraněno nelíbí se z",
    "szívecske erre:, kedveli:, nem kedveli:, nevetett rajta:, kiemelte:, kérdezte:, szívecske eltávolítva erről:",
    "kedvelés eltávolítva erről:, nem kedvelés eltávolítva erről:, nevetés eltávolítva erről:",
  ].flatMap((line) => line.split(", ")),
);

/** The same around an emoji. */
const AROUND_EMOJI: readonly (readonly [before: string, after: string])[] = [
  ["reacted ", " to"],
  ["removed ", " from"],
  ["", " to"],
  ["reaccionó con ", " a"],
  ["a réagi avec ", " à"],
  ["a retiré ", " de"],
  ["entfernte ", " aus"],
  ["zareagował ", " na"],
  ["usunął ", " z"],
  ["reagoval ", " na"],
  ["odstraněno ", " z"],
  ["реакция ", " на"],
  ["реакция ", " удалена из"],
  ["", " reagált erre:"],
  ["", " eltávolítva innen:"],
];
const EMOJI = /^(?:[\p{Extended_Pictographic}\p{Emoji_Component}\p{Emoji_Modifier}]|\s)+$/u;

/** German puts the verb, or all of it, behind. */
const BEHIND = new Map([
  ["gefällt", ["nicht"]],
  [
    "",
    [
      "ein herz hinzugefügt",
      "ein lachen hinzugefügt",
      "ein ausrufezeichen hinzugefügt",
      "ein fragezeichen hinzugefügt",
    ],
  ],
]);

/** A tapback on something that has no words. */
const WITHOUT_QUOTATION =
  /^(?:(?:loved|liked|disliked|laughed at|emphasi[sz]ed|questioned|(?:reacted \S+ to)|(?:removed (?:a|an|\S+) ?[a-z ]{0,20} ?from)) (?:an?|\d{1,4}) (?:image|photo|picture|movie|video|attachment|audio message|voice message|contact|location|link|sticker|gif|file|document|memoji|digital touch message)s?|(?:le encantó|le gustó|no le gustó|le dio risa|exclamó por|dudó sobre) (?:una imagen|un video|un vídeo|un archivo adjunto))$/u;

/** True for a text that is nothing but a tapback put into words. */
export function isTextTapback(text: string): boolean {
  const seen = text
    .replace(UNSEEN, "")
    .replace(/[\u200A\u00A0\u202F]/gu, " ")
    .trim();
  const start = seen.search(OPENING);
  if (start === -1) return seen.length <= LONGEST_PHRASE && WITHOUT_QUOTATION.test(seen.toLowerCase());
  const end = lastClosing(seen);
  if (start > LONGEST_PHRASE || end <= start || seen.length - end > LONGEST_PHRASE) return false;
  const before = seen.slice(0, start).trim().toLowerCase();
  const behind = seen
    .slice(end + 1)
    .trim()
    .toLowerCase();
  if (behind !== "") return BEHIND.get(before)?.includes(behind) === true;
  return BEFORE.has(before) || AROUND_EMOJI.some((words) => isAround(before, words));
}

function isAround(phrase: string, [before, after]: readonly [string, string]): boolean {
  if (!phrase.startsWith(before) || !phrase.endsWith(after)) return false;
  const emoji = phrase.slice(before.length, phrase.length - after.length);
  // A digit is a part of some emoji, and no emoji by itself.
  return EMOJI.test(emoji) && /\p{Extended_Pictographic}|\p{Regional_Indicator}/u.test(emoji);
}

function lastClosing(text: string): number {
  for (let at = text.length - 1; at >= 0; at -= 1) if (CLOSING.has(text[at] ?? "")) return at;
  return -1;
}
