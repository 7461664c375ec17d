// The methods of imsg from 0.14 on: their lane and what they need to work.

import type { Dialect } from "../release.ts";
import type { Lane } from "./lanes.ts";

/** A method as `status` reports it. */
export interface Descriptor {
  readonly lane: Lane;
  /** Listed only while the database is readable. */
  readonly needsDatabase: boolean;
  /** The abilities of the bridge that it uses: any of them will do. Not listed without the bridge. */
  readonly selectors: readonly string[];
}

const control: Descriptor = { lane: "control", needsDatabase: false, selectors: [] };
const read: Descriptor = { lane: "read", needsDatabase: true, selectors: [] };
const mutation: Descriptor = { lane: "mutation", needsDatabase: false, selectors: [] };

function bridged(...selectors: string[]): Descriptor {
  return { ...mutation, selectors };
}

function stored(descriptor: Descriptor): Descriptor {
  return { ...descriptor, needsDatabase: true };
}

const POLL_SEND = bridged("pollPayloadMessage");
const POLL_VOTE = stored(bridged("pollVoteMessage"));

/** Every method by name, in the order `status` lists them. */
export const DESCRIPTORS: Readonly<Record<string, Descriptor>> = {
  initialize: control,
  status: { ...read, needsDatabase: false },
  "watch.unsubscribe": control,
  "chats.list": read,
  "messages.stats": read,
  "messages.history": read,
  "messages.search": read,
  "messages.after": read,
  "messages.scheduled": read,
  "watch.subscribe": stored(control),
  "bridge.events.subscribe": { ...control, selectors: ["eventLog"] },
  "message.send_status": read,
  send: mutation,
  "send.tracked": stored(bridged("clientMessageGuidReservation")),
  "chats.create": bridged("createChat"),
  "chats.delete": bridged("deleteChat", "removeChat"),
  "chats.markUnread": bridged("markChatUnread"),
  "send.rich": bridged("sendMessage"),
  "send.attachment": bridged("sendAttachment"),
  "send.multipart": stored(bridged("sendMultipart")),
  "send.sticker": stored(bridged("stickerSend")),
  "poll.send": POLL_SEND,
  "messages.poll.send": POLL_SEND,
  "poll.vote": POLL_VOTE,
  "messages.poll.vote": POLL_VOTE,
  "poll.unvote": POLL_VOTE,
  "polls.unvote": POLL_VOTE,
  "messages.poll.unvote": POLL_VOTE,
  tapback: bridged("sendReaction"),
  typing: mutation,
  read: mutation,
  "message.edit": bridged("editMessageItemTranslation", "editMessageItem", "editMessage"),
  "message.unsend": bridged("retractMessagePart"),
  "message.delete": bridged("deleteMessage"),
  "message.notifyAnyways": bridged("notifyAnyways"),
  "group.rename": bridged("setDisplayName"),
  "group.setIcon": bridged("updateGroupPhoto"),
  "group.addParticipant": bridged("addParticipant"),
  "group.removeParticipant": bridged("removeParticipant"),
  "group.leave": bridged("leaveChat"),
  "contacts.shouldShareContact": { lane: "read", needsDatabase: false, selectors: ["namePhotoShouldOffer"] },
  "contacts.shareContactCard": bridged("namePhotoShare"),
  "handles.check": { lane: "read", needsDatabase: false, selectors: ["checkIMessageAvailability"] },
};

/** Those of 0.9.0, in the order it lists them. */
const LEGACY: readonly string[] = [
  "chats.list",
  "chats.create",
  "chats.delete",
  "chats.markUnread",
  "messages.history",
  "watch.subscribe",
  "watch.unsubscribe",
  "send",
  "send.rich",
  "send.attachment",
  "tapback",
  "typing",
  "read",
  "message.edit",
  "message.unsend",
  "message.delete",
  "message.notifyAnyways",
  "group.rename",
  "group.setIcon",
  "group.addParticipant",
  "group.removeParticipant",
  "group.leave",
];

/** The names of all methods of a generation. */
export function methodNames(dialect: Dialect): readonly string[] {
  return dialect === "v1" ? Object.keys(DESCRIPTORS) : LEGACY;
}

/** The names of the methods that work now. */
export function usableMethods(state: { database: boolean; bridge: boolean }): string[] {
  return Object.entries(DESCRIPTORS)
    .filter(([, { needsDatabase }]) => state.database || !needsDatabase)
    .filter(([, { selectors }]) => state.bridge || selectors.length === 0)
    .map(([name]) => name);
}

/** What the bridge says it can do: everything that a method asks for. */
export function bridgeSelectors(): Record<string, boolean> {
  const names = Object.values(DESCRIPTORS).flatMap(({ selectors }) => selectors);
  return Object.fromEntries(names.filter((name) => name !== "eventLog").map((name) => [name, true]));
}
