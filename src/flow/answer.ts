// What an agent said, made ready to be sent: the files it names checked and copied, its Markdown as what Messages can show.
import type { Log } from "../lib/log.ts";
import { plainText, type FormattedText } from "../model/formatting.ts";
import type { Media, OutboundFile } from "../model/media.ts";
import { withoutBlankStart } from "../model/text-ends.ts";
import { splitAnswer } from "../rules/agent-files.ts";
import { hasMarks } from "../rules/markdown-marks.ts";
import type { FileBudget } from "./file-budget.ts";

/** An answer in pieces, in order: texts as the agent wrote them, and files. Lines that name files which are not sent are in the texts. */
export type AnswerPieces = readonly (string | OutboundFile)[];

/** The files of an answer. */
export function filesOf(pieces: AnswerPieces): readonly OutboundFile[] {
  return pieces.filter((one) => typeof one !== "string");
}

/** What an answer's files are taken with. */
export type TakeOptions = Omit<Parameters<Media["outgoing"]>[1], "title"> & {
  readonly budget: FileBudget;
  /** Messages that there is room for. */
  readonly most: number;
};

/**
 * Takes the files that a Markdown answer, or a part of one, names. A caption becomes the end of the text before its file.
 *
 * Contract: never rejects. Once the signal is aborted what is answered is good for nothing.
 */
export async function takeAnswer(
  markdown: string,
  media: Pick<Media, "outgoing">,
  { budget, most, ...by }: TakeOptions,
): Promise<AnswerPieces> {
  const pieces: (string | OutboundFile)[] = [];
  let text = "";
  for (const piece of splitAnswer(markdown)) {
    if (piece.kind === "text") {
      text += piece.text;
      continue;
    }
    const { source, title } = piece;
    // A text that comes with them has a place as well.
    const room = most - 1 - filesOf(pieces).length;
    const file = await budget.take(source, { room, signal: by.signal }, async (signal) =>
      media.outgoing(source, { ...by, signal, title }),
    );
    if (file === undefined) {
      text += piece.line;
    } else {
      const said = [text.trimEnd(), piece.caption].filter((one) => one.trim() !== "").join("\n\n");
      if (said !== "") pieces.push(said);
      pieces.push(file);
      text = "";
    }
  }
  if (pieces.length === 0 || text.trim() !== "")
    pieces.push(pieces.length === 0 ? text : withoutBlankStart(text));
  return pieces;
}

/** What people are to read. An agent's Markdown becomes what Messages can show; most answers have none, and load nothing. */
export async function formatMarkdown(text: string, log: Log): Promise<FormattedText> {
  if (!hasMarks(text)) return plainText(text);
  try {
    const { convertMarkdown } = await import("../rules/markdown.ts");
    return convertMarkdown(text);
  } catch (cause) {
    // An answer that looks odd is better than none.
    log.error("an answer's Markdown could not be converted; it goes out as it is", { cause: String(cause) });
    return plainText(text);
  }
}
