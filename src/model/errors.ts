// The one error of the product and the catalogue of its codes.

/** Every code there is, with the sentence `docs/errors.md` opens its entry with. */
export const ERROR_CATALOGUE = {
  "cli/usage": "The command line was not understood.",
  "cli/cancelled": "The person at the terminal stopped the command.",
  "config/invalid": "The configuration is not valid.",
  "config/unreadable": "The configuration file could not be read or written.",
  "config/unsupported": "The key is known but this version does not do what it asks for.",
  "config/protected": "The key cannot be changed from a chat.",
  "config/changed-since": "The configuration is another one than the change was made for.",
  "config/no-undo": "There is no earlier configuration to go back to.",
  "gateway/already-running": "Another gateway owns the state folder.",
  "gateway/not-running": "The command needs a running gateway and there is none.",
  "gateway/port-in-use": "The control server's port is taken.",
  "gateway/not-ours": "The gateway that answers has another state folder or another token.",
  "gateway/refused": "The control server refused the request.",
  "gateway/busy": "The gateway has as many event streams as it takes.",
  "gateway/no-such-path": "The control server has nothing at this path.",
  "gateway/replaced": "A file of the gateway's own is missing: an update replaced it.",
  "state/unsafe": "Other users could change the state folder or the config.",
  "store/unusable": "The state database could not be opened or migrated.",
  "store/newer": "The state database was written by a newer version.",
  "imsg/not-found": "The program named by cliPath is not there.",
  "imsg/not-executable": "The program named by cliPath may not be executed.",
  "imsg/no-rpc": "The program answers, but not to JSON-RPC.",
  "imsg/refused": "imsg answered the request with an error.",
  "imsg/busy": "imsg had too much to do and did not start the request.",
  "imsg/database": "imsg cannot read the Messages database.",
  "imsg/timeout": "imsg did not answer in time.",
  "imsg/gone": "The imsg process ended before it answered.",
  "imsg/payload": "imsg sent something that cannot be understood.",
  "ssh/not-found": "There is no ssh on this machine.",
  "ssh/unreachable": "The Mac cannot be reached by SSH.",
  "ssh/host-key": "The Mac's host key is not known, or is not the one that is known.",
  "ssh/refused": "The Mac does not let us in without a password.",
  "ssh/no-copies": "The Mac does not let files be copied.",
  "ssh/noise": "A login on the Mac prints text of its own in front of what was asked for.",
  "ssh/failed": "ssh failed for another reason.",
  "send/no-target": "There is nowhere certain to send to.",
  "send/bad-target": "The target is not one of the forms understood.",
  "send/not-allowed": "The configuration does not let messages be sent there.",
  "account/unknown": "There is no such account.",
  "agent/failed": "The agent did not produce an answer.",
  "agent/timeout": "The agent took longer than its time limit.",
  "agent/not-found": "The agent's program is not there.",
  "media/missing": "The file is not there.",
  "media/outside": "The file is not in a place that files may come from.",
  "media/not-a-file": "What lies there is no file that can be copied.",
  "media/too-large": "The file is larger than is allowed.",
  "media/timeout": "The file could not be had in time.",
  "media/unreachable": "The machine that has the file cannot be copied from or to.",
  "media/failed": "The file could not be copied.",
  "pairing/unknown-code": "No pending pairing request has this code.",
  "pairing/not-in-force": "The account does not let people in by pairing.",
  "pairing/unknown-handle": "The handle has no approved pairing.",
  "explain/unknown": "The journal has no such message.",
  "outbox/unknown": "The outbox has no such message.",
  "session/unknown": "There is no such session.",
  "session/file": "The file for a transcript could not be written.",
  "approval/unknown": "There is no such answer that holds from now on.",
  "service/no-manager": "This machine has no service manager that would run the gateway.",
  "service/foreign-file": "The service's file was written by somebody else.",
  "service/failed": "The service manager refused a step.",
  "service/not-installed": "The service is not installed.",
  "backup/file": "The backup could not be written or read.",
  "onboard/unfinished": "The onboarding ended, and something does not work yet.",
  "conversation/unknown": "There is no such conversation.",
  "page/not-signed-in": "The browser is not signed in to the control page.",
  "page/link-over": "The link to the control page was used already, or has expired.",
  "page/link-unknown": "The link to the control page is not one of this gateway's.",
  "page/session-unknown": "No browser is signed in by this number.",
  "page/too-many-tries": "Too many attempts to sign in came from one address.",
  "page/not-built": "The control page's files are not there.",
  "internal/bug": "Something happened that should be impossible.",
} as const;

/** `area/what`; closed: a new code is added to the catalogue first. */
export type ErrorCode = keyof typeof ERROR_CATALOGUE;

/** Whether the thing asked for may have happened although it failed. */
export type Effect = "none" | "maybe" | "done";

/** What an error says beside its message. */
export interface ErrorFacts {
  /** One imperative sentence: what to do now. */
  readonly hint: string;
  /** Default `none`. */
  readonly effect?: Effect;
  /** Facts for the log, free of secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** The one error class: what failed, whether it may have happened all the same, and what to do. */
export class GatewayError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly effect: Effect;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, facts: ErrorFacts) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = "GatewayError";
    this.code = code;
    this.hint = facts.hint;
    this.effect = facts.effect ?? "none";
    this.details = facts.details ?? {};
  }
}

/** Anything thrown, as a `GatewayError`; what is not one becomes `internal/bug` with the original as its cause. */
export function toGatewayError(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  if (isMissingModule(thrown))
    return new GatewayError("gateway/replaced", "CoderClaw was updated or removed while this ran.", {
      hint: "Restart the gateway: `coderclaw service restart`, or stop it with Ctrl-C and start it again.",
      cause: thrown,
    });
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new GatewayError("internal/bug", message, {
    hint: "Run again with --verbose and report what it prints.",
    effect: "maybe",
    cause: thrown,
  });
}

/** Only the product's own modules are loaded by name. */
function isMissingModule(thrown: unknown): boolean {
  return thrown instanceof Error && "code" in thrown && thrown.code === "ERR_MODULE_NOT_FOUND";
}
