// What a model is given with a message: the system prompt, as many earlier turns as the budget holds, and the prompt.
import type { EarlierTurn } from "../../model/turn.ts";
import { quoteLines } from "../../model/plain-line.ts";
import type { ModelFault } from "./fault.ts";

/** A part of a message that holds more than text. */
export type ContentPart =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "image_url"; readonly image_url: { readonly url: string } };

/** A message as the API takes it. */
export interface ChatMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string | readonly ContentPart[];
}

/** What goes to a model. */
export interface Conversation {
  /** The agent's and the group's; may be empty. */
  readonly system: readonly string[];
  /** Oldest first. */
  readonly earlier: readonly EarlierTurn[];
  readonly prompt: string;
  /** Data URLs. */
  readonly pictures: readonly string[];
  /** Whose message the prompt is, where a single person writes; undefined in groups: then everybody is named. */
  readonly sender: string | undefined;
}

/** What a message costs beside its text: role and marks. */
const TOKENS_A_MESSAGE = 4;

/**
 * A text's length in tokens, estimated: four ASCII characters are one, and so is any other character. That is near for English and code,
 * and too much rather than too little for other languages.
 */
export function estimateTokens(text: string): number {
  let ascii = 0;
  let others = 0;
  for (const character of text)
    if (character < "\u0080") ascii += 1;
    else others += 1;
  return Math.ceil(ascii / 4) + others;
}

/**
 * The newest turns that fit into a budget together, oldest first. A turn is whole or not there, and the first one that does not fit ends
 * the history: what is older would be out of context.
 */
export function chooseEarlier(earlier: readonly EarlierTurn[], maxTokens: number): readonly EarlierTurn[] {
  let left = maxTokens;
  let first = earlier.length;
  while (first > 0) {
    const turn = earlier[first - 1];
    left -= turn === undefined ? 0 : tokensOf(turn);
    if (left < 0) break;
    first -= 1;
  }
  return earlier.slice(first);
}

/** Told to a model that was to see pictures, and could not. */
const NOT_SHOWN = "[The pictures are not shown: the model's server did not take them]";

/**
 * What to ask instead after a refusal: half of the history, as long as there is any; then, and where the pictures are refused, the same
 * without them. Undefined: nothing less would help.
 */
export function shorten(
  conversation: Conversation,
  { remedy, isOfPictures }: ModelFault,
): Conversation | undefined {
  const { earlier, pictures, prompt } = conversation;
  const isTooLong = remedy === "less-history";
  if (isTooLong && earlier.length > 0)
    return { ...conversation, earlier: earlier.slice(Math.ceil(earlier.length / 2)) };
  if (pictures.length > 0 && (isTooLong || isOfPictures))
    return { ...conversation, pictures: [], prompt: `${prompt}\n\n${NOT_SHOWN}` };
  return undefined;
}

/** The messages, in the order in which a model reads them. One system message at most: many chat templates take no second one. */
export function composeMessages({
  system,
  earlier,
  prompt,
  pictures,
  sender,
}: Conversation): readonly ChatMessage[] {
  const instructions = system.filter((text) => text.trim() !== "").join("\n\n");
  const isNamed = earlier.some((turn) => turn.said.some((one) => one.sender !== sender));
  return [
    ...(instructions === "" ? [] : [{ role: "system", content: instructions } as const]),
    ...earlier.flatMap((turn) => composeTurn(turn, isNamed)),
    { role: "user", content: pictures.length === 0 ? prompt : withPictures(prompt, pictures) },
  ];
}

function tokensOf({ said, answered }: EarlierTurn): number {
  const texts = [...said.map(({ text }) => text), answered];
  return texts.reduce((sum, text) => sum + estimateTokens(text), 2 * TOKENS_A_MESSAGE);
}

/** Where several people write, each is named as a prompt of a group names them: what was said stands in lines that begin with `> `. */
function composeTurn({ said, answered }: EarlierTurn, isNamed: boolean): readonly ChatMessage[] {
  const texts = said.map(({ sender, text }) => {
    // U+FFFC stands for a file in a message's text.
    const written = text.replaceAll("\uFFFC", "").trim() || "(a file)";
    return isNamed ? `[Message from ${sender}]\n${quoteLines(written).join("\n")}` : written;
  });
  return [
    { role: "user", content: texts.join(isNamed ? "\n\n" : "\n") },
    { role: "assistant", content: answered },
  ];
}

function withPictures(prompt: string, pictures: readonly string[]): readonly ContentPart[] {
  return [
    { type: "text", text: prompt },
    ...pictures.map((url) => ({ type: "image_url", image_url: { url } }) as const),
  ];
}
