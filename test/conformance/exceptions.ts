// Where the simulator may differ from the recordings, each with its reason.

import type { Session } from "./recording.ts";

/** Answers that are not compared: only that there is one. */
interface ExcusedAnswer {
  readonly file: string;
  readonly why: string;
  /** Whether this recorded answer is meant. */
  readonly excuses: (answer: { readonly error?: { readonly data?: unknown } }) => boolean;
}

const ONLY_ON_MACOS = /only (?:supported|available) on macOS|IMCoreBridgeError/u;

export const EXCUSED_ANSWERS: readonly ExcusedAnswer[] = [
  {
    file: "13-send-on-linux.jsonl",
    why: "Linux cannot send; the simulator plays a Mac, which can",
    excuses: ({ error }) => ONLY_ON_MACOS.test(String(error?.data)),
  },
  {
    file: "14-other-methods-on-linux.jsonl",
    why: "Linux has no bridge into Messages; the simulator answers as a Mac with or without one",
    excuses: ({ error }) => ONLY_ON_MACOS.test(String(error?.data)),
  },
];

/** Processes whose notifications may come under another subscription's number than recorded. */
export function subscriptionMayDiffer(session: Session): boolean {
  // imsg says a link preview once a process: which of two subscriptions has it depends on which polled first.
  return session.file === "10-watch-url-balloon.jsonl";
}

/** Commands that are not played. */
interface ExcusedCommand {
  readonly command: string;
  readonly why: string;
}

const MAC_ONLY = "Linux refuses what a Mac does; the simulator plays a Mac";
const NOT_PLAYED = "the simulator does not play this command";

export const EXCUSED_COMMANDS: readonly ExcusedCommand[] = [
  { command: "imsg send --to +14155551212 --text hi --db /data/chat.db", why: MAC_ONLY },
  { command: "imsg send --to +14155551212 --text hi --json --db /data/chat.db", why: MAC_ONLY },
  {
    command: "imsg react --chat-id 1 --reaction love --db /data/chat.db",
    why: "`react` is the simulator's own command: somebody else's tapback comes in",
  },
  { command: "imsg typing --to +14155551212", why: NOT_PLAYED },
  { command: "imsg launch", why: NOT_PLAYED },
  { command: "imsg account --json", why: NOT_PLAYED },
];

/** Keys of a command's JSON that are not compared. */
interface ExcusedKey {
  readonly key: string;
  readonly why: string;
}

export const EXCUSED_KEYS: readonly ExcusedKey[] = [
  { key: "message", why: "names the folders where Linux looked for the bridge's library" },
];
