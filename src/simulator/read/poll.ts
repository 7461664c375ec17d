// Reads Messages' polls and the votes on them.

import { COLUMN, POLL_BALLOON, knowsReactions } from "./row-columns.ts";
import { rowSender } from "./reply-parent.ts";
import { integer, text } from "./store.ts";
import type { MessageStore, Row } from "./store.ts";

/** What can be chosen. */
export interface PollOption {
  readonly id: string;
  readonly text: string;
}

/** What somebody chose. A row of votes holds all that its sender has chosen now. */
export interface PollVote {
  readonly option_id: string;
  readonly option_text?: string;
  readonly participant?: string;
  readonly event_type: string;
}

/** A poll, or votes on one, as imsg tells it. */
export interface Poll {
  readonly kind: "created" | "vote" | "unknown";
  readonly event: string;
  readonly poll_guid?: string;
  readonly question?: string;
  readonly options?: readonly PollOption[];
  readonly vote?: PollVote;
  readonly votes?: readonly PollVote[];
  readonly original_guid?: string;
  readonly creator?: string;
}

/** The type of a row that votes. */
export const VOTE_TYPE = 4000;

/**
 * What a poll's `payload_data` holds here: JSON, which imsg reads too. Messages writes the same words into an archive of
 * its own.
 */
export interface PollPayload {
  readonly title?: string;
  readonly creatorHandle?: string;
  readonly orderedPollOptions?: readonly { optionIdentifier: string; text: string }[];
  readonly votes?: readonly { voteOptionIdentifier: string; participantHandle?: string }[];
}

/** The poll a row of messageColumns is, or votes on; undefined for every other row. */
export function readPoll(store: MessageStore, row: Row): Poll | undefined {
  const isVote = integer(row[COLUMN.associatedType]) === VOTE_TYPE;
  if (!isVote && !isPollBalloon(text(row[COLUMN.balloonBundleId]))) return undefined;
  const payload = parsePollPayload(row[COLUMN.pollPayload]);
  if (payload === undefined && isVote && !isPollBalloon(text(row[COLUMN.balloonBundleId]))) return undefined;
  const guid = text(row[COLUMN.guid]);
  if (isVote || payload?.votes !== undefined) return votesOf(store, row, payload);
  if (payload?.orderedPollOptions === undefined) {
    return { kind: "unknown", event: "imessage.poll.unknown", poll_guid: guid };
  }
  const question = payload.title || captionOf(store, guid);
  return {
    kind: "created",
    event: "imessage.poll.created",
    poll_guid: guid,
    ...(question === undefined ? {} : { question }),
    options: optionsIn(payload),
    creator: payload.creatorHandle ?? rowSender(row),
  };
}

/** The options of a poll, in their order; none when there is no poll of that guid. */
export function pollOptions(store: MessageStore, guid: string): PollOption[] {
  const [payload] = store.first("SELECT payload_data FROM message WHERE guid = ?", guid) ?? [];
  return optionsIn(parsePollPayload(payload));
}

function votesOf(store: MessageStore, row: Row, payload: PollPayload | undefined): Poll {
  const target = text(row[COLUMN.associatedGuid]);
  const guid = target.slice(target.lastIndexOf("/") + 1) || text(row[COLUMN.guid]);
  const names = new Map(pollOptions(store, guid).map((option) => [option.id, option.text]));
  const votes = payload?.votes?.map(({ voteOptionIdentifier, participantHandle }) => {
    const optionText = names.get(voteOptionIdentifier);
    return {
      option_id: voteOptionIdentifier,
      ...(optionText === undefined ? {} : { option_text: optionText }),
      participant: participantHandle ?? rowSender(row),
      event_type: "selected",
    };
  });
  const about = { poll_guid: guid, original_guid: guid };
  if (votes === undefined) return { kind: "unknown", event: "imessage.poll.unknown", ...about };
  const [first] = votes; // of a row that takes all votes back there is none
  return {
    kind: "vote",
    event: "imessage.poll.voted",
    ...about,
    ...(first === undefined ? {} : { vote: first, votes }),
  };
}

/** Messages writes a poll's question as a message of its own behind the poll. */
function captionOf(store: MessageStore, guid: string): string | undefined {
  if (!knowsReactions(store) || !store.has("message", "reply_to_guid")) return undefined;
  const unthreaded = store.has("message", "thread_originator_guid")
    ? " AND m.thread_originator_guid IS NULL"
    : "";
  const sql = `SELECT m.text, m.attributedBody FROM message m
    WHERE m.reply_to_guid = ? AND m.associated_message_type = 0${unthreaded} ORDER BY m.date LIMIT 1`;
  const [plain, body] = store.first(sql, guid) ?? [];
  const words = text(plain) || (body instanceof Uint8Array ? store.bodyText(body) : "");
  return words.trim() || undefined;
}

/** The options a payload names. */
export function optionsIn(payload: PollPayload | undefined): PollOption[] {
  return (payload?.orderedPollOptions ?? []).map((option) => ({
    id: option.optionIdentifier,
    text: option.text,
  }));
}

function isPollBalloon(bundle: string): boolean {
  return bundle.split(":").at(-1) === POLL_BALLOON.split(":").at(-1);
}

/** What `payload_data` says; undefined for anything else than a poll of the stand-in. */
export function parsePollPayload(blob: Row[number] | undefined): PollPayload | undefined {
  if (!(blob instanceof Uint8Array)) return undefined;
  try {
    return JSON.parse(Buffer.from(blob).toString("utf8")) as PollPayload;
  } catch {
    return undefined; // as Messages itself writes it: not read here
  }
}
