// The files of a turn: asked for once it has begun, held while its agent runs.
import type { EntryId } from "../model/ids.ts";
import type { TakenFile } from "../model/media.ts";
import type { InboundMessage } from "../model/message.ts";
import type { Turn, TurnFiles, TurnMessage } from "../model/turn.ts";
import { plainLine } from "../model/plain-line.ts";
import { transcriptOf } from "../rules/transcript.ts";
import type { AccountContext, Frame } from "./frame.ts";

/** Of a file that is missing, in characters. */
const LONGEST_NAME = 200;

/** Files that a turn has. */
export interface HeldFiles {
  readonly files: TurnFiles;
  /** One line on what was taken and what was not; empty without files. */
  readonly remark: string;
  /** The turn is over. Contract: once. */
  release(): void;
}

/** Of a turn that has no files, or whose files are not taken. */
const NONE: HeldFiles = { files: new Map(), remark: "", release: () => {} };

/** True when there are files to ask for. */
export function hasFiles(turn: Turn, { account }: Frame): boolean {
  return account.media.isTaken && everyMessage(turn).some(({ message }) => message.attachments.length > 0);
}

/** Takes the files of a turn. Contract: never rejects, and settles soon after the signal. */
export async function takeFiles(
  turn: Turn,
  { account }: Frame,
  { context, signal }: { readonly context: AccountContext; readonly signal: AbortSignal },
): Promise<HeldFiles> {
  if (!account.media.isTaken) return NONE;
  const messages = everyMessage(turn);
  const wanted = messages.flatMap(({ message }) =>
    message.attachments.map((attachment) => ({ attachment, sentAtMs: message.createdAtMs })),
  );
  const take = async (): Promise<readonly TakenFile[]> => {
    try {
      return await context.media.take(turn.accountId, wanted, {
        conversationId: turn.conversationId,
        settings: account.media,
        signal,
      });
    } catch (cause) {
      // An answer without the files is better than none.
      context.log.error("the files of a turn could not be taken", { turnId: turn.id, cause: String(cause) });
      return wanted.map(({ attachment: { name } }) => missing(name));
    }
  };
  const taken = wanted.length === 0 ? [] : await take();
  const files = new Map<EntryId, readonly TakenFile[]>();
  let next = 0;
  for (const { entryId, message } of messages) {
    const end = next + message.attachments.length;
    files.set(entryId, withTranscript(taken.slice(next, end), message));
    next = end;
  }
  return { files, remark: taken.map(describe).join("; "), release: () => context.media.release(taken) };
}

function missing(name: string): TakenFile {
  return {
    kind: "missing",
    name: plainLine(name, LONGEST_NAME) || "file",
    because: "it could not be copied",
  };
}

function everyMessage({ context, messages }: Turn): readonly TurnMessage[] {
  return [...context, ...messages];
}

function withTranscript(files: readonly TakenFile[], message: InboundMessage): readonly TakenFile[] {
  return files.map((file) => {
    if (file.kind === "missing") return file;
    const transcript = transcriptOf(message, file.mimeType);
    return transcript === undefined ? file : { ...file, transcript };
  });
}

function describe(file: TakenFile): string {
  if (file.kind === "missing") return `file ${file.name} missing: ${file.because}`;
  return `file ${file.name} taken${file.note === "" ? "" : ` (${file.note})`}`;
}
