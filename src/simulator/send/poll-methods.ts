// The bridge methods about polls: send one, vote, take a vote back.

import type { MethodHandler } from "../rpc/context.ts";
import { invalidParams } from "../rpc/error.ts";
import type { PollOption } from "../read/poll.ts";
import { chosenOptions, findPoll, pollColumns, writeVote } from "../write-poll.ts";
import type { StoredPoll } from "../write-poll.ts";
import { bridgeMethod, refused } from "./bridge-method.ts";
import type { BridgeCall } from "./bridge-method.ts";
import { deliver } from "./deliver.ts";
import { REPLY_ALIASES } from "./params.ts";
import type { Params } from "./params.ts";

const CREATED = "imessage.poll.created";
const SEND_KEYS = [
  "question",
  "options",
  "option",
  "comment",
  "suppress_comment",
  "suppressComment",
  "creator_handle",
  "creatorHandle",
  "reply_to",
  ...REPLY_ALIASES,
];
const POLL_ALIASES = ["pollGuid", "poll_message_guid", "message_guid", "message_id"];
const VOTE_KEYS = [
  "poll_guid",
  ...POLL_ALIASES,
  "option_id",
  "optionId",
  "optionIdentifier",
  "option_index",
  "optionIndex",
  "option",
  "option_text",
];

/** The methods by name. */
export const pollMethods: Readonly<Record<string, MethodHandler>> = {
  "poll.send": sendMethod("poll.send"),
  "messages.poll.send": sendMethod("messages.poll.send"),
  "poll.vote": voteMethod("poll.vote", false),
  "messages.poll.vote": voteMethod("messages.poll.vote", false),
  "poll.unvote": voteMethod("poll.unvote", true),
  "polls.unvote": voteMethod("polls.unvote", true),
  "messages.poll.unvote": voteMethod("messages.poll.unvote", true),
};

interface PollRequest {
  readonly question: string;
  readonly options: readonly string[];
  /** The text behind the poll: a poll itself shows no question. */
  readonly comment: string;
  readonly creator: string | undefined;
  readonly replyTo: string | undefined;
}

function sendMethod(name: string): MethodHandler {
  return bridgeMethod({ name, action: "send-poll", keys: SEND_KEYS, read: readPollRequest, act: sendPoll });
}

function readPollRequest(params: Params): PollRequest {
  const question = params.string("question") ?? "";
  if (question === "") throw invalidParams("question is required");
  const given = params.strings("options", ["option"]);
  if (given === undefined) throw invalidParams("options is required");
  const options = given.map((text) => text.trim()).filter((text) => text !== "");
  if (options.length < 2) throw invalidParams("at least two poll options are required");
  const comment = params.string("comment") || undefined;
  const isSuppressed = params.boolean("suppress_comment", ["suppressComment"]) ?? false;
  if (isSuppressed && comment !== undefined) {
    throw invalidParams("comment and suppress_comment are mutually exclusive");
  }
  return {
    question,
    options,
    comment: isSuppressed ? "" : (comment ?? question),
    creator: params.string("creator_handle", ["creatorHandle"]) || undefined,
    replyTo: params.string("reply_to", REPLY_ALIASES) || undefined,
  };
}

async function sendPoll(call: BridgeCall<PollRequest>): Promise<object> {
  const { context, chat, method, request } = call;
  const { question, replyTo } = request;
  const creator = request.creator ?? call.writer.selfHandles[0];
  const { columns, options } = pollColumns(question, request.options, creator);
  const outgoing = { method, transport: "bridge", text: "", file: "", replyTo, columns } as const;
  const { row, silent } = await deliver(context, outgoing, () => chat);
  if (silent) return new Promise(() => {});
  return {
    event: CREATED,
    ...(row === undefined ? {} : { guid: row.guid, message_id: row.guid }),
    comment: await sendComment(call),
    poll: { kind: "created", event: CREATED, question, options },
  };
}

/** The poll has gone out: whatever happens to its caption is told beside it. */
async function sendComment({ context, chat, method, request }: BridgeCall<PollRequest>): Promise<object> {
  if (request.comment === "") return { requested: false, sent: false };
  const outgoing = { method, transport: "bridge", text: request.comment, file: "" } as const;
  try {
    const { row } = await deliver(context, outgoing, () => chat);
    if (row !== undefined) return { requested: true, sent: true, verified: true, message_guid: row.guid };
  } catch {
    // told below
  }
  return {
    requested: true,
    sent: null,
    verified: false,
    disposition: "may_have_completed",
    retry_safe: false,
    error: "The caption's delivery was not observed.",
  };
}

type Chosen = { readonly key: "id" | "index" | "text"; readonly value: string };

function voteMethod(name: string, isTakenBack: boolean): MethodHandler {
  return bridgeMethod({
    name,
    action: isTakenBack ? "send-poll-unvote" : "send-poll-vote",
    keys: VOTE_KEYS,
    read: readVote,
    act: (call) => vote(call, isTakenBack),
  });
}

function readVote(params: Params): { guid: string; chosen: Chosen } {
  const guid = params.string("poll_guid", POLL_ALIASES) ?? "";
  if (guid === "") throw invalidParams("poll_guid is required");
  const index = params.integer("option_index", ["optionIndex"]);
  const given: readonly [Chosen["key"], string | undefined][] = [
    ["id", params.string("option_id", ["optionId", "optionIdentifier"])],
    ["index", index === undefined ? undefined : String(index)],
    ["text", params.string("option")],
  ];
  const [chosen, second] = given.flatMap(([key, value]) => (value === undefined ? [] : [{ key, value }]));
  if (chosen === undefined || second !== undefined) {
    throw invalidParams("exactly one of option_id, option_index, or option is required");
  }
  return { guid, chosen };
}

function vote(call: BridgeCall<ReturnType<typeof readVote>>, isTakenBack: boolean): object {
  const { writer, request, context, action } = call;
  const poll = findPoll(writer, request.guid);
  if (poll === undefined) throw invalidParams(`poll ${request.guid} not found or not decodable`);
  const option = optionOf(poll, request.chosen);
  const chosen = chosenOptions(writer, poll, undefined);
  if (isTakenBack && !chosen.includes(option.id)) {
    throw invalidParams(`option_id ${option.id} is not currently selected`);
  }
  const others = chosen.filter((id) => id !== option.id);
  if (poll.chat.id !== call.chat.id) throw refused(context, action, "Poll not found");
  const options = isTakenBack ? others : [...others, option.id];
  const row = writer.transaction(() => writeVote(writer, poll, { from: undefined, options }));
  return {
    event: isTakenBack ? "imessage.poll.unvoted" : "imessage.poll.voted",
    poll_guid: poll.guid,
    option_id: option.id,
    option_text: option.text,
    ...(isTakenBack ? { remaining_option_ids: others } : {}),
    guid: row.guid,
    message_id: row.guid,
  };
}

function optionOf(poll: StoredPoll, { key, value }: Chosen): PollOption {
  const wanted = value.trim().toLowerCase();
  const found = poll.options.find((option, index) => {
    if (key === "id") return option.id === value;
    return key === "index" ? String(index + 1) === value : option.text.toLowerCase() === wanted;
  });
  const name = key === "text" ? "option" : `option_${key}`;
  if (found === undefined) throw invalidParams(`${name} ${value} is not an option of poll ${poll.guid}`);
  return found;
}
