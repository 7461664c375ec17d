// What the RPC server asks before it starts, answers or writes, so that a test can make it misbehave.

/** What is certain about an operation that failed, in the words of imsg from 0.14. */
export type Disposition = "not_started" | "may_have_completed" | "still_in_flight";

/** How the next `send` goes wrong; the Mac's part is played by the send methods. */
export interface SendFault {
  readonly outcome:
    | "deliver-no-answer"
    | "deliver-exit"
    | "error-before"
    | "error-after"
    | "no-guid"
    | "ghost-row"
    | "no-row-yet"
    | "deliver-late";
  /** What an error claims; else what is true. */
  readonly disposition?: Disposition;
  /** The text of an error. */
  readonly message?: string;
  /** The AppleScript error number of an error. */
  readonly number?: number;
  /** For no-row-yet: after how many milliseconds Messages writes the row. For deliver-late: when it is sent. */
  readonly ms?: number;
  /** For no-guid: what Messages writes in the row in place of the text. */
  readonly text?: string;
}

/** Puts one whole line on stdout now, past every other fault; bytes need not be text. */
export type RawWrite = (line: string | Uint8Array) => void;

/** The misbehaviour in force. It may change while the program runs: every call asks anew. */
export interface Faults {
  /** Before the first line is read. May print a banner, may end the process, may keep `write` for lines it holds back. */
  onStart(write: RawWrite): Promise<void>;
  /** Before a method runs. May delay, may never settle (in dialect legacy this blocks all later requests too). */
  onRequest(method: string): Promise<"answer" | "drop">;
  /** The lines to write in place of this one: none, garbage around it, the line twice, lines held back earlier. */
  outgoing(line: string, kind: "response" | "notification"): (string | Uint8Array)[];
  /** After the lines of `outgoing` are queued. To end the process here, call `flush` first: it hands them to the pipe. */
  written(flush: () => void): void;
  /** True: subscriptions notice nothing and say nothing. */
  watchSilenced(): boolean;
  /** A text: every subscription that asks gets a terminal `error` notification with it. Asked on each poll. */
  watchError(): string | undefined;
  /** How the `send` that is about to run fails; asked once a send. */
  send(): SendFault | undefined;
  /** True: the bridge into Messages is not there. */
  bridgeGone(): boolean;
  /** For how many milliseconds a sent row stands alone before it joins its chat; asked once a send. */
  unjoinedMs(): number;
  /** `listener` is called whenever the faults changed, so that subscriptions poll at once. */
  onChange(listener: () => void): void;
}

/** A program that behaves. */
export const NO_FAULTS: Faults = {
  onStart: () => Promise.resolve(),
  onRequest: () => Promise.resolve("answer"),
  outgoing: (line) => [line],
  written: () => {},
  watchSilenced: () => false,
  watchError: () => undefined,
  send: () => undefined,
  bridgeGone: () => false,
  unjoinedMs: () => 0,
  onChange: () => {},
};
