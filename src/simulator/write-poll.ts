// Writes Messages' polls and the votes on them.

import { randomUUID } from "node:crypto";
import type { SQLInputValue } from "node:sqlite";
import type { PollOption, PollPayload } from "./read/poll.ts";
import { VOTE_TYPE, optionsIn, parsePollPayload } from "./read/poll.ts";
import { POLL_BALLOON } from "./read/row-columns.ts";
import { findChatById } from "./write-chats.ts";
import type { Chat } from "./write-chats.ts";
import type { MessageWriter, WrittenMessage } from "./write.ts";

/** A poll of the database. */
export interface StoredPoll {
  readonly guid: string;
  readonly chat: Chat;
  readonly options: readonly PollOption[];
}

/** The columns that make a row a poll. */
export function pollColumns(
  question: string,
  texts: readonly string[],
  creator: string | undefined,
): { columns: Record<string, SQLInputValue>; options: PollOption[] } {
  const options = texts.map((text) => ({ id: randomUUID().toUpperCase(), text }));
  const columns = balloon({
    title: question,
    orderedPollOptions: options.map(({ id, text }) => ({ optionIdentifier: id, text })),
    ...(creator === undefined ? {} : { creatorHandle: creator }),
  });
  return { columns, options };
}

/** The poll of that guid; undefined when there is none, or its options cannot be read. */
export function findPoll(writer: MessageWriter, guid: string): StoredPoll | undefined {
  const row = writer.first(
    `SELECT m.guid, m.payload_data, cmj.chat_id FROM message m JOIN chat_message_join cmj ON cmj.message_id = m.ROWID
       WHERE m.guid = ? COLLATE NOCASE LIMIT 1`,
    guid.slice(guid.lastIndexOf("/") + 1),
  );
  const options = optionsIn(parsePollPayload(row?.["payload_data"]));
  const chat = row === undefined ? undefined : findChatById(writer, Number(row["chat_id"]));
  if (chat === undefined || options.length === 0) return undefined;
  return { guid: String(row?.["guid"]), chat, options };
}

/** What somebody has chosen now; `from` is absent for us. */
export function chosenOptions(writer: MessageWriter, poll: StoredPoll, from: string | undefined): string[] {
  const who = from === undefined ? "is_from_me = 1" : "is_from_me = 0 AND handle_id = ?";
  const row = writer.first(
    `SELECT payload_data FROM message WHERE associated_message_type = ${VOTE_TYPE} AND associated_message_guid = ?
       AND ${who} ORDER BY date DESC, ROWID DESC LIMIT 1`,
    poll.guid,
    ...(from === undefined ? [] : [writer.handleId(from, poll.chat.service)]),
  );
  const votes = parsePollPayload(row?.["payload_data"])?.votes ?? [];
  return votes.map((vote) => vote.voteOptionIdentifier);
}

/** Writes a vote: all that its sender has chosen from now on. Contract: call it inside a transaction. */
export function writeVote(
  writer: MessageWriter,
  poll: StoredPoll,
  vote: { readonly from: string | undefined; readonly options: readonly string[] },
): WrittenMessage {
  const participant = vote.from ?? writer.selfHandles[0];
  const written = writer.insert({
    text: "",
    service: poll.chat.service,
    handle: vote.from,
    isFromMe: vote.from === undefined,
    columns: {
      text: null,
      associated_message_guid: poll.guid,
      associated_message_type: VOTE_TYPE,
      cache_roomnames: poll.chat.roomName ?? null,
      ...balloon({
        votes: vote.options.map((id) => ({
          voteOptionIdentifier: id,
          ...(participant === undefined ? {} : { participantHandle: participant }),
        })),
      }),
    },
  });
  writer.join(poll.chat.id, written);
  return written;
}

function balloon(payload: PollPayload): Record<string, SQLInputValue> {
  return { balloon_bundle_id: POLL_BALLOON, payload_data: Buffer.from(JSON.stringify(payload)) };
}
