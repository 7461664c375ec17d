// What an agent said, made ready to be sent: the files it names checked and copied, its Markdown as what Messages can show.
import type { Log } from "../lib/log.ts";
import { toGatewayError } from "../model/errors.ts";
import { plainText, type FormattedText } from "../model/formatting.ts";
import type { Media, OutboundFile } from "../model/media.ts";
import { withoutBlankStart } from "../model/text-ends.ts";
import { splitAnswer } from "../rules/agent-files.ts";
import { hasMarks } from "../rules/markdown-marks.ts";

/** Files one answer may have; those after it stay in the text. */
const MOST_FILES = 10;

/** An answer in pieces, in order: texts as the agent wrote them, and files. */
export interface TakenAnswer {
  readonly pieces: readonly (string | OutboundFile)[];
  /** Why files that the answer names are not sent, each as a sentence; their lines are in the text. */
  readonly refused: readonly string[];
}

/** An answer that is sent as it is. */
export function plainAnswer(text: string): TakenAnswer {
  return { pieces: [text], refused: [] };
}

/** The files of an answer. */
export function filesOf(pieces: TakenAnswer["pieces"]): readonly OutboundFile[] {
  return pieces.filter((one) => typeof one !== "string");
}

/**
 * Takes the files that a Markdown answer, or a part of one (`taken` files were taken before), names. A caption becomes the end of the text
 * before its file.
 *
 * Contract: never rejects. Once the signal is aborted what is answered is good for nothing.
 */
export async function takeAnswer(
  markdown: string,
  media: Pick<Media, "outgoing">,
  { taken: before = 0, ...by }: Parameters<Media["outgoing"]>[1] & { readonly taken?: number },
): Promise<TakenAnswer> {
  const pieces: (string | OutboundFile)[] = [];
  const refused: string[] = [];
  let text = "";
  for (const piece of splitAnswer(markdown)) {
    if (piece.kind === "text") {
      text += piece.text;
      continue;
    }
    const files = before + filesOf(pieces).length;
    const taken =
      files < MOST_FILES
        ? await tryTake(piece.source, media, { ...by, title: piece.title })
        : tooMany(piece.source);
    if (typeof taken === "string") {
      refused.push(taken);
      text += piece.line;
    } else {
      const said = [text.trimEnd(), piece.caption].filter((one) => one.trim() !== "").join("\n\n");
      if (said !== "") pieces.push(said);
      pieces.push(taken);
      text = "";
    }
  }
  if (pieces.length === 0 || text.trim() !== "")
    pieces.push(pieces.length === 0 ? text : withoutBlankStart(text));
  return { pieces, refused };
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

async function tryTake(
  source: string,
  media: Pick<Media, "outgoing">,
  by: Parameters<Media["outgoing"]>[1],
): Promise<OutboundFile | string> {
  try {
    return await media.outgoing(source, by);
  } catch (cause) {
    return toGatewayError(cause).message;
  }
}

function tooMany(source: string): string {
  return `${source} is one too many: an answer has ${MOST_FILES} files at most.`;
}
