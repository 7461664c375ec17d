// What the RPC server asks before it starts, answers or writes, so that a test can make it misbehave.

/** How the next `send` goes wrong; the Mac's part is played by the send methods. */
export type SendFault =
  | "deliver-and-hang"
  | "error-before-delivery"
  | "error-after-delivery"
  | "answer-without-guid"
  | "ghost-row";

/** Puts one whole line on stdout now, past every other fault. */
export type RawWrite = (line: string) => void;

/** The misbehaviour in force. It may change while the program runs: every call asks anew. */
export interface Faults {
  /** Before the first line is read. May print a banner, may end the process, may keep `write` for lines it holds back. */
  onStart(write: RawWrite): Promise<void>;
  /** Before a method runs. May delay, may never settle (in dialect legacy this blocks all later requests too). */
  onRequest(method: string): Promise<"answer" | "drop">;
  /** The lines to write in place of this one: none, garbage around it, the line twice, lines held back earlier. */
  outgoing(line: string, kind: "response" | "notification"): string[];
  /** After the lines of `outgoing` are queued. To end the process here, call `flush` first: it hands them to the pipe. */
  written(flush: () => void): void;
  /** True: subscriptions notice nothing and say nothing. */
  watchSilenced(): boolean;
  /** A text: every subscription that asks gets a terminal `error` notification with it. Asked on each poll. */
  watchError(): string | undefined;
  /** How the `send` that is about to run fails; asked once a send. */
  send(): SendFault | undefined;
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
  onChange: () => {},
};
