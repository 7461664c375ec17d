// The numbers Messages uses for tapbacks, and what imsg calls them.

/** What a tapback says. */
export interface ReactionKind {
  readonly type: "love" | "like" | "dislike" | "laugh" | "emphasis" | "question" | "custom";
  readonly emoji: string;
}

/** A message row that is a tapback put on or taken off another message. */
export interface ReactionEvent {
  /** Absent when the emoji of a custom tapback cannot be read from its text. */
  readonly kind: ReactionKind | undefined;
  readonly isAdd: boolean;
  readonly targetGuid: string;
}

const KINDS: readonly ReactionKind[] = [
  { type: "love", emoji: "❤️" },
  { type: "like", emoji: "👍" },
  { type: "dislike", emoji: "👎" },
  { type: "laugh", emoji: "😂" },
  { type: "emphasis", emoji: "‼️" },
  { type: "question", emoji: "❓" },
];
const CUSTOM = 6;

/** The number of a tapback added (2000 to 2006), whether the row adds or removes it; undefined for other rows. */
export function reactionNumber(associatedType: number): { number: number; isAdd: boolean } | undefined {
  if (associatedType >= 2000 && associatedType <= 2006) return { number: associatedType - 2000, isAdd: true };
  if (associatedType >= 3000 && associatedType <= 3006)
    return { number: associatedType - 3000, isAdd: false };
  return undefined;
}

/** What a tapback of this number says; a custom one is named by its row's text. */
export function reactionKind(number: number, rowText: string): ReactionKind | undefined {
  if (number !== CUSTOM) return KINDS[number];
  const emoji = customEmoji(rowText);
  return emoji === undefined ? undefined : { type: "custom", emoji };
}

/** Reads a row as a tapback event; undefined when it is none. */
export function reactionOfEvent(
  associatedType: number,
  associatedGuid: string,
  rowText: string,
): ReactionEvent | undefined {
  const found = reactionNumber(associatedType);
  if (found === undefined) return undefined;
  const rest = associatedGuid.slice(associatedGuid.lastIndexOf("/") + 1);
  return {
    kind: reactionKind(found.number, rowText),
    isAdd: found.isAdd,
    targetGuid: rest === "" ? associatedGuid : rest,
  };
}

const BEFORE = "Reacted ";
const BEHIND = " to ";

/** `Reacted 🎉 to “…”`: what stands between; in any other text the first emoji, for which a digit passes too. */
function customEmoji(rowText: string): string | undefined {
  const before = rowText.indexOf(BEFORE);
  const start = before + BEFORE.length;
  const end = before === -1 ? -1 : rowText.indexOf(BEHIND, start);
  if (end > start) return rowText.slice(start, end);
  for (const { segment } of new Intl.Segmenter().segment(rowText)) {
    if (/\p{Emoji}/u.test(segment)) return segment;
  }
  return undefined;
}
