// How a failed command ends: exit code, two lines on stderr or one JSON object on stdout.
import { toGatewayError, type ErrorCode } from "../model/errors.ts";
import { escapeLine, renderJson } from "../model/plain-line.ts";

/** Exit codes that are not 1. */
const EXIT_CODES: Partial<Record<ErrorCode, number>> = {
  "cli/usage": 2,
  "send/bad-target": 2,
  "config/invalid": 3,
  "config/unsupported": 3,
  "config/unreadable": 3,
  "state/unsafe": 3,
  "gateway/not-running": 4,
};

/** 1 it failed; 2 wrong usage; 3 config invalid; 4 the gateway is not running. */
export function exitCodeOf(thrown: unknown): number {
  return EXIT_CODES[toGatewayError(thrown).code] ?? 1;
}

/** What a failed command prints. */
export interface FailureText {
  readonly stdout: string;
  readonly stderr: string;
}

/** One line that says what is wrong, one that says what to do; with `verbose`, where it comes from. */
export function renderFailure(
  thrown: unknown,
  how: { readonly json: boolean; readonly verbose: boolean },
): FailureText {
  const { code, message, hint } = toGatewayError(thrown);
  const trace = how.verbose ? renderTrace(thrown) : "";
  if (how.json) return { stdout: renderJson({ error: { code, message, hint } }, 2), stderr: trace };
  return {
    stdout: "",
    stderr: [escapeLine(message), escapeLine(hint), trace].filter(Boolean).join("\n"),
  };
}

function renderTrace(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const stack = thrown.stack ?? String(thrown);
  return thrown.cause === undefined ? stack : `${stack}\nCaused by: ${renderTrace(thrown.cause)}`;
}
