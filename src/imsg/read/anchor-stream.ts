// Looks for an anchor in the stream of a child of its own: legacy history shows no reactions, its stream does.
import { setTimeout as delay } from "node:timers/promises";
import type { AccountId } from "../../model/ids.ts";
import type { Anchor } from "../../model/journal.ts";
import { Link, type LinkOptions } from "../child/link.ts";
import { isAnchor } from "./database.ts";
import { parseMessage } from "./wire.ts";

/** How the child is started, and how long it may take. */
export interface StreamTransport extends Pick<LinkOptions, "command" | "args"> {
  readonly accountId: AccountId;
  readonly timeoutMs: number;
  /** Nothing for so long: the chat has no such row. */
  readonly quietMs: number;
}

const END_GRACE_MS = 500;

/**
 * True when the first row behind the anchor's predecessor is the anchor. The child is one of its own because link previews that a process
 * told once are swallowed in its later subscriptions. Rejects when it cannot be asked.
 */
export async function streamHolds(anchor: Anchor, transport: StreamTransport): Promise<boolean> {
  const first = Promise.withResolvers<boolean>();
  const link = new Link({
    command: transport.command,
    args: transport.args,
    onNoise: () => {},
    onNotification: (method, params) => {
      if (method === "message") first.resolve(holds(params["message"], anchor, transport.accountId));
      if (method === "error") first.resolve(false);
    },
  });
  const wake = new AbortController();
  try {
    const before = anchor.rowId - 1;
    const params = {
      chat_id: anchor.chatId,
      since_rowid: before === 0 ? -1 : before,
      include_reactions: true,
    };
    await link.call("watch.subscribe", params, transport.timeoutMs);
    const quiet = delay(transport.quietMs, false, { signal: wake.signal }).catch(() => false);
    const gone = link.ended.then((error) => {
      throw error;
    });
    return await Promise.race([first.promise, quiet, gone]);
  } finally {
    wake.abort();
    await link.close(END_GRACE_MS);
  }
}

function holds(message: unknown, anchor: Anchor, accountId: AccountId): boolean {
  try {
    return isAnchor(parseMessage(message, accountId), anchor);
  } catch {
    return false;
  }
}
