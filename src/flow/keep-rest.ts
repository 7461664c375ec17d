// What is left of an answer that is too long for its messages, as a file of its own.
import { toGatewayError } from "../model/errors.ts";
import type { OutboundFile } from "../model/media.ts";
import type { AccountContext, Frame } from "./frame.ts";

/** As people see it. */
const NAME = "Rest of the answer.txt";
/** Phones take a text without it for Latin-1. */
const BYTE_ORDER_MARK = "\ufeff";
/** For a copy on this machine. */
const LIMIT_MS = 60_000;

/** Keeps it. The answer is the file, or why there is none. Contract: never rejects. */
export async function keepRest(
  rest: string,
  { filesOut, log }: Pick<AccountContext, "filesOut" | "log">,
  { account }: Frame,
): Promise<OutboundFile | string> {
  try {
    const path = await filesOut.keep(Buffer.from(BYTE_ORDER_MARK + rest), NAME);
    return await filesOut.outgoing(path, {
      roots: [filesOut.folderPath],
      maxBytes: account.media.maxBytes,
      // Not the turn's: what an agent has said is said, even where the gateway is about to stop.
      signal: AbortSignal.timeout(LIMIT_MS),
      title: NAME,
    });
  } catch (cause) {
    const reason = toGatewayError(cause).message;
    log.error(`the rest of an answer could not be kept as a file: ${reason}`);
    return reason;
  }
}
