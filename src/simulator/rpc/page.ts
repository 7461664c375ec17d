// `messages.after`: one page of rows behind a cursor, in row order, over all chats.

import { messagesAfter } from "../read/queries.ts";
import type { Message } from "../read/message.ts";
import { wireNumber } from "../read/store.ts";
import type { Whole } from "../read/store.ts";
import { BalloonMemory } from "../read/url-balloon.ts";
import type { Database } from "./database.ts";
import { invalidParams } from "./error.ts";
import { payloadsOf } from "./reading.ts";
import type { WatchSource } from "./subscriptions.ts";
import { StrictParams } from "./strict-params.ts";

const MAX_LIMIT = 500;
const KEYS = ["since_rowid", "chat_id", "limit", "attachments", "convert_attachments", "include_reactions"];

interface PageRequest {
  readonly afterRowId: Whole;
  readonly chatId: number | undefined;
  readonly limit: number;
  readonly includeReactions: boolean;
}

interface Page {
  readonly messages: Message[];
  /** The last row looked at, shown or not. */
  readonly nextRowId: Whole;
  readonly hasMore: boolean;
}

/** Answers the method. */
export function readPage(raw: unknown, database: Database): object {
  const params = new StrictParams(raw, "messages.after", KEYS);
  const afterRowId = params.int64("since_rowid");
  if (afterRowId === undefined || afterRowId < 0) {
    throw invalidParams("since_rowid must be a non-negative integer");
  }
  const chatId = params.integer("chat_id");
  if (chatId !== undefined && chatId <= 0) throw invalidParams("chat_id must be a positive integer");
  const limit = params.integer("limit") ?? 100;
  if (limit < 1 || limit > MAX_LIMIT) throw invalidParams("limit must be an integer between 1 and 500");
  const includeReactions = params.boolean("include_reactions") ?? false;
  const options = {
    attachments: params.boolean("attachments") ?? false,
    convert: params.boolean("convert_attachments") ?? false,
  };
  const source = database.source();
  const page = scan(source, { afterRowId, chatId, limit, includeReactions });
  return {
    messages: payloadsOf(page.messages, source, options),
    next_rowid: wireNumber(page.nextRowId),
    has_more: page.hasMore,
  };
}

/** A link preview is looked at and not shown, so a page may take more rows than it holds messages. */
function scan({ store }: WatchSource, request: PageRequest): Page {
  const balloons = new BalloonMemory();
  const messages: Message[] = [];
  let nextRowId = request.afterRowId;
  for (;;) {
    const wanted = request.limit + 1;
    const batch = messagesAfter(store, { ...request, afterRowId: nextRowId, limit: wanted });
    for (const message of batch.messages) {
      if (messages.length === request.limit) return { messages, nextRowId, hasMore: true };
      nextRowId = message.extras?.preview?.rowId ?? message.rowId;
      if (!balloons.isRepeat(message)) messages.push(message);
    }
    if (messages.length < request.limit || batch.rows < wanted) nextRowId = batch.lastRowId;
    if (batch.rows < wanted) return { messages, nextRowId, hasMore: false };
  }
}
