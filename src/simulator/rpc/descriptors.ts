// The methods of imsg from 0.14 that the stand-in plays: their lane and what they need to work.

import type { Dialect } from "../release.ts";
import type { Lane } from "./lanes.ts";

/** A method as `status` reports it. */
export interface Descriptor {
  readonly lane: Lane;
  /** Listed only while the database is readable. */
  readonly needsDatabase: boolean;
  /** Refused with -32003, and not listed, without the bridge. */
  readonly needsBridge: boolean;
}

const control: Descriptor = { lane: "control", needsDatabase: false, needsBridge: false };
const read: Descriptor = { lane: "read", needsDatabase: true, needsBridge: false };
const mutation: Descriptor = { lane: "mutation", needsDatabase: false, needsBridge: false };
const bridged: Descriptor = { lane: "mutation", needsDatabase: false, needsBridge: true };

/** Every method by name: first those of 0.9.0, in the order it lists them, then what came later. */
export const DESCRIPTORS: Readonly<Record<string, Descriptor>> = {
  "chats.list": read,
  "chats.create": bridged,
  "chats.delete": bridged,
  "chats.markUnread": bridged,
  "messages.history": read,
  "watch.subscribe": { ...control, needsDatabase: true },
  "watch.unsubscribe": control,
  send: mutation,
  "send.rich": bridged,
  "send.attachment": bridged,
  tapback: bridged,
  typing: mutation,
  read: mutation,
  "message.edit": bridged,
  "message.unsend": bridged,
  "message.delete": bridged,
  "message.notifyAnyways": bridged,
  "group.rename": bridged,
  "group.setIcon": bridged,
  "group.addParticipant": bridged,
  "group.removeParticipant": bridged,
  "group.leave": bridged,
  initialize: control,
  status: { ...read, needsDatabase: false },
  "messages.search": read,
  "messages.after": read,
  "message.send_status": read,
  "send.tracked": { ...bridged, needsDatabase: true },
};

const SINCE_V1 = [
  "initialize",
  "status",
  "messages.search",
  "messages.after",
  "message.send_status",
  "send.tracked",
];

/** The names of all methods of a generation. */
export function methodNames(dialect: Dialect): string[] {
  const names = Object.keys(DESCRIPTORS);
  return dialect === "v1" ? names : names.filter((name) => !SINCE_V1.includes(name));
}

/** The names of the methods that work now. */
export function usableMethods(state: { database: boolean; bridge: boolean }): string[] {
  return Object.entries(DESCRIPTORS)
    .filter(([, { needsDatabase }]) => state.database || !needsDatabase)
    .filter(([, { needsBridge }]) => state.bridge || !needsBridge)
    .map(([name]) => name);
}

/** What imsg says of a bridge that is not there. */
export const NO_BRIDGE = "The bridge is not started. Run imsg launch explicitly before using bridge methods.";
