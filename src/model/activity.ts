// What people did with the gateway and what went wrong, a line each: who allowed what, config changes, sign-ins, failures.
import type { AccountId, ConversationId } from "./ids.ts";

export type ActivityKind = "pairing" | "approval" | "config" | "sign-in" | "outbox" | "session" | "failure";

/** Who did something, for people: `command line`, `chat +15551234567`, `page session 3`, `gateway`. */
export type Actor = string;

/** Something that is to be noted. */
export interface NewActivity {
  readonly atMs: number;
  readonly kind: ActivityKind;
  readonly actor: Actor;
  readonly accountId?: AccountId | undefined;
  readonly conversationId?: ConversationId | undefined;
  /** One sentence without a full stop; free of secrets. */
  readonly text: string;
}

/** The same, once it is noted. */
export interface ActivityEntry extends NewActivity {
  /** Later entries have greater ones. */
  readonly id: number;
}

/** Which entries, newest first. */
export interface ActivityPage {
  /** Undefined: of every kind. */
  readonly kind: ActivityKind | undefined;
  /** Entries before this one; undefined: from the newest on. */
  readonly before: number | undefined;
  readonly limit: number;
}

/** The record of activity. Contract: the newest 50,000 entries are kept. */
export interface Activity {
  note(activity: NewActivity): Promise<void>;
  list(page: ActivityPage): Promise<readonly ActivityEntry[]>;
}
