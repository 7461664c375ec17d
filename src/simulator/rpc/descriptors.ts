// The methods of imsg from 0.14 that the stand-in plays: their lane and what they need to work.

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

/** Every method by name, in the order `status` lists them. */
export const DESCRIPTORS: Readonly<Record<string, Descriptor>> = {
  initialize: control,
  status: { ...read, needsDatabase: false },
  "watch.unsubscribe": control,
  "chats.list": read,
  "messages.history": read,
  "messages.search": read,
  "messages.after": read,
  "watch.subscribe": { ...control, needsDatabase: true },
  "message.send_status": read,
  send: mutation,
  "send.tracked": { ...bridged, needsDatabase: true },
  "send.rich": bridged,
  "send.attachment": bridged,
  tapback: bridged,
  typing: mutation,
  read: mutation,
  "message.edit": bridged,
  "message.unsend": bridged,
  "group.rename": bridged,
  "group.setIcon": bridged,
  "group.addParticipant": bridged,
  "group.removeParticipant": bridged,
  "group.leave": bridged,
};

/** The names of the methods that work now. */
export function usableMethods(state: { database: boolean; bridge: boolean }): string[] {
  return Object.entries(DESCRIPTORS)
    .filter(([, { needsDatabase }]) => state.database || !needsDatabase)
    .filter(([, { needsBridge }]) => state.bridge || !needsBridge)
    .map(([name]) => name);
}

/** What imsg says of a bridge that is not there. */
export const NO_BRIDGE = "The bridge is not started. Run imsg launch explicitly before using bridge methods.";
