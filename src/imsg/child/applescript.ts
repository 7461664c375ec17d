// What AppleScript's numbers mean when imsg drives Messages, in words, each with what to do on the Mac.

/** One way in which Messages could not be driven. */
export interface AppleScriptTrouble {
  readonly number: number;
  /** What is wrong, as a clause: `Messages is not running`. */
  readonly what: string;
  /** One imperative sentence. */
  readonly fix: string;
  /** True for what stops every message, whoever it is for. */
  readonly stopsAll: boolean;
}

const NOT_ALLOWED = {
  what: "macOS does not let imsg control Messages",
  fix: "On the Mac, open System Settings → Privacy & Security → Automation and turn on Messages for the program that starts imsg.",
  stopsAll: true,
};
const NOT_RUNNING = {
  what: "Messages is not running",
  fix: "On the Mac, open Messages and check that it is signed in.",
  stopsAll: true,
};
const NO_ANSWER = {
  what: "Messages did not answer in time",
  fix: "On the Mac, answer any open dialog; if there is none, quit Messages and open it again.",
  stopsAll: true,
};

const TROUBLES: Readonly<Record<number, Omit<AppleScriptTrouble, "number">>> = {
  [-1743]: NOT_ALLOWED,
  [-1744]: NOT_ALLOWED,
  [-10_004]: NOT_ALLOWED,
  [-600]: NOT_RUNNING,
  [-609]: NOT_RUNNING,
  [-10_810]: NOT_RUNNING,
  [-1712]: NO_ANSWER,
  [-1728]: {
    what: "Messages cannot find this person or chat",
    fix: "Check the number or address, and that Messages on the Mac can start a chat with it.",
    stopsAll: false,
  },
};

/** imsg from 0.14 says nothing but the number, earlier ones end AppleScript's own sentence with it. */
const NUMBER = /AppleScript error (-\d{1,6})\b|\((-\d{1,6})\)\s*$/iu;

/** The trouble that an error text of imsg stands for; undefined when it names no number, or one that is not known. */
export function explainAppleScript(text: string): AppleScriptTrouble | undefined {
  const match = NUMBER.exec(text);
  const number = Number(match?.[1] ?? match?.[2]);
  const trouble = TROUBLES[number];
  return trouble && { number, ...trouble };
}
