// Why a program could not be an agent, in words for the owner.
import type { AgentEvent } from "../model/turn.ts";

/** The last event of a turn that failed. */
export type Failure = Extract<AgentEvent, { kind: "failed" }>;

/** Failures to start that another try may get over: the machine was short of something. */
const PASSING_ERRORS: ReadonlySet<string> = new Set(["EAGAIN", "ENOMEM", "EMFILE", "ENFILE", "ETXTBSY"]);

/** A failure without a code of its own. */
export function failed(reason: string, passing = false): Failure {
  return { kind: "failed", code: "agent/failed", reason, passing };
}

/** The gateway ended it, or does without it. */
export const CLOSED = failed("the agent was closed while it ran", true);

/** The operating system could not start it. */
export function notStarted(error: NodeJS.ErrnoException, program: string): Failure {
  const code = error.code ?? "";
  if (code === "ENOENT") {
    const reason = `${program} (or the interpreter it names) is not there`;
    return { kind: "failed", code: "agent/not-found", reason, passing: false };
  }
  if (code === "EACCES") {
    const reason = `${program} may not be executed`;
    return { kind: "failed", code: "agent/not-found", reason, passing: false };
  }
  return failed(`${program} could not be started: ${error.message}`, PASSING_ERRORS.has(code));
}

/** It was ended for its memory. */
export function tooLarge(maxBytes: number | undefined): string {
  return `it took more memory than its limit of ${Math.round((maxBytes ?? 0) / 1024 ** 2)} MB (memoryMb), and was ended`;
}
